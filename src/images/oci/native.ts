import { cpSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { LigaseError } from "../../kernel/index.ts";
import { needNone } from "../build/debian.ts";
import { AUTHORITIES } from "../build/inside.ts";
import { findMicromamba } from "../build/micromamba.ts";
import { openPlace } from "../build/place.ts";
import type { Packages } from "../build/packages.ts";
import { copyFiles } from "../build/simple.ts";
import { findTools } from "../build/tools.ts";
import { readContent, readContext } from "../definition/content.ts";
import { parseReference } from "../definition/checks.ts";
import type { LocalContent, SettledLayer } from "../definition/layers.ts";
import { mismatches } from "../lock/make.ts";
import type { ImageLock } from "../lock/types.ts";
import { type Build, type Built, labelsOf } from "./under-way.ts";
import { AUTHORITIES_FILE, dockerfileOf, MICROMAMBA_FILE } from "./dockerfile.ts";
import { inspectImage } from "./inspect.ts";
import { callClient } from "./client.ts";
import { listTar, packagesOf } from "./packages.ts";

/** Builds by the engine's own means: pulls, loads, or runs a Dockerfile; the steps that follow are another Dockerfile. */
export async function buildNatively(build: Build): Promise<Built> {
  const { image, tag, dialect, client, lock } = build;
  const [first, ...rest] = image.settled();
  const { base, digest, isOurs } = await takeBase(build, first!);
  if (rest.length === 0) await client(["tag", base, tag]);
  else {
    const release = "debian" in first! ? first.debian : undefined;
    const authorities = AUTHORITIES.find((path) => existsSync(path));
    const { text, copies } = dockerfileOf(base, rest, { release, lock, trusts: authorities !== undefined });
    const context = join(build.folder, "context");
    mkdirSync(context);
    if (authorities !== undefined) cpSync(authorities, join(context, AUTHORITIES_FILE), { dereference: true });
    writeFileSync(join(context, "Dockerfile"), text);
    for (const [then, name] of copies) copyFiles({ root: context }, then, `/${name}`);
    if (rest.some((layer) => "conda" in layer)) await bringMicromamba(build, context);
    await client([...buildCommand(build), ...tagged(tag), ...labelFlags(build), context]);
  }
  // What stands below stays as long as the image does, and goes with it: under a name of its own it would stay for good.
  if (isOurs) await callClient(dialect.name, dialect.untag(base));
  const made = await inspectImage(dialect.name, tag);
  const packages = await packagesOf(dialect.name, tag, build.folder);
  if (lock !== undefined) await needLocked(build, lock, packages);
  const isTag = "from" in first! && parseReference(first.from).digest === undefined;
  return {
    ...(isTag && { resolved: digest }),
    digest: rest.length === 0 ? digest : (made?.id ?? ""),
    env: { ...made?.env, ...ofSeveralLines(rest) },
    packages,
    workdir: made?.workdir ?? "/",
  };
}

/** Values that a Dockerfile cannot say: the container is told of them when it starts. */
function ofSeveralLines(layers: readonly SettledLayer[]): Readonly<Record<string, string>> {
  const all = Object.assign({}, ...layers.map((layer) => ("env" in layer ? layer.env : {}))) as Record<string, string>;
  return Object.fromEntries(Object.entries(all).filter(([, value]) => /[\n\r]/.test(value)));
}

/** What was locked, or nothing: an image with other versions must not be found by the lock's name. */
async function needLocked({ client, tag }: Build, lock: ImageLock, packages: Packages): Promise<void> {
  const gone = mismatches(lock, packages, Object.keys(lock.packages));
  if (gone.length === 0) return;
  await client(["image", "rm", "--force", tag]);
  needNone(gone);
}

async function bringMicromamba({ imagesDir, log, hooks }: Build, context: string): Promise<void> {
  const { signal } = hooks;
  const found = await findMicromamba({ tools: findTools(), place: openPlace(imagesDir), log, signal });
  cpSync(found, join(context, MICROMAMBA_FILE));
}

/** What an image stands on: another, which is there by now. */
interface Base {
  /** Its name. */
  readonly base: string;
  readonly digest: string;
  /** It was not there before. */
  readonly isOurs: boolean;
}

async function takeBase(build: Build, layer: SettledLayer): Promise<Base> {
  const { client, dialect, lock, hooks } = build;
  if ("debian" in layer) return pulled(build, `docker.io/library/debian:${layer.debian}-slim`);
  if ("from" in layer) {
    const { digest } = parseReference(layer.from);
    const locked = lock?.base?.digest;
    const whole = digest === undefined && locked !== undefined ? `${layer.from}@${locked}` : layer.from;
    const found = await pulled(build, fullName(whole));
    if (digest === undefined && locked === undefined) {
      const note = `${layer.from} is a tag, which may move; it is ${found.digest} today: write Image.from("${layer.from}@${found.digest}") or ligase image lock`;
      if (hooks.log) hooks.log.warn(note);
      else hooks.say?.(`=> ${note}`);
    }
    return found;
  }
  if ("archive" in layer) {
    assertSame(layer.archive, readContent("an image", layer.archive.path, "/"));
    return loaded(build, layer.archive.path);
  }
  if ("dockerfile" in layer) {
    assertSame(layer.context, readContext(layer.context.path, "/"));
    const base = `localhost/ligase-base:${build.image.identity.slice(0, 12)}`;
    const args = Object.entries(layer.args).map(([name, value]) => `--build-arg=${name}=${value}`);
    await client([
      ...buildCommand(build),
      ...tagged(base),
      "--file",
      layer.dockerfile.path,
      ...args,
      layer.context.path,
    ]);
    return { base, digest: (await inspectImage(dialect.name, base))?.id ?? "", isOurs: true };
  }
  throw new LigaseError("LIGASE_E_IMAGE_DEFINITION", `an image cannot begin with ${Object.keys(layer).join(" and ")}`);
}

async function pulled(build: Build, reference: string): Promise<Base> {
  const { client, dialect, hooks } = build;
  const { name, digest } = parseReference(reference);
  // Only docker takes it as a matter of course that a registry of this machine has no certificate.
  const isLocal = /^(localhost|127\.\d+\.\d+\.\d+)(:\d+)?\//.test(name);
  // A digest says which one, whatever the tag says; docker refuses both together in places.
  const base = digest === undefined ? reference : `${name}@${digest}`;
  const before = await inspectImage(dialect.name, base);
  // What a digest names never changes. What a tag names is asked for.
  if (digest === undefined || before === undefined) {
    try {
      await client(["pull", ...(isLocal && dialect.name === "podman" ? ["--tls-verify=false"] : []), base]);
    } catch (error) {
      if (before === undefined || hooks.signal?.aborted) throw error;
      const note = `${reference} could not be pulled: the one that ${dialect.name} has is taken`;
      if (hooks.log) hooks.log.warn(note);
      else hooks.say?.(`=> ${note}`);
    }
  }
  const image = await inspectImage(dialect.name, base);
  return { base, digest: digest ?? image?.listed ?? image?.id ?? "", isOurs: before === undefined };
}

/** An archive of an image; or a root file system as a tar file, which has no name to be loaded by. */
async function loaded({ client, dialect, image }: Build, path: string): Promise<Base> {
  const base = `localhost/ligase-base:${image.identity.slice(0, 12)}`;
  try {
    const said = await client(["load", "--input", path]);
    const name = /Loaded image(?:\(s\)| ID)?: (\S+)\s*$/m.exec(said)?.[1];
    if (name === undefined) throw new TypeError(said);
    await client(["tag", name.split(",")[0]!, base]);
  } catch (error) {
    if (!(await isRootfs(path))) throw error;
    await client(["import", path, base]);
  }
  return { base, digest: (await inspectImage(dialect.name, base))?.id ?? "", isOurs: true };
}

/** Neither the archive of an image nor anything that is no archive: the root of a file system. */
async function isRootfs(path: string): Promise<boolean> {
  const names = await listTar(path);
  return names.length > 0 && !names.some((name) => /^(\.\/)?(manifest\.json|index\.json|oci-layout)$/.test(name));
}

/** With the machine's network: where a daemon has no bridge, packages could not be had otherwise. */
function buildCommand({ dialect }: Build): readonly string[] {
  const proxies = Object.keys(process.env).filter((name) => /^(https?|ftp|all|no)_proxy$/i.test(name));
  // By their names alone: an address may hold a password.
  return ["build", "--network=host", ...dialect.buildFlags, ...proxies.flatMap((name) => ["--build-arg", name])];
}

const tagged = (name: string): readonly string[] => ["--tag", name];

const labelFlags = ({ image }: Build): readonly string[] =>
  Object.entries(labelsOf(image)).map(([name, value]) => `--label=${name}=${value}`);

/** Podman does not guess which registry is meant. */
function fullName(reference: string): string {
  const [host = "", ...rest] = reference.split("/");
  if (rest.length > 0 && (/[.:]/.test(host) || host === "localhost")) return reference;
  return rest.length > 0 ? `docker.io/${reference}` : `docker.io/library/${reference}`;
}

function assertSame(then: LocalContent, now: LocalContent): void {
  if (then.sha256 === now.sha256) return;
  throw new LigaseError("LIGASE_E_IMAGE_DEFINITION", `${then.path} has changed since the image was defined`, {
    mend: "start again, so that the definition is read anew",
    facts: { path: then.path },
  });
}
