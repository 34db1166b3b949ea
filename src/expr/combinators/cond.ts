import { build, recorded } from "../lambda.ts";
import type { Expr, Lazy, Resolved } from "../types.ts";
import { makeOp } from "./make-op.ts";

/** A branch: a value, or what a function without arguments (or a task) builds here and now. */
function branch(given: unknown): unknown {
  return typeof given === "function" ? build("cond", given as () => unknown) : recorded("cond", given);
}

/**
 * One of two values, by a test that need not be there yet. Only the chosen one is evaluated.
 *
 * @param yes - a value that may be lazy, or a function that builds it, called here and now
 * @param no - the same for the other case
 * @example
 * ```ts
 * const kept = cond(lift((rate: number) => rate > 0.9)(stats.mapped), () => trim(reads), reads);
 * ```
 */
export function cond<A, B>(
  test: Lazy<unknown>,
  yes: (() => A) | A,
  no: (() => B) | B,
): Expr<Resolved<A> | Resolved<B>> {
  return makeOp("cond", test, branch(yes), branch(no));
}
