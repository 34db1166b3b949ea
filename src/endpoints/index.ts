/**
 * Endpoints: tasks behind a durable queue, with workers that come and go with the load. The `queue` holds jobs; the `scaler`
 * says how many workers there should be, the `pool` starts and ends them; `deployments` says what is live; `calls` evaluates
 * what handlers call; `keys` says who may ask; `answers` writes the status of a job, `webhooks` tells others of its end, and
 * `metrics` counts what passes.
 *
 * It must not know HTTP frameworks, nor the command line.
 *
 * @module
 */
export { openServices, type ServicesOptions } from "./open.ts";
export type * from "./services.ts";
export type * from "./types.ts";
