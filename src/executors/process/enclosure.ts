import { mkdirSync, readdirSync, realpathSync, symlinkSync } from "node:fs";
import { dirname, isAbsolute, join, relative, sep } from "node:path";
import type { StagedInput } from "../../files/index.ts";
import type { Enclosure, Mount } from "../../images/types.ts";
import { LigaseError } from "../../kernel/index.ts";
import type { Attempt, VolumeMount } from "../types.ts";
import { isWithin } from "./seen-inputs.ts";

/** A job's own place for temporary files, in its work directory: on the disk, where they count as disk and not as memory. */
export const SCRATCH = ".command.tmp";
/** How many processes a job in an environment may have, when it does not say. */
export const MOST_PROCESSES = 4096;

/** So many inputs are mounted each for itself; of more, the folders in which they are. */
const MOST_SINGLE = 200;
/** How many members of an input folder are looked at for links that lead out of it. */
const MOST_LOOKS = 10_000;
/** What a system needs for itself: nothing is mounted over these, and none is shown for the sake of a file in it. */
const SYSTEM = ["/bin", "/dev", "/etc", "/lib", "/lib64", "/proc", "/run", "/sbin", "/sys", "/usr"];

/** What of an attempt its enclosure is made of. */
export type EnclosedAttempt = Pick<
  Attempt,
  "job" | "attempt" | "resources" | "gpus" | "network" | "processes" | "volumes" | "secrets" | "workDir"
>;

/** What runs in an enclosure. */
export interface EnclosedCommand {
  /** Program and arguments, as they are inside. */
  readonly command: readonly string[];
  /** Variables of the job, `LIGASE_CPU` among them. */
  readonly env: Readonly<Record<string, string>>;
  /** Inputs that were staged; copies need no mount. */
  readonly inputs: readonly StagedInput[];
  /** A person sits before it. */
  readonly interactive?: boolean;
}

/**
 * What an attempt may see and use in its environment: its work directory, writable, and the originals of its inputs,
 * read-only, each at the path that it has outside; volumes; a folder for temporary files, which is its `HOME` too.
 * The directory and the volumes' places in it must be there; see {@link placeVolumes}.
 *
 * @example
 * ```ts
 * const { command, env } = engine.enter(environment, enclosureOf(attempt, { command: ["bash"], env: {}, inputs }));
 * ```
 */
export function enclosureOf(
  attempt: EnclosedAttempt,
  { command, env, inputs, interactive }: EnclosedCommand,
): Enclosure {
  const { job, resources, gpus, network, processes, volumes, secrets, workDir } = attempt;
  const mounts = new Map<string, Mount>();
  const add = (from: string, at: string, writable: boolean): void => void mounts.set(at, { from, at, writable });
  for (const { from, at } of inputMounts(inputs, workDir)) add(from, at, false);
  add(workDir, workDir, true);
  add(join(workDir, SCRATCH), "/tmp", true);
  for (const { from, at, writable } of volumes) add(from, isAbsolute(at) ? at : join(workDir, at), writable);
  return {
    // Podman and docker know it by this name, also when nobody is left who started it.
    name: `ligase-${job}-${attempt.attempt}${interactive ? `-shell-${process.pid}` : ""}`,
    command,
    cwd: workDir,
    env: { HOME: "/tmp", TMPDIR: "/tmp", ...env, LIGASE_JOB: job, ...secrets },
    // Outer ones first.
    mounts: [...mounts.values()].sort((a, b) => (a.at < b.at ? -1 : 1)),
    network,
    limits: {
      cpu: resources.cpu,
      memory: resources.memory,
      processes: processes > 0 ? processes : MOST_PROCESSES,
      disk: resources.disk,
    },
    gpus,
    ...(interactive && { interactive }),
  };
}

/**
 * Prepares the places of volumes in the work directory: links on this machine as it is, folders to mount them on in an
 * environment.
 *
 * @throws LigaseError `LIGASE_E_VOLUME` for a place that cannot be one
 */
