import { lstat, readdir, stat } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { fsError, systemCode } from "../../files/fs-error.ts";
import { baseOf, joined, pathInVolume } from "../path.ts";
import type { VolumeEntry, VolumeStorage } from "../types.ts";
import type { Volumes } from "../volumes.ts";

/** A place that a command names: in a volume, or on this machine. */
export interface Place {
  /** Nothing: it is on this machine. */
  readonly volume: VolumeStorage | undefined;
  /** In the volume, or absolute. */
  readonly path: string;
  /** As people write it. */
  readonly shown: string;
  /** It was written with a slash at its end: a folder is meant. */
  readonly asFolder: boolean;
}

/** Is this written as a path of this machine, whatever volumes there are? */
export function isLocal(word: string): boolean {
  return /^(?:\.{0,2}\/|\.{1,2}$)/.test(word);
}

/**
 * Reads what a command names: `seq/a.gb` is a path in the volume `seq` where there is such a volume; else, and always
 * when it begins with `./`, `../` or `/`, it is a path of this machine.
 *
 * @throws LigaseError `LIGASE_E_VOLUME_PATH` for a path that leads out of its volume
 */
export function placeOf(word: string, volumes: Volumes): Place {
  const [name = "", ...rest] = word.split("/");
  const asFolder = word.endsWith("/");
  if (isLocal(word) || !volumes.has(name)) {
    return { volume: undefined, path: resolve(word), shown: word.replace(/(?<=.)\/+$/, ""), asFolder };
  }
  const path = pathInVolume(name, rest.join("/"));
  return { volume: volumes.open(name), path, shown: joined(name, path), asFolder };
}

/** A place below another. */
export function below({ volume, path, shown }: Place, inside: string): Place {
  const inner = volume ? joined(path, inside) : join(path, inside);
  return { volume, path: inner, shown: shown === "/" ? `/${inside}` : joined(shown, inside), asFolder: false };
}

/** The name that a copy of it has. */
export function nameOf({ volume, path }: Place): string {
  return volume ? baseOf(path) || volume.name : basename(path);
}

/**
 * What lies at a place. Nothing where there is nothing.
 *
 * @param follow - what a link leads to, not the link. Default: yes.
 */
export async function look({ volume, path, shown }: Place, follow = true): Promise<VolumeEntry | undefined> {
  if (volume) return volume.stat(path, follow);
  try {
    return localEntry(path, await (follow ? stat : lstat)(path));
  } catch (error) {
    if (["ENOENT", "ENOTDIR"].includes(systemCode(error) ?? "")) return undefined;
    throw fsError(error, shown, "look at");
  }
}

/** What lies directly in a folder, by name; links are not followed. */
export async function listAt({
  volume,
  path,
  shown,
}: Place): Promise<readonly { name: string; kind: VolumeEntry["kind"] }[]> {
  if (volume) return (await volume.list(path)).map(({ path: each, kind }) => ({ name: baseOf(each), kind }));
  const entries = await readdir(path, { withFileTypes: true }).catch((error: unknown) => {
    throw fsError(error, shown, "list");
  });
  return entries
    .map((entry) => ({
      name: entry.name,
      kind: entry.isFile()
        ? ("file" as const)
        : entry.isDirectory()
          ? ("dir" as const)
          : entry.isSymbolicLink()
            ? ("link" as const)
            : ("other" as const),
    }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

function localEntry(path: string, stats: Awaited<ReturnType<typeof stat>>): VolumeEntry {
  return {
    path,
    kind: stats.isFile() ? "file" : stats.isDirectory() ? "dir" : stats.isSymbolicLink() ? "link" : "other",
    size: Number(stats.isFile() ? stats.size : 0),
    modifiedAt: Math.trunc(Number(stats.mtimeMs)),
    executable: false,
  };
}
