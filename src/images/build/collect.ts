import { mkdirSync, readdirSync, statSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { tryLock } from "../../files/lock.ts";
import { removeTree } from "./ownership.ts";
import { type EnvironmentRecord, openPlace } from "./place.ts";
import { findPrivilege } from "./privilege.ts";

/** Something that may go from the folder of the built environments. */
export interface Collectable {
  /** An environment; a step that environments were begun with; what a killed builder left; a log; downloaded packages. */
  readonly kind: "environment" | "step" | "leftover" | "log" | "cache";
  readonly path: string;
  /** Bytes that its removal frees, as far as they are known. */
  readonly size: number;
  /** Milliseconds since 1970. */
  readonly usedAt: number;
  /** Of an environment. */
  readonly record?: EnvironmentRecord;
}

/** What may go. */
export interface CollectOptions {
  /** Only what was last used before: milliseconds since 1970. */
  readonly before: number;
  /** Downloaded packages, too: they only save time. */
  readonly caches?: boolean;
  /** Environments that stay, however long they were not used. */
  readonly keep?: (record: EnvironmentRecord) => boolean;
}

function entries(folder: string): readonly { readonly path: string; readonly name: string; readonly usedAt: number }[] {
  try {
    return readdirSync(folder).map((name) => {
      const path = join(folder, name);
      return { path, name, usedAt: statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0 };
    });
  } catch {
    return [];
  }
}

/** What may go from the folder of the built environments; nothing goes by this. */
export function collectable(dir: string, { before, caches = false, keep }: CollectOptions): readonly Collectable[] {
  const place = openPlace(dir);
  const environments = place.environments();
  const isOld = ({ record, usedAt }: { record: EnvironmentRecord; usedAt: number }): boolean =>
    usedAt < before && !keep?.(record);
  const old = environments.filter(isOld);
  const kept = new Set(environments.filter((each) => !isOld(each)).map(({ record }) => record.key));
  const gone = place.roots().filter(({ key, usedAt }) => !kept.has(key) && usedAt < before);
  const ended = new Map(old.map(({ record }) => [record.key, record]));
  return [
    ...old.map(({ id, record, usedAt }) => ({
      kind: "environment" as const,
      path: join(dir, "environments", `${id}.json`),
      size: gone.some(({ key }) => key === record.key) ? record.size : 0,
      usedAt,
      record,
    })),
    ...gone.map(({ key, record, usedAt }) => ({
      kind: "step" as const,
      path: place.root(key),
      size: ended.has(key) ? 0 : record.size,
      usedAt,
    })),
    ...entries(join(dir, "building"))
      .filter(({ name, usedAt }) => (name.startsWith("args.") ? usedAt < before : isAbandoned(dir, name)))
      .map(({ path, usedAt }) => ({ kind: "leftover" as const, path, size: 0, usedAt })),
    // Of a build that a power cut kept from the disk, or of another version.
    ...entries(join(dir, "roots"))
      .filter(({ name }) => place.findRoot(name) === undefined && isAbandoned(dir, `${name}.`))
      .map(({ path, usedAt }) => ({ kind: "leftover" as const, path, size: 0, usedAt })),
    ...entries(join(dir, "logs"))
      .filter(({ usedAt }) => usedAt < before)
      .map(({ path, usedAt }) => ({ kind: "log" as const, path, size: statSync(path).size, usedAt })),
    ...(caches ? entries(join(dir, "cache")) : []).map(({ path, usedAt }) => ({
      kind: "cache" as const,
      path,
      size: sizeOf(path),
      usedAt,
    })),
  ];
}

/** What a builder works in is named by its key, whose lock it holds while it lives. */
function isAbandoned(dir: string, name: string): boolean {
  mkdirSync(join(dir, "locks"), { recursive: true });
  const held = tryLock(join(dir, "locks", name.slice(0, name.lastIndexOf("."))));
  held?.release();
  return held !== undefined;
}

function sizeOf(path: string): number {
  return entries(path).reduce((sum, entry) => {
    const stat = statSync(entry.path, { throwIfNoEntry: false });
    return sum + (stat === undefined ? 0 : stat.isDirectory() ? sizeOf(entry.path) : stat.blocks * 512);
  }, 0);
}

/** Removes what {@link collectable} named. Records go before what they stand for, so that nothing half-removed is found. */
export async function collectImages(found: readonly Collectable[]): Promise<void> {
  const privilege = await findPrivilege();
  for (const { kind, path } of found) {
    if (kind === "step") await rm(join(path, "record.json"), { force: true });
    await removeTree(path, privilege);
  }
}
