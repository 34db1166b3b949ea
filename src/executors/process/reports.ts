import type { CellEnd } from "./cell.ts";
import type { Found } from "./confined.ts";
import type { DoneReport, ExitReport, Held, RunRequest, SpawnRequest } from "./protocol.ts";
import type { Supervised } from "./supervised.ts";

/** How a leader ended: what a shell says of it, or why it could not be started. */
export type Ended = Omit<CellEnd, "pid">;

/** The end of what could not be started. */
export function refusal(error: unknown): Ended {
  return { status: null, cpuMs: null, refused: error instanceof Error ? error.message : String(error) };
}

/**
 * What is reported of a job.
 *
 * @param found - what was found out of it, if it was confined
 */
export function doneReport(
  { id }: RunRequest,
  supervised: Supervised,
  { status, cpuMs, refused }: Ended,
  found: Found | null,
): DoneReport {
  const { wallMs, killed, leftovers } = supervised;
  const [out = 0, err = 0] = supervised.keepLogsBelowCap();
  return {
    ev: "done",
    id,
    status,
    wallMs,
    cpuMs: found ? found.cpuMs : cpuMs,
    peakMemory: found?.peakMemory ?? supervised.peakMemory,
    out,
    err,
    killed,
    outOfMemory: wasOutOfMemory(found, status === 137 && supervised.outOfMemory),
    truncated: supervised.truncated,
    leftovers,
    refused,
    ...heldOf(found),
  };
}

/** What is reported of a process that lived on. */
export function exitReport(
  { id }: SpawnRequest,
  supervised: Supervised,
  end: Pick<ExitReport, "code" | "signal" | "refused">,
  found: Found | null,
): ExitReport {
  return {
    ev: "exit",
    id,
    ...end,
    cpuMs: found?.cpuMs ?? null,
    peakMemory: found?.peakMemory ?? supervised.peakMemory,
    killed: supervised.killed,
    outOfMemory: wasOutOfMemory(found, supervised.outOfMemory),
    ...heldOf(found),
  };
}

/** A control group knows exactly; else it is a guess, for the kernel counts for the whole machine. */
function wasOutOfMemory(found: Found | null, guess: boolean): boolean {
  return found?.memoryKills == null ? guess : found.memoryKills > 0;
}

function heldOf(found: Found | null): Held {
  if (!found) return { limits: null, refusedForks: 0, diskUsed: 0 };
  const { limits, refusedForks, diskUsed } = found;
  return { limits, refusedForks, diskUsed };
}
