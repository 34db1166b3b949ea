import { readFileSync } from "node:fs";

/**
 * When a process started, by the kernel's clock: with its pid, that names it for good, also after
 * the pid has been given to another. Nothing where the system does not tell (no /proc).
 */
export function processStart(pid: number): string | undefined {
  try {
    // proc(5): field 22, counted behind the command's name, which may hold spaces and parentheses.
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
  } catch {
    return undefined;
  }
}

/** Is this very process still there? */
export function isAlive(pid: number, started: string): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EPERM") return false;
  }
  return started === "" || (processStart(pid) ?? started) === started;
}
