import { rm } from "node:fs/promises";
import type { Privilege } from "./privilege.ts";
import { type BuildLog, hostEnvironment, runProgram } from "./program.ts";

/** Removes a folder with all that is in it, whomever parts of it belong to. */
export async function removeTree(path: string, privilege: Privilege): Promise<void> {
  try {
    await rm(path, { recursive: true, force: true, maxRetries: 3 });
  } catch (error) {
    if (privilege.kind === "root") throw error;
    const log: BuildLog = { path: "", note() {}, add() {}, async close() {} };
    await runProgram([...privilege.prefix, "chmod", "-R", "u+rwX", path], { log, env: hostEnvironment() }).catch(
      () => "",
    );
    await runProgram([...privilege.prefix, "rm", "-rf", path], { log, env: hostEnvironment() });
  }
}
