import { join } from "node:path";
import { Codec, crashPoint, type Hash } from "../../kernel/index.ts";
import { identityOf } from "../definition/settle.ts";
import type { Image } from "../image.ts";
import { lockDigest } from "../lock/key.ts";
import { isOf } from "../lock/make.ts";
import type { ImageLock } from "../lock/types.ts";
import type { BuildHooks } from "../types.ts";
import { chainOf, settingsAfter } from "./chain.ts";
import { buildError } from "./errors.ts";
import { type Holder, withBuild } from "./flight.ts";
import { type Build, makeRoot, type Making } from "./make-root.ts";
import { type EnvironmentRecord, openPlace, type RootRecord } from "./place.ts";
import { findPrivilege } from "./privilege.ts";
import { openBuildLog } from "./program.ts";
import { removeTree } from "./ownership.ts";
import { titleOf, wordsOf } from "./title.ts";
import { findTools } from "./tools.ts";

const codec = new Codec();
/** Part of every key: raised when the same definition is built otherwise than before. */
const FORMAT = 1;

/** Where environments are built, and what from. */
export interface BuildPlace {
  /** The folder of the built environments, shared by all projects of a user. */
  readonly imagesDir: string;
  /** What a definition was when it was locked; nothing when it is not. */
  readonly lock?: (identity: Hash) => ImageLock | undefined;
  /**
   * Builds anew what is there already, from what archives and registries have now: a text that names this wish, so that all
   * builds of one wish share their steps. What was built before stays for those who use it.
   */
  readonly fresh?: string;
}

/** A root file system that is built. */
export interface BuiltRoot {
  /** The folder. Nobody may write to it. */
  readonly root: string;
  /** The name of its record: of the definition, the lock, and the machine's architecture. */
  readonly id: Hash;
  readonly record: EnvironmentRecord;
}

/** What stands for a definition on this machine. */
function idOf(image: Image, lock: ImageLock | undefined): Hash {
  return codec.hash([FORMAT, process.arch, image.identity, lockDigest(lock)]);
}

/** The root file system of a definition, if it is there. Uses no network. */
export function findRootfs({ imagesDir, lock, fresh }: BuildPlace, image: Image): BuiltRoot | undefined {
  if (fresh !== undefined) return undefined;
  const place = openPlace(imagesDir);
  const locked = lock?.(image.identity);
  const id = idOf(image, locked);
  const there = place.findEnvironment(id);
  const found = (bits: EnvironmentRecord): BuiltRoot => {
    place.touch(id);
    return { root: join(place.root(bits.key), "root"), id, record: bits };
  };
  if (there !== undefined) return found(there);
  if (locked === undefined) return undefined;
  // What was built before it was locked: the same bits need not be built again.
  const before = place.findEnvironment(idOf(image, undefined));
  if (before?.digest !== locked.contents) return undefined;
  const record = { ...before, lock: lockDigest(locked) };
  place.writeEnvironment(id, record);
  return found(record);
}

/**
 * The root file system of a definition: the one that is there, or that another process builds, or a new one. Nothing
 * half-built is ever found, whenever a builder is killed.
 *
 * @throws LigaseError `LIGASE_E_IMAGE_BUILD`
 * @example
 * ```ts
 * const { root, record } = await buildRootfs({ imagesDir }, Image.debian("12").apt("bwa"), { say: console.error });
 * record.packages["apt"]?.["bwa"]; // "0.7.17-7+b2"
 * ```
 */
export async function buildRootfs(where: BuildPlace, image: Image, hooks: BuildHooks = {}): Promise<BuiltRoot> {
  const layers = image.settled();
  const [short, title] = [image.identity.slice(0, 12), titleOf(layers)];
  const there = findRootfs(where, image);
  if (there !== undefined) {
    hooks.say?.(`=> Using cached image ${short} (${title})`);
    return there;
  }
  const place = openPlace(where.imagesDir);
  const lock = where.lock?.(image.identity);
  const id = idOf(image, lock);
  hooks.say?.(`=> Building image ${short} (${title})${lock === undefined ? "" : " as it was locked"}`);
  const log = openBuildLog(place.log(`${short}-${stamp()}`), hooks.output);
  const build: Build = { place, lock, log, hooks, tools: findTools(), privilege: await findPrivilege() };
  const salt = where.fresh === undefined ? [] : [where.fresh];
  const chain = chainOf(layers);
  let step = title;
  try {
    let last: RootRecord | null = null;
    let end = 0;
    for (const [at, layer] of chain.entries()) {
      if ("env" in layer) continue;
      step = wordsOf(layer);
      const made = chain.slice(0, at + 1);
      const keyOf = (of: ImageLock | undefined): Hash =>
        codec.hash([FORMAT, process.arch, identityOf(made), lockDigest(of), ...salt]);
      const making: Omit<Making, "folder"> = { key: keyOf(lock), layers: made, parent: last, parentEnd: end };
      // What was built without the lock, and is what it says, need not be built again for it.
      last = asLocked(place.findRoot(keyOf(undefined)), lock) ?? (await buildStep(build, making));
      end = at + 1;
    }
    if (last === null) throw new Error("an image without steps");
    const record: EnvironmentRecord = {
      ...last,
      ...settingsAfter(chain.slice(end), last),
      builtAt: Date.now(),
      identity: image.identity,
      lock: lockDigest(lock),
      layers,
    };
    if (lock !== undefined && lock.contents !== record.digest) {
      hooks.log?.warn(`the image ${short} has the packages of its lock, but not in all its files the same bits`, {
        locked: lock.contents,
        built: record.digest,
      });
    }
    crashPoint("images.environment.write");
    place.writeEnvironment(id, record);
    return { root: join(place.root(record.key), "root"), id, record };
  } catch (error) {
    throw buildError(error, { short, title, step }, log.path);
  } finally {
    await log.close();
  }
}

/** A root file system, if all that is installed in it is what a lock says. */
function asLocked(root: RootRecord | undefined, lock: ImageLock | undefined): RootRecord | undefined {
  return root !== undefined && lock !== undefined && isOf(lock, root) ? root : undefined;
}

/** `20260101T120000` */
function stamp(): string {
  return new Date().toISOString().replace(/[-:]|\..*/g, "");
}

/** The root file system after a step: found, waited for, or made of the one before. */
function buildStep(build: Build, making: Omit<Making, "folder">): Promise<RootRecord> {
  const { place, log, hooks, privilege } = build;
  const { key, layers } = making;
  const onWait = (holder: Holder | undefined): void =>
    hooks.say?.(`=> Waiting for process ${holder?.pid ?? "?"}, which builds the same (log: ${holder?.log ?? "?"})`);
  return withBuild(
    place.dir,
    key,
    () => place.findRoot(key),
    (folder) => {
      log.note(wordsOf(layers.at(-1)!));
      return makeRoot(build, { ...making, folder });
    },
    { signal: hooks.signal, onWait, log: log.path, remove: (path) => removeTree(path, privilege) },
  );
}
