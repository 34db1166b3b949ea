import { adjacency } from "./adjacency.ts";

/**
 * Which edges have to be turned round so that no circle is left: those that lead back to a node that is being visited,
 * in a depth-first search that takes nodes and edges in their order (Gansner, Koutsofios, North & Vo, A technique for
 * drawing directed graphs, IEEE TSE 1993, § 2.1). It keeps the direction in which people wrote the graph, where the
 * fewest possible edges would not. Loops are not among them.
 *
 * @returns 1 for each edge to be turned
 */
export function backEdges(nodes: number, from: Int32Array, to: Int32Array): Uint8Array {
  const back = new Uint8Array(from.length);
  const { start, list } = adjacency(nodes, from);
  /** 0: not met, 1: being visited, 2: left. */
  const state = new Uint8Array(nodes);
  const next = start.slice(0, nodes);
  const stack: number[] = [];
  for (let root = 0; root < nodes; root++) {
    if (state[root] !== 0) continue;
    state[root] = 1;
    stack.push(root);
    while (stack.length > 0) {
      const v = stack.at(-1)!;
      if (next[v] === start[v + 1]) {
        state[v] = 2;
        stack.pop();
        continue;
      }
      const e = list[next[v]!++]!;
      const w = to[e]!;
      if (state[w] === 0) {
        state[w] = 1;
        stack.push(w);
      } else if (state[w] === 1 && w !== v) back[e] = 1;
    }
  }
  return back;
}
