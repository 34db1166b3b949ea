import { lstatSync, mkdirSync, readdirSync, renameSync, rmdirSync, rmSync, symlinkSync, unlinkSync } from "node:fs";
import { isAbsolute, join, relative } from "node:path";
import { STDERR_FILE, STDOUT_FILE } from "../../worker/script/index.ts";
import type { VolumeMount } from "../types.ts";
import { placeVolumes } from "./enclosure.ts";
import type { Launcher } from "./launcher.ts";
import { copyLog } from "./outcome.ts";

/** Files that a worker's output goes to. */
export interface WorkerLogs {
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * The directory of one job of a worker. On this machine it is the attempt's own. A worker in an environment can write to
 * its scratch only, which was there when it started: its job runs in a directory in that, and what is to be kept is moved
 * into the attempt's own at the end.
 */
export class BodyDir {
  /** Where the body runs. */
  readonly path: string;
  readonly #workDir: string;
  readonly #volumes: readonly VolumeMount[];

  /**
   * Makes it.
   *
   * @param inside - a directory to be made in the scratch of a worker; null where the attempt's own serves
   * @throws LigaseError `LIGASE_E_VOLUME` for a volume that cannot be where it is wanted
   */
  constructor(workDir: string, inside: string | null, logs: WorkerLogs, volumes: readonly VolumeMount[]) {
    this.path = inside ?? workDir;
    this.#workDir = workDir;
    this.#volumes = volumes
      .filter((volume) => !isAbsoluteVolume(volume))
      .map((volume) => ({ ...volume, at: volume.at.replace(/\/+$/, "") }));
    mkdirSync(workDir, { recursive: true });
    if (inside !== null) mkdirSync(inside);
    // The worker writes to files of its own; while it has this job they can be followed here.
    symlinkSync(logs.stdout, join(workDir, STDOUT_FILE));
    symlinkSync(logs.stderr, join(workDir, STDERR_FILE));
    // A volume that is mounted where it is outside needs a link only.
    placeVolumes(this.#volumes, this.path, false);
    placeVolumes(volumes.filter(isAbsoluteVolume), this.path, inside !== null);
  }

  /** Where a path in a volume is outside of the directory; nothing for what lies in none. */
  inVolume(path: string): string | undefined {
    for (const volume of this.#volumes) {
      const inside = relative(this.#placeOf(volume), path);
      if (inside !== ".." && !inside.startsWith("../")) return join(volume.from, inside);
    }
    return undefined;
  }

  /**
   * Copies what the body wrote to where all logs are.
   *
   * @param logs - where: `<logs>.out` and `<logs>.err`
   * @param stays - whether the directory is kept: then they are kept in it too
   */
  keepLogs(from: WorkerLogs, logs: string, stays: boolean): { stdout: string | null; stderr: string | null } {
    const keep = (file: string, name: string, to: string): string | null => {
      const link = join(this.#workDir, name);
      unlinkSync(link);
      if ((lstatSync(file, { throwIfNoEntry: false })?.size ?? 0) === 0) return null;
      if (stays) copyLog(file, link);
      return copyLog(file, to);
    };
    return {
      stdout: keep(from.stdout, STDOUT_FILE, `${logs}.out`),
      stderr: keep(from.stderr, STDERR_FILE, `${logs}.err`),
    };
  }

  /** It stays as the attempt's directory. */
  keep(): void {
    if (this.path === this.#workDir) return;
    for (const name of readdirSync(this.path)) {
      // The logs are ours: a body has no way to put others in their place.
      if (name === STDOUT_FILE || name === STDERR_FILE) rmSync(join(this.path, name), { recursive: true, force: true });
      else renameSync(join(this.path, name), join(this.#workDir, name));
    }
    rmdirSync(this.path);
  }

  /** Nobody needs it any more. */
  remove(launcher: Launcher): void {
    for (const volume of this.#volumes) rmSync(this.#placeOf(volume), { force: true });
    for (const dir of new Set([this.path, this.#workDir])) {
      try {
        rmdirSync(dir);
      } catch {
        // The body left files.
        launcher.remove(dir);
      }
    }
  }

  #placeOf({ at }: VolumeMount): string {
    return join(this.path, at);
  }
}

function isAbsoluteVolume({ at }: VolumeMount): boolean {
  return isAbsolute(at);
}
