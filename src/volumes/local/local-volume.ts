import { closeSync, constants, createReadStream, fstatSync, lstatSync, openSync, readdirSync } from "node:fs";
import { mkdir, open, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Readable } from "node:stream";
import { fsError, systemCode } from "../../files/fs-error.ts";
import { byPath } from "../../files/walk.ts";
import { temporaryName } from "../../files/write.ts";
import { crashPoint } from "../../kernel/index.ts";
import { joined } from "../path.ts";
import type { TransferHooks, VolumeEntry, VolumeStorage } from "../types.ts";
import { copyOpen } from "./copy-file.ts";
import { entryOf } from "./entry.ts";
import { isAbsent, itself, missing, special, volumeError } from "./errors.ts";
import type { HeldFolder } from "./held.ts";
import { Partial } from "./partial.ts";
import { removeTree } from "./remove-tree.ts";
import { folderAt, type Spot, wayInto } from "./walk-in.ts";

/** A file that is being written beside its place, by tasks too. */
const TEMPORARY = /^\.ligase-[0-9a-z]{13}\.tmp$/;

/** A volume that is a folder of this machine. */
export class LocalVolume implements VolumeStorage {
  readonly name: string;
  /** Its folder: absolute. */
  readonly root: string;
  readonly #partial: Partial;

  constructor(name: string, root: string, partial = new Partial(dirname(root))) {
    this.name = name;
    this.root = root;
    this.#partial = partial;
  }

  async stat(path: string, follow = true): Promise<VolumeEntry | undefined> {
    let spot: Spot;
    try {
      spot = wayInto(this.name, this.root, path, { follow });
    } catch (error) {
      if (isAbsent(error)) return undefined;
      throw volumeError(error, this.name, path, "look at");
    }
    try {
      const { folder, name } = spot;
      const stats = name === "" ? fstatSync(folder.fd) : lstatSync(folder.at(name), { throwIfNoEntry: false });
      return stats && entryOf(path, stats);
    } catch (error) {
      throw volumeError(error, this.name, path, "look at");
    } finally {
      spot.folder.close();
    }
  }

