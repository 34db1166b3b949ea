/**
 * A dry run: what a run would do, and why, without running anything. It is made of the parts of a run that look up and
 * reduce; in place of bodies stand values that are not known.
 *
 * It must not write, start, or wait for anything but files and the store.
 *
 * @module
 */
export { type DryRunOptions, planRun } from "./dry-run.ts";
export { labelOf } from "./label.ts";
export type { Fate, Plan, PlannedCall } from "./plan.ts";
