import { callable, definitionParts } from "../task.ts";
import type { Resolved, Task } from "../types.ts";

/**
 * A small pure computation on lazy values: the function runs when they are there, inline and
 * without a name of its own. It must be synchronous and depend on nothing but its arguments and
 * what its module declares; everything larger is a task.
 *
 * @throws LigaseError `LIGASE_E_TASK` for anything but a function
 * @example
 * ```ts
 * const rate = lift((mapped: number, total: number) => mapped / total)(stats.mapped, stats.total);
 * ```
 */
export function lift<A extends readonly unknown[], R>(fn: (...args: A) => R): Task<A, Resolved<Awaited<R>>>;
export function lift(...given: unknown[]): unknown {
  const { handle, fn } = definitionParts("lift", given);
  const impl = {
    name: handle?.definition.name ?? (fn.name ? `lift:${fn.name}` : "lift"),
    options: {},
    fn,
    definition: handle?.definition,
    lifted: true,
  };
  handle?.register(impl);
  return callable(impl);
}
