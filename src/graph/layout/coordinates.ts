import type { Adjacency } from "./adjacency.ts";
import type { Order } from "./order.ts";
import type { ProperGraph } from "./proper.ts";

/** The segments of each node, in the order of their other ends. */
export interface Sides {
  readonly out: Adjacency;
  readonly into: Adjacency;
}

/** One of the four ways to align: by the neighbours above or below, from the left or from the right. */
interface Way {
  readonly down: boolean;
  readonly left: boolean;
}

const WAYS: readonly Way[] = [
  { down: true, left: true },
  { down: true, left: false },
  { down: false, left: true },
  { down: false, left: false },
];

/**
 * The horizontal middles of the nodes, by Brandes & Köpf, Fast and simple horizontal coordinate assignment (GD 2001,
 * with the erratum of Brandes, Walter & Zink 2020): each node is aligned with a median neighbour, four times, and the
 * mean of the two middle results is taken. Long edges are straight lines, and neighbours never overlap. Blocks of
 * aligned nodes are placed by longest paths, which allows for nodes of any width.
 *
 * @param width - of each node of the proper graph
 */
export function horizontal(
  graph: ProperGraph,
  order: Order,
  sides: Sides,
  width: Float64Array,
  gap: number,
): Float64Array {
  const crossed = conflicts(graph, order);
  const results = WAYS.map((way) =>
    place(graph, order, align(graph, order, sides, crossed, way), width, gap, way.left),
  );
  const extents = results.map((x) => extentOf(x, width));
  const narrowest = extents.reduce((a, b) => (b.right - b.left < a.right - a.left ? b : a));
  results.forEach((x, k) => {
    const { left, right } = extents[k]!;
    const shift = WAYS[k]!.left ? narrowest.left - left : narrowest.right - right;
    for (let v = 0; v < x.length; v++) x[v]! += shift;
  });
  const [a, b, c, d] = results as [Float64Array, Float64Array, Float64Array, Float64Array];
  return a.map((_, v) => {
    const [p, q, r, s] = [a[v]!, b[v]!, c[v]!, d[v]!];
    return (p + q + r + s - Math.min(p, q, r, s) - Math.max(p, q, r, s)) / 2;
  });
}

function extentOf(x: Float64Array, width: Float64Array): { left: number; right: number } {
  let left = Infinity;
  let right = -Infinity;
  for (let v = 0; v < x.length; v++) {
    left = Math.min(left, x[v]! - width[v]! / 2);
    right = Math.max(right, x[v]! + width[v]! / 2);
  }
  return { left, right };
}

/**
 * The segments that cross the inside of a long edge (type 1 conflicts): they must not be straight, so that it can.
 *
 * @returns 1 for each of them
 */
function conflicts(graph: ProperGraph, { nodes, start, place: at }: Order): Uint8Array {
  const { real, layers, from, into } = graph;
  const crossed = new Uint8Array(from.length);
  /** The node above of an inner segment that ends here. */
  const above = (v: number): number => {
    if (v < real || into.start[v] === into.start[v + 1]) return -1;
    const u = from[into.list[into.start[v]!]!]!;
    return u >= real ? u : -1;
  };
  for (let l = 1; l < layers; l++) {
    const end = start[l + 1]!;
    let lowest = 0;
    let done = start[l]!;
    for (let i = start[l]!; i < end; i++) {
      const inner = above(nodes[i]!);
      if (inner === -1 && i < end - 1) continue;
      const highest = inner === -1 ? start[l]! - start[l - 1]! - 1 : at[inner]!;
      for (; done <= i; done++) {
        const v = nodes[done]!;
        for (let j = into.start[v]!; j < into.start[v + 1]!; j++) {
          const s = into.list[j]!;
          const u = from[s]!;
          if ((at[u]! < lowest || at[u]! > highest) && !(u >= real && v >= real)) crossed[s] = 1;
        }
      }
      lowest = highest;
    }
  }
  return crossed;
}

