import { join } from "node:path";
import type { VolumeReference } from "../expr/options.ts";
import { Dir, File } from "../files/index.ts";
import { checkVolumeName } from "./name.ts";
import { leavesVolume, pathInVolume } from "./path.ts";
import { volumeDir } from "./place.ts";

/**
 * A named, persistent folder that tasks share. It is made by {@link volume}, and never changes.
 *
 * A task says where it sees it: `task({ volumes: { "./sequences": sequences } }, …)`. With a volume that it may write
 * to, a task is not cached unless it says `cache: true`. What lies in a volume has no part in the cache key of a task
 * that mounts it; a {@link Volume.file} that is an argument counts by its content, as every file does.
 *
 * @example
 * ```ts
 * const sequences = volume("sequences");
 * const list = task({ volumes: { "./seq": sequences.asReadOnly() } }, () => script`ls seq`);
 * ```
 */
export class Volume implements VolumeReference {
  /** Its name. */
  readonly volume: string;
  /** May tasks that mount it only read it? See {@link Volume.asReadOnly}. */
  readonly readOnly: boolean;

  /** @internal {@link volume} makes one. */
  constructor(name: string, readOnly: boolean) {
    this.volume = checkVolumeName(name);
    this.readOnly = readOnly;
    Object.freeze(this);
  }

  /**
   * The same volume for tasks that only read it: they cannot change it, and are cached as others are.
   *
   * @example
   * ```ts
   * const sequences = volume("sequences");
   * const count = task({ volumes: { "./seq": sequences.asReadOnly() } }, () => script`ls seq | wc -l`);
   * ```
   */
  asReadOnly(): Volume {
    return this.readOnly ? this : new Volume(this.volume, true);
  }

  /**
   * A file in it, by its path there: an argument like any other, which counts by its name and content.
   *
   * @throws LigaseError `LIGASE_E_VOLUME_PATH` for a path that would lead out of the volume
   * @example
   * ```ts
   * const record = volume("sequences").file("plasmids/pUC19.gb");
   * ```
   */
  file(path: string): File {
    return this.#located(new File("."), path);
  }

  /**
   * A folder in it, with all that is in it; without a path the whole volume.
   *
   * @throws LigaseError `LIGASE_E_VOLUME_PATH` for a path that would lead out of the volume
   * @example
   * ```ts
   * const records = await volume("sequences").dir("plasmids").files("*.gb");
   * ```
   */
  dir(path = ""): Dir {
    return this.#located(new Dir("."), path, true);
  }

  /** `volume("sequences")`, for messages. */
  toString(): string {
    return `volume(${JSON.stringify(this.volume)})${this.readOnly ? ".asReadOnly()" : ""}`;
  }

  /** Gives a File or Dir its place, which is not known before a project is: modules are evaluated first. */
  #located<T extends File | Dir>(value: T, path: string, whole = false): T {
    const { volume: name } = this;
    const inside = pathInVolume(name, path);
    if (inside === "" && !whole) throw leavesVolume(name, path, "it names no file", `${this.toString()}.file("a.txt")`);
    Object.defineProperty(value, "path", {
      get: () => join(volumeDir(name), inside),
      // Outputs that are taken over are told their new place.
      set(moved: string) {
        Object.defineProperty(value, "path", { value: moved, writable: true });
      },
      enumerable: true,
      configurable: true,
    });
    return value;
  }
}

/**
 * A volume by its name: a persistent folder in the project's store that tasks share. It need not be there yet; it is
 * made when a task first mounts it, when a file is written to it, or by `ligase volume create`.
 *
 * @param name - up to 63 letters, digits, dots, dashes and underscores
 * @throws LigaseError `LIGASE_E_VOLUME` for another name
 * @example
 * ```ts
 * import { script, task, volume } from "ligase";
 *
 * const sequences = volume("sequences");
 *
 * export const download = task(
 *   { volumes: { "./sequences": sequences }, network: true },
 *   (accession: string) => script`efetch -db nuccore -id ${accession} -format gb > sequences/${accession}.gb`,
 * );
 * ```
 */
export function volume(name: string): Volume {
  return new Volume(name, false);
}
