/**
 * Shells in the environments of jobs: how they are started, and what their prompts say.
 *
 * It knows nothing of jobs but a directory, variables and a label.
 *
 * @module
 */
export { runCommand, runProgram, runShell } from "./spawn.ts";
