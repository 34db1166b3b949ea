import { makeExpr } from "../../expr/lazy.ts";
import type { Lambda } from "../../expr/node.ts";
import { LigaseError } from "../../kernel/index.ts";
import { instantiate } from "./instantiate.ts";
import type { OperatorRule } from "./operator.ts";

/**
 * `reduce`: folds a list from the left. It becomes the nested expression
 * `each(each(initial, first), second)…`, whose calls are cached one by one: a list that grew at
 * its end is folded from where it grew.
 */
export const reduce: OperatorRule = (node, cell, owner, kernel) => {
  const [list, each] = node.args as [unknown, Lambda];
  kernel.shape(
    list,
    owner,
    (shape) => {
      if (!Array.isArray(shape)) {
        cell.fail(new LigaseError("LIGASE_E_NOT_A_LIST", "reduce takes a list"), owner);
        return;
      }
      const hasInitial = node.args.length > 2;
      if (!hasInitial && shape.length === 0) {
        cell.fail(
          new LigaseError("LIGASE_E_EMPTY", "reduce of an empty list without an initial value", {
            mend: "give the initial value: reduce(list, each, initial)",
          }),
          owner,
        );
        return;
      }
      let accumulated: unknown = hasInitial ? node.args[2] : shape[0];
      for (let i = hasInitial ? 0 : 1; i < shape.length; i++) accumulated = instantiate(each, [accumulated, shape[i]]);
      // Wrapped, so that a step that is no call (a record of calls) settles like any other value.
      kernel.settle(cell, makeExpr({ kind: "op", op: "value", args: [accumulated] }), owner);
    },
    (error, job) => cell.fail(error, job),
  );
};
