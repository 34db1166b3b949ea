import { createHash } from "node:crypto";
import {
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { formatBytes, type Hash, hashText, LigaseError, type Log, newId, silentLog } from "../../kernel/index.ts";
import { findFiles, type Found, type FoundFile, LARGEST, type Skipped } from "./find-files.ts";
import { IGNORE_FILE } from "./ignored.ts";
import { prune } from "./prune.ts";
import { SyncIndex } from "./sync-index.ts";

/** What is synced, and where to. */
export interface SyncOptions {
  /** The project's folder: absolute and real. */
  readonly root: string;
  /** The `.ligase` folder: copies lie in its `sync`. */
  readonly storeDir: string;
  /** Hears `=> Syncing files (12 files, 34 kB, 2 new)`, when something is new. */
  readonly say?: (line: string) => void;
  /** Hears of what is left out. */
  readonly log?: Log;
}

/** A copy of a project's files as they were. */
export interface Synced {
  /** Of its content: paths, which of them are executable, and what they hold. */
  readonly id: Hash;
  /** The folder that holds it. Nothing in it is ever changed. */
  readonly folder: string;
  readonly files: number;
  /** Bytes of all of them. */
  readonly size: number;
  /** How many files had to be copied. */
  readonly copied: number;
  readonly skipped: readonly Skipped[];
}

/** A file that is in place by its content. */
interface Kept {
  readonly file: FoundFile;
  readonly hash: string;
}

/**
 * Copies the files of a project into the store, each content once, and gives the folder that holds them as they are now.
 * What did not change since the last time is not read again.
 *
 * @throws LigaseError `LIGASE_E_SYNC` where a file cannot be read or the store not be written
 * @example
 * ```ts
 * const { folder } = syncFiles({ root: "/home/ada/plasmids", storeDir: "/home/ada/plasmids/.ligase", say: console.error });
 * ```
 */
export function syncFiles({ root, storeDir, say, log = silentLog }: SyncOptions): Synced {
  const found = findFiles(root, [storeDir]);
  const base = join(storeDir, "sync");
  try {
    return keep(found, { root, base, say: say ?? (() => {}), log });
  } catch (cause) {
    if (cause instanceof LigaseError) throw cause;
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new LigaseError("LIGASE_E_SYNC", `the files of the project cannot be synced: ${why}`, {
      facts: { root, storeDir },
      mend: `make them readable, or name those that are not code in ${IGNORE_FILE}`,
      cause,
    });
  }
}

interface Keeping {
  readonly root: string;
  readonly base: string;
  readonly say: (line: string) => void;
  readonly log: Log;
}

function keep(found: Found, { root, base, say, log }: Keeping): Synced {
  const index = SyncIndex.read(base);
  const kept: Kept[] = [];
  const size = found.files.reduce((sum, { facts }) => sum + facts.size, 0);
  let copied = 0;
  for (const file of found.files) {
    const known = index.hashOf(file.path, file.facts);
    // Somebody may have tidied up.
    if (known !== undefined && existsSync(blobAt(base, known))) {
      kept.push({ file, hash: known });
      continue;
    }
    const content = read(root, file);
    if (!content) continue; // gone since
    const { hash, isNew } = keepBlob(base, content, file);
    if (isNew) copied++;
    index.put(file.path, file.facts, hash);
    kept.push({ file, hash });
  }
  if (copied > 0) {
    say(`=> Syncing files (${count(kept.length)}, ${formatBytes(size)}, ${copied} new)`);
    for (const line of notices(found.skipped)) log.warn(line);
  }
  const id = hashText(
    JSON.stringify([
      kept.map(({ file: { path }, hash }) => [path, hash]),
      found.links.map(({ path, target }) => [path, target]),
    ]),
  );
  const folder = join(base, "trees", id);
  if (!existsSync(folder)) makeTree(folder, base, kept, found);
  // What was used last is kept longest.
  const now = Date.now() / 1000;
  utimesSync(folder, now, now);
  index.write(new Set(found.files.map(({ path }) => path)));
  prune(base, id);
  return { id, folder, files: kept.length, size, copied, skipped: found.skipped };
}

/** The content of a file as it is now; nothing where it is gone. */
function read(root: string, { path }: FoundFile): Buffer | undefined {
  try {
    return readFileSync(join(root, path));
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}

/** Where a content lies. Who may read and execute it is a part of what it is: links share that. */
function blobAt(base: string, hash: string): string {
  return join(base, "blobs", hash.slice(0, 2), hash);
}

function keepBlob(
  base: string,
  content: Buffer,
  { executable, isPrivate }: FoundFile,
): { hash: string; isNew: boolean } {
  const marks = `${executable ? "x" : ""}${isPrivate ? "p" : ""}`;
  const hash = createHash("sha256").update(content).digest("hex") + marks;
  const at = blobAt(base, hash);
  if (existsSync(at)) return { hash, isNew: false };
  mkdirSync(dirname(at), { recursive: true });
  const temporary = join(dirname(at), `.${newId()}`);
  writeFileSync(temporary, content, { mode: 0o600 });
  chmodSync(temporary, (executable ? 0o555 : 0o444) & (isPrivate ? 0o700 : 0o777));
  renameSync(temporary, at);
  return { hash, isNew: true };
}

/** Makes a folder of what is kept: it appears at once, whole. */
function makeTree(folder: string, base: string, kept: readonly Kept[], { links }: Found): void {
  const temporary = join(base, "trees", `.${newId()}`);
  mkdirSync(temporary, { recursive: true });
  try {
    const made = new Set<string>();
    const parent = (path: string): void => {
      const dir = dirname(join(temporary, path));
      if (made.has(dir)) return;
      made.add(dir);
      mkdirSync(dir, { recursive: true });
    };
    for (const { file, hash } of kept) {
      parent(file.path);
      linkSync(blobAt(base, hash), join(temporary, file.path));
    }
    for (const { path, target } of links) {
      parent(path);
      symlinkSync(target, join(temporary, path));
    }
    renameSync(temporary, folder);
  } catch (error) {
    rmSync(temporary, { recursive: true, force: true });
    // Another process made the same one meanwhile.
    if (!existsSync(folder)) throw error;
  }
}

const count = (files: number): string => (files === 1 ? "1 file" : `${files} files`);

/** So many are named. */
const MOST_NAMED = 3;

const WHY: Readonly<Record<Skipped["why"], string>> = {
  outside: "leads out of the project: what it leads to is not synced",
  broken: "is a link that leads nowhere",
  large: `is larger than ${formatBytes(LARGEST)} and is not synced: put it on a volume, or name it in ${IGNORE_FILE}`,
  unreadable: "cannot be read, and is not synced",
  special: "is no file, and is not synced",
};

/** What is said of a file that is left out. */
export function skippedLine({ path, why, size }: Skipped): string {
  return `${path}${why === "large" ? ` (${formatBytes(size)})` : ""} ${WHY[why]}`;
}

/** What is said of what is left out. */
function notices(skipped: readonly Skipped[]): string[] {
  const lines = skipped.slice(0, MOST_NAMED).map(skippedLine);
  const rest = skipped.length - MOST_NAMED;
  return rest > 0 ? [...lines, `${rest} other ${rest === 1 ? "file is" : "files are"} not synced either`] : lines;
}
