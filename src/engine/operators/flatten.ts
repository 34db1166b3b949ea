import { ItemBuffer } from "../cell.ts";
import type { Job } from "../job.ts";
import type { OperatorRule } from "./operator.ts";

/** `flatten`: the items of the lists in a list, one level, each handed on as soon as it is known. */
export const flatten: OperatorRule = (node, cell, owner, kernel) => {
  const out = new ItemBuffer<Job>();
  const values: unknown[] = [];
  /** For each inner list: its ids here, once it has ended. */
  const inner = new Map<number, readonly number[]>();
  let outer: readonly number[] | undefined;
  cell.setItems(out);
  const fail = (error: unknown, job: Parameters<typeof cell.fail>[1]): void => {
    out.fail(error, job);
    cell.fail(error, job);
  };
  const endWhenWhole = (): void => {
    if (!outer || inner.size < outer.length) return;
    const order = outer.flatMap((id) => inner.get(id)!);
    out.end(order);
    kernel.settle(
      cell,
      order.map((id) => values[id]),
      owner,
    );
  };
  kernel.items(node.args[0], owner, "flatten", {
    item(outerId, list) {
      const ids = new Map<number, number>();
      kernel.items(list, owner, "flatten, of a list of lists,", {
        item(id, value) {
          ids.set(id, values.length);
          values.push(value);
          out.item(values.length - 1, value);
        },
        end(order) {
          inner.set(
            outerId,
            order.map((id) => ids.get(id)!),
          );
          endWhenWhole();
        },
        fail,
      });
    },
    end(order) {
      outer = order;
      endWhenWhole();
    },
    fail,
  });
};
