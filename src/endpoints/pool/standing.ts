import type { LiveEndpoint } from "../types.ts";
import { HOPELESS, type StartBackOff } from "./back-off.ts";
import type { WorkerCounts } from "./types.ts";
import type { Worker } from "./worker.ts";

/** What is known of a pool. */
export interface Standing {
  readonly live: LiveEndpoint;
  /** Those that have not ended. */
  readonly workers: readonly Worker[];
  /** See `versionOf`: of the version that is live. */
  readonly version: string;
  readonly backOff: StartBackOff;
  /** Why there is no room for the next worker; null where there is, or none is wanted. */
  readonly noRoom: string | null;
  /** Workers that are wanted and not there. */
  readonly missing: number;
}

/** How the workers of an endpoint stand. */
export function countsOf({ workers, backOff, noRoom, missing }: Standing): WorkerCounts {
  const ready = workers.filter(({ state }) => state === "ready");
  return {
    idle: ready.filter(({ running }) => running === 0).length,
    running: workers.filter(({ state, running }) => state !== "starting" && running > 0).length,
    initializing: workers.filter(({ state }) => state === "starting").length,
    ready: ready.length,
    throttled: noRoom !== null || backOff.failures > 0 ? missing : 0,
    unhealthy: backOff.failures >= HOPELESS ? Math.max(1, missing) : 0,
  };
}

/** Why jobs wait; null when nothing is amiss. */
export function reasonOf({ live, workers, version, backOff, noRoom }: Standing): string | null {
  if (live.stopped) return "the endpoint is stopped";
  if (live.maxWorkers === 0) return "maxWorkers is 0";
  if (backOff.reason !== null) return backOff.reason;
  if (noRoom !== null) return noRoom;
  const current = workers.filter((worker) => worker.isOpen && worker.version === version);
  const isBuilding =
    live.image !== null && current.length > 0 && current.every(({ launchedAt }) => launchedAt === null);
  return isBuilding ? "building the image" : null;
}
