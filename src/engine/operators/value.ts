import type { OperatorRule } from "./operator.ts";

/** `value`: a structure with lazy parts. Its shape is there at once. */
export const value: OperatorRule = (node, cell, owner, kernel) => kernel.settle(cell, node.args[0], owner);
