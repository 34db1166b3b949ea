import { join } from "node:path";
import { loadProgram } from "../../../code/index.ts";
import type { Program } from "../../../code/types.ts";
import type { DeployedCode } from "./protocol.ts";

/** Opens the code of a deployment, or of a run that was handed in. Its folder stays as it is: bundles are kept in the store. */
export async function loadDeployed({ codeDir, bundle, python }: DeployedCode, storeDir: string): Promise<Program> {
  const entry = bundle ?? python ?? "app.ts";
  return loadProgram(join(codeDir, entry), { root: codeDir, cacheDir: join(storeDir, "code") });
}
