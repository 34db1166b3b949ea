import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { backEdges } from "../../../src/graph/layout/acyclic.ts";
import { countCrossings } from "../../../src/graph/layout/crossings.ts";
import { layoutGraph } from "../../../src/graph/layout/layout.ts";
import { assignLayers } from "../../../src/graph/layout/layers.ts";
import { layoutNested, type NestedNode } from "../../../src/graph/layout/nested.ts";
import { crossingsIn, orderLayers } from "../../../src/graph/layout/order.ts";
import { makeProper } from "../../../src/graph/layout/proper.ts";
import type { Layout, LayoutEdge, Size } from "../../../src/graph/layout/types.ts";

const OPTIONS = { nodeGap: 20, layerGap: 30, aspect: 1.4 };

interface TestGraph {
  readonly nodes: readonly Size[];
  readonly edges: readonly LayoutEdge[];
}

const size: fc.Arbitrary<Size> = fc.record({
  width: fc.integer({ min: 1, max: 300 }),
  height: fc.integer({ min: 1, max: 200 }),
});

/** Any graph: circles, loops, several edges between two nodes, parts, and labels. */
const graph: fc.Arbitrary<TestGraph> = fc.array(size, { minLength: 1, maxLength: 30 }).chain((nodes) =>
  fc.record({
    nodes: fc.constant(nodes),
    edges: fc.array(
      fc
        .tuple(fc.nat(nodes.length - 1), fc.nat(nodes.length - 1), fc.option(size))
        .map(([from, to, label]) => ({ from, to, ...(label && { label }) })),
      { maxLength: 60 },
    ),
  }),
);

/** The same with a node's group before it, so that they are boxes within boxes. */
const nested = graph.chain(({ nodes, edges }) =>
  fc.tuple(...nodes.map((_, v) => fc.integer({ min: -1, max: v - 1 }))).map((groups) => ({
    nodes: nodes.map((node, v): NestedNode => ({
      ...node,
      group: groups[v]!,
      padding: { top: 40, side: 16, bottom: 12 },
    })),
    edges,
  })),
);

/** How far two boxes lie apart, horizontally and vertically; negative where they overlap. */
function apart(layout: Layout, nodes: readonly Size[], a: number, b: number): { x: number; y: number } {
  const gap = (from: number, size_: number, to: number, other: number): number =>
    Math.max(to - (from + size_), from - (to + other));
  return {
    x: gap(layout.x[a]!, nodes[a]!.width, layout.x[b]!, nodes[b]!.width),
    y: gap(layout.y[a]!, nodes[a]!.height, layout.y[b]!, nodes[b]!.height),
  };
}

const NEARLY = 1e-6;

