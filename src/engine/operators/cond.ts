import type { OperatorRule } from "./operator.ts";

/** `cond`: waits for the test, then becomes one branch; the other is never evaluated. */
export const cond: OperatorRule = (node, cell, owner, kernel) => {
  const [test, yes, no] = node.args;
  kernel.resolve(
    test,
    owner,
    (chosen) => kernel.settle(cell, chosen ? yes : no, owner),
    (error, job) => cell.fail(error, job),
  );
};
