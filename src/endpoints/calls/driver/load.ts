import { join } from "node:path";
import { loadProgram } from "../../../code/index.ts";
import { isPacked, loadPacked } from "../../../code/pack/index.ts";
import type { Program } from "../../../code/types.ts";

/** The code of a deployment, or of a run that was handed in. */
export interface DeployedCode {
  /** Absolute; it never changes. */
  readonly codeDir: string;
  /** What is opened in it: a bundle, a workflow file, a Python file. */
  readonly entry: string;
}

/** Opens code that lies on the server. Its folder stays as it is: bundles of it are kept in the store. */
export async function loadDeployed({ codeDir, entry }: DeployedCode, storeDir: string): Promise<Program> {
  if (isPacked(entry)) return loadPacked(codeDir, entry);
  if (entry.endsWith(".py")) {
    const { loadPython } = await import("../../../project/python/index.ts");
    return loadPython(join(codeDir, entry), codeDir);
  }
  return loadProgram(join(codeDir, entry), { root: codeDir, cacheDir: join(storeDir, "code") });
}
