/**
 * What runs inside a job's process: the bodies of tasks in worker processes, and what makes a
 * script out of a specification (in `script/`).
 *
 * It must not know the store, nor who starts the processes and why.
 *
 * @module
 */
export {
  type FromWorker,
  jsonLines,
  type Measured,
  type RunJob,
  type RunPython,
  type RunTask,
  type ToWorker,
  WORKER_SETTINGS,
  type WorkerSettings,
} from "./protocol.ts";

/** The program of a worker process. */
export const WORKER_PROGRAM: URL = new URL(`main${import.meta.url.endsWith(".ts") ? ".ts" : ".js"}`, import.meta.url);

/** The folder of the Python package, whose module `ligase.worker` is the program of a worker for Python functions. */
export const PYTHON_PACKAGE: URL = new URL("../../python/src", import.meta.url);
