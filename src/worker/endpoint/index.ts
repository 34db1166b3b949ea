/**
 * What runs inside a worker of an endpoint or of a web app: takes jobs over HTTP, calls handlers, gives back what they
 * answered. `main.ts` is the program for TypeScript; for Python it is the module {@link PYTHON_ENDPOINT_WORKER}.
 *
 * It must not know the store, the queue, nor who starts workers and why.
 *
 * @module
 */
export { ENDPOINT_SETTINGS, type EndpointWorkerSettings } from "./protocol.ts";
export { isTyped } from "./typed-input.ts";

/** The program of a worker process for endpoints and web apps in TypeScript; it reads `ENDPOINT_SETTINGS`. */
export const ENDPOINT_WORKER_PROGRAM: URL = new URL(
  `main${import.meta.url.endsWith(".ts") ? ".ts" : ".js"}`,
  import.meta.url,
);

/** The module of the Python package that is the program of a worker for endpoints in Python: `python3 -m …`. */
export const PYTHON_ENDPOINT_WORKER = "ligase.endpoint_worker";

/**
 * How the last line on stderr begins of a worker that could not start: `ligase-worker: at import: ModuleNotFoundError: …`,
 * `ligase-worker: at onStart: …`. What follows says why.
 */
export const START_FAILURE = "ligase-worker: ";
