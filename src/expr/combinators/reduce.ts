import { recordCallback } from "../lambda.ts";
import type { Expr, Lazy } from "../types.ts";
import { makeOp } from "./make-op.ts";

/**
 * Folds a list from the left with a task of two arguments, or a function that builds one step.
 * Each step is a call of its own: a list that grew at its end is folded from where it grew.
 *
 * @param step - is given what was accumulated and the next item
 * @param initial - what accumulation starts with; without it, the first item
 * @throws LigaseError `LIGASE_E_CALLBACK` when the callback is async or leaves a function behind
 * @example
 * ```ts
 * const merged = reduce(bams, (all, bam) => merge(all, bam));
 * const total = reduce(counts, add, 0);
 * ```
 */
export function reduce<T>(list: Lazy<readonly T[]>, step: (accumulated: Expr<T>, item: Expr<T>) => Lazy<T>): Expr<T>;
export function reduce<T, A>(
  list: Lazy<readonly T[]>,
  step: (accumulated: Expr<A>, item: Expr<T>) => Lazy<A>,
  initial: Lazy<A>,
): Expr<A>;
export function reduce(...given: readonly unknown[]): unknown {
  const [list, step, ...initial] = given;
  return makeOp("reduce", list, recordCallback("reduce", step, ["accumulated", "item"]), ...initial);
}
