import { chmodSync, lstatSync, mkdirSync, readdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { newId } from "../kernel/index.ts";
import { type Place, TRASH } from "./inventory.ts";

/**
 * Moves something to the trash in one step, if it is still what it was when it was looked at: another may have come to
 * its place meanwhile.
 *
 * @returns whether it is there now
 */
export function discard(place: Place, storeDir: string): boolean {
  if (inodeOf(place.path) !== place.inode) return false;
  const trash = join(storeDir, TRASH);
  mkdirSync(trash, { recursive: true });
  const to = join(trash, newId());
  try {
    renameSync(place.path, to);
  } catch {
    return false; // it went by itself
  }
  if (inodeOf(to) === place.inode) return true;
  // It came in the very moment between.
  renameSync(to, place.path);
  return false;
}

/** Removes a tree, also what a tool has made read-only. Answers whether it is gone. */
export function removeTree(path: string): boolean {
  for (const attempt of [removeNow, removeClosed]) {
    try {
      attempt(path);
      return true;
    } catch {
      // the next one tries harder
    }
  }
  return false;
}

const removeNow = (path: string): void => rmSync(path, { recursive: true, force: true, maxRetries: 2 });

function removeClosed(path: string): void {
  const folders = [path];
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    chmodSync(folder, 0o700);
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      if (entry.isDirectory()) folders.push(join(folder, entry.name));
    }
  }
  removeNow(path);
}

const inodeOf = (path: string): number | undefined => lstatSync(path, { throwIfNoEntry: false })?.ino;
