import { LigaseError } from "../../kernel/index.ts";
import { recordCallback } from "../lambda.ts";
import type { Expr, Lazy, Resolved } from "../types.ts";
import { makeOp } from "./make-op.ts";

/** The items of one key. */
export interface Group<K, T> {
  readonly key: K;
  readonly items: T[];
}

/** How groups are handed on. */
export interface GroupOptions<T> {
  /**
   * How many items each group has: a number, or a function of one of its items. A group is then
   * handed on as soon as it is complete, instead of when the whole list is there.
   */
  readonly size?: Lazy<number> | ((item: Expr<T>) => Lazy<number>);
}

/**
 * Groups the items of a list by a key, in the order in which the keys first appear. With a size,
 * nothing waits for the slowest group.
 *
 * @param key - a task, or a function that builds the key of an item
 * @throws LigaseError `LIGASE_E_CALLBACK` when the callback is async or leaves a function behind
 * @example
 * ```ts
 * const perSample = groupBy(lanes, (lane) => lane.sample, { size: (lane) => lane.lanesOfSample });
 * const merged = map(perSample, ({ key, items }) => merge(key, items));
 * ```
 */
export function groupBy<T, K>(
  list: Lazy<readonly T[]>,
  key: (item: Expr<T>) => K,
  options: GroupOptions<T> = {},
): Expr<Group<Resolved<K>, T>[]> {
  const keyOf = recordCallback("groupBy", key, ["item"]);
  const { size, ...unknown } = options;
  const [option] = Object.keys(unknown);
  if (option !== undefined) {
    throw new LigaseError("LIGASE_E_OPTION", `groupBy() has no option ${JSON.stringify(option)}`, {
      facts: { option },
      mend: "its one option is size: groupBy(list, key, { size: 4 })",
    });
  }
  if (size === undefined) return makeOp("groupBy", list, keyOf);
  return makeOp("groupBy", list, keyOf, typeof size === "function" ? recordCallback("groupBy", size, ["item"]) : size);
}
