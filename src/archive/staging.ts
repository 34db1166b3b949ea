import { mkdirSync, readdirSync, rmdirSync, rmSync } from "node:fs";
import { chmod, mkdir, open, symlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fsError } from "../files/index.ts";
import { newId } from "../kernel/index.ts";
import { FILES, type Member, ROWS } from "./format.ts";
import { eachMember, type OpenArchive } from "./open.ts";

/** Where archives are unpacked before anything of them is recorded: in the store, so that files are moved, not copied. */
const FOLDER = "imports";

/** An archive, unpacked beside a store, every member of it checked. */
export class Staging {
  readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
  }

  /**
   * Unpacks an archive. What an earlier import left, that was killed, is removed.
   *
   * @param onBytes - hears how many more bytes of files were written
   * @throws LigaseError what `eachMember` raises; `LIGASE_E_DISK_FULL`, `LIGASE_E_READ_ONLY`, `LIGASE_E_PERMISSION`
   */
  static async unpack(archive: OpenArchive, storeDir: string, onBytes: (bytes: number) => void): Promise<Staging> {
    const all = join(storeDir, FOLDER);
    clean(all);
    const staging = new Staging(join(all, `${process.pid}-${newId()}`));
    try {
      await eachMember(archive, (member, content) => staging.#write(member, content, onBytes));
      for (const folder of archive.manifest.folders) await mkdir(staging.fileAt(folder), { recursive: true });
      // Links come last, so that nothing is ever written through one.
      for (const { path, target } of archive.manifest.links) {
        await mkdir(dirname(staging.fileAt(path)), { recursive: true });
        await symlink(target, staging.fileAt(path));
      }
      return staging;
    } catch (error) {
      staging.remove();
      throw fsError(error, staging.folder, "write");
    }
  }

  /** The rows, as a file of lines. */
  get rows(): string {
    return join(this.folder, ROWS);
  }

  /** Where a file is that belongs at this place of the store. */
  fileAt(place: string): string {
    return join(this.folder, FILES, place);
  }

  /** Where a module of the program is. */
  moduleAt(member: string): string {
    return join(this.folder, member);
  }

  /** Removes it, and the folder of all imports if there is no other. */
  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
    try {
      rmdirSync(dirname(this.folder));
    } catch {
      // Another import goes on.
    }
  }

  async #write(member: Member, content: AsyncIterable<Uint8Array>, onBytes: (bytes: number) => void): Promise<void> {
    const path = join(this.folder, member.path);
    await mkdir(dirname(path), { recursive: true });
    const file = await open(path, "wx");
    try {
      for await (const piece of content) {
        await file.writeFile(piece);
        onBytes(piece.length);
      }
      // Files are on the disk before a row says that they are.
      await file.datasync();
    } finally {
      await file.close();
    }
    if (member.executable === true) await chmod(path, 0o755);
  }
}

/** Removes what imports left whose processes are gone. */
function clean(all: string): void {
  mkdirSync(all, { recursive: true });
  for (const name of readdirSync(all)) {
    const pid = Number(/^(\d+)-/.exec(name)?.[1]);
    if (Number.isInteger(pid) && !isThere(pid)) rmSync(join(all, name), { recursive: true, force: true });
  }
}

function isThere(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Somebody else's process, which may not be signalled, is there.
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}