describe("layoutGraph", () => {
  it("gives every node one place within the picture", () => {
    fc.assert(
      fc.property(graph, ({ nodes, edges }) => {
        const layout = layoutGraph(nodes, edges, OPTIONS);
        expect(layout.x).toHaveLength(nodes.length);
        expect(layout.routes).toHaveLength(edges.length);
        nodes.forEach(({ width, height }, v) => {
          expect(layout.x[v]).toBeGreaterThanOrEqual(-NEARLY);
          expect(layout.y[v]).toBeGreaterThanOrEqual(-NEARLY);
          expect(layout.x[v]! + width).toBeLessThanOrEqual(layout.width + NEARLY);
          expect(layout.y[v]! + height).toBeLessThanOrEqual(layout.height + NEARLY);
        });
      }),
    );
  });

  it("lets no two nodes overlap, nor come nearer than the gaps", () => {
    fc.assert(
      fc.property(graph, ({ nodes, edges }) => {
        const layout = layoutGraph(nodes, edges, OPTIONS);
        for (let a = 0; a < nodes.length; a++) {
          for (let b = a + 1; b < nodes.length; b++) {
            const { x, y } = apart(layout, nodes, a, b);
            expect(x >= OPTIONS.nodeGap - NEARLY || y >= OPTIONS.layerGap - NEARLY).toBe(true);
          }
        }
      }),
    );
  });

  it("leads edges from box to box, downwards where there is no circle", () => {
    fc.assert(
      fc.property(graph, ({ nodes, edges }) => {
        // From a node to a later one: without circles.
        const forward = edges.map((edge) => (edge.from > edge.to ? { ...edge, from: edge.to, to: edge.from } : edge));
        const layout = layoutGraph(nodes, forward, OPTIONS);
        forward.forEach(({ from, to }, e) => {
          const { points } = layout.routes[e]!;
          if (from === to) {
            expect(points).toEqual([]);
            return;
          }
          expect(points[1]).toBeCloseTo(layout.y[from]! + nodes[from]!.height);
          expect(points.at(-1)).toBeCloseTo(layout.y[to]!);
          for (const [v, x] of [[from, points[0]!] as const, [to, points.at(-2)!] as const]) {
            expect(x).toBeGreaterThanOrEqual(layout.x[v]! - NEARLY);
            expect(x).toBeLessThanOrEqual(layout.x[v]! + nodes[v]!.width + NEARLY);
          }
          for (let i = 3; i < points.length; i += 2) expect(points[i]).toBeGreaterThanOrEqual(points[i - 2]! - NEARLY);
        });
      }),
    );
  });

  it("runs no edge over a node: edges slant between layers only", () => {
    fc.assert(
      fc.property(graph, ({ nodes, edges }) => {
        const layout = layoutGraph(nodes, edges, OPTIONS);
        for (const [e, { from, to }] of edges.entries()) {
          const { points } = layout.routes[e]!;
          for (let i = 2; i < points.length; i += 2) {
            const [x0, y0, x1, y1] = points.slice(i - 2, i + 2) as [number, number, number, number];
            nodes.forEach(({ width, height }, v) => {
              if (v === from || v === to) return;
              const [left, top] = [layout.x[v]!, layout.y[v]!];
              const beside = Math.max(x0, x1) <= left + NEARLY || Math.min(x0, x1) >= left + width - NEARLY;
              const above = Math.max(y0, y1) <= top + NEARLY || Math.min(y0, y1) >= top + height - NEARLY;
              expect(beside || above).toBe(true);
            });
          }
        }
      }),
    );
  });

  it("is the same picture each time", () => {
    fc.assert(
      fc.property(graph, ({ nodes, edges }) => {
        expect(layoutGraph(nodes, edges, OPTIONS)).toEqual(layoutGraph(nodes, edges, OPTIONS));
      }),
    );
  });

  it("draws a chain as a straight line", () => {
    const nodes = [60, 200, 100, 140].map((width) => ({ width, height: 40 }));
    const { x, y } = layoutGraph(
      nodes,
      [0, 1, 2].map((v) => ({ from: v, to: v + 1 })),
      OPTIONS,
    );
    expect(Array.from(x, (left, v) => left + nodes[v]!.width / 2)).toEqual([100, 100, 100, 100]);
    expect([...y]).toEqual([0, 70, 140, 210]);
  });

  it("puts the parent of two in their middle", () => {
    const nodes = Array.from({ length: 3 }, () => ({ width: 100, height: 40 }));
    const edges = [
      { from: 0, to: 1 },
      { from: 0, to: 2 },
    ];
    expect([...layoutGraph(nodes, edges, OPTIONS).x]).toEqual([60, 0, 120]);
  });

  it("keeps room for labels, and says where they are", () => {
    fc.assert(
      fc.property(graph, ({ nodes, edges }) => {
        const { routes } = layoutGraph(nodes, edges, OPTIONS);
        edges.forEach(({ from, to, label }, e) => {
          expect(routes[e]!.label !== undefined).toBe(label !== undefined && from !== to);
        });
      }),
    );
  });

  it("lays out 100,000 single nodes, and a chain of them", () => {
    const nodes = Array.from({ length: 100_000 }, () => ({ width: 10, height: 10 }));
    const chain = nodes.slice(1).map((_, v) => ({ from: v, to: v + 1 }));
    expect(layoutGraph(nodes, [], OPTIONS).width).toBeGreaterThan(1000);
    expect(layoutGraph(nodes, chain, OPTIONS).height).toBe(100_000 * 40 - 30);
  });

  it("lays out nothing", () => {
    expect(layoutGraph([], [], OPTIONS)).toMatchObject({ width: 0, height: 0, routes: [] });
  });
});

describe("backEdges", () => {
  it("leaves no circle, and nothing to be turned where there is none", () => {
    fc.assert(
      fc.property(graph, ({ nodes, edges }) => {
        const from = Int32Array.from(edges, (edge) => edge.from);
        const to = Int32Array.from(edges, (edge) => edge.to);
        const back = backEdges(nodes.length, from, to);
        const rest = edges.filter((edge, e) => back[e] === 0 && edge.from !== edge.to);
        expect(hasCircle(nodes.length, rest)).toBe(false);
        if (
          !hasCircle(
            nodes.length,
            edges.filter((edge) => edge.from !== edge.to),
          )
        ) {
          expect([...back]).toEqual(edges.map(() => 0));
        }
      }),
    );
  });
});

/** Takes away nodes that nothing leads to, as long as there are some. */
function hasCircle(nodes: number, edges: readonly LayoutEdge[]): boolean {
  let left = new Set(Array.from({ length: nodes }, (_, v) => v));
  for (;;) {
    const reached = new Set(edges.filter(({ from }) => left.has(from)).map(({ to }) => to));
    const next = new Set([...left].filter((v) => reached.has(v)));
    if (next.size === left.size) return next.size > 0;
    left = next;
  }
}

