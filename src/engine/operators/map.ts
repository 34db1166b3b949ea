import type { Lambda } from "../../expr/node.ts";
import { ItemBuffer, type ItemSink } from "../cell.ts";
import type { Job } from "../job.ts";
import { instantiate } from "./instantiate.ts";
import type { OperatorRule } from "./operator.ts";

/**
 * `map`: an instance of the callback for each item, as soon as the item is known and whether or
 * not its value is there yet. A callback that asks for the index waits for the list to be whole,
 * because only then is the order known.
 */
export const map: OperatorRule = (node, cell, owner, kernel) =>
  mapFrom((sink) => kernel.items(node.args[0], owner, "map", sink), node, cell, owner, kernel);

/** The same, with the items from elsewhere than the kernel. */
export function mapFrom(
  items: (sink: ItemSink<Job>) => void,
  ...[node, cell, owner, kernel]: Parameters<OperatorRule>
): void {
  const each = node.args[1] as Lambda;
  const out = new ItemBuffer<Job>();
  const values = new Map<number, unknown>();
  const wantsIndex = each.params.length > 1;
  let wanted = false;
  cell.setItems(out);
  // Whoever wants the whole list wants each item as soon as it is known, not when the last one is.
  cell.onDemand(() => {
    wanted = true;
    for (const value of values.values()) kernel.start(value, owner);
  });
  items({
    item(id, item) {
      const value = wantsIndex ? item : instantiate(each, [item]);
      values.set(id, value);
      if (wantsIndex) return;
      out.item(id, value);
      if (wanted) kernel.start(value, owner);
    },
    end(order) {
      if (wantsIndex) {
        order.forEach((id, index) => {
          values.set(id, instantiate(each, [values.get(id), index]));
          out.item(id, values.get(id));
        });
      }
      out.end(order);
      kernel.settle(
        cell,
        order.map((id) => values.get(id)),
        owner,
      );
    },
    fail(error, job) {
      out.fail(error, job);
      cell.fail(error, job);
    },
  });
}
