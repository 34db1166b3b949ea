import { byGroup, type Graph, type GraphNode } from "./model.ts";
import { siblingEdges } from "./siblings.ts";
import { oneLine } from "./text.ts";
import { flowTexts, linesOf } from "./words.ts";

/** The line around what is in a state that wants attention. */
const COLOURS: readonly (readonly ["failed" | "running" | "pending" | "cancelled", string])[] = [
  ["failed", "#c01c28"],
  ["running", "#1f6feb"],
  ["pending", "#8b949e"],
  ["cancelled", "#bf8700"],
];

/**
 * Writes a graph in the DOT language, for Graphviz: boxes within boxes are clusters, and edges end at their sides.
 *
 * @see https://graphviz.org/doc/info/lang.html
 * @example
 * ```ts
 * writeFileSync("run.dot", graphDot(graph)); // dot -Tpdf run.dot > run.pdf
 * ```
 */
export function graphDot(graph: Graph): string {
  const inside = byGroup(graph.nodes);
  const names = new Map(graph.nodes.map((node, i) => [node.id, `n${i}`]));
  const nameOf = (id: string): string => names.get(id)!;
  const lines = [
    `digraph ${quoted([graph.title])} {`,
    `  graph [compound=true, fontname="sans-serif", label=${quoted([graph.title, graph.detail])}, labelloc=t, fontsize=11, color="#8b949e"];`,
    '  node [shape=box, style="rounded,filled", fillcolor=white, color="#8b949e", fontname="sans-serif", fontsize=11];',
    '  edge [color="#6b7783", fontname="sans-serif", fontsize=9];',
  ];
  const write = (group: string | undefined, indent: string): void => {
    for (const node of inside.get(group) ?? []) {
      const label = `label=${quoted(linesOf(node, !inside.has(node.id)))}`;
      if (!inside.has(node.id)) {
        lines.push(`${indent}${nameOf(node.id)} [${[label, ...looksOf(node)].join(", ")}];`);
        if (node.loops?.includes(node.label))
          lines.push(`${indent}${nameOf(node.id)} -> ${nameOf(node.id)} [style=dashed];`);
        continue;
      }
      lines.push(`${indent}subgraph cluster_${nameOf(node.id)} {`);
      lines.push(
        `${indent}  graph [${[label, 'style="rounded,filled"', 'fillcolor="#f6f8fa"', ...colourOf(node)].join(", ")}];`,
      );
      write(node.id, `${indent}  `);
      lines.push(`${indent}}`);
    }
  };
  write(undefined, "  ");

  /** An edge needs a node at its end: of a cluster the first in it, or the last. */
  const end = (id: string, which: 0 | -1): string => {
    const children = inside.get(id);
    return children ? end(children.at(which)!.id, which) : nameOf(id);
  };
  for (const { from, to, kind, flows } of siblingEdges(graph)) {
    const texts = flowTexts(flows);
    const attributes = [
      ...(texts.length > 0 ? [`label=${quoted(texts)}`] : []),
      ...(kind === "call" ? ["style=dashed"] : []),
      ...(inside.has(from) ? [`ltail=cluster_${nameOf(from)}`] : []),
      ...(inside.has(to) ? [`lhead=cluster_${nameOf(to)}`] : []),
    ];
    lines.push(`  ${end(from, -1)} -> ${end(to, 0)}${attributes.length > 0 ? ` [${attributes.join(", ")}]` : ""};`);
  }
  return `${[...lines, "}"].join("\n")}\n`;
}

/** A string of one or more lines. Within it `&` begins an entity, and a backslash an escape. */
function quoted(lines: readonly string[]): string {
  const escaped = lines.map((line) =>
    oneLine(line.toWellFormed()).replaceAll("&", "&amp;").replaceAll("\\", "\\\\").replaceAll('"', '\\"'),
  );
  return `"${escaped.join("\\n")}"`;
}

function looksOf(node: GraphNode): string[] {
  switch (node.kind) {
    case "input":
    case "output":
      return ["shape=note", "style=filled"];
    case "more":
    case "unknown":
      return ['style="rounded,dashed"'];
    default:
      return colourOf(node);
  }
}

function colourOf({ counts = {} }: GraphNode): string[] {
  const colour = COLOURS.find(([state]) => (counts[state] ?? 0) > 0)?.[1];
  return colour === undefined ? [] : [`color="${colour}"`, "penwidth=1.5"];
}
