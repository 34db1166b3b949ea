/**
 * Runs on a server: the code of a program goes there, with what is to be evaluated, and the result comes back. It knows
 * nothing of the command line, nor of what a server is made of.
 *
 * @module
 */
export { type Submission, submitRun } from "./submit.ts";
