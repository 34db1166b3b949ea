import { readdirSync, type Stats, statSync } from "node:fs";
import { basename, dirname, join, relative, resolve } from "node:path";
import { LigaseError, nearest } from "../../kernel/index.ts";
import type { Makers } from "../../code/parameters/index.ts";
import type { FlagContext } from "./context.ts";

const URL_LIKE = /^[a-z][a-z\d+.-]*:\/\//i;

function look(path: string): Stats | undefined {
  return statSync(path, { throwIfNoEntry: false });
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** The path that was most likely meant: the nearest name in the deepest folder that exists. */
function suggestion(path: string, base: string): string | undefined {
  let missing = path;
  while (!look(dirname(missing)) && dirname(missing) !== missing) missing = dirname(missing);
  const near = nearest(basename(missing), list(dirname(missing)));
  if (near === undefined) return undefined;
  const meant = join(dirname(missing), near);
  const nearby = relative(base, meant);
  return nearby.startsWith("..") ? meant : nearby;
}

/**
 * Throws unless there is something of the kind at the path.
 *
 * @param said - the path as it was written
 * @throws LigaseError `LIGASE_E_NO_FILE`, with the nearest name there is as its mend
 */
export function mustExist(kind: "file" | "dir", path: string, said: string, base: string): void {
  let found: Stats | undefined;
  try {
    found = look(path);
  } catch (error) {
    const why = error instanceof Error ? error.message.replace(/, stat .*/s, "") : String(error);
    throw new LigaseError("LIGASE_E_NO_FILE", `${said} cannot be read (${why})`, { facts: { path }, cause: error });
  }
  if (found && (kind === "dir") === found.isDirectory()) return;
  if (found) {
    const is = kind === "dir" ? "is a file" : "is a directory";
    throw new LigaseError("LIGASE_E_NO_FILE", `${said} ${is}`, { facts: { path } });
  }
  const near = suggestion(path, base);
  throw new LigaseError("LIGASE_E_NO_FILE", `${said} does not exist`, {
    facts: { path },
    ...(near !== undefined && { mend: `did you mean ${near}?` }),
  });
}

/** How paths become files, where relative ones start from a folder. URLs are passed on as they are. */
export function makersAt(context: FlagContext, base: string): Makers {
  const maker = (kind: "file" | "dir", make: (path: string) => unknown) => {
    return (said: string): unknown => {
      if (URL_LIKE.test(said)) return make(said);
      if (said === "") throw new LigaseError("LIGASE_E_NO_FILE", "the path is empty");
      const path = resolve(base, said);
      mustExist(kind, path, said, base);
      return make(path);
    };
  };
  return { file: maker("file", context.makeFile), dir: maker("dir", context.makeDir) };
}
