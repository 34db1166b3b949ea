/**
 * Makes an ordinary program one of Ligase: its tasks get their names, hashes and parameters.
 * `node --import ligase/register app.ts`, or `import "ligase/register"` as its first line, which
 * starts Node again with the former.
 *
 * @module
 */
import { spawn } from "node:child_process";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { announcedBundles } from "./code/bundle/open.ts";
import { registerProgram } from "./code/registered.ts";
import { LigaseError } from "./kernel/index.ts";

export { registeredProgram } from "./code/registered.ts";

const AGAIN = "LIGASE_REGISTERED";

if (isLoaded()) {
  // `ligase run`, or a worker: the program has its names and hashes already.
} else if (isPreloaded()) {
  delete process.env[AGAIN];
  try {
    await registerProgram(process.argv[1]);
  } catch (error) {
    if (!(error instanceof LigaseError)) throw error;
    process.stderr.write(`${[error.message, error.mend].filter(Boolean).join("\n")}\n`);
    process.exit(1);
  }
} else {
  await startAgain();
}

/** Has Ligase loaded the program that imports this? */
function isLoaded(): boolean {
  return !announcedBundles().next().done;
}

/** Was this module given to `--import`? Otherwise it is part of the program, which is being evaluated. */
function isPreloaded(): boolean {
  if (process.env[AGAIN] !== undefined) return true;
  const given = [...process.execArgv, ...(process.env["NODE_OPTIONS"] ?? "").split(/\s+/)];
  return given.some((one, i) => {
    const value = one.startsWith("--import=") ? one.slice("--import=".length) : given[i - 1] === "--import" ? one : "";
    return (
      value === "ligase/register" || value === import.meta.url || pathToFileURL(resolve(value)).href === import.meta.url
    );
  });
}

/** Runs the same command with `--import`, and ends as it ends: the modules after this one are not evaluated here. */
async function startAgain(): Promise<never> {
  const child = spawn(process.execPath, [...process.execArgv, "--import", import.meta.url, ...process.argv.slice(1)], {
    stdio: "inherit",
    env: { ...process.env, [AGAIN]: "1" },
  });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGUSR2"] as const) {
    process.on(signal, () => {
      // A terminal sends Ctrl+C to both; sending it on would make two of one.
      if (signal !== "SIGINT" || !process.stdin.isTTY) child.kill(signal);
    });
  }
  return new Promise((_, reject) => {
    child.on("error", reject);
    child.on("exit", (code, signal) => {
      if (signal === null) process.exit(code ?? 1);
      process.removeAllListeners(signal);
      process.kill(process.pid, signal);
    });
  });
}
