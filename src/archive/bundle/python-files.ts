import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { findFiles, syncedTrees } from "../../code/sync/index.ts";
import { isSafePath } from "../safe-path.ts";
import type { Source } from "./sources.ts";

/** The files that functions in Python may read, besides their modules. */
export interface PythonFiles {
  readonly sources: readonly Source[];
  /** What lies among them and may be a secret: it stays where it is. */
  readonly left: readonly string[];
}

/** Names of files in which people keep what is nobody else's business. */
const PRIVATE = /(?:^|\/)(?:\.env(?:\..*)?|\.netrc|\.npmrc|\.pypirc|\.pgpass|id_[a-z0-9]+|.*\.(?:pem|key|p12|pfx))$/i;

/**
 * The files of the project as they are copied for functions in Python: those of the copy that the run had, if it is still
 * there, otherwise as they are now. What `.ligaseignore` names is in neither.
 *
 * @param modules - of the program, as they were
 */
export function pythonFiles(root: string, storeDir: string, modules: readonly Source[]): PythonFiles {
  const python = modules.filter(({ path }) => path.endsWith(".py"));
  if (python.length === 0) return { sources: [], left: [] };
  const isOfRun = (tree: string): boolean =>
    python.every(({ path, bytes }) => existsSync(join(tree, path)) && readFileSync(join(tree, path)).equals(bytes));
  const folder = syncedTrees(storeDir).find(isOfRun) ?? root;
  const { files, links } = findFiles(folder, [storeDir]);
  const known = new Set(modules.map(({ path }) => path));
  const bundles = new Set(
    files.flatMap(({ path }) => (/(^|\/)verify\.mjs$/.test(path) ? [path.slice(0, -"verify.mjs".length)] : [])),
  );
  const made = [...bundles].filter((base) => files.some(({ path }) => path === `${base}bundle.json`));
  const wanted = [
    ...files.map(({ path, isPrivate }) => ({ path, isPrivate })),
    // What they lead to is in the project, too; a folder is copied in its own place.
    ...links
      .filter(({ path }) => statSync(join(folder, path)).isFile())
      .map(({ path }) => ({ path, isPrivate: false })),
  ].filter(({ path }) => isSafePath(path) && !known.has(path) && !made.some((base) => path.startsWith(base)));
  const isLeft = ({ path, isPrivate }: (typeof wanted)[number]): boolean => isPrivate || PRIVATE.test(path);
  return {
    sources: wanted
      .filter((file) => !isLeft(file))
      .map(({ path }) => ({ path, bytes: readFileSync(join(folder, path)) })),
    left: wanted.filter(isLeft).map(({ path }) => path),
  };
}
