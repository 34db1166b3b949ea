import { randomBytes } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { lock } from "../../files/lock.ts";

/** Who holds a place, for messages. */
export interface Holder {
  readonly pid: number;
  readonly log: string;
}

/** What a build is told. */
export interface FlightHooks {
  readonly signal?: AbortSignal | undefined;
  /** Another process builds the same: said once, before it is waited for. */
  readonly onWait?: (holder: Holder | undefined) => void;
  /** The log of this build, which others are told when they wait. */
  readonly log?: string;
  /** Removes a folder with all that is in it, where a plain removal may not be permitted. */
  readonly remove?: (folder: string) => Promise<void>;
}

/**
 * Makes one thing once: finds it, or waits for the process that makes it, or makes it. While `make` runs it has a folder of
 * its own below `dir`, which is gone afterwards unless `make` moved it away. What a builder that was killed left is removed
 * by the next one.
 *
 * @param dir - the folder of the built environments; see `place.ts`
 * @param key - names the thing: letters, digits, `-`
 * @param find - looks whether it is there
 * @param make - makes it in a fresh folder, and moves it to its place at the end, in one step
 */
export async function withBuild<T>(
  dir: string,
  key: string,
  find: () => T | undefined,
  make: (folder: string) => Promise<T>,
  hooks: FlightHooks = {},
): Promise<T> {
  const there = find();
  if (there !== undefined) return there;
  const locks = join(dir, "locks");
  const building = join(dir, "building");
  for (const folder of [locks, building]) mkdirSync(folder, { recursive: true });
  const holder = join(building, `${key}.json`);
  const held = await lock(join(locks, key), hooks.signal, () => hooks.onWait?.(readHolder(holder)));
  try {
    const made = find();
    if (made !== undefined) return made;
    const remove = hooks.remove ?? removeFolder;
    for (const name of readdirSync(building)) if (name.startsWith(`${key}.`)) await remove(join(building, name));
    const folder = join(building, `${key}.${randomBytes(6).toString("hex")}`);
    mkdirSync(folder, { mode: 0o755 });
    writeFileSync(holder, JSON.stringify({ pid: process.pid, log: hooks.log ?? "" }));
    try {
      return await make(folder);
    } finally {
      await remove(folder);
      await rm(holder, { force: true });
    }
  } finally {
    held.release();
  }
}

function readHolder(path: string): Holder | undefined {
  try {
    const said: unknown = JSON.parse(readFileSync(path, "utf8"));
    if (said === null || typeof said !== "object" || !("pid" in said) || !("log" in said)) return undefined;
    return { pid: Number(said.pid), log: String(said.log) };
  } catch {
    // It has ended, or only begins.
    return undefined;
  }
}

function removeFolder(folder: string): Promise<void> {
  return rm(folder, { recursive: true, force: true, maxRetries: 3 });
}
