import type { Adjacency } from "./adjacency.ts";
import { countCrossings } from "./crossings.ts";
import type { ProperGraph } from "./proper.ts";

/** The places of the nodes in their layers. */
export interface Order {
  /** The nodes layer by layer, each from left to right: layer `l` is `nodes[start[l]] … nodes[start[l + 1] - 1]`. */
  readonly nodes: Int32Array;
  readonly start: Int32Array;
  /** The place of each node in its layer. */
  readonly place: Int32Array;
}

/** So many sweeps without fewer crossings are the end. */
const PATIENCE = 4;
/** So many sweeps are made at most: in large graphs, where each takes long, the first ones do nearly all. */
const mostSweeps = (nodes: number): number => Math.max(4, Math.min(24, Math.floor(60_000 / nodes)));

/**
 * Orders the nodes of each layer so that few segments cross: sweeps up and down, in each of which the nodes of a layer
 * are sorted by the mean place of their neighbours in the layer before (the barycentre method of Sugiyama, Tagawa &
 * Toda, Methods for visual understanding of hierarchical system structures, IEEE SMC 1981). The best order met is taken.
 */
export function orderLayers(graph: ProperGraph): Order {
  const order = firstOrder(graph);
  let best = order.nodes.slice();
  let fewest = crossingsIn(graph, order);
  const most = mostSweeps(graph.nodes);
  for (let sweep = 0, since = 0; sweep < most && since < PATIENCE && fewest > 0; sweep++, since++) {
    for (let i = 1; i < graph.layers; i++) {
      // Ties keep their order in two sweeps and turn it round in the next two: otherwise they would never part.
      sortLayer(graph, order, sweep % 2 === 0 ? i : graph.layers - 1 - i, sweep % 2 === 0, sweep % 4 > 1);
    }
    const crossings = crossingsIn(graph, order);
    if (crossings < fewest) {
      fewest = crossings;
      best = order.nodes.slice();
      since = -1;
    }
  }
  order.nodes.set(best);
  for (let l = 0; l < graph.layers; l++) setPlaces(order, l);
  return order;
}

/** Each node where a depth-first search meets it: what hangs together stands together. */
function firstOrder({ nodes, layer, layers, to, out, into }: ProperGraph): Order {
  const start = new Int32Array(layers + 1);
  for (let v = 0; v < nodes; v++) start[layer[v]! + 1]!++;
  for (let l = 0; l < layers; l++) start[l + 1]! += start[l]!;
  const next = start.slice();
  const order: Order = { nodes: new Int32Array(nodes), start, place: new Int32Array(nodes) };
  const met = new Uint8Array(nodes);
  const visit = (root: number): void => {
    const stack = [root];
    while (stack.length > 0) {
      const v = stack.pop()!;
      if (met[v] === 1) continue;
      met[v] = 1;
      order.place[v] = next[layer[v]!]! - start[layer[v]!]!;
      order.nodes[next[layer[v]!]!++] = v;
      for (let i = out.start[v + 1]! - 1; i >= out.start[v]!; i--) stack.push(to[out.list[i]!]!);
    }
  };
  for (let v = 0; v < nodes; v++) if (into.start[v] === into.start[v + 1]) visit(v);
  return order;
}

function sortLayer(graph: ProperGraph, order: Order, l: number, down: boolean, turned: boolean): void {
  const { start, list } = down ? graph.into : graph.out;
  const ends = down ? graph.from : graph.to;
  const { place } = order;
  const nodes = order.nodes.subarray(order.start[l], order.start[l + 1]);
  const centre = new Float64Array(nodes.length);
  nodes.forEach((v, i) => {
    const degree = start[v + 1]! - start[v]!;
    let sum = 0;
    for (let j = start[v]!; j < start[v + 1]!; j++) sum += place[ends[list[j]!]!]!;
    // What has no neighbour there stays about where it is.
    centre[i] = degree === 0 ? i : sum / degree;
  });
  const turn = turned ? -1 : 1;
  const sorted = Array.from(nodes, (_, i) => i).sort((a, b) => centre[a]! - centre[b]! || turn * (a - b));
  const before = nodes.slice();
  sorted.forEach((from, i) => (nodes[i] = before[from]!));
  setPlaces(order, l);
}

function setPlaces({ nodes, start, place }: Order, l: number): void {
  for (let i = start[l]!; i < start[l + 1]!; i++) place[nodes[i]!] = i - start[l]!;
}

/**
 * The segments of each node in the order of their other ends, without any sorting: they are dealt out as those ends
 * come.
 *
 * @param near - the ends at the nodes
 * @param far - the segments by their other ends
 */
export function inPlaceOrder({ nodes }: Order, near: Int32Array, far: Adjacency, { start }: Adjacency): Adjacency {
  const next = start.slice();
  const list = new Int32Array(near.length);
  for (const u of nodes) {
    for (let i = far.start[u]!; i < far.start[u + 1]!; i++) {
      const s = far.list[i]!;
      list[next[near[s]!]!++] = s;
    }
  }
  return { start, list };
}

/** How many segments cross in all. */
export function crossingsIn({ layers, to, out }: ProperGraph, { nodes, start, place }: Order): number {
  let crossings = 0;
  for (let l = 0; l + 1 < layers; l++) {
    const ends: number[] = [];
    for (let i = start[l]!; i < start[l + 1]!; i++) {
      const v = nodes[i]!;
      const first = ends.length;
      for (let j = out.start[v]!; j < out.start[v + 1]!; j++) ends.push(place[to[out.list[j]!]!]!);
      if (ends.length - first > 1) {
        const sorted = ends.splice(first).sort((a, b) => a - b);
        for (const end of sorted) ends.push(end);
      }
    }
    crossings += countCrossings(ends, start[l + 2]! - start[l + 1]!);
  }
  return crossings;
}
