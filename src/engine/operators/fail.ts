import { LigaseError } from "../../kernel/index.ts";
import type { OperatorRule } from "./operator.ts";

/** `fail`: fails with the error, or with the text as its message. */
export const fail: OperatorRule = (node, cell, owner, kernel) =>
  kernel.resolve(
    node.args[0],
    owner,
    (error) => cell.fail(error instanceof Error ? error : new LigaseError("LIGASE_E_FAIL", String(error)), owner),
    (error, job) => cell.fail(error, job),
  );
