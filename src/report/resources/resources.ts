import type { RunRows } from "../read/rows.ts";
import { type Advice, adviceOf } from "./advice.ts";
import { attemptsByTask, type TaskUsage, usageOf } from "./usage.ts";

/** What was asked for and what was used, of every task that ran outside of the engine's process. */
export interface Resources {
  /** Those that took the most time first. */
  readonly tasks: readonly TaskUsage[];
  readonly advice: readonly Advice[];
}

/** Compares what the tasks of a run asked for with what they used. */
export function readResources(rows: RunRows): Resources {
  // A stub uses nothing like what its task does.
  const stub = rows.run.mode === "stub";
  const byTask = [...attemptsByTask(rows)];
  return {
    tasks: byTask
      .map(([task, attempts]) => usageOf(task, attempts))
      .toSorted((a, b) => (b.wallMs?.total ?? 0) - (a.wallMs?.total ?? 0)),
    // What may fail comes before what may be spared.
    advice: stub
      ? []
      : byTask
          .flatMap(([task, attempts]) => adviceOf(task, attempts))
          .toSorted((a, b) => Number(b.kind === "risk") - Number(a.kind === "risk")),
  };
}
