import type { ServiceExit } from "../../executors/index.ts";
import { whyEnded } from "./reasons.ts";
import type { Worker } from "./worker.ts";

/** What the end of a worker means to others. */
export interface Ending {
  readonly reason: string;
  /** It should not have ended. */
  readonly isFailure: boolean;
  /** What it had does not count as begun: it was ended for reasons of the server's own. */
  readonly isOurs: boolean;
  /** Another one of its kind will most likely fail as well. */
  readonly isCertain: boolean;
}

/**
 * Writes down how a worker ended, and says what that means.
 *
 * @param exit - of its process; null of one that was never started
 */
export function conclude(worker: Worker, exit: ServiceExit | null, now: number): Ending {
  const wasAsked = worker.state === "stopping";
  worker.endedAt = now;
  worker.exitCode = exit?.code ?? null;
  worker.signal = exit?.signal ?? null;
  worker.peakMemory = exit?.peakMemory ?? null;
  worker.cpuMs = exit?.cpuMs ?? null;
  const isCrash = !wasAsked && (worker.readyAt === null || worker.finished === 0 || exit?.code !== 0);
  if (!wasAsked && exit !== null) {
    const { resources } = worker.live;
    const said = { exit, resources, stdout: worker.stdout, stderr: worker.stderr };
    worker.reason = isCrash ? whyEnded(said) : "worker ended by itself";
  }
  const isFailure = worker.isFailing || isCrash;
  worker.state = isFailure ? "failed" : "ended";
  return {
    reason: worker.reason ?? "worker ended",
    isFailure,
    isOurs: wasAsked && !worker.isFailing,
    // What ended by itself while it started, or lacked what it needs.
    isCertain: worker.readyAt === null && (worker.exitCode !== null || worker.launchedAt === null),
  };
}
