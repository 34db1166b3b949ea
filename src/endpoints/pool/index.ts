/**
 * The workers of all endpoints: one pool an endpoint (`endpoint-pool.ts`), which starts and ends them as the scaler says, and
 * around them what they share (`pools.ts`): the room on this machine (`ledger.ts`), the launcher, the record of workers, and
 * one timer. A worker is a process that takes jobs from the queue by HTTP, or answers requests to a web app.
 *
 * It must not know HTTP frameworks, nor what jobs are: the queue says who has which.
 *
 * @module
 */
export { openLaunchContext, type OpenLaunchContext } from "./launch-context.ts";
export { createPools, type PoolsOptions } from "./pools.ts";
