import type { Run } from "../../engine/index.ts";
import type { RunView } from "./view.ts";

/** The exit status of a run that was stopped. */
export const STOPPED = 130;
/** So long a process that has nothing more to do may take to end by itself, in milliseconds. */
const LEAVE_MS = 500;
/** What arrives within this time is one press of a key. */
const ONE_KEY_MS = 50;

/**
 * The first Ctrl+C ends the run cleanly, a second one at once.
 *
 * @returns ends it
 */
export function cancelOnSignal(run: Run, view: RunView): () => void {
  let asked = 0;
  const onSignal = (signal: NodeJS.Signals): void => {
    const now = performance.now();
    // One Ctrl+C may come twice, from the terminal and from what started this (a job control, `timeout`).
    if (asked > 0 && now - asked < ONE_KEY_MS) return;
    if (asked > 0) process.exit(STOPPED);
    asked = now;
    const again = signal === "SIGINT" ? " (Ctrl+C again stops at once)" : "";
    view.print(`stopping: what runs is ended, what has finished is recorded${again}`);
    run.cancel();
  };
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
  for (const signal of signals) process.on(signal, onSignal);
  return () => {
    for (const signal of signals) process.off(signal, onSignal);
  };
}

/** A body within this process cannot be ended: what it goes on with must not keep the process. */
export function leaveSoon(): void {
  setTimeout(() => process.exit(STOPPED), LEAVE_MS).unref();
}
