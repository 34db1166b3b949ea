import type { Expr, Lazy } from "../types.ts";
import { makeOp } from "./make-op.ts";

/**
 * A value that fails when it is needed.
 *
 * @param error - an error, or its message
 * @example
 * ```ts
 * cond(lift((n: number) => n > 0)(mapped), () => call(bam), () => fail("no read of the sample maps"));
 * ```
 */
export function fail(error: Lazy<string> | Lazy<Error>): Expr<never> {
  return makeOp("fail", error);
}
