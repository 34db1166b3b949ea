import { closeSync, constants, fstatSync, lstatSync, openSync, readlinkSync, realpathSync, statSync } from "node:fs";
import { join } from "node:path";

/** Does a path through a descriptor lead to what that has open? */
export const BY_DESCRIPTOR =
  process.platform === "linux" && statSync("/proc/self/fd", { throwIfNoEntry: false }) !== undefined;

const { O_DIRECTORY, O_NOFOLLOW, O_RDONLY } = constants;

/**
 * A folder that is held open, so that what is done to a name in it happens in this folder and no other, whatever its
 * path leads to by then. Node knows no `openat`; on Linux a path through `/proc/self/fd` is the same. Elsewhere it is
 * the path of the folder, which is looked at once more when it has been opened: between that and its use somebody who
 * writes to the volume at that moment could still put a link in its place.
 */
export class HeldFolder {
  readonly fd: number;
  readonly #path: string;

  private constructor(fd: number, path: string) {
    this.fd = fd;
    this.#path = path;
  }

  /** Opens a folder by a path that is trusted. */
  static open(path: string): HeldFolder {
    return new HeldFolder(openSync(path, O_RDONLY | O_DIRECTORY), realpathSync(path));
  }

  /**
   * Opens a folder in this one. A link is none, wherever it leads.
   *
   * @throws the error of the system: `ENOTDIR` or `ELOOP` for what is no folder, `ENOENT`
   */
  enter(name: string): HeldFolder {
    const path = join(this.#path, name);
    const fd = openSync(this.at(name), O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
    if (!BY_DESCRIPTOR) {
      const [held, seen] = [fstatSync(fd), lstatSync(path, { throwIfNoEntry: false })];
      if (held.ino !== seen?.ino || realpathSync(path) !== path) {
        closeSync(fd);
        throw Object.assign(new Error(`${path} changed while it was opened`), { code: "ELOOP" });
      }
    }
    return new HeldFolder(fd, path);
  }

  /** The folder itself, as a path for a system call. */
  get here(): string {
    return BY_DESCRIPTOR ? `/proc/self/fd/${this.fd}/.` : this.#path;
  }

  /** A name in it, as a path for a system call that must not follow a link there. */
  at(name: string): string {
    return BY_DESCRIPTOR ? `/proc/self/fd/${this.fd}/${name}` : join(this.#path, name);
  }

  /** Where the link of this name says that it leads; nothing where it is none. */
  linkAt(name: string): string | undefined {
    try {
      return readlinkSync(this.at(name));
    } catch {
      return undefined;
    }
  }

  close(): void {
    closeSync(this.fd);
  }
}
