import { constants, createReadStream, createWriteStream, fstatSync, statSync } from "node:fs";
import { chmod, copyFile, utimes } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import type { TransferHooks } from "../types.ts";
import { BY_DESCRIPTOR } from "./held.ts";

const LOOK_MS = 200;

/**
 * Copies a file that is open to a path at which there is nothing, with its mode and the time at which it changed. Blocks
 * are shared where the file system can.
 */
export async function copyOpen(fd: number, to: string, { onBytes }: TransferHooks = {}): Promise<void> {
  const { mode, mtimeMs, atimeMs } = fstatSync(fd);
  let seen = 0;
  const look = (): void => {
    const size = statSync(to, { throwIfNoEntry: false })?.size ?? seen;
    if (size > seen) onBytes?.(size - seen);
    seen = Math.max(seen, size);
  };
  const timer = onBytes && setInterval(look, LOOK_MS);
  try {
    if (BY_DESCRIPTOR) {
      await copyFile(`/proc/self/fd/${fd}`, to, constants.COPYFILE_FICLONE | constants.COPYFILE_EXCL);
    } else {
      await pipeline(
        createReadStream("", { fd, autoClose: false, start: 0 }),
        createWriteStream(to, { flags: "wx", mode: mode & 0o777 }),
      );
    }
    look();
  } finally {
    clearInterval(timer);
  }
  // Who owns it here may write to it, whoever owned it there.
  await chmod(to, (mode & 0o777) | 0o600);
  await utimes(to, atimeMs / 1000, mtimeMs / 1000);
}
