import { constants, renameSync, statSync } from "node:fs";
import { copyFile, lstat, mkdir, readlink, symlink, utimes } from "node:fs/promises";
import { dirname, join } from "node:path";
import { Transform } from "node:stream";
import { LigaseError } from "../kernel/index.ts";
import { active, type Activities, type Activity, noActivities } from "./activity.ts";
import { systemCode } from "./fs-error.ts";
import { walk } from "./walk.ts";

/**
 * How a copy is made. `reflink`: shares blocks until either is changed, where the file system can
 * (btrfs, XFS, APFS), else the bytes are copied. `copy`: the bytes, always.
 */
export type CopyMode = "reflink" | "copy";

/** How often a file that is being copied is looked at. */
const LOOK_MS = 200;

/** Copies one file with its mode and times. Links are followed. */
export async function copyOne(
  from: string,
  to: string,
  mode: CopyMode = "reflink",
  activity?: Activity,
): Promise<void> {
  const copying = copyFile(from, to, mode === "reflink" ? constants.COPYFILE_FICLONE : 0);
  await (activity ? watched(copying, to, activity) : copying);
  const { atimeMs, mtimeMs } = await lstat(from);
  // Tools compare the times of a file and its index.
  await utimes(to, atimeMs / 1000, mtimeMs / 1000);
}

/** Tells how a file grows: the system copies it without a word. */
async function watched(copying: Promise<void>, to: string, activity: Activity): Promise<void> {
  let seen = 0;
  const look = (): void => {
    const size = statSync(to, { throwIfNoEntry: false })?.size ?? seen;
    activity.moved(Math.max(0, size - seen));
    seen = Math.max(seen, size);
  };
  const timer = setInterval(look, LOOK_MS);
  try {
    await copying;
    look();
  } finally {
    clearInterval(timer);
  }
}

/** Tells what flows through it. */
export function counting(activity: Activity): Transform {
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      activity.moved(chunk.length);
      done(null, chunk);
    },
  });
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
export async function copyTree(
  from: string,
  to: string,
  mode: CopyMode = "reflink",
  activity?: Activity,
): Promise<void> {
  const entries = await walk(from);
  await mkdir(to, { recursive: true });
  const folders = new Set<string>();
  for (const entry of entries) folders.add(entry.kind === "dir" ? entry.path : dirname(entry.path));
  for (const folder of folders) if (folder !== ".") await mkdir(join(to, folder), { recursive: true });
  await eachOf(entries, async ({ kind, path }) => {
    if (kind === "file") await copyOne(join(from, path), join(to, path), mode, activity);
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
export async function moveOrCopy(from: string, to: string, activities: Activities = noActivities): Promise<boolean> {
  try {
    // Synchronous: 15 µs, where the asynchronous call takes 100.
    renameSync(from, to);
    return true;
  } catch (error) {
    if (systemCode(error) !== "EXDEV") throw error;
    const stats = await lstat(from);
    const isFolder = stats.isDirectory();
    await active(activities.begin("keep", from, isFolder ? undefined : stats.size), (activity) =>
      isFolder ? copyTree(from, to, "reflink", activity) : copyOne(from, to, "reflink", activity),
    );
    return false;
  }
}
