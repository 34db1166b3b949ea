import { makeExpr } from "../lazy.ts";
import type { Operator } from "../node.ts";
import type { Expr } from "../types.ts";

/** Makes the lazy value of an operator. */
export function makeOp<T>(op: Operator, ...args: readonly unknown[]): Expr<T> {
  return makeExpr<T>({ kind: "op", op, args });
}
