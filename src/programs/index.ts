/**
 * Tasks called from an ordinary program: `run` and `spawn`. They open the project around the
 * program when the first run starts, and close it when none has gone on for a moment, so that the
 * program can end. They know nothing of the command line.
 *
 * @module
 */
export type { LogLine } from "./log-lines.ts";
export { run, spawn } from "./run.ts";
export type { Handle, RunOptions, RunStatus } from "./types.ts";
