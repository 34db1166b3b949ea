import { processStart } from "../executors/index.ts";

/** Is this very process still there? A pid alone may have been given to another. */
export function isAlive(pid: number, started: string): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EPERM") return false;
  }
  return started === "" || processStart(pid) === started;
}
