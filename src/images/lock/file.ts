import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Hash, LigaseError } from "../../kernel/index.ts";
import type { ImageLock, LockFile } from "./types.ts";

/** The lock file of a project. */
export const LOCK_FILE = "ligase.images.lock";

/**
 * The lock file of a project; nothing where there is none.
 *
 * @param root - the project's folder
 * @throws LigaseError `LIGASE_E_IMAGE_LOCK` for a file that cannot be read
 */
export function readLock(root: string): LockFile | undefined {
  const path = join(root, LOCK_FILE);
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw broken(path, error instanceof Error ? error.message : String(error));
  }
  let file: unknown;
  try {
    file = JSON.parse(text);
  } catch {
    throw broken(path, "it is no JSON");
  }
  if (!isLockFile(file)) throw broken(path, "it is not a lock of images, or one of another version");
  return file;
}

/**
 * What engines are told of the locks of a project: the lock file is read once, when the first definition is asked for.
 *
 * @example
 * ```ts
 * const engine = await selectEngine("auto", { imagesDir, lock: locksOf(root) });
 * ```
 */
export function locksOf(root: string): (identity: Hash) => ImageLock | undefined {
  let file: { readonly lock: LockFile | undefined } | undefined;
  return (identity) => (file ??= { lock: readLock(root) }).lock?.images[identity];
}

function broken(path: string, why: string): LigaseError {
  return new LigaseError("LIGASE_E_IMAGE_LOCK", `${path} cannot be read: ${why}`, {
    mend: "take it from your version control, or write it anew: ligase image lock",
    facts: { path },
  });
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return value !== null && typeof value === "object" && !Array.isArray(value);
}

function isLock(value: unknown): value is ImageLock {
  return (
    isRecord(value) &&
    ["identity", "title", "contents"].every((key) => typeof value[key] === "string") &&
    ["packages"].every((key) => isRecord(value[key])) &&
    ["archives", "snapshots"].every((key) => Array.isArray(value[key])) &&
    (value["base"] === null || isRecord(value["base"]))
  );
}

function isLockFile(value: unknown): value is LockFile {
  return (
    isRecord(value) &&
    value["format"] === 1 &&
    isRecord(value["images"]) &&
    Object.values(value["images"]).every(isLock)
  );
}

/** Keys in order, at every depth: a lock that did not change is the same text. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isRecord(value)) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, part]) => [key, sorted(part)]));
}

/** A lock file as text: what people see in a difference between two versions of it. */
export function lockText(file: LockFile): string {
  return `${JSON.stringify(sorted(file), null, 2)}\n`;
}

/** Writes the lock file of a project, in one step. */
export function writeLock(root: string, file: LockFile): string {
  const path = join(root, LOCK_FILE);
  const temporary = `${path}.${process.pid}`;
  writeFileSync(temporary, lockText(file));
  renameSync(temporary, path);
  return path;
}
