import type { Expr, Lazy } from "../types.ts";
import { makeOp } from "./make-op.ts";

/**
 * The tuples of the first items, the second items, and so on.
 *
 * @param lists - lists of one length, any of which may be lazy; of different lengths, it fails
 * @example
 * ```ts
 * const pairs = zip(tumors, normals);
 * const calls = map(pairs, ([tumor, normal]) => callSomatic(tumor, normal));
 * ```
 */
export function zip<T extends readonly unknown[]>(...lists: { [K in keyof T]: Lazy<readonly T[K][]> }): Expr<T[]> {
  return makeOp("zip", lists);
}
