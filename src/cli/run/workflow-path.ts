import { existsSync, readdirSync, realpathSync, statSync } from "node:fs";
import { basename, dirname, extname, join, resolve } from "node:path";
import { nearest } from "../../kernel/index.ts";
import { usageError } from "../usage-error.ts";

const SOURCE = /\.(?:[cm]?[jt]sx?|py)$/;

/** Is this the name of a workflow file, rather than an id? */
export function isWorkflowFile(word: string): boolean {
  return SOURCE.test(word) || existsSync(`${word}.ts`);
}

/**
 * The path of the workflow file that was named on the command line: absolute, without symbolic links.
 *
 * @throws LigaseError `LIGASE_E_NO_FILE`, exit status 2, when it is not there, with the nearest that is
 */
export function workflowPath(file: string): string {
  const path = resolve(file);
  const stat = statSync(path, { throwIfNoEntry: false });
  if (!stat) throw usageError("LIGASE_E_NO_FILE", `${file} does not exist`, meant(file, path), { path });
  if (stat.isDirectory()) {
    const inside = join(file, "workflow.ts");
    throw usageError(
      "LIGASE_E_NO_FILE",
      `${file} is a folder`,
      existsSync(inside) ? `did you mean ${inside}?` : "name the workflow file in it",
      { path },
    );
  }
  return realpathSync(path);
}

function meant(file: string, path: string): string {
  const there = existsSync(dirname(path)) ? readdirSync(dirname(path)).filter((name) => SOURCE.test(name)) : [];
  const near = extname(file) === "" ? there.find((name) => name.replace(SOURCE, "") === basename(file)) : undefined;
  const name = near ?? nearest(basename(file), there);
  return name === undefined ? "check the path of the workflow file" : `did you mean ${join(dirname(file), name)}?`;
}
