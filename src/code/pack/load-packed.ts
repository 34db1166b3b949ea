import { basename, dirname, join } from "node:path";
import { LigaseError } from "../../kernel/index.ts";
import { loadRecorded } from "../load.ts";
import type { Program } from "../types.ts";

/** In the code: the bundles, as in the folder of a project. */
export const PACKED_DIR = ".ligase/code";

/** Is this file of some code a bundle that was packed, rather than a source? */
export function isPacked(path: string): boolean {
  return path.startsWith(`${PACKED_DIR}/`);
}

/**
 * Loads a program that was packed, from the folder of its code.
 *
 * @param codeDir - absolute
 * @param bundle - relative to it
 * @throws LigaseError `LIGASE_E_BUNDLE` where it is not whole, or was packed by another version; whatever its modules throw
 */
export async function loadPacked(codeDir: string, bundle: string): Promise<Program> {
  const program = await loadRecorded(basename(bundle, ".mjs"), {
    root: codeDir,
    cacheDir: join(codeDir, dirname(bundle)),
  });
  if (program) return program;
  throw new LigaseError("LIGASE_E_BUNDLE", `${bundle} is no bundle of this version of Ligase`, {
    facts: { codeDir, bundle },
    mend: "deploy again, with the version that the server has",
  });
}
