import { copyFileSync, constants, linkSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import { errorFacts, LigaseError } from "../../kernel/index.ts";
import type { FailureCause, Outcome, Usage } from "../types.ts";

/** What was measured of an attempt that never ran. */
export const NO_USAGE: Usage = { wallMs: 0, cpuMs: null, peakMemory: null, bytesIn: null, bytesOut: null };

/** Errors of the floors below that have a class of their own. */
const CAUSES: Readonly<Record<string, FailureCause>> = {
  LIGASE_E_MISSING_OUTPUT: "missing-output",
  LIGASE_E_OUTPUT_OUTSIDE: "bad-output",
  LIGASE_E_OUTPUT_KIND: "bad-output",
  LIGASE_E_UNSERIALISABLE: "bad-output",
  LIGASE_E_INPUT_CHANGED: "changed-input",
  LIGASE_E_DISK_FULL: "disk",
};

/** The class of an error, by its code. */
export function causeOf(error: unknown): FailureCause {
  return (error instanceof LigaseError && CAUSES[error.code]) || "error";
}

/** The parts of a failure that have a usual value. */
export interface Failure {
  readonly cause?: FailureCause;
  readonly exitCode?: number | null;
  readonly signal?: string | null;
  readonly usage?: Usage;
  readonly stdout?: string | null;
  readonly stderr?: string | null;
  readonly workDir?: string | null;
  readonly tools?: Readonly<Record<string, string>> | null;
  readonly limits?: string | null;
}

/** An attempt that failed with an error. */
export function failed(error: unknown, more: Failure = {}): Outcome {
  return {
    state: "failed",
    cause: causeOf(error),
    error: errorFacts(error),
    exitCode: null,
    signal: null,
    usage: NO_USAGE,
    stdout: null,
    stderr: null,
    workDir: null,
    tools: null,
    limits: null,
    ...more,
  };
}

/** The attempt was cancelled before it began, or while nothing of it ran. */
export function cancelledError(task: string): LigaseError {
  const error = new LigaseError("LIGASE_E_CANCELLED", `${task} was cancelled`);
  error.stack = `${error.name}: ${error.message}`;
  return error;
}

/** Moves a log out of a work directory that is about to go. */
export function moveLog(from: string, to: string): string {
  try {
    renameSync(from, to);
  } catch {
    // The first log of a run, or another file system.
    mkdirSync(dirname(to), { recursive: true });
    copyFileSync(from, to);
    rmSync(from, { force: true });
  }
  return to;
}

/** Keeps a log also outside of a work directory that stays. A hard link costs nothing, and both names are ours. */
export function shareLog(from: string, to: string): string {
  mkdirSync(dirname(to), { recursive: true });
  rmSync(to, { force: true });
  try {
    linkSync(from, to);
  } catch {
    copyLog(from, to);
  }
  return to;
}

/** Copies a log that somebody goes on writing to. */
export function copyLog(from: string, to: string): string {
  mkdirSync(dirname(to), { recursive: true });
  copyFileSync(from, to, constants.COPYFILE_FICLONE);
  return to;
}
