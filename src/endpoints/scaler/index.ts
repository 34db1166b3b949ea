/**
 * How many workers an endpoint should have: a function of its settings, its queue, its workers and the time, which says
 * besides when to look again, so that one timer does for all.
 *
 * It must not know processes, nor machines: what it wants may not be there.
 *
 * @module
 */
export { scale } from "./scale.ts";
export type { ScaledWorker, Scaling, ScalingInput, ScalingLoad, ScalingSettings } from "./types.ts";
