import type { Lambda } from "../../expr/node.ts";
import { LigaseError } from "../../kernel/index.ts";
import { Unknown } from "../unknown.ts";
import { instantiate } from "./instantiate.ts";
import type { OperatorRule } from "./operator.ts";

/**
 * `attempt`: the value, or what the recovery makes of its error. A failure that was recovered
 * from before is replayed as long as none of the tasks in it has changed; a cancelled run is no
 * failure to recover from, and neither is what is not known yet.
 */
export const attempt: OperatorRule = (node, cell, owner, kernel) => {
  const [value, recovery] = node.args as [unknown, Lambda];
  const recover = (error: Error): void => kernel.settle(cell, instantiate(recovery, [error]), owner);
  kernel.recoveries.find(value, (before) => {
    if (before) {
      recover(before);
      return;
    }
    kernel.resolve(
      value,
      owner,
      (whole) => cell.finish(whole),
      (thrown, job) => {
        if (thrown instanceof Unknown || (thrown instanceof LigaseError && thrown.code === "LIGASE_E_CANCELLED")) {
          cell.fail(thrown, job);
          return;
        }
        const error = thrown instanceof Error ? thrown : new LigaseError("LIGASE_E_THROWN", String(thrown));
        kernel.recoveries.remember(value, error);
        recover(error);
      },
    );
  });
};
