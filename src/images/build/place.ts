import { mkdirSync, readdirSync, readFileSync, renameSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import type { Hash } from "../../kernel/index.ts";
import { isDurable } from "./durable.ts";
import type { SettledLayer } from "../definition/layers.ts";
import type { Archive } from "../lock/types.ts";

/** What an image of a registry was when it was taken. */
export interface Resolved {
  /** As it was written. */
  readonly reference: string;
  /** `sha256:…` of its manifest. */
  readonly digest: string;
}

/** What is known of a root file system that was built. */
export interface RootRecord {
  readonly format: 1;
  /** Of the steps it was made by, and the machine's architecture: where it is found again. */
  readonly key: Hash;
  /** Of its contents: `sha256:…`. */
  readonly digest: string;
  /** Variables that it sets, `PATH` among them. */
  readonly env: Readonly<Record<string, string>>;
  readonly workdir: string;
  readonly packages: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Files that packages came from, as far as the managers said it. */
  readonly archives: readonly Archive[];
  /** When Debian's archive was read: `20260101T120000Z`, as snapshot.debian.org knows it. */
  readonly snapshots: readonly string[];
  readonly resolved: Resolved | null;
  /** Milliseconds since 1970. */
  readonly builtAt: number;
  /** Bytes on the disk that nothing else shares. */
  readonly size: number;
  /** Bytes on the disk of all of it. */
  readonly total: number;
  /** The start of the machine since which it was built: see `durable.ts`. */
  readonly boot: string;
}

/** What is known of an environment: a definition, and the root file system it was built as. */
export interface EnvironmentRecord extends RootRecord {
  readonly identity: Hash;
  /** The digest of the lock it was built from; empty without. */
  readonly lock: string;
  readonly layers: readonly SettledLayer[];
}

/** Where things lie below the folder of the built environments. */
export interface Place {
  readonly dir: string;
  root(key: Hash): string;
  /** The record of a root file system that is whole. */
  findRoot(key: Hash): RootRecord | undefined;
  findEnvironment(id: Hash): EnvironmentRecord | undefined;
  /** Environments by their file's name, with when each was last asked for. */
  environments(): readonly { readonly id: string; readonly record: EnvironmentRecord; readonly usedAt: number }[];
  /** Root file systems that are whole, with when each was last built upon. */
  roots(): readonly { readonly key: Hash; readonly record: RootRecord; readonly usedAt: number }[];
  /** Says that a root file system is built upon now. */
  touchRoot(key: Hash): void;
  writeEnvironment(id: Hash, record: EnvironmentRecord): void;
  /** Says that an environment is used now. */
  touch(id: Hash): void;
  log(name: string): string;
  cache(name: string): string;
}

function readRecord(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch {
    return undefined;
  }
}

/** A record of this version: another's is as good as none, and what it stood for is built anew. */
function isRecord(value: unknown): value is RootRecord {
  if (value === null || typeof value !== "object") return false;
  return "format" in value && value.format === 1 && "digest" in value && "snapshots" in value && "total" in value;
}

function isEnvironment(value: unknown): value is EnvironmentRecord {
  return isRecord(value) && "identity" in value && "layers" in value;
}

/** Says that a file is used now. */
function touch(path: string): void {
  try {
    const now = new Date();
    utimesSync(path, now, now);
  } catch {
    // A shared folder that is not ours to write, or it went: who uses it finds out.
  }
}

/**
 * The folder of the built environments:
 *
 * - `roots/<key>/root`, `roots/<key>/record.json`: root file systems. They appear whole, by a rename, and never change.
 * - `environments/<id>.json`: which definition is which root file system
 * - `building/`, `locks/`: builds under way
 * - `logs/`: what builds printed
 * - `cache/`: packages that were downloaded
 */
export function openPlace(dir: string): Place {
  const rootsDir = join(dir, "roots");
  const environmentsDir = join(dir, "environments");
  const environmentFile = (id: string): string => join(environmentsDir, `${id}.json`);
  const recordFile = (key: string): string => join(rootsDir, key, "record.json");
  const findEnvironment = (id: string): EnvironmentRecord | undefined => {
    const record = readRecord(environmentFile(id));
    if (!isEnvironment(record)) return undefined;
    return findRoot(record.key) === undefined ? undefined : record;
  };
  const findRoot = (key: string): RootRecord | undefined => {
    const record = readRecord(recordFile(key));
    return isRecord(record) && isDurable(join(rootsDir, key), record.boot) ? record : undefined;
  };
  const names = (folder: string): readonly string[] => {
    try {
      return readdirSync(folder);
    } catch {
      return [];
    }
  };
  const folder = (path: string): string => {
    mkdirSync(path, { recursive: true });
    return path;
  };
  return {
    dir,
    root: (key) => join(rootsDir, key),
    findRoot,
    findEnvironment,
    environments: () =>
      names(environmentsDir)
        .filter((name) => name.endsWith(".json"))
        .flatMap((name) => {
          const id = name.slice(0, -5);
          const record = findEnvironment(id);
          return record === undefined ? [] : [{ id, record, usedAt: statSync(environmentFile(id)).mtimeMs }];
        }),
    roots: () =>
      names(rootsDir).flatMap((key) => {
        const record = findRoot(key);
        return record === undefined ? [] : [{ key, record, usedAt: statSync(recordFile(key)).mtimeMs }];
      }),
    touchRoot: (key) => touch(recordFile(key)),
    writeEnvironment(id, record) {
      folder(environmentsDir);
      const temporary = join(environmentsDir, `.${id}.${randomBytes(4).toString("hex")}`);
      writeFileSync(temporary, JSON.stringify(record));
      renameSync(temporary, environmentFile(id));
    },
    touch: (id) => touch(environmentFile(id)),
    log: (name) => join(folder(join(dir, "logs")), `${name}.log`),
    cache: (name) => folder(join(dir, "cache", name)),
  };
}
