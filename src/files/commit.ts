import { mkdirSync, realpathSync, renameSync } from "node:fs";
import { open, readlink, rename, rm, symlink } from "node:fs/promises";
import { basename, dirname, join, relative, resolve } from "node:path";
import { crashPoint, LigaseError, newId } from "../kernel/index.ts";
import { active, type Activities, noActivities } from "./activity.ts";
import { copyOne, eachOf, moveOrCopy } from "./copy.ts";
import { Dir } from "./dir.ts";
import { File } from "./file.ts";
import type { Fingerprint } from "./fingerprint.ts";
import { Fingerprints } from "./fingerprints.ts";
import { fsError, systemCode } from "./fs-error.ts";
import { follow, type Found, outsideError, pathWithin, WorkTree } from "./inside.ts";
import { relocate, setKnown } from "./located.ts";
import { isFolder, Output } from "./output.ts";
import { walk } from "./walk.ts";
import { zipFolder } from "./zip.ts";

/** What {@link commitFiles} may be told. */
export interface CommitOptions {
  /** Whose knowledge the fingerprints become; see `Known.by`. Without it they are found out all the same. */
  readonly fingerprints?: Fingerprints;
  /** Hears of what is copied because it lies on another device. */
  readonly activities?: Activities;
  /** Wait until the content is on the disk. Default true. */
  readonly sync?: boolean;
}

/** Something to be moved: one path, and the values that stand for it. */
interface Item {
  /** Relative to the work directory, and to the output directory afterwards. */
  readonly path: string;
  readonly values: (File | Dir)[];
  readonly directory: boolean;
  /** The folder that an output stands for: it becomes a zip file, and this is what that is called. Absolute. */
  readonly zipOf?: string;
}

const isCommittable = (value: object): value is File | Dir => value instanceof File || value instanceof Dir;

