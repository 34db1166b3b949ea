import { layoutGraph, moved } from "./layout.ts";
import type { LayoutEdge, LayoutOptions, Route, Size } from "./types.ts";

/** A node that may stand in another, or be a box around others. */
export interface NestedNode extends Size {
  /** The place of the node it stands in, which comes before it; -1 for none. */
  readonly group: number;
  /** Of a node with others in it: the room between its sides and these. Its size is then the least it may have. */
  readonly padding: { readonly top: number; readonly side: number; readonly bottom: number };
}

/** Where everything lies. */
export interface NestedLayout extends Size {
  readonly x: Float64Array;
  readonly y: Float64Array;
  /** Sizes, those of boxes as what is in them demands. */
  readonly widths: Float64Array;
  readonly heights: Float64Array;
  /** One for each edge; without points for one between a box and what stands in it. */
  readonly routes: readonly Route[];
}

/**
 * Lays out a graph of boxes within boxes: from the inside out each box is laid out as a graph of its own, in which the
 * boxes in it are nodes. So an edge runs between the outermost boxes that hold one of its ends and not the other; edges
 * that come to the same two boxes should be one.
 */
export function layoutNested(
  nodes: readonly NestedNode[],
  edges: readonly LayoutEdge[],
  options: LayoutOptions,
): NestedLayout {
  const inside = new Map<number, number[]>();
  nodes.forEach(({ group }, v) => {
    const list = inside.get(group);
    if (list) list.push(v);
    else inside.set(group, [v]);
  });
  const lifted = edges.map((edge) => liftEdge(nodes, edge));
  const within = Map.groupBy(
    edges.flatMap((_, e) => (lifted[e] ? [e] : [])),
    (e) => nodes[lifted[e]!.from]!.group,
  );

  const x = new Float64Array(nodes.length);
  const y = new Float64Array(nodes.length);
  const widths = Float64Array.from(nodes, (node) => node.width);
  const heights = Float64Array.from(nodes, (node) => node.height);
  const routes: Route[] = edges.map(() => ({ points: [] }));
  const place = new Int32Array(nodes.length);
  const layOut = (group: number): Size => {
    const own = inside.get(group)!;
    const local = within.get(group) ?? [];
    own.forEach((v, i) => (place[v] = i));
    const laid = layoutGraph(
      own.map((v) => ({ width: widths[v]!, height: heights[v]! })),
      local.map((e) => ({ ...lifted[e]!, from: place[lifted[e]!.from]!, to: place[lifted[e]!.to]! })),
      options,
    );
    own.forEach((v, i) => ([x[v], y[v]] = [laid.x[i]!, laid.y[i]!]));
    local.forEach((e, i) => (routes[e] = laid.routes[i]!));
    return laid;
  };
  // A box comes before what stands in it.
  for (let v = nodes.length - 1; v >= 0; v--) {
    if (!inside.has(v)) continue;
    const { padding } = nodes[v]!;
    const { width, height } = layOut(v);
    widths[v] = Math.max(widths[v]!, width + 2 * padding.side);
    heights[v] = height + padding.top + padding.bottom;
    // What is narrower than its box stands in its middle.
    const shift = (widths[v]! - width) / 2 - padding.side;
    for (const child of inside.get(v)!) x[child]! += shift;
    for (const e of within.get(v) ?? []) routes[e] = moved(routes[e]!, shift, 0);
  }
  const size = nodes.length > 0 ? layOut(-1) : { width: 0, height: 0 };
  nodes.forEach(({ group }, v) => {
    if (group < 0) return;
    x[v]! += x[group]! + nodes[group]!.padding.side;
    y[v]! += y[group]! + nodes[group]!.padding.top;
  });
  lifted.forEach((edge, e) => {
    const group = edge ? nodes[edge.from]!.group : -1;
    if (group < 0) return;
    const { side, top } = nodes[group]!.padding;
    routes[e] = moved(routes[e]!, x[group]! + side, y[group]! + top);
  });
  return { width: size.width, height: size.height, x, y, widths, heights, routes };
}

/** The same edge between two nodes of one box; nothing where one of its ends holds the other. */
function liftEdge(nodes: readonly NestedNode[], edge: LayoutEdge): LayoutEdge | undefined {
  const above = new Map<number, number>();
  for (let v = edge.from; v >= 0; v = nodes[v]!.group) above.set(nodes[v]!.group, v);
  for (let v = edge.to; v >= 0; v = nodes[v]!.group) {
    const from = above.get(nodes[v]!.group);
    if (from !== undefined) return from === v ? undefined : { ...edge, from, to: v };
  }
  return undefined;
}
