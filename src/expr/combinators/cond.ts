import { recorded } from "../lambda.ts";
import { taskImpl } from "../task.ts";
import type { Expr, Lazy, Resolved } from "../types.ts";
import { makeOp } from "./make-op.ts";

/** A branch: a value, or a function without arguments that builds it, called here and now. */
function branch(given: unknown): unknown {
  const build = given as () => unknown;
  return recorded("cond", typeof given === "function" && !taskImpl(given) ? build() : given);
}

/** What a branch stands for: what it builds when it is a function. */
type Branch<B> = B extends () => infer R ? Resolved<R> : Resolved<B>;

/**
 * One of two values, by a test that need not be there yet. Only the chosen one is evaluated.
 *
 * @param yes - a value that may be lazy, or a function that builds it
 * @param no - the same for the other case
 * @example
 * ```ts
 * const reads = cond(lift((s) => s.mapped > 0.9)(stats), () => trim(raw), () => raw);
 * ```
 */
export function cond<A, B>(test: Lazy<unknown>, yes: A, no: B): Expr<Branch<A> | Branch<B>> {
  return makeOp("cond", test, branch(yes), branch(no));
}
