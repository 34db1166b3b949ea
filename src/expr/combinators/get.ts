import { LigaseError } from "../../kernel/index.ts";
import { makeExpr, nodeOf } from "../lazy.ts";
import type { Expr, ExprCore } from "../types.ts";
import { makeOp } from "./make-op.ts";

/**
 * A field or an item of a lazy value, for the names that cannot be written with a dot: `then`,
 * `toString`, or a name that is only known here.
 *
 * @example
 * ```ts
 * const chr17 = get(coverageByChromosome(bam), "chr17");
 * ```
 */
export function get<T, const K extends keyof T>(of: ExprCore<T> | (T & object), key: K): Expr<T[K]> {
  if (typeof key === "symbol") {
    throw new LigaseError(
      "LIGASE_E_LAZY",
      `get() takes the name of a field or the number of an item, and got ${String(key)}`,
      {
        mend: "fields named by symbols do not leave a process",
      },
    );
  }
  const node = nodeOf(of) ?? nodeOf(makeOp("value", of))!;
  return makeExpr({ kind: "get", of: node, key });
}
