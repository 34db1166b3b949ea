import { mkdirSync, renameSync, writeFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { Codec, crashPoint, type Hash } from "../../kernel/index.ts";
import type { SettledLayer } from "../definition/layers.ts";
import { identityOf } from "../definition/settle.ts";
import type { Image } from "../image.ts";
import type { ImageLock } from "../lock/types.ts";
import type { BuildHooks } from "../types.ts";
import type { Contents } from "./digest.ts";
import { buildError } from "./errors.ts";
import { finish } from "./finish.ts";
import { type Holder, withBuild } from "./flight.ts";
import { readPackages } from "./packages.ts";
import { type EnvironmentRecord, openPlace, type Place, type RootRecord } from "./place.ts";
import { findPrivilege, type Privilege } from "./privilege.ts";
import { type BuildLog, hostEnvironment, openBuildLog, runProgram } from "./program.ts";
import type { StepContext, StepResult, Tools } from "./step.ts";
import { takeStep } from "./take-step.ts";
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

/** The digest of a lock; empty without one. */
export function lockDigest(lock: ImageLock | undefined): string {
  return lock === undefined ? "" : codec.hash(lock);
}

/** The root file system of a definition, if it is there. Uses no network. */
export function findRootfs({ imagesDir, lock }: BuildPlace, image: Image): BuiltRoot | undefined {
  const place = openPlace(imagesDir);
  const id = idOf(image, lock?.(image.identity));
  const record = place.findEnvironment(id);
  if (record === undefined) return undefined;
  place.touch(id);
  return { root: join(place.root(record.key), "root"), id, record };
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
  hooks.say?.(`=> Building image ${short} (${title})`);
  const log = openBuildLog(place.log(`${short}-${new Date().toISOString().replace(/[-:]|\..*/g, "")}`), hooks.output);
  const build: Build = {
    place,
    layers,
    lock,
    log,
    hooks,
    tools: findTools(),
    privilege: await findPrivilege(),
  };
  let step = title;
  try {
    let last: RootRecord | null = null;
    for (const end of steps(layers)) {
      step = wordsOf(layers[end - 1]!);
      last = await buildStep(build, end, last);
    }
    if (last === null) throw new Error("an image without steps");
    const record: EnvironmentRecord = {
      ...last,
      ...settings(layers, last),
      builtAt: Date.now(),
      identity: image.identity,
      lock: lockDigest(lock),
      layers,
    };
    crashPoint("images.environment.write");
    place.writeEnvironment(id, record);
    return { root: join(place.root(record.key), "root"), id, record };
  } catch (error) {
    throw buildError(error, { short, title, step }, log.path);
  } finally {
    await log.close();
  }
}

/** What a build has at hand. */
interface Build {
  readonly place: Place;
  readonly layers: readonly SettledLayer[];
  readonly lock: ImageLock | undefined;
  readonly log: BuildLog;
  readonly hooks: BuildHooks;
  readonly tools: Tools;
  readonly privilege: Privilege;
}

/** Variables alone make no root file system of their own: they count for the next one, and for the environment. */
function isSetting(layer: SettledLayer): boolean {
  return "env" in layer;
}

/** How many layers each root file system of the chain is made of. */
function steps(layers: readonly SettledLayer[]): readonly number[] {
  return layers.flatMap((layer, at) => (isSetting(layer) ? [] : [at + 1]));
}

/** Variables and directory after all layers, the last ones included. */
function settings(
  layers: readonly SettledLayer[],
  last: Pick<RootRecord, "env" | "workdir">,
): Pick<RootRecord, "env" | "workdir"> {
  const env: Record<string, string> = { ...last.env };
  for (const layer of layers) if ("env" in layer) Object.assign(env, layer.env);
  return { env, workdir: last.workdir };
}

function buildStep(build: Build, end: number, parent: RootRecord | null): Promise<RootRecord> {
  const { place, layers, lock, log, hooks, privilege } = build;
  const made = layers.slice(0, end);
  const key = codec.hash([FORMAT, process.arch, identityOf(made), lockDigest(lock)]);
  const onWait = (holder: Holder | undefined): void =>
    hooks.say?.(
      `=> Waiting for process ${holder?.pid ?? "unknown"}, which builds it (log: ${holder?.log ?? "unknown"})`,
    );
  return withBuild(
    place.dir,
    key,
    () => place.findRoot(key),
    async (folder) => {
      log.note(wordsOf(layers[end - 1]!));
      return makeRoot(build, { key, end, parent, folder });
    },
    { signal: hooks.signal, onWait, log: log.path, remove: (path) => removeTree(path, privilege) },
  );
}

interface Making {
  readonly key: Hash;
  readonly end: number;
  readonly parent: RootRecord | null;
  readonly folder: string;
}

async function makeRoot(build: Build, { key, end, parent, folder }: Making): Promise<RootRecord> {
  const { place, layers, log, hooks, privilege } = build;
  const whole = join(folder, "whole");
  const [root, scratch] = [join(whole, "root"), join(folder, "scratch")];
  for (const path of [whole, scratch]) mkdirSync(path);
  const parentRoot = parent === null ? null : place.root(parent.key);
  if (parentRoot !== null) {
    await runProgram(["cp", "-a", "--reflink=auto", join(parentRoot, "root"), root], {
      log,
      signal: hooks.signal,
      env: hostEnvironment(),
    });
  }
  const before = settings(layers.slice(0, end - 1), { env: parent?.env ?? {}, workdir: parent?.workdir ?? "/" });
  const context: StepContext = { ...build, ...before, root, scratch, signal: hooks.signal, warn: warnWith(hooks) };
  const result: StepResult = await takeStep(context, layers[end - 1]!);
  crashPoint("images.step.done");
  await takeOwnership(build, root);
  finish(root);
  const manifest = join(whole, "manifest");
  const contents = await digestOf({
    root,
    manifest,
    parent: parentRoot === null ? null : { root: join(parentRoot, "root"), manifest: join(parentRoot, "manifest") },
  });
  const record: RootRecord = {
    format: 1,
    key,
    ...contents,
    env: { ...before.env, ...result.env },
    workdir: result.workdir ?? before.workdir,
    packages: readPackages(root),
    archives: [...(parent?.archives ?? []), ...(result.archives ?? [])],
    resolved: result.resolved ?? parent?.resolved ?? null,
    builtAt: Date.now(),
  };
  writeFileSync(join(whole, "record.json"), JSON.stringify(record));
  // A power cut must not leave files without their content in what is found afterwards.
  await runProgram(["sync", "-f", whole], { log, env: hostEnvironment() }).catch(() => "");
  crashPoint("images.root.rename");
  mkdirSync(join(place.dir, "roots"), { recursive: true });
  await removeTree(place.root(key), privilege);
  renameSync(whole, place.root(key));
  return record;
}

function warnWith(hooks: BuildHooks): (line: string) => void {
  return (line) => {
    hooks.log?.warn(line);
    if (hooks.log === undefined) hooks.say?.(`=> ${line}`);
  };
}

/** A user's environments belong to the user: what root of a name space owned could not even be removed without it. */
async function takeOwnership({ privilege, log, hooks }: Build, root: string): Promise<void> {
  if (privilege.kind === "root") return;
  const options = { log, signal: hooks.signal, env: hostEnvironment() };
  if (privilege.kind === "mapped") await runProgram([...privilege.prefix, "chown", "-hR", "0:0", root], options);
  await runProgram(["chmod", "-R", "u+rwX", root], options);
}

async function removeTree(path: string, privilege: Privilege): Promise<void> {
  try {
    await rm(path, { recursive: true, force: true, maxRetries: 3 });
  } catch (error) {
    if (privilege.kind === "root") throw error;
    const log: BuildLog = { path: "", note() {}, add() {}, async close() {} };
    if (privilege.kind === "mapped") {
      await runProgram([...privilege.prefix, "rm", "-rf", path], { log, env: hostEnvironment() });
    } else {
      await runProgram(["chmod", "-R", "u+rwX", path], { log, env: hostEnvironment() });
      await rm(path, { recursive: true, force: true });
    }
  }
}

/** In a thread: reading 10,000 files takes a second, in which an engine has other jobs. */
function digestOf(request: object): Promise<Contents> {
  const program = new URL(`digest-main${import.meta.url.endsWith(".ts") ? ".ts" : ".js"}`, import.meta.url);
  return new Promise((resolve, reject) => {
    const thread = new Worker(program, { workerData: request });
    thread.once("message", resolve);
    thread.once("error", reject);
    thread.once("exit", () => reject(new Error("the digest of an image was not taken")));
  });
}