/** The block of each node: the first of the nodes it is aligned with. */
function align(
  graph: ProperGraph,
  order: Order,
  { out, into }: Sides,
  crossed: Uint8Array,
  { down, left }: Way,
): Int32Array {
  const { layers } = graph;
  const { start, list } = down ? into : out;
  const ends = down ? graph.from : graph.to;
  const { nodes, place: at } = order;
  const root = Int32Array.from({ length: graph.nodes }, (_, v) => v);
  const taken = new Uint8Array(graph.nodes);
  const aligned = new Uint8Array(graph.nodes);
  for (let step = 1; step < layers; step++) {
    const l = down ? step : layers - 1 - step;
    const size = order.start[l + 1]! - order.start[l]!;
    // The place of the last neighbour that was aligned with: alignments must not cross.
    let last = left ? -1 : Infinity;
    for (let i = 0; i < size; i++) {
      const v = nodes[order.start[l]! + (left ? i : size - 1 - i)]!;
      const degree = start[v + 1]! - start[v]!;
      if (degree === 0) continue;
      const low = start[v]! + ((degree - 1) >> 1);
      const high = start[v]! + (degree >> 1);
      for (let m = left ? low : high; m >= low && m <= high; m += left ? 1 : -1) {
        const s = list[m]!;
        const u = ends[s]!;
        if (aligned[v] === 1 || taken[u] === 1 || crossed[s] === 1) continue;
        if (left ? at[u]! <= last : at[u]! >= last) continue;
        root[v] = root[u]!;
        aligned[v] = 1;
        taken[u] = 1;
        last = at[u]!;
      }
    }
  }
  return root;
}

/**
 * Places blocks as far to one side as they go, then each as near to those on its other side as it may: the graph of
 * blocks, with an edge for each two neighbours in a layer, has no circles.
 */
function place(
  graph: ProperGraph,
  { nodes, start }: Order,
  root: Int32Array,
  width: Float64Array,
  gap: number,
  left: boolean,
): Float64Array {
  const pairs = graph.nodes - graph.layers;
  const before = new Int32Array(pairs);
  const after = new Int32Array(pairs);
  const distance = new Float64Array(pairs);
  let count = 0;
  for (let l = 0; l < graph.layers; l++) {
    for (let i = start[l]! + 1; i < start[l + 1]!; i++) {
      const [u, v] = left ? [nodes[i - 1]!, nodes[i]!] : [nodes[i]!, nodes[i - 1]!];
      before[count] = root[u]!;
      after[count] = root[v]!;
      distance[count++] = (width[u]! + width[v]!) / 2 + gap;
    }
  }
  const x = new Float64Array(graph.nodes);
  const sequence = blockSequence(graph.nodes, before, after);
  for (const p of sequence) x[after[p]!] = Math.max(x[after[p]!]!, x[before[p]!]! + distance[p]!);
  const room = new Float64Array(graph.nodes).fill(Infinity);
  for (let i = sequence.length - 1; i >= 0; i--) {
    const p = sequence[i]!;
    const next = after[p]!;
    const limit = room[next] === Infinity ? x[next]! : room[next]!;
    room[before[p]!] = Math.min(room[before[p]!]!, limit - distance[p]!);
  }
  const sign = left ? 1 : -1;
  return x.map((_, v) => {
    const r = root[v]!;
    return sign * (room[r] === Infinity ? x[r]! : room[r]!);
  });
}

/** The pairs in an order in which each comes after all pairs that lead to its first block. */
function blockSequence(blocks: number, before: Int32Array, after: Int32Array): Int32Array {
  const start = new Int32Array(blocks + 1);
  const waiting = new Int32Array(blocks);
  for (let p = 0; p < before.length; p++) {
    start[before[p]! + 1]!++;
    waiting[after[p]!]!++;
  }
  for (let b = 0; b < blocks; b++) start[b + 1]! += start[b]!;
  const next = start.slice(0, blocks);
  const list = new Int32Array(before.length);
  for (let p = 0; p < before.length; p++) list[next[before[p]!]!++] = p;
  const ready: number[] = [];
  for (let b = 0; b < blocks; b++) if (waiting[b] === 0) ready.push(b);
  const sequence = new Int32Array(before.length);
  let length = 0;
  for (let b = ready.pop(); b !== undefined; b = ready.pop()) {
    for (let i = start[b]!; i < start[b + 1]!; i++) {
      const p = list[i]!;
      sequence[length++] = p;
      if (--waiting[after[p]!]! === 0) ready.push(after[p]!);
    }
  }
  return sequence;
}
