import { hash } from "node:crypto";
import { type BigIntStats, lstatSync, readlinkSync, realpathSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { setImmediate } from "node:timers/promises";
import { fsError } from "./fs-error.ts";
import { factsOf, type StatFacts } from "./stat-facts.ts";
import { byPath, walk } from "./walk.ts";

/** One thing in a directory, with what must be equal for two directories to be the same. */
export interface Member {
  /** Relative to the directory. */
  readonly path: string;
  /** Present for what counts by its content. */
  readonly facts?: StatFacts;
  /** Everything else that counts: what it is, and where a link points. */
  readonly kind: "f" | "x" | "d" | `l ${string}` | "o";
}

const SLICE_MS = 8;

/** Runs synchronous work on each item, giving way to the event loop every few milliseconds. */
async function sliced<T>(items: readonly T[], work: (item: T) => void): Promise<void> {
  let began = performance.now();
  for (const item of items) {
    work(item);
    if (performance.now() - began < SLICE_MS) continue;
    await setImmediate();
    began = performance.now();
  }
}

/**
 * Everything in a directory, sorted by path, with its stat facts. A link that stays inside counts
 * as its target's name. One that leads outside counts as what it leads to: a folder of links to
 * reads on another disk is a usual way to gather them, and a changed read must show.
 *
 * @param most - gives up, answering nothing, when there are more
 */
async function members(root: string, most: number): Promise<Member[] | undefined> {
  const found: Member[] = [];
  const real = realpathSync(root);
  const entered = new Set([real]);
  const folders = [""];
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    const prefix = folder === "" ? "" : `${folder}/`;
    const entries = await walk(join(root, folder));
    if (found.length + entries.length > most) return undefined;
    await sliced(entries, (entry) => {
      const path = prefix + entry.path;
      if (entry.kind === "dir") found.push({ path, kind: "d" });
      else if (entry.kind === "link") link(path);
      else if (entry.kind === "file") file(path, lstatSync(join(root, path), { bigint: true }));
      else found.push({ path, kind: "o" });
    });
  }
  return found.sort(byPath);

  function file(path: string, stats: BigIntStats): void {
    found.push({ path, facts: factsOf(stats), kind: stats.mode & 0o100n ? "x" : "f" });
  }

  function link(path: string): void {
    const target = readlinkSync(join(root, path));
    const goal = resolve(root, dirname(path), target);
    const stats = goal.startsWith(`${root}/`) ? undefined : statSync(goal, { bigint: true, throwIfNoEntry: false });
    if (stats?.isFile()) return file(path, stats);
    if (stats?.isDirectory()) {
      const there = realpathSync(goal);
      // A link to a folder above, or to one already entered, would be walked for ever.
      if (!`${real}/`.startsWith(`${there}/`) && !entered.has(there)) {
        entered.add(there);
        folders.push(path);
        return;
      }
    }
    found.push({ path, kind: `l ${target}` });
  }
}

/** The stat facts of a directory with all its members, as those of one file. */
export function factsOfAll(all: readonly Member[]): StatFacts {
  let size = 0;
  let newest = 0n;
  let text = "";
  for (const { path, kind, facts } of all) {
    text += `${kind}\0${path}\0`;
    if (!facts) continue;
    size += facts.size;
    const ctime = BigInt(facts.ctimeNs);
    if (ctime > newest) newest = ctime;
    text += `${facts.size} ${facts.mtimeNs} ${facts.ctimeNs} ${facts.inode}\0`;
  }
  return { size, mtimeNs: "0", ctimeNs: String(newest), inode: `dir-${hash("sha256", text, "hex")}` };
}

/** The hash of a directory: of the sorted list of its members with the hashes of their contents. */
export function manifestHash(all: readonly Member[], hashes: ReadonlyMap<string, string>): string {
  let text = "ligase-dir-1\n";
  for (const { path, kind } of all) text += `${kind} ${hashes.get(path) ?? ""} ${JSON.stringify(path)}\n`;
  return hash("sha256", text, "hex");
}

/** Reads the members of a directory, naming it when that fails. */
export async function readMembers(root: string): Promise<Member[]> {
  try {
    return (await members(root, Number.POSITIVE_INFINITY))!;
  } catch (error) {
    throw fsError(error, root, "read");
  }
}

/** The stat facts of a directory with its members, or nothing when it has more than so many. */
export async function treeFacts(root: string, most: number): Promise<StatFacts | undefined> {
  const all = await members(root, most);
  return all && factsOfAll(all);
}
