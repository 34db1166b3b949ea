import { builtIn } from "../built-in.ts";
import { build, recorded } from "../lambda.ts";
import { makeCall } from "../task.ts";
import type { Expr, Lazy, Resolved } from "../types.ts";
import { attempt } from "./attempt.ts";
import { cond } from "./cond.ts";
import { map } from "./map.ts";

/** Tells whether any of the results is an error. */
export const anyFailed = builtIn(
  "lift:ligase/any-failed",
  "1",
  "Tells whether any of the results is an error.",
  (results: readonly unknown[]) => results.some((result) => result instanceof Error),
  true,
);

/**
 * The values of a list, all of which are tried: one failure stops none of the others.
 *
 * Without a recovery, errors stand in the list in place of the values that failed. With one, it is
 * given that list when anything failed, and its result is the result; when nothing failed, the
 * result is the values.
 *
 * @param list - a list, a lazy list, or a list with lazy items
 * @param recover - a task or function of the list of values and errors, or the value to use instead
 * @example
 * ```ts
 * const aligned = attemptAll(map(samples, align), (results) => summariseFailures(results));
 * ```
 */
export function attemptAll<T>(list: Lazy<readonly T[]>): Expr<(T | Error)[]>;
export function attemptAll<T, R>(
  list: Lazy<readonly T[]>,
  recover: ((results: Expr<(T | Error)[]>) => R) | R,
): Expr<T[] | Resolved<R>>;
export function attemptAll(...given: readonly unknown[]): unknown {
  const [list, recover] = given as [Lazy<readonly unknown[]>, unknown];
  const results = map(list, (item) => attempt(item, (error) => error));
  if (given.length < 2) return results;
  const recovered: unknown =
    typeof recover === "function"
      ? build("attemptAll", recover as (of: unknown) => unknown, [results])
      : recorded("attemptAll", recover);
  return cond(makeCall(anyFailed, [results]), recovered, results);
}
