import { existsSync, mkdirSync, readdirSync } from "node:fs";
import { copyFile, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { systemCode } from "../../files/fs-error.ts";
import { temporaryName } from "../../files/write.ts";
import { newId } from "../../kernel/index.ts";
import { HeldFolder } from "./held.ts";
import { removeTree } from "./remove-tree.ts";

const PARTIAL = ".partial";

/**
 * Where files are written before they appear in a volume, and where folders go before they are removed: beside the
 * volumes, so that nobody ever sees a part of one. What a process leaves there that was killed, the next one removes.
 */
export class Partial {
  readonly #dir: string;
  #swept = false;

  /** @param volumesDir - the folder of all volumes of a store */
  constructor(volumesDir: string) {
    this.#dir = join(volumesDir, PARTIAL);
  }

  /** A path that nothing is at. */
  fresh(): string {
    mkdirSync(this.#dir, { recursive: true, mode: 0o700 });
    if (!this.#swept) this.#sweep();
    return join(this.#dir, `${process.pid}-${newId()}`);
  }

  /** Puts what was written here into its place, in one step. */
  async place(path: string, folder: HeldFolder, name: string): Promise<void> {
    try {
      await rename(path, folder.at(name));
      return;
    } catch (error) {
      if (systemCode(error) !== "EXDEV") throw error;
    }
    // The volume, or a folder in it, is on another disk.
    const beside = folder.at(temporaryName());
    try {
      await copyFile(path, beside);
      await rename(beside, folder.at(name));
    } catch (error) {
      await rm(beside, { force: true });
      throw error;
    }
    await rm(path, { force: true });
  }

  /** Removes what went here, with all that is in it. */
  async remove(path: string): Promise<void> {
    const dir = HeldFolder.open(this.#dir);
    try {
      removeTree(dir, basename(path));
    } finally {
      dir.close();
    }
  }

  #sweep(): void {
    this.#swept = true;
    // It goes on without anybody waiting for it: what it leaves, the next one finds.
    for (const path of leftBehind(dirname(this.#dir))) void rm(path, { recursive: true, force: true }).catch(() => {});
  }
}

/**
 * What processes that were killed had begun to write to volumes, or to remove from them.
 *
 * @param volumesDir - the folder of all volumes of a store
 */
export function leftBehind(volumesDir: string): readonly string[] {
  const dir = join(volumesDir, PARTIAL);
  if (!existsSync(dir)) return [];
  return readdirSync(dir).flatMap((name) => {
    const pid = Number(/^(\d+)-/.exec(name)?.[1]);
    return pid > 0 && !isAlive(pid) ? [join(dir, name)] : [];
  });
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return systemCode(error) !== "ESRCH";
  }
}
