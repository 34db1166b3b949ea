import { readdirSync, readFileSync } from "node:fs";

/**
 * The processes that a job left running, as `name (pid)`: a worker's own children; and where it has process ids of its
 * own, whatever else runs there (a daemon that left its parents). None where the system does not say.
 *
 * @param enclosed - it has process ids of its own
 */
export function leftovers(enclosed: boolean): string[] {
  try {
    const pids = enclosed ? beside() : children();
    return pids.map(described).filter((process) => process !== null);
  } catch {
    return [];
  }
}

function children(): string[] {
  // A child belongs to the thread that forked it, and Node forks in its first.
  return readFileSync(`/proc/self/task/${process.pid}/children`, "latin1").split(" ").filter(Boolean);
}

/** All but this process and those above it: the one that keeps the environment, and what started us in it. */
function beside(): string[] {
  const above = new Set(["1", String(process.pid), String(process.ppid)]);
  return readdirSync("/proc").filter((name) => /^\d+$/.test(name) && !above.has(name));
}

/** Null for one that has ended and is only not waited for. */
function described(pid: string): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    const end = stat.lastIndexOf(")");
    const state = stat[end + 2];
    return state === "Z" || state === "X" ? null : `${stat.slice(stat.indexOf("(") + 1, end)} (${pid})`;
  } catch {
    return null;
  }
}
