import type { Log } from "../../kernel/index.ts";
import type { Project } from "../../project/index.ts";
import type { Pools } from "../pool/types.ts";
import type { Queue } from "../queue/types.ts";
import type { Deployments } from "../services.ts";

/** Opens what is deployed, and tells the queue and the pools of it. */
export function openDeployments(_options: {
  readonly project: Pick<Project, "store" | "settings">;
  readonly queue: Queue;
  readonly pools: Pools;
  readonly log: Log;
}): Promise<Deployments> {
  throw new Error("not built yet");
}
