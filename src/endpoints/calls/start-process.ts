import { fileURLToPath } from "node:url";

/**
 * The command that runs a module of ours in a process of its own: as TypeScript in the repository, as JavaScript in the
 * package.
 *
 * @param base - `import.meta.url` of whoever starts it
 * @param module - relative to that, without its ending: `./driver/main`
 */
export function nodeCommand(base: string, module: string): { readonly command: string; readonly args: string[] } {
  const program = new URL(`${module}${base.endsWith(".ts") ? ".ts" : ".js"}`, base);
  // Code that was compiled once is kept: it halves the time until a driver takes questions.
  return { command: process.execPath, args: ["--disable-warning=ExperimentalWarning", fileURLToPath(program)] };
}

/** The environment of a process that evaluates: what says which server commands speak to would lead it away from here. */
export function environmentOfRuns(): Record<string, string | undefined> {
  const { LIGASE_CONTEXT: _context, LIGASE_API_KEY: _key, LIGASE_RUN_ID: _run, ...env } = process.env;
  return env;
}
