import { arrange } from "./arrange.ts";
import type { Flow, Graph, GraphEdge, GraphNode } from "./model.ts";
import { type Call, nest } from "./nest.ts";

/** Who calls whom and what flows where, by the ids of nodes: what a graph is made of. */
export interface Parts extends Pick<Graph, "title" | "detail"> {
  /** In the order in which they were first called; where they stand is found out here. */
  readonly nodes: readonly GraphNode[];
  readonly calls: readonly Call[];
  readonly flows: readonly PartFlow[];
}

/** What flows from one node into another. */
export interface PartFlow extends Flow {
  readonly from: string;
  readonly to: string;
  readonly count?: number;
}

/** What of a graph is shown, whatever it is of. */
export interface Shown {
  /** Who calls whom is drawn as edges, rather than as boxes within boxes. */
  readonly calls?: boolean;
}

/** Makes a graph of its parts: boxes within boxes, or with an edge for each call. */
export function assemble({ title, detail, nodes, calls, flows }: Parts, { calls: flat = false }: Shown): Graph {
  const { group, loops, others } = nest(calls);
  const labels = new Map(nodes.map((node) => [node.id, node.label]));
  const placed = nodes.map((node): GraphNode => {
    const within = group.get(node.id);
    const recursion = loops.get(node.id)?.filter((each) => !flat || each === node.id) ?? [];
    return {
      ...node,
      ...(!flat && typeof within === "string" && { group: within }),
      ...(recursion.length > 0 && { loops: recursion.map((each) => labels.get(each) ?? each) }),
    };
  });
  const shown = flat ? calls : others;
  const edges = [
    ...dataEdges(flows),
    ...shown.flatMap(({ parent, task }): GraphEdge[] =>
      parent === null || parent === task ? [] : [{ from: parent, to: task, kind: "call", flows: [] }],
    ),
  ];
  return arrange({ title, detail, nodes: placed, edges });
}

/** One edge for all that flows from one node to another. */
function dataEdges(flows: readonly PartFlow[]): GraphEdge[] {
  return [...Map.groupBy(flows, ({ from, to }) => JSON.stringify([from, to])).values()].map((group) => {
    const { from, to } = group[0]!;
    const counts = group.flatMap(({ count }) => count ?? []);
    return {
      from,
      to,
      kind: "data",
      flows: group.map(({ part, parameter }) => ({ part, parameter })),
      ...(counts.length > 0 && { count: counts.reduce((a, b) => a + b) }),
    };
  });
}
