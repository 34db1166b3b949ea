import { hostname } from "node:os";
import type { EngineRow, RunRow, Store } from "../store/types.ts";

/** What is known of the process of a run. */
export interface RunProcess {
  /** `elsewhere`: on another machine, where it cannot be looked at from here. */
  readonly state: "alive" | "gone" | "elsewhere";
  /** How it is known in the store, while it is. */
  readonly engine: EngineRow | undefined;
}

/** Runs as they are: those whose process ended without a word are `interrupted`, also before anybody has recorded that. */
export async function asTheyAre(store: Store, runs: readonly RunRow[]): Promise<readonly RunRow[]> {
  return Promise.all(
    runs.map(async (run) => {
      if (run.state !== "running" || (await processOf(store, run)).state !== "gone") return run;
      // It may have ended as it should in between.
      const now = (await store.getRun(run.id)) ?? run;
      return now.state === "running" ? { ...now, state: "interrupted" as const } : now;
    }),
  );
}

/** Looks whether the process of a run is still there, and is that very process. */
export async function processOf(store: Store, run: RunRow): Promise<RunProcess> {
  const engines = await store.listEngines();
  const engine = engines.find((each) => each.pid === run.pid && each.host === run.host);
  if (run.host !== hostname()) return { state: "elsewhere", engine };
  // Loads the executors, which only commands about running runs need.
  const { isAlive } = await import("../engine/is-alive.ts");
  return { state: engine && isAlive(engine.pid, engine.pidStarted) ? "alive" : "gone", engine };
}
