import { hostname } from "node:os";
import type { EngineRow, RunRow, Store } from "../../store/types.ts";

/** What is known of the process of a run. */
export interface RunProcess {
  /** `elsewhere`: on another machine, where it cannot be looked at from here. */
  readonly state: "alive" | "gone" | "elsewhere";
  /** How it is known in the store, while it is. */
  readonly engine: EngineRow | undefined;
}

/** Looks whether the process of a run is still there, and is that very process. */
export async function processOf(store: Store, run: RunRow): Promise<RunProcess> {
  const engines = await store.listEngines();
  const engine = engines.find((each) => each.pid === run.pid && each.host === run.host);
  if (run.host !== hostname()) return { state: "elsewhere", engine };
  // Loads the executors, which only commands about running runs need.
  const { isAlive } = await import("../../engine/is-alive.ts");
  return { state: engine && isAlive(engine.pid, engine.pidStarted) ? "alive" : "gone", engine };
}