export function placeVolumes(volumes: readonly VolumeMount[], workDir: string, inEnvironment: boolean): void {
  for (const { name, from, at } of volumes) {
    checkPlace(name, at, workDir, inEnvironment);
    if (isAbsolute(at)) continue;
    const place = join(workDir, at);
    if (inEnvironment) mkdirSync(place, { recursive: true });
    else {
      mkdirSync(dirname(place), { recursive: true });
      symlinkSync(from, place);
    }
  }
}

function checkPlace(volume: string, at: string, workDir: string, inEnvironment: boolean): void {
  const refuse = (why: string, mend: string): never => {
    throw new LigaseError("LIGASE_E_VOLUME", `the volume ${volume} cannot be mounted at ${at}: ${why}`, {
      facts: { volume, at },
      mend,
    });
  };
  if (isAbsolute(at)) {
    if (!inEnvironment)
      refuse("a task without an image runs on this machine as it is", `mount it in the work directory: "./${volume}"`);
    const place = join(at);
    if (place === "/" || SYSTEM.some((folder) => isWithin(folder, place)) || isWithin(place, workDir))
      refuse("the system or the job needs that place", `mount it elsewhere: "/mnt/${volume}"`);
    return;
  }
  const path = relative(workDir, join(workDir, at));
  if (path === "" || path.split(sep)[0] === "..")
    refuse("that is not below the work directory", `mount it at "./${volume}"`);
}

/** The first parts of volumes' paths in the work directory: no input may take these names. */
export function volumeNames(volumes: readonly VolumeMount[]): string[] {
  return volumes.flatMap(({ at }) => {
    const [first = ""] = isAbsolute(at) ? [] : join(at).split(sep);
    return first === "" ? [] : [first];
  });
}

/** Where the originals of inputs are, and where links to them are looked for. */
function inputMounts(inputs: readonly StagedInput[], workDir: string): { from: string; at: string }[] {
  const found = new Map<string, string>();
  for (const { source, path, directory } of inputs) {
    // A copy is in the work directory already.
    if (!isLink(join(workDir, path))) continue;
    found.set(source, realpathSync(source));
    if (directory) for (const target of leadingOut(source)) found.set(target.at, target.from);
  }
  const all = [...found].map(([at, from]) => ({ from, at })).filter(({ at }) => !isWithin(workDir, at));
  if (all.length <= MOST_SINGLE) return all;
  const folders = new Map<string, { from: string; at: string }>();
  for (const one of all) {
    const folder = dirname(one.at);
    // Where the file is a link itself, its folder does not show it.
    const shows = dirname(one.from) === realpathSync(folder) && !isSystems(folder);
    folders.set(shows ? folder : one.at, shows ? { from: realpathSync(folder), at: folder } : one);
  }
  return [...folders.values()];
}

/** Is a folder one that holds more than data: the system, or a person's home? */
function isSystems(folder: string): boolean {
  return folder.split("/").length <= 2 || SYSTEM.some((one) => isWithin(one, folder));
}

function isLink(path: string): boolean {
  try {
    return realpathSync(path) !== join(realpathSync(dirname(path)), path.slice(path.lastIndexOf("/") + 1));
  } catch {
    return false;
  }
}

/** What links in a folder point to that is not in it. */
function leadingOut(folder: string): { from: string; at: string }[] {
  const real = realpathSync(folder);
  const found = new Map<string, { from: string; at: string }>();
  const open = [real];
  let looks = 0;
  for (let dir = open.pop(); dir !== undefined && looks < MOST_LOOKS; dir = open.pop()) {
    for (const entry of readdirSync(dir, { withFileTypes: true })) {
      looks++;
      const path = join(dir, entry.name);
      if (entry.isDirectory()) open.push(path);
      if (!entry.isSymbolicLink()) continue;
      try {
        const target = realpathSync(path);
        if (!isWithin(real, target) && !SYSTEM.some((one) => isWithin(one, target)))
          found.set(target, { from: target, at: target });
      } catch {
        // It leads nowhere outside either.
      }
    }
  }
  return [...found.values()];
}
