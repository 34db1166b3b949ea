import { closeSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync, writeSync } from "node:fs";
import { basename, dirname, join } from "node:path";

/**
 * Writes a file that is whole, or not there: beside its place first, and renamed when all of it is on the disk.
 *
 * @param check - called before it appears; what it throws leaves nothing behind
 */
export async function writeWhole(path: string, text: string, check: () => Promise<void>): Promise<void> {
  mkdirSync(dirname(path), { recursive: true });
  const temporary = join(dirname(path), `.${basename(path)}.${process.pid}.part`);
  try {
    const file = openSync(temporary, "wx", 0o644);
    try {
      writeSync(file, text);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    await check();
    renameSync(temporary, path);
  } finally {
    rmSync(temporary, { force: true });
  }
}
