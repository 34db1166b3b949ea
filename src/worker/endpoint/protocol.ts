/**
 * What Ligase's own endpoint workers (TypeScript, Python) are told when they are started, as JSON in the variable
 * {@link ENDPOINT_SETTINGS}. They speak the worker protocol of RunPod (`job-take`, `job-done`, `job-stream`, `job-stop`,
 * `ping`) over the server's Unix socket, with three additions, which a worker of RunPod never uses:
 *
 * - `POST job-done/{worker}/{job}?take=N&wait=ms`: the answer is, besides, a `job-take-batch` (200 with a list, or 204). It
 *   comes while the result is being recorded: a worker does not wait for the disk between two jobs;
 * - `POST job-call/{worker}/{job}` with `{ expression }`, a text as `expr/encode` writes it: what a handler awaits; answers
 *   `{ value }`, a text as the codec writes it, or `{ error }` (as `errorFacts` writes it), long after. A worker that hangs
 *   up does not want it any more;
 * - `{ "expression": "…" }` in place of `output` in `job-done`: a lazy result as such a text, which the server has reduced.
 *
 * A job of `job-take` has, besides `id` and `input`, `attempt` and `timeout` (milliseconds).
 *
 * @module
 */

import type { JsonSchema } from "../../code/parameters/index.ts";

/** The environment variable that holds {@link EndpointWorkerSettings} as JSON. */
export const ENDPOINT_SETTINGS = "LIGASE_ENDPOINT_WORKER";

/** What an endpoint worker is told. */
export interface EndpointWorkerSettings {
  /** The server's Unix socket, as the worker sees it. */
  readonly socket: string;
  /** `Authorization` of every request: this worker's own. */
  readonly token: string;
  readonly worker: string;
  readonly endpoint: string;
  readonly concurrency: number;
  /** Milliseconds between two pings. */
  readonly pingMs: number;
  readonly program:
    | { readonly kind: "node"; readonly bundle: string; readonly export: string }
    | { readonly kind: "python"; readonly module: string; readonly function: string }
    /** Answers HTTP on the socket `listen`, for the server. */
    | { readonly kind: "web"; readonly bundle: string; readonly export: string; readonly listen: string };
  /** The folder of the deployment's code, as the worker sees it. */
  readonly codeDir: string;
  /** The store's folder: places of files that begin with `ligase:` count from it. Empty where the worker does not see it. */
  readonly storeDir: string;
  /** See `EndpointManifest.parameters`. */
  readonly parameters: readonly string[] | null;
  /** What `input` must be, where something is to be made of it: files, dates, big integers. Null where it is taken as it is. */
  readonly input: JsonSchema | null;
  /** Is it in an environment, with process ids of its own? */
  readonly enclosed: boolean;
}
