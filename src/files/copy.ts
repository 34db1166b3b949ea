import { constants, renameSync } from "node:fs";
import { copyFile, lstat, mkdir, readlink, symlink, utimes } from "node:fs/promises";
import { dirname, join } from "node:path";
import { LigaseError } from "../kernel/index.ts";
import { systemCode } from "./fs-error.ts";
import { walk } from "./walk.ts";

/**
 * How a copy is made. `reflink`: shares blocks until either is changed, where the file system can
 * (btrfs, XFS, APFS), else the bytes are copied. `copy`: the bytes, always.
 */
export type CopyMode = "reflink" | "copy";

/** Copies one file with its mode and times. Links are followed. */
export async function copyOne(from: string, to: string, mode: CopyMode = "reflink"): Promise<void> {
  await copyFile(from, to, mode === "reflink" ? constants.COPYFILE_FICLONE : 0);
  const { atimeMs, mtimeMs } = await lstat(from);
  // Tools compare the times of a file and its index.
  await utimes(to, atimeMs / 1000, mtimeMs / 1000);
}

/** Runs work on each item, a few at a time. */
export async function eachOf<T>(items: readonly T[], work: (item: T) => Promise<unknown>, atOnce = 16): Promise<void> {
  let next = 0;
  const lane = async () => {
    while (next < items.length) await work(items[next++]!);
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, lane));
}

/** Copies a directory with all that is in it; links inside are copied as links. */
export async function copyTree(from: string, to: string, mode: CopyMode = "reflink"): Promise<void> {
  const entries = await walk(from);
  await mkdir(to, { recursive: true });
  const folders = new Set<string>();
  for (const entry of entries) folders.add(entry.kind === "dir" ? entry.path : dirname(entry.path));
  for (const folder of folders) if (folder !== ".") await mkdir(join(to, folder), { recursive: true });
  await eachOf(entries, async ({ kind, path }) => {
    if (kind === "file") await copyOne(join(from, path), join(to, path), mode);
    else if (kind === "link") await symlink(await readlink(join(from, path)), join(to, path));
    else if (kind === "other") {
      throw new LigaseError("LIGASE_E_SPECIAL_FILE", `${join(from, path)} is no regular file and cannot be copied`, {
        facts: { path: join(from, path) },
        mend: "a pipe, socket or device cannot be an input or output: remove it",
      });
    }
  });
}

/**
 * Brings a file or directory to another place: by rename, or across devices by a copy, which
 * leaves the original where it is.
 *
 * @returns whether it was renamed
 */
export async function moveOrCopy(from: string, to: string): Promise<boolean> {
  try {
    // Synchronous: 15 µs, where the asynchronous call takes 100.
    renameSync(from, to);
    return true;
  } catch (error) {
    if (systemCode(error) !== "EXDEV") throw error;
    if ((await lstat(from)).isDirectory()) await copyTree(from, to);
    else await copyOne(from, to);
    return false;
  }
}
