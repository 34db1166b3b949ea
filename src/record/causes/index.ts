/**
 * What most likely made a job fail: a table of rules, each with what a tool's message or the end of a job looks like
 * where it is the cause, what to say of it and what to do. `table.ts` is the list; a new cause is a new row there.
 *
 * The rules see plain {@link Evidence} and nothing else: no store, no files, nobody who asks. What a script's end alone
 * shows is said when it ends, by `worker/script/diagnose`; here is looked further, at the whole log, the arguments and
 * the inputs.
 *
 * @module
 */
export { causesOf } from "./causes.ts";
export type { FirstError } from "./output.ts";
export type { Cause } from "./types.ts";
