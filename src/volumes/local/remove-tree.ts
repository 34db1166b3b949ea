import { lstatSync, readdirSync, rmdirSync, unlinkSync } from "node:fs";
import { systemCode } from "../../files/fs-error.ts";
import type { HeldFolder } from "./held.ts";

/** Removes what has a name in a folder, with all below it. Links are removed, not followed; what is gone already counts as removed. */
export function removeTree(folder: HeldFolder, name: string): void {
  const stats = lstatSync(folder.at(name), { throwIfNoEntry: false });
  if (!stats) return;
  if (!stats.isDirectory()) return gone(() => unlinkSync(folder.at(name)));
  const inner = folder.enter(name);
  try {
    for (const each of readdirSync(inner.here)) removeTree(inner, each);
  } finally {
    inner.close();
  }
  gone(() => rmdirSync(folder.at(name)));
}

function gone(remove: () => void): void {
  try {
    remove();
  } catch (error) {
    if (systemCode(error) !== "ENOENT") throw error;
  }
}
