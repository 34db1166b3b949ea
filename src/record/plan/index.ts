/**
 * Dry runs, told: what would become of the calls of each task, why, and how long it takes by the past; and the last one,
 * kept for who asks why.
 *
 * It must not know how that is shown.
 *
 * @module
 */
export { type PlanFacts, planReport } from "./report.ts";
export { savePlan } from "./saved.ts";
