import { recordCallback, recorded } from "../lambda.ts";
import { Lambda } from "../node.ts";
import type { Expr, Resolved } from "../types.ts";
import { makeOp } from "./make-op.ts";

/** Records a recovery: a task or callback given the error, or a plain value in its place. */
export function recordRecovery(what: string, recover: unknown): Lambda {
  if (typeof recover === "function") return recordCallback(what, recover, ["error"], { optional: true });
  return new Lambda([{ kind: "param", name: "error" }], recorded(what, recover));
}

/**
 * A value, or what a recovery makes of its error when it fails: `catch` for lazy values.
 * Recovering is remembered, but never hides a task that was repaired since.
 *
 * @param value - a lazy value, or a structure with lazy parts
 * @param recover - a task or function of the error, or the value to use instead
 * @example
 * ```ts
 * const depth = attempt(coverage(bam), (error) => report(sample, error.message));
 * const count = attempt(countReads(bam), 0);
 * ```
 */
export function attempt<T, R>(value: T, recover: ((error: Expr<Error>) => R) | R): Expr<Resolved<T> | Resolved<R>> {
  return makeOp("attempt", recorded("attempt", value), recordRecovery("attempt", recover));
}
