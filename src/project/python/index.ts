/**
 * Apps in Python, as programs: which functions they have is asked of a Python process, what those are is read from their
 * source (`code/python/`).
 *
 * It must not know who asks, nor how the functions are run.
 *
 * @module
 */
export { describeEndpoints } from "./describe.ts";
export { type Described, type DescribedEndpoint, readDescribed } from "./described.ts";
export { loadPython, pythonProgram } from "./program.ts";
