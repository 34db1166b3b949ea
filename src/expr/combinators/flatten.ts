import type { Expr, Lazy } from "../types.ts";
import { makeOp } from "./make-op.ts";

/**
 * The items of the lists in a list: one level less.
 *
 * @example
 * ```ts
 * const reads = flatten(map(samples, (sample) => splitByReadGroup(sample)));
 * ```
 */
export function flatten<T>(lists: Lazy<readonly (readonly T[])[]>): Expr<T[]> {
  return makeOp("flatten", lists);
}
