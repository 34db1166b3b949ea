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

/** A user's environments belong to the user: what others in a name space owned could not even be removed without it. */
export async function takeOwnership(
  {
    privilege,
    log,
    signal,
  }: { readonly privilege: Privilege; readonly log: BuildLog; readonly signal: AbortSignal | undefined },
  root: string,
): Promise<void> {
  if (privilege.kind === "root") return;
  const options = { log, signal, env: hostEnvironment() };
  if (privilege.kind === "mapped") await runProgram([...privilege.prefix, "chown", "-hR", "0:0", root], options);
  await runProgram(["chmod", "-R", "u+rwX", root], options);
}
