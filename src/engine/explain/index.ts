/**
 * Explains what a run did: why a job ran or did not, told as what changed since the nearest
 * earlier call of its task. Reads the store only; nothing is evaluated.
 *
 * @module
 */
export { type Change, explainJob, type Explanation } from "./explain.ts";
