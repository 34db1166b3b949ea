import { lstatSync, readdirSync, readlinkSync } from "node:fs";
import { join } from "node:path";

/** Made anew in every sandbox. */
const FRESH = new Set(["proc", "dev", "sys", "tmp"]);

/** What stands at the top of a root file system, as it is put into a sandbox. */
type TopEntry =
  | { readonly kind: "link"; readonly target: string }
  | { readonly kind: "empty" }
  | { readonly kind: "whole" };

/**
 * Shows a root file system read-only, with room for mount points anywhere in it, though nothing can be made in it: the
 * sandbox's own root is a fresh memory file system into which the entries of the root are bound. A folder in which a mount
 * point is missing is made there as well, and its entries are bound one by one.
 *
 * Measured: 4.3 ms for a `true`, where a bind of the whole root takes 4.0 (five binds instead of one).
 */
export class RootView {
  readonly #root: string;
  readonly #listed = new Map<string, ReadonlyMap<string, TopEntry>>();

  constructor(root: string) {
    this.#root = root;
  }

  /**
   * Arguments for bubblewrap.
   *
   * @param points - where something will be mounted: absolute, without links
   */
  args(points: readonly string[]): readonly string[] {
    const args: string[] = [];
    this.#show("", points, args);
    return args;
  }

  /** Is there something at this path already? */
  has(at: string): boolean {
    const folder = at.slice(0, at.lastIndexOf("/"));
    return this.#entries(folder).has(at.slice(at.lastIndexOf("/") + 1));
  }

  #show(folder: string, points: readonly string[], args: string[]): void {
    for (const [name, entry] of this.#entries(folder)) {
      const at = `${folder}/${name}`;
      if (folder === "" && FRESH.has(name)) continue;
      if (entry.kind === "link") args.push("--symlink", entry.target, at);
      else if (entry.kind === "empty") args.push("--dir", at);
      else if (this.#mustOpen(at, points)) {
        args.push("--dir", at);
        this.#show(at, points, args);
      } else args.push("--ro-bind", join(this.#root, at), at);
    }
  }

  /** Whether a mount point below a folder is not there, so that it must be made. */
  #mustOpen(at: string, points: readonly string[]): boolean {
    return points.some((point) => point.startsWith(`${at}/`) && !this.#exists(point));
  }

  #exists(point: string): boolean {
    const parts = point.split("/").slice(1);
    let folder = "";
    for (const part of parts) {
      if (!this.#entries(folder).has(part)) return false;
      folder += `/${part}`;
    }
    return true;
  }

  #entries(folder: string): ReadonlyMap<string, TopEntry> {
    let entries = this.#listed.get(folder);
    if (entries === undefined) {
      entries = new Map(listFolder(join(this.#root, folder), folder === ""));
      this.#listed.set(folder, entries);
    }
    return entries;
  }
}

function listFolder(path: string, isTop: boolean): [string, TopEntry][] {
  let entries;
  try {
    entries = readdirSync(path, { withFileTypes: true });
  } catch {
    return [];
  }
  return entries.map((entry) => {
    const own = join(path, entry.name);
    if (entry.isSymbolicLink()) return [entry.name, { kind: "link", target: readlinkSync(own) }];
    // A bind costs 60 µs, a folder nothing: half of what stands at the top of a Debian is empty.
    const isEmpty = isTop && entry.isDirectory() && lstatSync(own).nlink === 2 && readdirSync(own).length === 0;
    return [entry.name, { kind: isEmpty ? "empty" : "whole" }];
  });
}
