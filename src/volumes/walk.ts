import type { VolumeEntry, VolumeStorage } from "./types.ts";

/**
 * Everything in a folder of a volume, at any depth, each folder before what is in it. Links are told of, not followed.
 *
 * @param enter - asked before a folder is looked into
 */
export async function* walkVolume(
  volume: Pick<VolumeStorage, "list">,
  folder = "",
  enter: (path: string) => boolean = () => true,
): AsyncGenerator<VolumeEntry, undefined> {
  // Not in recursion: a tree may be deep.
  const left = [folder];
  for (let at = left.pop(); at !== undefined; at = left.pop()) {
    const entries = await volume.list(at);
    yield* entries;
    const folders = entries.filter(({ kind, path }) => kind === "dir" && enter(path)).map(({ path }) => path);
    left.push(...folders.toReversed());
  }
}
