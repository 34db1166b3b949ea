import { LigaseError } from "../../kernel/index.ts";
import type { OperatorRule } from "./operator.ts";

/** `zip`: the tuples of the first items, the second items, and so on. Lists of different lengths are an error. */
export const zip: OperatorRule = (node, cell, owner, kernel) => {
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
            if (lengths.some((length) => length !== lengths[0])) {
              const message = `zip takes lists of one length, and got lists of ${lengths.join(" and ")} items`;
              fail(new LigaseError("LIGASE_E_ZIP", message, { facts: { lengths } }), owner);
              return;
            }
            const tuples = shapes[0]!.map((_, row) => shapes.map((each) => each[row]));
            kernel.settle(cell, tuples, owner);
          },
          fail,
        ),
      );
    },
    fail,
  );
};
