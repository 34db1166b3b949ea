import { lstat, mkdir, open, readlink, rename, rm, stat, symlink } from "node:fs/promises";
import { createWriteStream } from "node:fs";
import { dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { LigaseError } from "../kernel/index.ts";
import { active } from "./activity.ts";
import { openContent } from "./content.ts";
import { copyOne, copyTree, counting, eachOf } from "./copy.ts";
import { fsError, systemCode } from "./fs-error.ts";
import { localPath, type Located } from "./located.ts";
import { isRemote, parseLocation } from "./location.ts";
import { walk } from "./walk.ts";
import { currentActivities } from "./work-dir.ts";
import { temporaryName } from "./write.ts";

const PIECE = 1 << 20;

/** Compares two files byte by byte; sizes first. A destination that is a link counts as different. */
async function sameContent(a: string, b: string): Promise<boolean> {
  const [statA, statB] = await Promise.all([stat(a), lstat(b).catch(() => undefined)]);
  if (!statB?.isFile() || statA.size !== statB.size) return false;
  if (statA.dev === statB.dev && statA.ino === statB.ino) return a === b;
  await using fileA = await open(a);
  await using fileB = await open(b);
  const [pieceA, pieceB] = [Buffer.allocUnsafe(PIECE), Buffer.allocUnsafe(PIECE)];
  for (let at = 0; at < statA.size;) {
    const [readA, readB] = await Promise.all([fileA.read(pieceA, 0, PIECE, at), fileB.read(pieceB, 0, PIECE, at)]);
    const length = Math.min(readA.bytesRead, readB.bytesRead);
    if (length === 0 || pieceA.compare(pieceB, 0, length, 0, length) !== 0) return false;
    at += length;
  }
  return true;
}

/** Puts a copy of one file at a path, unless it is there already. */
async function place(from: string, to: string): Promise<void> {
  if (from === to || (await sameContent(from, to))) return;
  const publishing = currentActivities().begin("publish", to, (await stat(from)).size);
  await active(publishing, (activity) => replace(to, (temporary) => copyOne(from, temporary, "reflink", activity)));
}

/** Makes something beside its place and renames it. */
async function replace(to: string, make: (temporary: string) => Promise<unknown>): Promise<void> {
  const temporary = join(dirname(to), temporaryName());
  try {
    await mkdir(dirname(to), { recursive: true });
    await make(temporary);
    await rename(temporary, to);
  } catch (error) {
    await rm(temporary, { recursive: true, force: true }).catch(() => {});
    throw error;
  }
}

/**
 * The name of a sidecar beside its file under another name, so that tools find it: `ref.fa` and
 * `ref.fa.bwt` become `x.fa` and `x.fa.bwt`; `s1.bam` and `s1.bai` become `x.bam` and `x.bai`.
 */
export function sidecarName(sidecar: string, file: string, renamed: string): string {
  if (sidecar.startsWith(`${file}.`)) return renamed + sidecar.slice(file.length);
  const stem = (name: string) => (name.lastIndexOf(".") > 0 ? name.slice(0, name.lastIndexOf(".")) : name);
  return sidecar.startsWith(`${stem(file)}.`) ? stem(renamed) + sidecar.slice(stem(file).length) : sidecar;
}

/** Where a published file or directory goes: a path, or in a folder, by its name, when the destination ends in `/`. */
export function publishTarget(name: string, destination: string): string {
  const path = parseLocation(destination);
  if (!isRemote(path)) return destination.endsWith("/") ? join(path, name) : path;
  throw new LigaseError("LIGASE_E_LOCATION", `cannot publish to ${destination}: it is a URL`, {
    facts: { destination },
    mend: "give a path",
  });
}

/** Where a published file goes: as {@link publishTarget}, and into a folder that is there also without the `/`. */
export async function publishFileTarget(name: string, destination: string): Promise<string> {
  const path = publishTarget(name, destination);
  return (await stat(path).catch(() => undefined))?.isDirectory() ? join(path, name) : path;
}

/** Puts a copy of a file's content at a path, unless it is there already. */
export async function publishContent(file: Located, to: string): Promise<void> {
  const from = localPath(file);
  try {
    if (from !== undefined) await place(from, to);
    else {
      await active(currentActivities().begin("publish", to), (activity) =>
        replace(to, async (temporary) =>
          pipeline(await openContent(file), counting(activity), createWriteStream(temporary)),
        ),
      );
    }
  } catch (error) {
    const missing = systemCode(error) === "ENOENT" && from !== undefined && !(await stat(from).catch(() => undefined));
    throw missing ? fsError(error, from, "publish") : fsError(error, to, "publish to");
  }
}

/** Puts a copy of a directory at a path: whole where there is none, else file by file. */
export async function publishTree(from: string, to: string): Promise<void> {
  if (to === from) return;
  if (to.startsWith(`${from}/`)) {
    throw new LigaseError("LIGASE_E_LOCATION", `cannot publish ${from} into itself, to ${to}`, {
      facts: { path: from, destination: to },
      mend: "choose a folder outside of it",
    });
  }
  try {
    if (await lstat(to).catch(() => undefined)) await merge(from, to);
    else {
      await active(currentActivities().begin("publish", to), (activity) =>
        replace(to, (temporary) => copyTree(from, temporary, "reflink", activity)),
      );
    }
  } catch (error) {
    throw fsError(error, to, "publish to");
  }
}

/** Brings a folder that people may keep other things in up to date, file by file. */
async function merge(from: string, to: string): Promise<void> {
  await eachOf(await walk(from), async ({ kind, path }) => {
    const [source, target] = [join(from, path), join(to, path)];
    if (kind === "dir") await mkdir(target, { recursive: true });
    else if (kind === "file") await place(source, target);
    else if (kind === "link") {
      const goal = await readlink(source);
      const there = await readlink(target).catch(() => undefined);
      if (there !== goal) await replace(target, (temporary) => symlink(goal, temporary));
    }
  });
}
