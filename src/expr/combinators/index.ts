/**
 * The combinators: how lazy values are built of lazy values. Each makes one node; what the nodes
 * mean is the engine's business. Callbacks are called once, here and now, with placeholders.
 *
 * @module
 */
export { all } from "./all.ts";
export { attempt } from "./attempt.ts";
export { attemptAll } from "./attempt-all.ts";
export { cond } from "./cond.ts";
export { fail } from "./fail.ts";
export { flatten } from "./flatten.ts";
export { get } from "./get.ts";
export { groupBy, type Group, type GroupOptions } from "./group-by.ts";
export { lift } from "./lift.ts";
export { map } from "./map.ts";
export { reduce } from "./reduce.ts";
export { seq } from "./seq.ts";
export { zip } from "./zip.ts";
