/**
 * Opens the environment of a recorded job again: its work directory, with inputs, command file and variables as it had
 * them. For people who want to look, and try.
 *
 * It runs nothing and records nothing.
 *
 * @module
 */
export { ARGUMENTS_FILE, type ReopenedJob, reopenJob, type ReopenOptions } from "./reopen.ts";
