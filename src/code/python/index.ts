/**
 * Python source, understood without Python: the functions of a project's modules, what they take, and what their results
 * depend on.
 *
 * `tree.ts` and `repair.ts` parse, `module.ts` cuts a module into what is hashed by itself, `resolve.ts` and
 * `source-tree.ts` follow imports and names, `facts.ts`, `text.ts` and `changes.ts` read what a piece says, refers to and
 * changes, `effects.ts` and `closure.ts` make hashes of it all, `parameters.ts` reads signatures, `functions.ts` is the face.
 *
 * It must not know TypeScript, nor start any Python.
 *
 * @module
 */
export { definePythonTasks } from "./tasks.ts";
export { PythonCode, type PythonFunctionInfo } from "./functions.ts";
export { writtenParameters } from "./parameters.ts";
