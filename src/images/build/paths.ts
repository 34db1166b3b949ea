import { lstatSync, readlinkSync } from "node:fs";
import { join } from "node:path";

/** Links on one way, at most: more is a circle. */
const MOST_LINKS = 40;

/**
 * Where a path inside of a root file system leads, links followed as they lead inside: the result never leaves the root,
 * whatever links an image holds. What does not exist is taken as it is written.
 *
 * @param at - absolute, as it is inside
 * @returns absolute, as it is inside, free of links
 */
export function resolveInside(root: string, at: string): string {
  const open = at.split("/").reverse();
  const done: string[] = [];
  let links = 0;
  /** How much of the way is not there: nothing below it can be a link. Each look costs 2 µs, and every job has some ways. */
  let missing = 0;
  for (let part = open.pop(); part !== undefined; part = open.pop()) {
    if (part === "" || part === ".") continue;
    if (part === "..") {
      done.pop();
      missing = Math.max(0, missing - 1);
      continue;
    }
    const link = missing > 0 ? undefined : readLink(join(root, ...done, part));
    if (typeof link !== "string" || ++links > MOST_LINKS) {
      if (link === undefined) missing++;
      done.push(part);
      continue;
    }
    // It is there, so all above it is.
    if (link.startsWith("/")) done.length = 0;
    open.push(...link.split("/").reverse());
  }
  return `/${done.join("/")}`;
}

/** Where a path inside of a root file system is on this machine. */
export function onHost(root: string, at: string): string {
  return join(root, resolveInside(root, at));
}

/** Where a link leads; null for what is none; nothing for what is not there. */
function readLink(path: string): string | null | undefined {
  try {
    const stat = lstatSync(path, { throwIfNoEntry: false });
    if (stat === undefined) return undefined;
    return stat.isSymbolicLink() ? readlinkSync(path) : null;
  } catch {
    // A file stands where a folder should.
    return undefined;
  }
}
