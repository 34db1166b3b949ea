import type { Stats } from "node:fs";
import type { VolumeEntry } from "../types.ts";

/** What there is to say of something in a volume. */
export function entryOf(path: string, stats: Stats): VolumeEntry {
  const kind = stats.isFile() ? "file" : stats.isDirectory() ? "dir" : stats.isSymbolicLink() ? "link" : "other";
  return {
    path,
    kind,
    size: stats.isFile() ? stats.size : 0,
    modifiedAt: Math.trunc(stats.mtimeMs),
    executable: stats.isFile() && (stats.mode & 0o100) !== 0,
  };
}
