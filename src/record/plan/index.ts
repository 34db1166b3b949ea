/**
 * Dry runs, told: what would become of the calls of each task, why, and how long it takes by the past; and the last one,
 * kept for who asks why.
 *
 * It must not know how that is shown.
 *
 * @module
 */
export { type PlanFacts, planReport, workOf } from "./report.ts";
export { savedPlan, savePlan } from "./saved.ts";
export type { PlannedGroup, PlannedTask, PlanReport } from "./types.ts";
