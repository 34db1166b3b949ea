import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { LigaseError } from "../kernel/index.ts";
import { fsError } from "./fs-error.ts";

/** One thing in a directory tree. Directories are told of only when they are empty. */
export interface WalkEntry {
  /** Relative to where the walk started, with `/`. */
  readonly path: string;
  readonly kind: "file" | "link" | "dir" | "other";
}

/** Sorts by UTF-16 code units: the same on every machine, whatever its locale. */
export function byPath(a: { readonly path: string }, b: { readonly path: string }): number {
  return a.path < b.path ? -1 : a.path > b.path ? 1 : 0;
}

/**
 * Everything in a directory tree, sorted by path; links are not followed.
 *
 * @param enter - asked before a sub-directory is read, with its relative path
 * @throws LigaseError `LIGASE_E_NO_FILE` when it does not exist, `LIGASE_E_FILE_NAME` for a name that is not UTF-8
 */
export async function walk(root: string, enter?: (folder: string) => boolean): Promise<WalkEntry[]> {
  const found: WalkEntry[] = [];
  const folders = [""];
  // Not in recursion: a tree may be deep.
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    const at = folder === "" ? root : join(root, folder);
    const entries = await readdir(at, { withFileTypes: true }).catch((error: unknown) => {
      throw fsError(error, at, "read");
    });
    if (entries.length === 0 && folder !== "") found.push({ path: folder, kind: "dir" });
    for (const entry of entries) {
      if (entry.name.includes("\uFFFD")) refuseName(at, entry.name);
      const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
      if (!entry.isDirectory()) {
        found.push({ path, kind: entry.isFile() ? "file" : entry.isSymbolicLink() ? "link" : "other" });
      } else if (!enter || enter(path)) folders.push(path);
    }
  }
  return found.sort(byPath);
}

/** @throws LigaseError `LIGASE_E_FILE_NAME`: a name that is not UTF-8 cannot be recorded */
export function refuseName(folder: string, name: string): never {
  throw new LigaseError("LIGASE_E_FILE_NAME", `${folder} holds a file whose name is not UTF-8: ${name}`, {
    facts: { path: folder, name },
    mend: "rename it (convmv turns old encodings into UTF-8)",
  });
}
