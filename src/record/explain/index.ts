/**
 * Explains what a run did: why a job ran or did not, told as what changed since the nearest earlier call of its task,
 * with code and values then and now.
 *
 * It reads the store, and files where their contents are still what was recorded; nothing is evaluated, and it does not
 * know how an explanation is shown.
 *
 * @module
 */
export { explainBriefly, isHit } from "./brief.ts";
export { type CodeChange, codeChanges } from "./code-changes.ts";
export { differences, type Difference } from "./differences.ts";
export { explain, withContents } from "./explain.ts";
export { NearestCalls } from "./nearest-call.ts";
export { reasonText } from "./reason.ts";
export type { ArgumentChange, Because, Change, DeclarationChange, Explanation, ImageChange } from "./types.ts";
