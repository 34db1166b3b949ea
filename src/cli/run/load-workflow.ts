import { existsSync, readdirSync, statSync } from "node:fs";
import { basename, dirname, extname, join, resolve } from "node:path";
import { loadProgram } from "../../code/index.ts";
import type { Program } from "../../code/types.ts";
import { nearest } from "../../kernel/index.ts";
import { usageError } from "../usage-error.ts";

const SOURCE = /\.[cm]?[jt]sx?$/;

/**
 * Loads the workflow file that was named on the command line.
 *
 * @throws LigaseError `LIGASE_E_NO_FILE`, exit status 2, when it is not there, with the nearest that is; what
 * `loadProgram` raises
 */
export async function loadWorkflow(file: string, root: string, cacheDir: string): Promise<Program> {
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
  return loadProgram(file, { root, cacheDir });
}

function meant(file: string, path: string): string {
  const there = existsSync(dirname(path)) ? readdirSync(dirname(path)).filter((name) => SOURCE.test(name)) : [];
  const near = extname(file) === "" ? there.find((name) => name.replace(SOURCE, "") === basename(file)) : undefined;
  const name = near ?? nearest(basename(file), there);
  return name === undefined ? "check the path of the workflow file" : `did you mean ${join(dirname(file), name)}?`;
}
