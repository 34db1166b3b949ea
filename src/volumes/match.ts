import { Glob } from "../files/index.ts";
import type { VolumeEntry, VolumeStorage } from "./types.ts";
import { walkVolume } from "./walk.ts";

/** Has a path what a pattern has? */
export function isPattern(path: string): boolean {
  return /[*?[{]/.test(path);
}

/**
 * What a path in a volume means: what lies there, or where nothing does, all that it matches as a pattern (`*`, `?`,
 * `[a-z]`, `{a,b}`, `**`), sorted. So a file called `a[1].gb` is found by its name.
 *
 * @param follow - see `VolumeStorage.stat`
 * @throws LigaseError `LIGASE_E_VOLUME_PATH` for a path that leads out
 */
export async function matching(
  volume: Pick<VolumeStorage, "stat" | "list">,
  path: string,
  follow = true,
): Promise<readonly VolumeEntry[]> {
  const literal = await volume.stat(path, follow);
  if (literal) return [literal];
  if (!isPattern(path)) return [];
  const glob = new Glob(path);
  const found: VolumeEntry[] = [];
  for await (const entry of walkVolume(volume, "", (folder) => glob.mayHold(folder))) {
    if (glob.matches(entry.path)) found.push(entry);
  }
  return found.sort((a, b) => (a.path < b.path ? -1 : 1));
}
