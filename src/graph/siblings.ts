import type { Graph, GraphEdge, GraphNode } from "./model.ts";

/**
 * The edges of a graph as they are drawn between boxes: from the outermost box that holds the one end and not the
 * other, to the outermost that holds the other. Edges that come to the same two boxes are one. Those between a box and
 * what stands in it are left out: that one stands in the other says it.
 */
export function siblingEdges({ nodes, edges }: Graph): GraphEdge[] {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const merged = new Map<string, { from: string; to: string; all: GraphEdge[] }>();
  for (const edge of edges) {
    const ends = lift(byId, edge);
    if (!ends) continue;
    const key = JSON.stringify([...ends, edge.kind]);
    const entry = merged.get(key);
    if (entry) entry.all.push(edge);
    else merged.set(key, { from: ends[0], to: ends[1], all: [edge] });
  }
  return Array.from(merged.values(), ({ from, to, all }) => ({ from, to, ...joined(all) }));
}

function joined(edges: readonly GraphEdge[]): Pick<GraphEdge, "kind" | "flows" | "count"> {
  const flows = new Map(edges.flatMap((edge) => edge.flows).map((flow) => [JSON.stringify(flow), flow]));
  const counts = edges.flatMap(({ count }) => count ?? []);
  return {
    kind: edges[0]!.kind,
    flows: [...flows.values()],
    ...(counts.length > 0 && { count: counts.reduce((a, b) => a + b) }),
  };
}

function lift(byId: ReadonlyMap<string, GraphNode>, { from, to }: GraphEdge): [string, string] | undefined {
  /** What holds the first end, by the group that it stands in. */
  const above = new Map<string | undefined, string>();
  for (let node = byId.get(from); node; node = node.group === undefined ? undefined : byId.get(node.group)) {
    above.set(node.group, node.id);
  }
  for (let node = byId.get(to); node; node = node.group === undefined ? undefined : byId.get(node.group)) {
    const beside = above.get(node.group);
    if (beside !== undefined) return beside === node.id ? undefined : [beside, node.id];
  }
  return undefined;
}
