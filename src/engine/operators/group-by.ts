import { Lambda } from "../../expr/node.ts";
import { Codec, LigaseError } from "../../kernel/index.ts";
import { ItemBuffer } from "../cell.ts";
import type { Job } from "../job.ts";
import { instantiate } from "./instantiate.ts";
import type { OperatorRule } from "./operator.ts";

interface Group {
  readonly id: number;
  readonly key: unknown;
  /** Ids of its items in the list. */
  readonly members: number[];
  size: number | undefined;
  handedOn: boolean;
}

const plain = new Codec();

/**
 * `groupBy`: `{ key, items }` for each key. With a size, a group is handed on as soon as it has
 * that many items, while others still wait; without, when the list has ended. Groups stand in the
 * order in which their keys first appear in the list, and items in the order of the list, whatever
 * became known first. A size smaller than the group turns out to be is an error: what was handed
 * on cannot be called back.
 */
export const groupBy: OperatorRule = (node, cell, owner, kernel) => {
  const [list, key, size] = node.args as [unknown, Lambda, unknown];
  const out = new ItemBuffer<Job>();
  const items = new Map<number, unknown>();
  const groups = new Map<string, Group>();
  const groupOf = new Map<number, Group>();
  const values = new Map<number, unknown>();
  let order: readonly number[] | undefined;
  let pending = 0;
  cell.setItems(out);
  const fail = (error: unknown, job: Parameters<typeof cell.fail>[1]): void => {
    out.fail(error, job);
    cell.fail(error, job);
  };

  const handOn = (group: Group): void => {
    group.handedOn = true;
    // Ids rise with the place in the list for every source whose order is known early.
    const position = order && new Map(order.map((id, i) => [id, i]));
    const members = group.members.toSorted((a, b) => (position ? position.get(a)! - position.get(b)! : a - b));
    const value = { key: group.key, items: members.map((id) => items.get(id)) };
    values.set(group.id, value);
    out.item(group.id, value);
  };

  const endWhenWhole = (): void => {
    if (!order || pending > 0 || cell.settled) return;
    const inOrder = [...new Set(order.map((id) => groupOf.get(id)!))];
    for (const group of inOrder) if (!group.handedOn) handOn(group);
    out.end(inOrder.map((group) => group.id));
    kernel.settle(
      cell,
      inOrder.map((group) => values.get(group.id)),
      owner,
    );
  };

  const join = (id: number, keyValue: unknown, sizeValue: unknown): void => {
    const text = plain.encode(keyValue).text;
    let group = groups.get(text);
    if (!group) {
      group = { id: groups.size, key: keyValue, members: [], size: undefined, handedOn: false };
      groups.set(text, group);
    }
    groupOf.set(id, group);
    if (group.handedOn) {
      fail(
        new LigaseError(
          "LIGASE_E_GROUP_SIZE",
          `groupBy: the group ${text} has more items than its size, ${group.size}`,
          {
            facts: { key: keyValue, size: group.size },
            mend: "give the true size of each group, or none",
          },
        ),
        owner,
      );
      return;
    }
    group.members.push(id);
    if (typeof sizeValue === "number") group.size = sizeValue;
    if (group.members.length === group.size) handOn(group);
    pending--;
    endWhenWhole();
  };

  kernel.items(list, owner, "groupBy", {
    item(id, item) {
      items.set(id, item);
      pending++;
      const asked = [instantiate(key, [item]), size instanceof Lambda ? instantiate(size, [item]) : size];
      kernel.resolve(
        asked,
        owner,
        (answers) => {
          const [keyValue, sizeValue] = answers as [unknown, unknown];
          join(id, keyValue, sizeValue);
        },
        fail,
      );
    },
    end(all) {
      order = all;
      endWhenWhole();
    },
    fail,
  });
};
