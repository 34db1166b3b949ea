import { backEdges } from "./acyclic.ts";
import type { Adjacency } from "./adjacency.ts";
import { horizontal, type Sides } from "./coordinates.ts";
import { assignLayers } from "./layers.ts";
import { inPlaceOrder, orderLayers } from "./order.ts";
import { chainOf, makeProper, type ProperGraph } from "./proper.ts";
import type { Layout, LayoutEdge, LayoutOptions, Route, Size } from "./types.ts";

/** Edges that meet at a node stand at least so far apart there, where it is wide enough. Pixels. */
const PORT_GAP = 14;

/**
 * Lays out a graph in layers from top to bottom, after Sugiyama, Tagawa & Toda (1981): circles are opened, nodes are
 * given layers, their order in these and their places, each by a module of its own. Edges run straight down where they
 * pass a layer and slant between layers only, so that none runs over a node. Loops take no part.
 */
export function layoutLayered(nodes: readonly Size[], edges: readonly LayoutEdge[], options: LayoutOptions): Layout {
  const own = edges.flatMap((edge, e) => (edge.from === edge.to ? [] : [e]));
  const from = Int32Array.from(own, (e) => edges[e]!.from);
  const to = Int32Array.from(own, (e) => edges[e]!.to);
  const back = backEdges(nodes.length, from, to);
  back.forEach((turned, i) => {
    if (turned === 1) [from[i], to[i]] = [to[i]!, from[i]!];
  });
  const length = Uint8Array.from(own, (e) => (edges[e]!.label ? 2 : 1));
  const graph = makeProper(assignLayers(nodes.length, from, to, length), from, to);
  const order = orderLayers(graph);

  const width = new Float64Array(graph.nodes);
  const height = new Float64Array(graph.nodes);
  nodes.forEach((size, v) => ([width[v], height[v]] = [size.width, size.height]));
  const labels = own.map((e, i) => {
    const { label } = edges[e]!;
    const chain = chainOf(graph, i);
    if (!label || chain.length === 0) return -1;
    const at = chain.first + (chain.length >> 1);
    width[at] = label.width;
    height[at] = label.height;
    return at;
  });
  const sides: Sides = {
    out: inPlaceOrder(order, graph.from, graph.into, graph.out),
    into: inPlaceOrder(order, graph.to, graph.out, graph.into),
  };
  const middle = horizontal(graph, order, sides, width, options.nodeGap);
  const { top, bottom } = vertical(graph, height, options.layerGap);
  const left = middle.reduce((min, x, v) => Math.min(min, x - width[v]! / 2), Infinity);
  const upperEnd = ports(graph.real, graph.from, sides.out, middle, width);
  const lowerEnd = ports(graph.real, graph.to, sides.into, middle, width);
  const topOf = (v: number): number => {
    const l = graph.layer[v]!;
    return (top[l]! + bottom[l]! - height[v]!) / 2;
  };

  const routes: Route[] = edges.map(() => ({ points: [] }));
  own.forEach((e, i) => {
    const u = from[i]!;
    const v = to[i]!;
    const points = [upperEnd[graph.first[i]!]! - left, topOf(u) + height[u]!];
    points.push(points[0]!, bottom[graph.layer[u]!]!);
    const chain = chainOf(graph, i);
    for (let n = chain.first; n < chain.first + chain.length; n++) {
      const x = middle[n]! - left;
      points.push(x, top[graph.layer[n]!]!, x, bottom[graph.layer[n]!]!);
    }
    const x = lowerEnd[graph.first[i + 1]! - 1]! - left;
    points.push(x, top[graph.layer[v]!]!, x, topOf(v));
    const label = labels[i]!;
    const way = withoutStops(points);
    routes[e] = {
      points: back[i] === 1 ? turned(way) : way,
      ...(label >= 0 && {
        label: { x: middle[label]! - left, y: (top[graph.layer[label]!]! + bottom[graph.layer[label]!]!) / 2 },
      }),
    };
  });
  const right = middle.reduce((max, x, v) => Math.max(max, x + width[v]! / 2), -Infinity);
  return {
    width: right - left,
    height: bottom.at(-1)!,
    x: Float64Array.from(nodes, (size, v) => middle[v]! - size.width / 2 - left),
    y: Float64Array.from(nodes, (_, v) => topOf(v)),
    routes,
  };
}

/** Where each layer begins and ends. */
function vertical(
  { layers, layer, nodes }: ProperGraph,
  height: Float64Array,
  gap: number,
): { readonly top: Float64Array; readonly bottom: Float64Array } {
  const tallest = new Float64Array(layers);
  for (let v = 0; v < nodes; v++) tallest[layer[v]!] = Math.max(tallest[layer[v]!]!, height[v]!);
  const top = new Float64Array(layers);
  const bottom = new Float64Array(layers);
  for (let l = 0, y = 0; l < layers; l++) {
    top[l] = y;
    bottom[l] = y + tallest[l]!;
    y = bottom[l]! + gap;
  }
  return { top, bottom };
}

/** Where each segment meets the node at one of its ends: side by side, in the order of their other ends. */
function ports(
  real: number,
  near: Int32Array,
  { start, list }: Adjacency,
  middle: Float64Array,
  width: Float64Array,
): Float64Array {
  const x = Float64Array.from(near, (v) => middle[v]!);
  for (let v = 0; v < real; v++) {
    const degree = start[v + 1]! - start[v]!;
    const gap = Math.min(PORT_GAP, (0.8 * width[v]!) / degree);
    for (let i = 0; i < degree; i++) x[list[start[v]! + i]!]! += (i - (degree - 1) / 2) * gap;
  }
  return x;
}

/** The same way without the points at which it does not move. */
function withoutStops(points: readonly number[]): number[] {
  const way = points.slice(0, 2);
  for (let i = 2; i < points.length; i += 2) {
    if (points[i] !== way.at(-2) || points[i + 1] !== way.at(-1)) way.push(points[i]!, points[i + 1]!);
  }
  return way;
}

/** The way back. */
function turned(points: readonly number[]): number[] {
  const way: number[] = [];
  for (let i = points.length - 2; i >= 0; i -= 2) way.push(points[i]!, points[i + 1]!);
  return way;
}
