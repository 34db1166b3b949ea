import type { Node } from "../expr/node.ts";
import { nodeOf } from "../expr/lazy.ts";
import type { Hash } from "../kernel/index.ts";
import type { DataEdgeRow } from "../store/types.ts";
import type { Cell } from "./cell.ts";
import type { Job } from "./job.ts";
import { eachLazy } from "./structure.ts";

/** Where the results of calls lie while a run goes on. */
interface Cells {
  find(node: Node): Cell<Job> | undefined;
}

/** A list of a list of a list is followed this deep; further in, the list's own call stands for its items. */
const DEPTH = 4;

/**
 * Which result flowed into which argument of a call: an edge for each call whose result, or a
 * part of it, stands in the arguments; and one for each item of a list that an operator built.
 */
export function dataEdges(call: Hash, args: readonly unknown[], cells: Cells): DataEdgeRow[] {
  const edges: DataEdgeRow[] = [];

  const follow = (node: Node, argument: readonly string[], part: readonly string[], depth: number): void => {
    const cell = cells.find(node);
    if (node.kind === "get") {
      follow(node.of, argument, [String(node.key), ...part], depth);
      return;
    }
    if (node.kind === "call") {
      // The cell of an equal call elsewhere in the run follows that one's.
      for (let at = cell; at; at = at.alias) {
        if (!at.job) continue;
        edges.push({ call, argument: argument.join("."), from: at.job.key, part: part.join(".") });
        return;
      }
      return;
    }
    if (node.kind === "param" || depth === 0) return;
    if (node.op === "cond" || node.op === "attempt") {
      for (const branch of node.args) within(branch, argument, part, depth);
      return;
    }
    within(node.op === "value" ? node.args[0] : cell?.origin, argument, part, depth);
  };

  const within = (value: unknown, argument: readonly string[], part: readonly string[], depth: number): void => {
    const node = typeof value === "object" && value !== null ? nodeOf(value) : undefined;
    if (node) {
      if (cells.find(node)) follow(node, argument, part, depth - 1);
      return;
    }
    eachLazy(value, (inner, path) => {
      // A field taken of a structure only flows from what stands at that field.
      const [field, ...rest] = part;
      if (field !== undefined && path[0] !== undefined && path[0] !== field) return;
      if (cells.find(inner)) follow(inner, field === undefined ? [...argument, ...path] : argument, rest, depth - 1);
    });
  };

  if (args.length > 0) eachLazy(args, (node, path) => follow(node, path, [], DEPTH));
  return edges;
}
