import type { Log } from "../../kernel/index.ts";
import type { Project } from "../../project/index.ts";
import type { Queue } from "../queue/types.ts";
import type { Pools } from "./types.ts";

/** What pools are made with. */
export interface PoolsOptions {
  readonly project: Project;
  readonly queue: Queue;
  readonly address: { readonly url: string; readonly socket: string };
  readonly log: Log;
}

/** Makes the pools of all endpoints; none has a worker yet. */
export function createPools(_options: PoolsOptions): Pools {
  throw new Error("not built yet");
}
