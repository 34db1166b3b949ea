import type { Hash } from "../../kernel/index.ts";
import type { Archive, ImageLock } from "./types.ts";

/** What a lock is made of: what was built. */
export interface Lockable {
  readonly identity: Hash;
  readonly title: string;
  readonly digest: string;
  readonly packages: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly archives: readonly Archive[];
  readonly snapshots: readonly string[];
  readonly resolved: { readonly reference: string; readonly digest: string } | null;
}

/** The lock of an environment that was built. */
export function makeLock(built: Lockable): ImageLock {
  return {
    identity: built.identity,
    title: built.title,
    contents: built.digest,
    base: built.resolved,
    snapshots: [...built.snapshots].sort(),
    packages: built.packages,
    archives: [...built.archives].sort((a, b) => (`${a.manager} ${a.name}` < `${b.manager} ${b.name}` ? -1 : 1)),
  };
}

/** Is everything that is installed somewhere in a lock, in the same versions and of the same files? */
export function isOf(lock: ImageLock, built: Pick<Lockable, "packages" | "archives" | "resolved">): boolean {
  const files = new Map(lock.archives.map(({ manager, name, sha256 }) => [`${manager} ${name}`, sha256]));
  return (
    (built.resolved?.digest ?? null) === (lock.base?.digest ?? null) &&
    Object.entries(built.packages).every(([manager, packages]) =>
      Object.entries(packages).every(([name, version]) => lock.packages[manager]?.[name] === version),
    ) &&
    built.archives.every(({ manager, name, sha256 }) => files.get(`${manager} ${name}`) === sha256)
  );
}

/** A package that is not what was locked. */
export interface Mismatch {
  readonly manager: string;
  readonly name: string;
  readonly locked: string;
  /** Empty: it is not there. */
  readonly found: string;
}

/**
 * Compares what is installed with a lock.
 *
 * @param only - the managers that count
 */
export function mismatches(
  lock: ImageLock,
  packages: Readonly<Record<string, Readonly<Record<string, string>>>>,
  only: readonly string[],
): readonly Mismatch[] {
  return only.flatMap((manager) =>
    Object.entries(packages[manager] ?? {}).flatMap(([name, found]) => {
      const locked = lock.packages[manager]?.[name];
      return locked === undefined || locked === found ? [] : [{ manager, name, locked, found }];
    }),
  );
}
