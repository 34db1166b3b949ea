import { mkdirSync, readdirSync, rmSync, statSync, unlinkSync, lstatSync } from "node:fs";
import { rename } from "node:fs/promises";
import { join } from "node:path";
import { fsError, systemCode } from "../files/fs-error.ts";
import { LigaseError, nearest } from "../kernel/index.ts";
import { LocalVolume } from "./local/local-volume.ts";
import { Partial } from "./local/partial.ts";
import { checkVolumeName, isVolumeName } from "./name.ts";
import { VOLUMES } from "./place.ts";
import type { VolumeInfo, VolumeStorage } from "./types.ts";
import { walkVolume } from "./walk.ts";

/**
 * The volumes of a store.
 *
 * @example
 * ```ts
 * const volumes = new Volumes(settings.storeDir);
 * volumes.create("sequences");
 * await volumes.open("sequences").put("pUC19.gb", "plasmids/pUC19.gb");
 * ```
 */
export class Volumes {
  /** The folder they lie in; it need not be there. */
  readonly dir: string;
  readonly #partial: Partial;

  constructor(storeDir: string) {
    this.dir = join(storeDir, VOLUMES);
    this.#partial = new Partial(this.dir);
  }

  /** Their names, sorted. */
  names(): readonly string[] {
    try {
      return readdirSync(this.dir)
        .filter((name) => isVolumeName(name) && this.has(name))
        .sort();
    } catch (error) {
      if (systemCode(error) === "ENOENT") return [];
      throw fsError(error, this.dir, "list the volumes in");
    }
  }

  has(name: string): boolean {
    return isVolumeName(name) && (statSync(join(this.dir, name), { throwIfNoEntry: false })?.isDirectory() ?? false);
  }

  /**
   * Makes a volume.
   *
   * @returns whether it was not there before
   * @throws LigaseError `LIGASE_E_VOLUME` for a name that cannot be
   */
  create(name: string): boolean {
    const path = join(this.dir, checkVolumeName(name));
    try {
      if (this.has(name)) return false;
      mkdirSync(this.dir, { recursive: true });
      mkdirSync(path);
      return true;
    } catch (error) {
      if (systemCode(error) === "EEXIST" && this.has(name)) return false;
      throw fsError(error, path, "make the volume");
    }
  }

  /**
   * A volume that is there.
   *
   * @throws LigaseError `LIGASE_E_NO_VOLUME`, naming the nearest one
   */
  open(name: string): VolumeStorage {
    if (this.has(name)) return new LocalVolume(name, join(this.dir, name), this.#partial);
    throw this.missing(name);
  }

  /** The error for a volume that is not there. */
  missing(name: string): LigaseError {
    const names = this.names();
    const near = nearest(name, names);
    const mend =
      near !== undefined
        ? `did you mean ${near}?`
        : isVolumeName(name)
          ? `ligase volume create ${name} makes it${names.length > 0 ? "; ligase volume ls lists those there are" : ""}`
          : "ligase volume ls lists those there are";
    return new LigaseError("LIGASE_E_NO_VOLUME", `there is no volume ${name}`, {
      facts: { volume: name, names },
      mend,
    });
  }

  /** What a volume holds. Takes as long as looking at each of its files. */
  async info(name: string): Promise<VolumeInfo> {
    const volume = this.open(name);
    let files = 0;
    let bytes = 0;
    let modifiedAt = 0;
    for await (const { kind, size, modifiedAt: at } of walkVolume(volume)) {
      if (kind === "dir") continue;
      files++;
      bytes += size;
      modifiedAt = Math.max(modifiedAt, at);
    }
    return { name, files, bytes, modifiedAt: files > 0 ? modifiedAt : ((await volume.stat(""))?.modifiedAt ?? 0) };
  }

  /**
   * Removes a volume with all that is in it, in one step.
   *
   * @throws LigaseError `LIGASE_E_NO_VOLUME`
   */
  async remove(name: string): Promise<void> {
    const path = join(this.dir, name);
    if (!this.has(name)) throw this.missing(name);
    try {
      // One that people keep elsewhere, behind a link: what it leads to is theirs.
      if (lstatSync(path).isSymbolicLink()) return unlinkSync(path);
      const away = this.#partial.fresh();
      await rename(path, away);
      await this.#partial.remove(away);
    } catch (error) {
      if (systemCode(error) === "EXDEV" || systemCode(error) === "EBUSY") {
        return rmSync(path, { recursive: true, force: true });
      }
      throw fsError(error, path, "remove the volume");
    }
  }
}
