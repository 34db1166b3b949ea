import { statSync } from "node:fs";
import { join } from "node:path";
import { type Dir, File, Fingerprints, knownOf, localPath } from "../../files/index.ts";
import type { ProjectRecord } from "../open.ts";

/** Contents larger than this are not read to see whether they changed: their size has to do. */
const LARGEST = 2 ** 28;

/** Fetches inputs that are URLs, and answers the names of those that are no longer what was recorded. */
export async function settleInputs(
  { store, storeDir }: ProjectRecord,
  files: readonly (File | Dir)[],
): Promise<readonly string[]> {
  const index = { find: (path: string) => store.findFingerprint(path), put() {} };
  const fingerprints = new Fingerprints({ index, cacheDir: join(storeDir, "http") });
  const changed: string[] = [];
  try {
    for (const file of files) {
      const known = knownOf(file);
      if (localPath(file) === undefined) await fingerprints.settle([file]);
      const path = localPath(file);
      const stats = path === undefined ? undefined : statSync(path, { throwIfNoEntry: false });
      // What is gone is named by the staging.
      if (!known || !stats || path === undefined) continue;
      const isLarge = file instanceof File && stats.size > LARGEST;
      const same = isLarge ? stats.size === known.size : await fingerprints.verify(path, known.hash);
      if (!same) changed.push(file.name);
    }
    return changed;
  } finally {
    await fingerprints.close();
  }
}
