import { makeExpr } from "../../expr/lazy.ts";
import type { Lambda, OpNode } from "../../expr/node.ts";
import type { Job } from "../job.ts";
import { instantiate } from "../operators/instantiate.ts";
import type { OperatorRule, OperatorRules } from "../operators/operator.ts";
import { Unknown } from "../unknown.ts";

/** What may be evaluated, depending on a value that is not known: a branch, or the callback of a list. */
export interface Region {
  /** Makes the expression. */
  readonly make: () => unknown;
  /** The list for each of whose items it is made. */
  readonly list: unknown;
  /** The job in whose result it stands. */
  readonly owner: Job | undefined;
  readonly because: Unknown;
}

/** An expression whose value is not known. */
const placeholder = (unknown: Unknown): unknown => makeExpr({ kind: "op", op: "fail", args: [unknown] });

/** A recorded callback with placeholders for all it is given. */
const called = (lambda: unknown, because: Unknown): unknown => {
  const callback = lambda as Lambda;
  return instantiate(
    callback,
    callback.params.map(() => placeholder(because)),
  );
};

/**
 * The rules of a dry run: an operator that meets a value that is not known says which parts of it may be evaluated then.
 *
 * @param later - told of these parts
 */
export function dryRules(rules: OperatorRules, later: (region: Region) => void): OperatorRules {
  const or =
    (rule: OperatorRule, parts: (node: OpNode, because: Unknown) => unknown, each = false): OperatorRule =>
    (node, cell, owner, kernel) => {
      rule(node, cell, owner, kernel);
      cell.whenShaped(() => {
        // It has become nothing yet: not what it depends on is unknown, but what it is.
        const undecided = cell.state === "failed" && cell.alias === undefined && cell.origin === undefined;
        const because = cell.error;
        if (!undecided || !(because instanceof Unknown)) return;
        later({ make: () => parts(node, because), list: each ? node.args[0] : undefined, owner, because });
      });
    };
  return {
    ...rules,
    attempt: or(rules.attempt, ({ args: [, recovery] }, because) => called(recovery, because)),
    cond: or(rules.cond, ({ args: [, yes, no] }) => [yes, no]),
    fail: (node, cell, owner, kernel) => {
      const [error] = node.args;
      if (error instanceof Unknown) cell.fail(error, owner);
      else rules.fail(node, cell, owner, kernel);
    },
    groupBy: or(rules.groupBy, ({ args: [, key] }, because) => called(key, because), true),
    map: or(rules.map, ({ args: [, each] }, because) => called(each, because), true),
    reduce: or(rules.reduce, ({ args: [, each] }, because) => called(each, because), true),
    // In a run each waits for the one before it; here it would wait for what never comes.
    seq: (node, cell, owner, kernel) =>
      kernel.shape(
        node.args[0],
        owner,
        (list) => kernel.settle(cell, list, owner),
        (error, job) => cell.fail(error, job),
      ),
  };
}
