import { lstatSync, readdirSync, readFileSync, type Stats } from "node:fs";
import { join } from "node:path";
import type { Hash } from "../kernel/index.ts";
import { isVolumeName, leftBehind, VOLUMES } from "../volumes/index.ts";

/** Something on the disk that is kept or goes as a whole. */
export interface Place {
  /** Absolute. */
  readonly path: string;
  /** Of all files in it. */
  readonly bytes: number;
  /** When it was put there or renamed: milliseconds since 1970. */
  readonly changedAt: number;
  /** Tells it from another that came to the same path. */
  readonly inode: number;
}

/** The files of a call. */
export interface OutputPlace extends Place {
  readonly call: Hash;
  /** Whether they are whole, and not what a body that was killed had begun to hand over. */
  readonly whole: boolean;
}

/** The work directory of an attempt. */
export interface WorkPlace extends Place {
  readonly job: string;
}

/** The logs of a run. */
export interface LogPlace extends Place {
  readonly run: string;
}

/** A bundle, its source map or what is known of it. */
export interface CodePlace extends Place {
  /** The program; of a pointer from an entry to its program, the one it points to. */
  readonly program: string;
  readonly pointer: boolean;
}

/** What was fetched from a URL. */
export interface DownloadPlace extends Place {
  /** The hash of the URL. */
  readonly url: Hash;
  /** Whether this is the content that is used now. */
  readonly current: boolean;
}

/** What lies in a `.ligase` folder beside its database. */
export interface Inventory {
  readonly outputs: readonly OutputPlace[];
  readonly work: readonly WorkPlace[];
  readonly logs: readonly LogPlace[];
  readonly code: readonly CodePlace[];
  readonly downloads: readonly DownloadPlace[];
  /** Volumes: they are people's own, and no collection takes anything from them. */
  readonly volumes: readonly Place[];
  /** What an earlier collection that was killed had still to remove, and what was never wholly copied into a volume. */
  readonly trash: readonly Place[];
  /** Bytes of values with long texts. */
  readonly valueBytes: number;
  /** Bytes of all else: archives being imported, versions of tools. */
  readonly otherBytes: number;
}

/** The folder of what is about to be removed: it goes there in one step. */
export const TRASH = "trash";

/** Looks what lies in a `.ligase` folder. 100,000 files take a second or two. */
export function takeInventory(storeDir: string): Inventory {
  const known = new Set(["outputs", "work", "logs", "code", "http", "values", VOLUMES, TRASH]);
  const others = entries(storeDir).filter((name) => !known.has(name) && !name.startsWith("store.db"));
  return {
    outputs: entries(join(storeDir, "outputs")).flatMap((part) => outputsIn(join(storeDir, "outputs", part))),
    work: places(join(storeDir, "work")).flatMap((place) => {
      const [, job] = /^(.+)-\d+$/.exec(nameOf(place)) ?? [];
      return job === undefined ? [] : [{ ...place, job }];
    }),
    logs: places(join(storeDir, "logs")).map((place) => ({ ...place, run: nameOf(place) })),
    code: places(join(storeDir, "code")).map(codePlace),
    downloads: entries(join(storeDir, "http")).flatMap((url) => downloadsOf(join(storeDir, "http", url), url)),
    volumes: places(join(storeDir, VOLUMES)).filter((place) => isVolumeName(nameOf(place))),
    trash: [
      ...places(join(storeDir, TRASH)),
      ...leftBehind(join(storeDir, VOLUMES)).flatMap((path) => look(path) ?? []),
    ],
    valueBytes: bytesOf(join(storeDir, "values")),
    otherBytes: others.reduce((sum, name) => sum + bytesOf(join(storeDir, name)), 0),
  };
}

function outputsIn(folder: string): OutputPlace[] {
  return places(folder).flatMap((place) => {
    const [, call, rest] = /^([0-9a-f]{40})(\.(?:tmp|old)-[0-9a-z]+)?$/.exec(nameOf(place)) ?? [];
    return call === undefined ? [] : [{ ...place, call, whole: rest === undefined }];
  });
}

function codePlace(place: Place): CodePlace {
  const name = nameOf(place);
  if (!name.startsWith("entry-")) return { ...place, program: name.split(".")[0] ?? "", pointer: false };
  const program = readJson(place.path);
  return { ...place, program: typeof program === "string" ? program : "", pointer: true };
}

/** The folder of a URL, named after its hash, has one folder a version, and `cached.json`, which names the one in use. */
function downloadsOf(folder: string, url: Hash): DownloadPlace[] {
  const cached = readJson(join(folder, "cached.json"));
  const file = typeof cached === "object" && cached !== null && "file" in cached ? String(cached.file) : "";
  const used = new Set(["cached.json", file.split("/")[0]]);
  return places(folder).map((place) => ({ ...place, url, current: used.has(nameOf(place)) }));
}

function readJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch {
    return undefined; // gone, or half of it
  }
}

const nameOf = ({ path }: Pick<Place, "path">): string => path.slice(path.lastIndexOf("/") + 1);

/** What lies directly in a folder. */
function places(folder: string): Place[] {
  return entries(folder).flatMap((name) => look(join(folder, name)) ?? []);
}

/** What is at a path now; nothing when there is nothing. */
function look(path: string): Place | undefined {
  const stats = statsOf(path);
  return stats && { path, bytes: bytesOf(path, stats), changedAt: stats.ctimeMs, inode: stats.ino };
}

/** All bytes of a tree; links are not followed. What goes while it is looked at counts nothing. */
function bytesOf(path: string, stats = statsOf(path)): number {
  if (!stats) return 0;
  let bytes = stats.isFile() ? stats.size : 0;
  const folders = stats.isDirectory() ? [path] : [];
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    for (const name of entries(folder)) {
      const inner = statsOf(join(folder, name));
      if (inner?.isDirectory()) folders.push(join(folder, name));
      else if (inner?.isFile()) bytes += inner.size;
    }
  }
  return bytes;
}

function statsOf(path: string): Stats | undefined {
  try {
    return lstatSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined; // it may not be looked at
  }
}

/** The names in a folder; none of one that is gone or may not be read. */
function entries(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
