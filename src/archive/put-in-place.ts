import { mkdirSync, renameSync } from "node:fs";
import { lstat, readlink, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type Fingerprints, fsError } from "../files/index.ts";
import { crashPoint, newId } from "../kernel/index.ts";
import { FILES, type Manifest } from "./format.ts";
import { unitOf } from "./run-files.ts";
import type { Staging } from "./staging.ts";

/** What a unit (the outputs of one call, or an input) brings: the places of files, links and empty folders in it. */
interface Unit {
  readonly files: { readonly place: string; readonly sha256: string }[];
  readonly links: { readonly path: string; readonly target: string }[];
  readonly folders: string[];
}

/**
 * Moves what an archive brings from where it was unpacked into the store, each unit by one rename. Where there is one
 * already that has all of it, nothing is done; one that has not is completed, file by file.
 *
 * @param wanted - asked for the call that a unit is of
 * @returns how many files are there now that were not before
 */
export async function putInPlace(
  staging: Staging,
  manifest: Manifest,
  storeDir: string,
  wanted: (call: string) => boolean,
  fingerprints: Fingerprints,
): Promise<number> {
  let moved = 0;
  try {
    for (const [at, unit] of unitsOf(manifest)) {
      if (!wanted(at.split("/")[2]!)) continue;
      moved += await putUnit(staging, at, unit, storeDir, fingerprints);
      crashPoint("archive.import.unit");
    }
  } catch (error) {
    throw fsError(error, storeDir, "write");
  }
  return moved;
}

function unitsOf({ members, links, folders }: Manifest): Map<string, Unit> {
  const units = new Map<string, Unit>();
  const unit = (place: string): Unit => {
    const at = unitOf(place);
    let found = units.get(at);
    if (!found) units.set(at, (found = { files: [], links: [], folders: [] }));
    return found;
  };
  for (const { path, sha256 } of members) {
    if (!path.startsWith(FILES)) continue;
    const place = path.slice(FILES.length);
    unit(place).files.push({ place, sha256 });
  }
  for (const link of links) unit(link.path).links.push(link);
  for (const folder of folders) unit(folder).folders.push(folder);
  return units;
}

async function putUnit(
  staging: Staging,
  at: string,
  { files, links, folders }: Unit,
  storeDir: string,
  fingerprints: Fingerprints,
): Promise<number> {
  const to = join(storeDir, at);
  mkdirSync(dirname(to), { recursive: true });
  try {
    renameSync(staging.fileAt(at), to);
    return files.length;
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code !== "ENOTEMPTY" && code !== "EEXIST") throw error;
  }
  let moved = 0;
  for (const { place, sha256 } of files) {
    if (await fingerprints.verify(join(storeDir, place), sha256).catch(() => false)) continue;
    await replace(staging.fileAt(place), join(storeDir, place));
    moved++;
  }
  for (const { path, target } of links) {
    const there = await readlink(join(storeDir, path)).catch(() => undefined);
    if (there !== target) await replace(staging.fileAt(path), join(storeDir, path));
  }
  for (const folder of folders) mkdirSync(join(storeDir, folder), { recursive: true });
  return moved;
}

/** Puts something in its place; a folder that is in the way of a file goes. */
async function replace(from: string, to: string): Promise<void> {
  mkdirSync(dirname(to), { recursive: true });
  const there = await lstat(to).catch(() => undefined);
  if (there?.isDirectory() === true) {
    const away = `${to}.old-${newId()}`;
    await rename(to, away);
    await rm(away, { recursive: true, force: true });
  }
  await rename(from, to);
}
