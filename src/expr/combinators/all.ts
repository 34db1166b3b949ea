import { recorded } from "../lambda.ts";
import type { Expr, Resolved } from "../types.ts";
import { makeOp } from "./make-op.ts";

/**
 * A list or a record with lazy parts, as one lazy value: what `Promise.all` is for promises.
 * Where a task takes it, or a body returns it, the structure itself will do.
 *
 * @example
 * ```ts
 * const both = all({ tumor: align(tumor), normal: align(normal) });
 * const bam = both.tumor.bam;
 * ```
 */
export function all<const T>(value: T): Expr<Writable<Resolved<T>>> {
  return makeOp("value", recorded("all", value));
}

/** A list that was inferred as read-only, as the list it becomes. */
type Writable<T> = T extends readonly unknown[] ? { -readonly [K in keyof T]: T[K] } : T;
