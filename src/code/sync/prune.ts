import { readdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";

/** So many copies are kept however old they are. */
const KEPT = 8;
/** And all that were used within this time, in milliseconds: a run may still go on in them. */
const KEPT_MS = 7 * 24 * 3600 * 1000;

/** Removes copies that nobody used for a week, and contents that no copy holds any more. */
export function prune(base: string, current: string, now = Date.now()): void {
  const trees = list(join(base, "trees")).map((name) => ({ name, used: mtime(join(base, "trees", name)) }));
  if (trees.length <= KEPT) return;
  const old = trees
    .filter(({ name }) => name !== current)
    .sort((a, b) => b.used - a.used)
    .slice(KEPT - 1)
    .filter(({ used }) => now - used > KEPT_MS);
  if (old.length === 0) return;
  for (const { name } of old) rmSync(join(base, "trees", name), { recursive: true, force: true });
  for (const folder of list(join(base, "blobs"))) {
    for (const name of list(join(base, "blobs", folder))) {
      const path = join(base, "blobs", folder, name);
      const stats = statSync(path, { throwIfNoEntry: false });
      // One that was just written may be linked in a moment.
      if (stats?.nlink === 1 && now - stats.ctimeMs > KEPT_MS) rmSync(path, { force: true });
    }
  }
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function mtime(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}
