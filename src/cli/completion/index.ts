/**
 * What a shell offers when people press Tab: commands, flags, tasks and their flags from the user's
 * own file, runs with what they are. A shell's script (in the folder
 * `completions` of the package) asks `ligase __complete` with
 * the words of the line; the answer is a candidate a line, behind a tab what it is, and directives
 * for what the shell does better: `:files`, `:dirs`.
 *
 * It must not run the user's code: a workflow is read, not loaded. It must not fail: where nothing
 * is known, nothing is offered.
 *
 * @module
 */
export type { Candidate } from "./candidate.ts";
export { complete } from "./complete.ts";
