import { recorded } from "../lambda.ts";
import type { Expr, Resolved } from "../types.ts";
import { makeOp } from "./make-op.ts";

/**
 * Values one after another: each starts when the one before has finished. For effects whose order
 * matters (a database that is filled before it is asked); whatever depends on a value waits for it
 * anyway.
 *
 * @returns their values
 * @example
 * ```ts
 * const [, answer] = seq([load(db, table), query(db)]);
 * ```
 */
export function seq<const T extends readonly unknown[]>(items: T): Expr<{ -readonly [K in keyof T]: Resolved<T[K]> }> {
  return makeOp("seq", recorded("seq", items));
}