describe("assignLayers", () => {
  it("gives every edge its length at least", () => {
    fc.assert(
      fc.property(graph, ({ nodes, edges }) => {
        const forward = edges.filter(({ from, to }) => from !== to);
        const from = Int32Array.from(forward, (edge) => Math.min(edge.from, edge.to));
        const to = Int32Array.from(forward, (edge) => Math.max(edge.from, edge.to));
        const length = Uint8Array.from(forward, ({ label }) => (label ? 2 : 1));
        const layer = assignLayers(nodes.length, from, to, length);
        forward.forEach((_, e) => expect(layer[to[e]!]! - layer[from[e]!]!).toBeGreaterThanOrEqual(length[e]!));
        expect(Math.min(...layer)).toBeGreaterThanOrEqual(0);
      }),
    );
  });

  it("lowers what gives to what is low, so that the edges are short", () => {
    // 0 → 1 → 2 → 3, and 4, which gives to 3 alone.
    const layer = assignLayers(5, Int32Array.of(0, 1, 2, 4), Int32Array.of(1, 2, 3, 3), new Uint8Array(4).fill(1));
    expect([...layer]).toEqual([0, 1, 2, 3, 2]);
  });
});

describe("crossings", () => {
  it("are counted as by looking at every pair", () => {
    const segments = fc.array(fc.tuple(fc.nat(20), fc.nat(20)), { maxLength: 60 });
    fc.assert(
      fc.property(segments, (pairs) => {
        const sorted = pairs.toSorted(([a, b], [c, d]) => a - c || b - d);
        const crossing = sorted.flatMap(([a, b], i) => sorted.slice(i + 1).filter(([c, d]) => a < c && b > d));
        expect(
          countCrossings(
            sorted.map(([, end]) => end),
            21,
          ),
        ).toBe(crossing.length);
      }),
    );
  });

  it("are none where the order can avoid them", () => {
    // Two trees, the nodes of which are given in turns.
    const from = Int32Array.of(0, 1, 0, 1, 2, 3, 4, 5);
    const to = Int32Array.of(2, 3, 4, 5, 6, 7, 8, 9);
    const proper = makeProper(assignLayers(10, from, to, new Uint8Array(8).fill(1)), from, to);
    expect(crossingsIn(proper, orderLayers(proper))).toBe(0);
  });

  it("are fewer than before for graphs that need some", () => {
    // The complete graph of 3 and 3: no order has fewer than 9.
    const pairs = [0, 1, 2].flatMap((a) => [3, 4, 5].map((b) => [a, b] as const));
    const proper = makeProper(
      Int32Array.of(0, 0, 0, 1, 1, 1),
      Int32Array.from(pairs, ([a]) => a),
      Int32Array.from(pairs, ([, b]) => b),
    );
    expect(crossingsIn(proper, orderLayers(proper))).toBe(9);
  });
});

describe("layoutNested", () => {
  it("puts every node into its box, below the header, and beside the others in it", () => {
    fc.assert(
      fc.property(nested, ({ nodes, edges }) => {
        const { x, y, widths, heights, width, height } = layoutNested(nodes, edges, OPTIONS);
        const box = (v: number) => ({
          left: x[v]!,
          top: y[v]!,
          right: x[v]! + widths[v]!,
          bottom: y[v]! + heights[v]!,
        });
        nodes.forEach(({ group, ...size_ }, v) => {
          const own = box(v);
          expect(widths[v]).toBeGreaterThanOrEqual(size_.width);
          const outer = group < 0 ? undefined : box(group);
          expect(own.left).toBeGreaterThanOrEqual((outer ? outer.left + 16 : 0) - NEARLY);
          expect(own.right).toBeLessThanOrEqual((outer ? outer.right - 16 : width) + NEARLY);
          expect(own.top).toBeGreaterThanOrEqual((outer ? outer.top + 40 : 0) - NEARLY);
          expect(own.bottom).toBeLessThanOrEqual((outer ? outer.bottom - 12 : height) + NEARLY);
          nodes.forEach((other, w) => {
            if (w <= v || other.group !== group) return;
            const b = box(w);
            expect(own.right < b.left || b.right < own.left || own.bottom < b.top || b.bottom < own.top).toBe(true);
          });
        });
      }),
    );
  });

  it("ends edges at the outermost boxes that do not hold both ends", () => {
    fc.assert(
      fc.property(nested, ({ nodes, edges }) => {
        const { x, y, widths, heights, routes } = layoutNested(nodes, edges, OPTIONS);
        const holders = (v: number): number[] => (v < 0 ? [] : [...holders(nodes[v]!.group), v]);
        edges.forEach(({ from, to }, e) => {
          const [a, b] = [holders(from), holders(to)];
          const at = a.findIndex((v, i) => v !== b[i]);
          const { points } = routes[e]!;
          if (at === -1 || b[at] === undefined) {
            expect(points).toEqual([]);
            return;
          }
          const ends = [
            { v: a[at]!, px: points[0]!, py: points[1]! },
            { v: b[at], px: points.at(-2)!, py: points.at(-1)! },
          ];
          for (const { v, px, py } of ends) {
            expect(px).toBeGreaterThanOrEqual(x[v]! - NEARLY);
            expect(px).toBeLessThanOrEqual(x[v]! + widths[v]! + NEARLY);
            expect([y[v]!, y[v]! + heights[v]!].some((side) => Math.abs(side - py) < NEARLY)).toBe(true);
          }
        });
      }),
    );
  });
});
