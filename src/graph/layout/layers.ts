import { adjacency } from "./adjacency.ts";

/** After so many sweeps nodes stay where they are; they rarely move in the third. */
const SWEEPS = 8;

/**
 * The layer of each node: every edge leads at least its length downwards. First each node as high as it can stand
 * (longest path, Sugiyama, Tagawa & Toda 1981), then those with more edges below than above are lowered as far as
 * these allow: each such step shortens the edges in all, which is what the network simplex of Gansner et al. (1993)
 * does to the end, at many times the cost.
 *
 * @param from - upper ends of the edges; there are no circles
 * @param length - how many layers each edge spans at least
 */
export function assignLayers(nodes: number, from: Int32Array, to: Int32Array, length: Uint8Array): Int32Array {
  const out = adjacency(nodes, from);
  const into = adjacency(nodes, to);
  const layer = new Int32Array(nodes);
  const order = topological(nodes, from, to, out);
  for (const v of order) {
    for (let i = out.start[v]!; i < out.start[v + 1]!; i++) {
      const e = out.list[i]!;
      layer[to[e]!] = Math.max(layer[to[e]!]!, layer[v]! + length[e]!);
    }
  }
  for (let sweep = 0, moved = true; moved && sweep < SWEEPS; sweep++) {
    moved = false;
    for (let i = nodes - 1; i >= 0; i--) {
      const v = order[i]!;
      const below = out.start[v + 1]! - out.start[v]!;
      if (below <= into.start[v + 1]! - into.start[v]!) continue;
      let lowest = Infinity;
      for (let j = out.start[v]!; j < out.start[v + 1]!; j++) {
        const e = out.list[j]!;
        lowest = Math.min(lowest, layer[to[e]!]! - length[e]!);
      }
      if (lowest > layer[v]!) {
        layer[v] = lowest;
        moved = true;
      }
    }
  }
  return layer;
}

/** The nodes, each after all that lead to it (Kahn 1962). */
function topological(
  nodes: number,
  from: Int32Array,
  to: Int32Array,
  { start, list }: ReturnType<typeof adjacency>,
): Int32Array {
  const waiting = new Int32Array(nodes);
  for (let e = 0; e < from.length; e++) waiting[to[e]!]!++;
  const order = new Int32Array(nodes);
  let length = 0;
  for (let v = 0; v < nodes; v++) if (waiting[v] === 0) order[length++] = v;
  for (let next = 0; next < length; next++) {
    const v = order[next]!;
    for (let i = start[v]!; i < start[v + 1]!; i++) {
      const w = to[list[i]!]!;
      if (--waiting[w]! === 0) order[length++] = w;
    }
  }
  return order;
}
