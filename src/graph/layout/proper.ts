import { type Adjacency, adjacency } from "./adjacency.ts";

/**
 * A graph in layers whose edges all lead from one layer to the next: longer ones are chains of segments over nodes of
 * their own, which take no room but the label's. Real nodes come first.
 */
export interface ProperGraph {
  readonly nodes: number;
  /** How many of them are real. */
  readonly real: number;
  readonly layer: Int32Array;
  readonly layers: number;
  /** The segments. */
  readonly from: Int32Array;
  readonly to: Int32Array;
  readonly out: Adjacency;
  readonly into: Adjacency;
  /** The first segment of each edge, and behind the last edge their number. The nodes of its chain follow one another. */
  readonly first: Int32Array;
}

/** Cuts edges into segments. `layer` is that of the real nodes. */
export function makeProper(layer: Int32Array, from: Int32Array, to: Int32Array): ProperGraph {
  const real = layer.length;
  const edges = from.length;
  const first = new Int32Array(edges + 1);
  for (let e = 0; e < edges; e++) first[e + 1] = first[e]! + layer[to[e]!]! - layer[from[e]!]!;
  const segments = first[edges]!;
  const nodes = real + segments - edges;
  const all = new Int32Array(nodes);
  all.set(layer);
  const upper = new Int32Array(segments);
  const lower = new Int32Array(segments);
  let node = real;
  for (let e = 0; e < edges; e++) {
    let above = from[e]!;
    for (let s = first[e]!; s < first[e + 1]!; s++) {
      const isLast = s === first[e + 1]! - 1;
      const below = isLast ? to[e]! : node++;
      if (!isLast) all[below] = all[above]! + 1;
      upper[s] = above;
      lower[s] = below;
      above = below;
    }
  }
  let layers = 0;
  for (let v = 0; v < real; v++) layers = Math.max(layers, layer[v]! + 1);
  return {
    nodes,
    real,
    layer: all,
    layers,
    from: upper,
    to: lower,
    out: adjacency(nodes, upper),
    into: adjacency(nodes, lower),
    first,
  };
}

/** The nodes of an edge's chain: the first of them, and how many there are. */
export function chainOf(graph: ProperGraph, edge: number): { readonly first: number; readonly length: number } {
  const segment = graph.first[edge]!;
  const length = graph.first[edge + 1]! - segment - 1;
  return { first: length > 0 ? graph.to[segment]! : -1, length };
}