  async list(path: string): Promise<readonly VolumeEntry[]> {
    return this.#doing("list", path, () => {
      const folder = folderAt(this.name, this.root, path);
      try {
        const names = readdirSync(folder.here).filter((name) => !TEMPORARY.test(name));
        return names.flatMap((name) => this.#entry(folder, path, name) ?? []).sort(byPath);
      } finally {
        folder.close();
      }
    });
  }

  #entry(folder: HeldFolder, path: string, name: string): VolumeEntry | undefined {
    // What goes while it is looked at was never there.
    const stats = lstatSync(folder.at(name), { throwIfNoEntry: false });
    if (!stats) return undefined;
    const entry = entryOf(joined(path, name), stats);
    const target = stats.isSymbolicLink() ? folder.linkAt(name) : undefined;
    return target === undefined ? entry : { ...entry, target };
  }

  async read(path: string): Promise<Readable> {
    return this.#doing("read", path, () => createReadStream("", { fd: this.#openFile(path), start: 0 }));
  }

  async write(path: string, content: AsyncIterable<Uint8Array>, { onBytes }: TransferHooks = {}): Promise<void> {
    await this.#take(path, async (temporary) => {
      const file = await open(temporary, "wx", 0o666);
      try {
        for await (const piece of content) {
          await file.writeFile(piece);
          onBytes?.(piece.length);
        }
      } finally {
        await file.close();
      }
    });
  }

  async put(local: string, path: string, hooks: TransferHooks = {}): Promise<void> {
    const file = await open(local, constants.O_RDONLY | constants.O_NONBLOCK).catch((error: unknown) => {
      throw fsError(error, local, "read");
    });
    try {
      if (!(await file.stat()).isFile()) throw special(local);
      await this.#take(path, (temporary) => copyOpen(file.fd, temporary, hooks));
    } finally {
      await file.close();
    }
  }

  async get(path: string, local: string, hooks: TransferHooks = {}): Promise<void> {
    const fd = await this.#doing("read", path, () => this.#openFile(path));
    const temporary = join(dirname(local), temporaryName());
    try {
      await mkdir(dirname(local), { recursive: true });
      await copyOpen(fd, temporary, hooks);
      crashPoint("volumes.get");
      await rename(temporary, local);
    } catch (error) {
      await rm(temporary, { force: true }).catch(() => {});
      throw fsError(error, local, "write");
    } finally {
      closeSync(fd);
    }
  }

  async copy(path: string, to: VolumeStorage, toPath: string, hooks: TransferHooks = {}): Promise<void> {
    if (!(to instanceof LocalVolume)) return to.write(toPath, await this.read(path), hooks);
    const fd = await this.#doing("read", path, () => this.#openFile(path));
    try {
      await to.#take(toPath, (temporary) => copyOpen(fd, temporary, hooks));
    } finally {
      closeSync(fd);
    }
  }

  async move(path: string, toPath: string): Promise<void> {
    await this.#doing("move", path, async () => {
      if (path === "" || toPath === "") throw itself(this.name, "moved");
      if (toPath.startsWith(`${path}/`)) throw Object.assign(new Error("into itself"), { code: "EINVAL" });
      const from = wayInto(this.name, this.root, path, { follow: false });
      try {
        if (from.name === "") throw itself(this.name, "moved");
        // What is not there makes no folders.
        if (!lstatSync(from.folder.at(from.name), { throwIfNoEntry: false })) throw missing();
        const to = wayInto(this.name, this.root, toPath, { create: true, follow: false });
        try {
          if (to.name === "") throw itself(this.name, "replaced");
          await rename(from.folder.at(from.name), to.folder.at(to.name));
        } finally {
          to.folder.close();
        }
      } finally {
        from.folder.close();
      }
    });
  }

  async makeFolder(path: string): Promise<void> {
    await this.#doing("make", path, () => folderAt(this.name, this.root, path, { create: true }).close());
  }

  async remove(path: string): Promise<void> {
    await this.#doing("remove", path, async () => {
      if (path === "") throw itself(this.name, "removed so");
      const { folder, name } = wayInto(this.name, this.root, path, { follow: false });
      try {
        if (name === "") throw itself(this.name, "removed so");
        const stats = lstatSync(folder.at(name), { throwIfNoEntry: false });
        if (!stats) throw missing();
        // A folder goes in one step.
        if (stats.isDirectory()) await this.#discard(folder, name);
        else removeTree(folder, name);
      } finally {
        folder.close();
      }
    });
  }

  async #discard(folder: HeldFolder, name: string): Promise<void> {
    const away = this.#partial.fresh();
    try {
      await rename(folder.at(name), away);
    } catch (error) {
      // It is on another disk, or a disk of its own.
      if (systemCode(error) !== "EXDEV" && systemCode(error) !== "EBUSY") throw error;
      return removeTree(folder, name);
    }
    await this.#partial.remove(away);
  }

  /** Opens a file to read it, if it is one: a pipe would be waited for without end. */
  #openFile(path: string): number {
    const { folder, name } = wayInto(this.name, this.root, path);
    try {
      if (name === "") throw Object.assign(new Error("a folder"), { code: "EISDIR" });
      const fd = openSync(folder.at(name), constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
      const stats = fstatSync(fd);
      if (stats.isFile()) return fd;
      closeSync(fd);
      throw stats.isDirectory() ? Object.assign(new Error("a folder"), { code: "EISDIR" }) : special(path);
    } finally {
      folder.close();
    }
  }

  /** Lets a file be written, and puts it into its place. */
  async #take(path: string, fill: (temporary: string) => Promise<void>): Promise<void> {
    await this.#doing("write", path, async () => {
      if (path === "") throw Object.assign(new Error("a folder"), { code: "EISDIR" });
      // Looked at first: nothing is copied that has no place to go to.
      const spot = wayInto(this.name, this.root, path, { create: true });
      try {
        if (spot.name === "" || lstatSync(spot.folder.at(spot.name), { throwIfNoEntry: false })?.isDirectory()) {
          throw Object.assign(new Error("a folder"), { code: "EISDIR" });
        }
        const temporary = this.#partial.fresh();
        try {
          await fill(temporary);
          crashPoint("volumes.write");
          await this.#partial.place(temporary, spot.folder, spot.name);
        } catch (error) {
          await rm(temporary, { force: true }).catch(() => {});
          throw error;
        }
      } finally {
        spot.folder.close();
      }
    });
  }

  async #doing<T>(what: string, path: string, work: () => T | Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw volumeError(error, this.name, path, what);
    }
  }
}
