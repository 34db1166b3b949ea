import { getCompileCacheDir } from "node:module";
import { dirname } from "node:path";
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
  return { command: process.execPath, args: ["--disable-warning=ExperimentalWarning", fileURLToPath(program)] };
}

/**
 * The environment of a process that evaluates, as it is now: what holds keys and secrets is taken out of it by whoever
 * first uses them. Without what says which server commands speak to: it would lead such a process away from here.
 */
export function environmentOfRuns(): Record<string, string | undefined> {
  const { LIGASE_CONTEXT: _context, LIGASE_API_KEY: _key, LIGASE_RUN_ID: _run, ...env } = process.env;
  const cache = getCompileCacheDir();
  // Code that was compiled once is kept, where this process keeps any: it halves the time until a driver answers.
  return { ...(cache !== undefined && { NODE_COMPILE_CACHE: dirname(cache) }), ...env };
}
