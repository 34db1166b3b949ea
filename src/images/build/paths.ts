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
  for (let part = open.pop(); part !== undefined; part = open.pop()) {
    if (part === "" || part === ".") continue;
    if (part === "..") {
      done.pop();
      continue;
    }
    const link = readLink(join(root, ...done, part));
    if (link === null || ++links > MOST_LINKS) {
      done.push(part);
      continue;
    }
    if (link.startsWith("/")) done.length = 0;
    open.push(...link.split("/").reverse());
  }
  return `/${done.join("/")}`;
}

/** Where a path inside of a root file system is on this machine. */
export function onHost(root: string, at: string): string {
  return join(root, resolveInside(root, at));
}

function readLink(path: string): string | null {
  try {
    return lstatSync(path).isSymbolicLink() ? readlinkSync(path) : null;
  } catch {
    return null;
  }
}
