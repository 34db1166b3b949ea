/**
 * User code: finds the modules of a workflow, the tasks in them, what each task's results depend on
 * (the closure hash) and what its parameters are; bundles it all into one module that any process
 * can import; turns stack traces back into the user's own lines.
 *
 * `modules/` reads files and follows imports, `syntax/` knows trees, scopes and places in a text,
 * `tasks/` finds tasks and lifts and what they are called, `closure/` hashes what they reach,
 * `parameters/` reads what they take, `bundle/` makes, keeps and imports the bundle.
 *
 * It must not know how tasks are run, where results are kept, or that there is an engine.
 *
 * @module
 */
export { importModule, type LoadOptions, loadProgram, loadRecorded } from "./load.ts";
export { type BundleModule, importBundle } from "./bundle/import.ts";
export { mapStack } from "./stack.ts";
export { registeredProgram } from "./registered.ts";
export { projectRoot } from "./modules/root.ts";
export type { Diagnostic, Program } from "./types.ts";
