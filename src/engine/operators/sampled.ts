import { nodeOf } from "../../expr/lazy.ts";
import { Lambda, type Node } from "../../expr/node.ts";
import type { ItemSink } from "../cell.ts";
import type { Job } from "../job.ts";
import type { Sampling } from "../sampling.ts";
import { map, mapFrom } from "./map.ts";
import type { OperatorRule, OperatorRules } from "./operator.ts";
import { zipRule } from "./zip.ts";

/**
 * The rules of a run of a sample: every map takes the first items of its list and leaves the rest out, which is then
 * never evaluated. Lists that no map goes over stay whole: what `attemptAll`, `seq` and `reduce` are given, and groups.
 * Where a list that was cut meets one that was not, `zip` goes as far as both do.
 */
export function sampledRules(rules: OperatorRules, sampling: Sampling): OperatorRules {
  const sampledMap: OperatorRule = (node, cell, owner, kernel) => {
    const [list, each] = node.args as [unknown, Lambda];
    if (keepsAll(each)) {
      map(node, cell, owner, kernel);
      return;
    }
    const cut = (of: number): void => sampling.cut(list, owner, of);
    mapFrom(
      (sink) => kernel.items(list, owner, "map", new FirstItems(sampling.count, sink, cut)),
      node,
      cell,
      owner,
      kernel,
    );
  };
  return { ...rules, map: sampledMap, zip: zipRule("shortest") };
}

/** Is this the callback of `attemptAll`: `(item) => attempt(item, (error) => error)`? */
function keepsAll({ params: [item], body }: Lambda): boolean {
  const node = nodeOf(body);
  if (node?.kind !== "op" || node.op !== "attempt") return false;
  const [value, recovery] = node.args;
  return isParam(value, item) && recovery instanceof Lambda && isParam(recovery.body, recovery.params[0]);
}

const isParam = (value: unknown, param: Node | undefined): boolean => param !== undefined && nodeOf(value) === param;

/** Hands on the first items of a list, once its order is known: those that happen to be there first may be others. */
class FirstItems implements ItemSink<Job> {
  readonly #count: number;
  readonly #sink: ItemSink<Job>;
  readonly #cut: (of: number) => void;
  readonly #values = new Map<number, unknown>();

  constructor(count: number, sink: ItemSink<Job>, cut: (of: number) => void) {
    this.#count = count;
    this.#sink = sink;
    this.#cut = cut;
  }

  item(id: number, value: unknown): void {
    this.#values.set(id, value);
  }

  end(order: readonly number[]): void {
    const first = order.slice(0, this.#count);
    if (first.length < order.length) this.#cut(order.length);
    for (const id of first) this.#sink.item(id, this.#values.get(id));
    this.#sink.end(first);
  }

  fail(error: unknown, job: Job | undefined): void {
    this.#sink.fail(error, job);
  }
}
