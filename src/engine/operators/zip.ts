import { LigaseError } from "../../kernel/index.ts";
import type { OperatorRule } from "./operator.ts";

/** `zip`: the tuples of the first items, the second items, and so on. Lists of different lengths are an error. */
export const zip: OperatorRule = zipRule("equal");

/** @param lengths - are lists of different lengths an error, or does the shortest count? */
export function zipRule(lengths: "equal" | "shortest"): OperatorRule {
  return (node, cell, owner, kernel) => zipLists(lengths, node, cell, owner, kernel);
}

function zipLists(rule: "equal" | "shortest", ...[node, cell, owner, kernel]: Parameters<OperatorRule>): void {
  const fail = cell.fail.bind(cell);
  kernel.shape(
    node.args[0],
    owner,
    (shape) => {
      const lists = shape as readonly unknown[];
      const shapes: (readonly unknown[])[] = [];
      let left = lists.length;
      if (left === 0) cell.finish([]);
      lists.forEach((list, i) =>
        kernel.shape(
          list,
          owner,
          (items) => {
            if (!Array.isArray(items)) {
              fail(new LigaseError("LIGASE_E_NOT_A_LIST", `zip takes lists, and its argument ${i + 1} is none`), owner);
              return;
            }
            shapes[i] = items;
            if (--left > 0) return;
            const lengths = shapes.map((each) => each.length);
            if (rule === "equal" && lengths.some((length) => length !== lengths[0])) {
              const message = `zip takes lists of one length, and got lists of ${lengths.join(" and ")} items`;
              fail(new LigaseError("LIGASE_E_ZIP", message, { facts: { lengths } }), owner);
              return;
            }
            const rows = shapes[0]!.slice(0, Math.min(...lengths));
            const tuples = rows.map((_, row) => shapes.map((each) => each[row]));
            kernel.settle(cell, tuples, owner);
          },
          fail,
        ),
      );
    },
    fail,
  );
}