/** The Files and Dirs (sidecars too) that lie in a work directory, one item a path; folders before what is in them. */
function itemsIn(values: Iterable<object>, tree: WorkTree, outputDir: string): Item[] {
  const items = new Map<string, Item>();
  const folders = new Map<string, Output[]>();
  const add = (value: File | Dir): void => {
    const path =
      pathWithin(tree.dir, value.path) ?? (tree.real === tree.dir ? undefined : pathWithin(tree.real, value.path));
    if (value instanceof Output && isFolder(value)) {
      // What other tasks left may be handed on; anything else outside is not this task's to give away.
      const given = path !== undefined || pathWithin(outputsOf(outputDir), value.path) !== undefined;
      if (!given) throw outsideFolder(value.path);
      folders.set(value.path, [...(folders.get(value.path) ?? []), value]);
    } else if (path !== undefined) {
      const item = items.get(path);
      if (!item) items.set(path, { path, values: [value], directory: value instanceof Dir });
      else if (!item.values.includes(value)) item.values.push(value);
    }
    if (value instanceof File) for (const side of value.sidecars) add(side);
  };
  for (const value of values) if (isCommittable(value)) add(value);
  for (const [folder, outputs] of [...folders].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const path = freeName(basename(folder), items);
    items.set(path, { path, values: [...new Set(outputs)], directory: false, zipOf: folder });
  }
  return [...items.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** Where all tasks leave what they made: above the folder of a call, and the one that it shares with others. */
function outputsOf(outputDir: string): string {
  return dirname(dirname(outputDir));
}

/** `plots.zip`, or `plots-2.zip` where another output has that name. */
function freeName(name: string, taken: ReadonlyMap<string, Item>): string {
  for (let n = 1; ; n++) {
    const path = n === 1 ? `${name}.zip` : `${name}-${n}.zip`;
    if (![...taken.keys()].some((other) => other === path || other.startsWith(`${path}/`))) return path;
  }
}

function outsideFolder(path: string): LigaseError {
  return new LigaseError("LIGASE_E_OUTPUT_OUTSIDE", `the output ${path} is no folder in the task's directory`, {
    facts: { path },
    mend: "copy what is to be handed out into the task's directory",
  });
}

/**
 * Takes over the Files and Dirs among some values that lie in an attempt's work directory: moves
 * them into the call's output directory, which appears whole by one rename, and finds out what
 * they contain. The values themselves are changed to their new place, so whatever holds them (a
 * result, an expression, a closure) stays right. Others are passed over.
 *
 * Across devices the outputs are copied, and the originals go with the work directory. A link
 * inside the work directory becomes a file; a file that has other names (hard links) is
 * copied, for one of them may be the user's.
 *
 * @param values - Files and Dirs, such as `Codec.encode(…).atoms`; other objects are passed over
 * @param outputDir - absolute path; what an earlier attempt left there is replaced
 * @throws LigaseError `LIGASE_E_MISSING_OUTPUT`, `LIGASE_E_OUTPUT_OUTSIDE`, `LIGASE_E_DISK_FULL`; the
 * work directory is then as it was
 */
export async function commitFiles(
  values: Iterable<object>,
  workDir: string,
  outputDir: string,
  options: CommitOptions = {},
): Promise<void> {
  const tree = new WorkTree(workDir);
  const items = itemsIn(values, tree, outputDir);
  if (items.length === 0) return;
  const own = options.fingerprints === undefined ? new Fingerprints() : undefined;
  const fingerprints = own ?? options.fingerprints!;
  const temporary = `${outputDir}.tmp-${newId()}`;
  const transfer = new Transfer(tree, temporary, outputsOf(outputDir), options.activities ?? noActivities);
  try {
    mkdirSync(temporary, { recursive: true });
    await transfer.take(items);
    const found = new Map<Item, Fingerprint>();
    await eachOf(items, async (item) => {
      const path = join(temporary, item.path);
      found.set(item, await (item.directory ? fingerprints.dir(path) : fingerprints.file(path)));
    });
    if (options.sync ?? true) await syncContents(temporary, items);
    crashPoint("files.commit.before-rename");
    await swapIn(temporary, outputDir);
    crashPoint("files.commit.after-rename");
    for (const item of items) {
      for (const value of item.values) {
        relocate(value, join(outputDir, item.path));
        setKnown(value, { ...found.get(item)!, by: fingerprints });
      }
    }
  } catch (error) {
    if (await transfer.undo()) await rm(temporary, { recursive: true, force: true }).catch(() => {});
    throw fsError(error, outputDir, "write");
  } finally {
    await own?.close();
  }
}

/**
 * {@link commitFiles} for all Files and Dirs inside a plain value: in records, lists, Maps and Sets. It is the value itself
 * whose files now lie in the output directory; it is not handed back, for a promise would evaluate a lazy one.
 */
export async function commitValueFiles(
  value: unknown,
  workDir: string,
  outputDir: string,
  options: CommitOptions = {},
): Promise<void> {
  const found = new Set<object>();
  const seen = new Set<object>();
  const visit = (part: unknown): void => {
    if (typeof part !== "object" || part === null || seen.has(part)) return;
    seen.add(part);
    if (isCommittable(part)) found.add(part);
    else if (Array.isArray(part) || part instanceof Set) part.forEach(visit);
    else if (part instanceof Map) for (const pair of part) pair.forEach(visit);
    else if (isPlain(part)) Object.values(part).forEach(visit);
  };
  visit(value);
  await commitFiles(found, workDir, outputDir, options);
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** Takes over what {@link collectOutputs} found: the same for what is of any shape. */
export async function commitOutputs(
  collected: unknown,
  workDir: string,
  outputDir: string,
  options: CommitOptions = {},
): Promise<unknown> {
  await commitValueFiles(collected, workDir, outputDir, options);
  return collected;
}

/** Moves items from a work directory to a temporary one, and back if need be. */
class Transfer {
  readonly #tree: WorkTree;
  readonly #to: string;
  /** Where tasks leave what they made. */
  readonly #outputs: string;
  readonly #activities: Activities;
  readonly #moved: [from: string, to: string][] = [];

  constructor(tree: WorkTree, to: string, outputs: string, activities: Activities) {
    this.#tree = tree;
    this.#to = to;
    this.#outputs = outputs;
    this.#activities = activities;
  }

  async take(items: readonly Item[]): Promise<void> {
    for (const item of items) if (item.zipOf !== undefined) await this.#zip(item.zipOf, item.path);
    const places = items.filter(({ zipOf }) => zipOf === undefined).map((item) => ({ item, found: this.#find(item) }));
    for (const { item } of places) if (item.directory) await this.#settleLinks(item);
    const folders = items.filter(({ directory }) => directory).map(({ path }) => `${path}/`);
    const held = (path: string) => folders.some((folder) => path.startsWith(folder));
    // Copies come first: what they read may be about to move.
    const moves: typeof places = [];
    const claimed = new Set(places.filter(({ found }) => !found.link).map(({ found }) => found.real));
    for (const place of places) {
      const { item, found } = place;
      const real = pathWithin(this.#tree.real, found.real) ?? item.path;
      if (held(item.path)) continue;
      if (item.path.includes("/")) mkdirSync(dirname(join(this.#to, item.path)), { recursive: true });
      const shared = found.link && (claimed.has(found.real) || held(real));
      if (!item.directory && (shared || found.stats.nlink > 1)) await copyOne(found.real, join(this.#to, item.path));
      else if (item.directory && found.link) throw outsideError("the output", item.path, found.real);
      else moves.push(place);
      claimed.add(found.real);
    }
    for (const { item, found } of moves) {
      const to = join(this.#to, item.path);
      if (await moveOrCopy(found.real, to, this.#activities)) this.#moved.push([found.real, to]);
    }
  }

  /** Writes the zip file of a folder, before anything in it may move. */
  async #zip(folder: string, path: string): Promise<void> {
    const real = realpathSync(folder);
    const inTree = pathWithin(this.#tree.real, real) !== undefined;
    if (!inTree && pathWithin(realpathSync(this.#outputs), real) === undefined) {
      throw outsideError("the output", folder, real);
    }
    // In the task's directory a link may lead anywhere in it; what another task left is whole in itself.
    const within = inTree ? this.#tree.real : real;
    const to = join(this.#to, path);
    const outside = (at: string, target: string): Error => outsideError("the output", at, target);
    await active(this.#activities.begin("keep", to), () => zipFolder(real, to, basename(folder), within, outside));
  }

  /** Moves everything back; false when that failed for some, which then are where they were moved to. */
  async undo(): Promise<boolean> {
    const back = await Promise.allSettled(this.#moved.reverse().map(async ([from, to]) => rename(to, from)));
    return back.every(({ status }) => status === "fulfilled");
  }

  #find(item: Item): Found {
    const found = this.#tree.look(item.path, "the output");
    if (!found) {
      throw new LigaseError(
        "LIGASE_E_MISSING_OUTPUT",
        `the result names ${item.path}, which does not exist in the task's directory`,
        {
          facts: { path: item.path, workDir: this.#tree.dir },
          mend: "write it before the task returns it",
        },
      );
    }
    if (item.directory === found.stats.isDirectory() && (item.directory || found.stats.isFile())) return found;
    throw new LigaseError(
      "LIGASE_E_OUTPUT_KIND",
      `the result names ${item.path} as a ${item.directory ? "Dir, and it is none" : "File, and it is no regular file"}`,
      { facts: { path: item.path }, mend: "use File for files and Dir for folders" },
    );
  }

  /** Makes a directory whole in itself: links that would break when it moves become relative, or files. */
  async #settleLinks({ path: folder }: Item): Promise<void> {
    const root = realpathSync(join(this.#tree.dir, folder));
    for (const { kind, path } of await walk(root)) {
      if (kind !== "link") continue;
      const link = join(root, path);
      const target = await readlink(link);
      const goal = resolve(dirname(link), target);
      if (pathWithin(root, goal) !== undefined || goal === root) {
        if (!target.startsWith("/")) continue;
        await rm(link);
        await symlink(relative(dirname(link), goal) || ".", link);
        continue;
      }
      const stats = follow(link);
      if (stats?.isDirectory()) throw outsideError("the output", join(folder, path), goal);
      if (!stats?.isFile()) continue;
      const copy = `${link}.ligase-${newId()}`;
      await copyOne(realpathSync(link), copy);
      await rename(copy, link);
    }
  }
}

const MOST_SYNCS = 64;

/**
 * Asks that the content of the items be on the disk (0.6 ms a file on a virtual disk, 10 on a
 * spinning one). The files in a Dir are left to the kernel: a power cut within the half minute
 * that it takes may lose some, which the fingerprint shows, and the call runs again.
 */
async function syncContents(temporary: string, items: readonly Item[]): Promise<void> {
  const files = items.filter(({ directory }) => !directory).slice(0, MOST_SYNCS);
  await eachOf(files, async ({ path }) => {
    await using handle = await open(join(temporary, path));
    await handle.datasync();
  });
  await using handle = await open(temporary);
  await handle.sync();
}

/** Puts a directory in the place of another, which need not be there. */
async function swapIn(temporary: string, to: string): Promise<void> {
  for (;;) {
    const old = `${to}.old-${newId()}`;
    const replaced = renamed(to, old, ["ENOENT"]);
    // Another process that commits the same call at this moment has a result as good; ours replaces it.
    const done = renamed(temporary, to, ["ENOTEMPTY", "EEXIST"]);
    if (replaced) await rm(old, { recursive: true, force: true }).catch(() => {});
    if (done) return;
  }
}

/** Renames; false when that failed for one of the reasons given. */
function renamed(from: string, to: string, unless: readonly string[]): boolean {
  try {
    renameSync(from, to);
    return true;
  } catch (error) {
    if (unless.includes(systemCode(error) ?? "")) return false;
    throw error;
  }
}
