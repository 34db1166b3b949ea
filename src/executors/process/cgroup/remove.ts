import { mkdirSync, readdirSync, rmdirSync } from "node:fs";
import { join } from "node:path";
import { processesIn, put } from "./files.ts";
import type { Folders } from "./types.ts";

/** Those of the kernel. */
export const KERNEL: Folders = {
  make(dir) {
    mkdirSync(dir);
  },
  remove: (dir) => rmdirSync(dir),
};

/** Removes the folder of a group; false when it is not empty. */
export function removed(dir: string, folders: Folders): boolean {
  try {
    folders.remove(dir);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ENOENT";
  }
}

const PATIENCE_MS = 500;
const PAUSE_MS = 5;

/** The groups below a group, the innermost first, and itself. */
function withBelow(dir: string): string[] {
  try {
    const below = readdirSync(dir, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    return [...below.flatMap(({ name }) => withBelow(join(dir, name))), dir];
  } catch {
    return [];
  }
}

/** Kills all members of a group and of those below it. */
function killAll(dir: string): void {
  // Who may not fork cannot outrun us.
  put(join(dir, "pids.max"), "0");
  if (put(join(dir, "cgroup.kill"), "1")) return;
  for (const pid of processesIn(dir)) {
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // It ended by itself.
    }
  }
}

/** Ends whatever is in a group, and removes it; waits a moment for those that take one to die. */
export function removeGroup(dir: string, folders: Folders): void {
  const deadline = performance.now() + PATIENCE_MS;
  const groups = withBelow(dir);
  for (;;) {
    for (const group of groups) killAll(group);
    const left = groups.filter((group) => !removed(group, folders));
    if (left.length === 0 || performance.now() > deadline) return;
    groups.splice(0, groups.length, ...left);
    // Synchronous: the process that asks may be about to end.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE_MS);
  }
}
