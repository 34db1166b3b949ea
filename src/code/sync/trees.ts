import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";

/**
 * The copies of a project's files that are still there, those used last first.
 *
 * @param storeDir - the `.ligase` folder
 */
export function syncedTrees(storeDir: string): readonly string[] {
  const trees = join(storeDir, "sync", "trees");
  let names: readonly string[] = [];
  try {
    names = readdirSync(trees).filter((name) => !name.startsWith("."));
  } catch {
    return []; // nothing was ever synced
  }
  return names
    .map((name) => ({ folder: join(trees, name), used: statSync(join(trees, name)).mtimeMs }))
    .toSorted((a, b) => b.used - a.used)
    .map(({ folder }) => folder);
}
