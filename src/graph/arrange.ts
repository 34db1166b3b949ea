import { byGroup, type Graph, type GraphNode } from "./model.ts";
import { siblingEdges } from "./siblings.ts";

/**
 * Puts the nodes of a graph in the order in which people read them: what stands in a box right behind it, and beside
 * one another what gives before what takes. Otherwise they stay in the order they have.
 */
export function arrange(graph: Graph): Graph {
  const after = new Map<string, string[]>();
  const waiting = new Map<string, number>();
  for (const { from, to, kind } of siblingEdges(graph)) {
    if (kind !== "data") continue;
    const list = after.get(from);
    if (list) list.push(to);
    else after.set(from, [to]);
    waiting.set(to, (waiting.get(to) ?? 0) + 1);
  }
  const inside = byGroup(graph.nodes);
  const nodes: GraphNode[] = [];
  const visit = (group: string | undefined): void => {
    for (const node of inOrder(inside.get(group) ?? [], after, waiting)) {
      nodes.push(node);
      visit(node.id);
    }
  };
  visit(undefined);
  return { ...graph, nodes };
}

/** Kahn's order (1962) that goes on, where there is a circle, with the first node that is left. */
function inOrder(
  nodes: readonly GraphNode[],
  after: ReadonlyMap<string, readonly string[]>,
  waiting: Map<string, number>,
): GraphNode[] {
  const left = new Set(nodes);
  const order: GraphNode[] = [];
  while (left.size > 0) {
    let next: GraphNode | undefined;
    for (const node of left) {
      next ??= node;
      if ((waiting.get(node.id) ?? 0) > 0) continue;
      next = node;
      break;
    }
    left.delete(next!);
    order.push(next!);
    for (const id of after.get(next!.id) ?? []) waiting.set(id, waiting.get(id)! - 1);
  }
  return order;
}
