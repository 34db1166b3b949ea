/**
 * A task's parameters as flags: what people type becomes arguments, and arguments become what
 * people would type. Everything wrong with a command line is told at once, with the nearest thing
 * that would be right.
 *
 * It must not know what a file is (the context makes them), how tasks are found or run, or which
 * flags the commands have (they are given as reserved names).
 *
 * @module
 */
export type { FlagContext } from "./context.ts";
export { helpText, type HelpOptions } from "./help.ts";
export { type FlagValues, readFlags } from "./read.ts";
export { type OwnFlags, splitFlags } from "./split.ts";
export { shellWord, writeFlags, type WriteOptions } from "./write.ts";
