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
export function zip<const L extends readonly (readonly unknown[])[]>(
  ...lists: { [K in keyof L]: Lazy<L[K]> }
): Expr<{ -readonly [K in keyof L]: L[K][number] }[]> {
  return makeOp("zip", lists);
}
