import { loadProgram } from "../../code/index.ts";
import type { Program } from "../../code/types.ts";
import { workflowPath } from "./workflow-path.ts";

/**
 * Loads the workflow file that was named on the command line.
 *
 * @throws LigaseError `LIGASE_E_NO_FILE`, exit status 2, when it is not there, with the nearest that is; what
 * `loadProgram` and `loadPython` raise
 */
export async function loadWorkflow(file: string, root: string, cacheDir: string): Promise<Program> {
  const path = workflowPath(file);
  if (file.endsWith(".py")) {
    // Workflows in TypeScript need none of it.
    const { loadPython } = await import("../../project/python/index.ts");
    return loadPython(path, root);
  }
  return loadProgram(file, { root, cacheDir });
}
