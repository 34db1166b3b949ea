import { loadProgram } from "../../code/index.ts";
import type { Program } from "../../code/types.ts";
import { workflowPath } from "./workflow-path.ts";

/**
 * Loads the workflow file that was named on the command line.
 *
 * @throws LigaseError `LIGASE_E_NO_FILE`, exit status 2, when it is not there, with the nearest that is; what
 * `loadProgram` raises
 */
export async function loadWorkflow(file: string, root: string, cacheDir: string): Promise<Program> {
  workflowPath(file);
  return loadProgram(file, { root, cacheDir });
}
