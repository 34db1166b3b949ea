import { layoutLayered } from "./layered.ts";
import type { Layout, LayoutEdge, LayoutOptions, Route, Size } from "./types.ts";

/**
 * Lays out any graph: what hangs together in layers from top to bottom, and the parts beside and below one another in
 * rows, in the order of their first nodes: single nodes first. The same graph always gives the same picture.
 *
 * @example
 * ```ts
 * const size = { width: 120, height: 40 };
 * const layout = layoutGraph([size, size], [{ from: 0, to: 1 }], { nodeGap: 24, layerGap: 40, aspect: 1.5 });
 * layout.y[1]! - layout.y[0]!; // 80
 * ```
 */
export function layoutGraph(nodes: readonly Size[], edges: readonly LayoutEdge[], options: LayoutOptions): Layout {
  const part = partOf(nodes.length, edges);
  const parts: { nodes: number[]; edges: number[] }[] = [];
  part.forEach((p, v) => (parts[p] ??= { nodes: [], edges: [] }).nodes.push(v));
  edges.forEach((edge, e) => parts[part[edge.from]!]!.edges.push(e));
  const singles = parts.filter((each) => each.nodes.length === 1);
  const inOrder = [...singles, ...parts.filter((each) => each.nodes.length > 1)];

  const place = new Int32Array(nodes.length);
  const laid = inOrder.map((each) => {
    each.nodes.forEach((v, i) => (place[v] = i));
    return layoutLayered(
      each.nodes.map((v) => nodes[v]!),
      each.edges.map((e) => ({ ...edges[e]!, from: place[edges[e]!.from]!, to: place[edges[e]!.to]! })),
      options,
    );
  });
  const { corners, width, height } = inRows(laid, singles.length, options);
  const x = new Float64Array(nodes.length);
  const y = new Float64Array(nodes.length);
  const routes: Route[] = edges.map(() => ({ points: [] }));
  inOrder.forEach((each, p) => {
    const corner = corners[p]!;
    each.nodes.forEach((v, i) => {
      x[v] = laid[p]!.x[i]! + corner.x;
      y[v] = laid[p]!.y[i]! + corner.y;
    });
    each.edges.forEach((e, i) => (routes[e] = moved(laid[p]!.routes[i]!, corner.x, corner.y)));
  });
  return { width, height, x, y, routes };
}

/** A route elsewhere. */
export function moved({ points, label }: Route, dx: number, dy: number): Route {
  return {
    points: points.map((at, i) => at + (i % 2 === 0 ? dx : dy)),
    ...(label && { label: { x: label.x + dx, y: label.y + dy } }),
  };
}

/** The number of the connected part that each node belongs to, counted in the order of their first nodes. */
function partOf(nodes: number, edges: readonly LayoutEdge[]): Int32Array {
  const head = Int32Array.from({ length: nodes }, (_, v) => v);
  const find = (v: number): number => {
    let at = v;
    while (head[at] !== at) at = head[at] = head[head[at]!]!;
    return at;
  };
  for (const { from, to } of edges) {
    const [a, b] = [find(from), find(to)];
    head[Math.max(a, b)] = Math.min(a, b);
  }
  const number = new Map<number, number>();
  return head.map((_, v) => {
    const root = find(v);
    if (!number.has(root)) number.set(root, number.size);
    return number.get(root)!;
  });
}

/** Puts boxes in rows, about as wide in all as the aspect asks for. The first so many have rows of their own. */
function inRows(
  boxes: readonly Size[],
  first: number,
  { nodeGap, layerGap, aspect }: LayoutOptions,
): Size & { readonly corners: readonly { readonly x: number; readonly y: number }[] } {
  const area = boxes.reduce((sum, box) => sum + (box.width + nodeGap) * (box.height + layerGap), 0);
  const room = boxes.reduce((widest, box) => Math.max(widest, box.width), Math.sqrt(area * aspect));
  const corners: { x: number; y: number }[] = [];
  let [x, y, row, width] = [0, 0, 0, 0];
  for (const [i, box] of boxes.entries()) {
    if (x > 0 && (x + box.width > room || i === first)) {
      y += row + layerGap;
      [x, row] = [0, 0];
    }
    corners.push({ x, y });
    width = Math.max(width, x + box.width);
    row = Math.max(row, box.height);
    x += box.width + nodeGap;
  }
  return { corners, width, height: y + row };
}
