import type { OperatorRule } from "./operator.ts";

/** `seq`: evaluates the items one after another; an item that fails keeps the later ones from starting. */
export const seq: OperatorRule = (node, cell, owner, kernel) => {
  const fail = cell.fail.bind(cell);
  kernel.shape(
    node.args[0],
    owner,
    (list) => {
      const items = list as readonly unknown[];
      const values: unknown[] = [];
      const next = (): void => {
        if (values.length === items.length) cell.finish(values);
        else {
          kernel.resolve(
            items[values.length],
            owner,
            (value) => {
              values.push(value);
              // From the queue, so that a long sequence of plain values does not grow the stack.
              kernel.later(next);
            },
            fail,
          );
        }
      };
      next();
    },
    fail,
  );
};
