import { recordCallback } from "../lambda.ts";
import type { Expr, Lazy, Resolved } from "../types.ts";
import { makeOp } from "./make-op.ts";

/**
 * Works on each item of a list, in parallel, whether or not the list is there yet. The callback
 * is called once, with a placeholder, and what it builds is recorded; items start as soon as they
 * are known, so a `map` of a `map` never waits for its slowest sibling.
 *
 * @param list - a list, a lazy list, or a list with lazy items
 * @param each - a task, or a function that builds something of the item and its index
 * @returns the list of results, in the order of the items
 * @throws LigaseError `LIGASE_E_CALLBACK` when the callback is async or leaves a function behind
 * @example
 * ```ts
 * const bams = map(readSheet(samples), (sample) => align(sample, reference).bam);
 * const counts = map(bams, flagstat);
 * ```
 */
export function map<T, R>(
  list: Lazy<readonly T[]>,
  each: (item: Expr<T>, index: Expr<number>) => R,
): Expr<Resolved<R>[]> {
  return makeOp("map", list, recordCallback("map", each, ["item", "index"], { least: 1 }));
}
