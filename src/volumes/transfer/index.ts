/**
 * Copies between volumes and this machine, as people know them from `cp` and `mv`: which word is a volume's (`place.ts`),
 * what patterns mean (`sources.ts`), what goes where (`plan.ts`), and the doing (`transfer.ts`).
 *
 * It must not know how a volume is kept, nor print.
 *
 * @module
 */
export { below, isLocal, look, type Place, placeOf } from "./place.ts";
export { type CopyPlan, type FileCopy, planCopy, targetsOf } from "./plan.ts";
export { type Source, type Sources, sourcesOf } from "./sources.ts";
export { copyAll, moveOne } from "./transfer.ts";
