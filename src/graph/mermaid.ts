import { byGroup, type Graph, type GraphNode, STATES } from "./model.ts";
import { siblingEdges } from "./siblings.ts";
import { oneLine } from "./text.ts";
import { flowTexts, linesOf } from "./words.ts";

/** What is in a state that wants attention has a line of its colour, in light and dark. */
const CLASSES = {
  failed: "stroke:#e5484d,stroke-width:2px",
  running: "stroke:#3b82f6,stroke-width:2px",
  pending: "stroke-dasharray:3 3",
  cancelled: "stroke:#bf8700",
} as const;

/**
 * Writes a graph as a Mermaid flowchart, for Markdown: GitHub, GitLab and many editors draw it.
 *
 * @see https://mermaid.js.org/syntax/flowchart.html
 */
export function graphMermaid(graph: Graph): string {
  const inside = byGroup(graph.nodes);
  const names = new Map(graph.nodes.map((node, i) => [node.id, `n${i}`]));
  const nameOf = (id: string): string => names.get(id)!;
  const lines = ["flowchart TB", `  accTitle: ${plain(graph.title)}`, `  accDescr: ${plain(graph.detail)}`];
  const write = (group: string | undefined, indent: string): void => {
    for (const node of inside.get(group) ?? []) {
      const name = nameOf(node.id);
      const label = quoted(linesOf(node, !inside.has(node.id)));
      if (inside.has(node.id)) {
        // Without it Mermaid turns every other box on its side.
        lines.push(`${indent}subgraph ${name}[${label}]`, `${indent}  direction TB`);
        write(node.id, `${indent}  `);
        lines.push(`${indent}end`);
      } else {
        const [open, close] = node.kind === "input" || node.kind === "output" ? ["([", "])"] : ["[", "]"];
        lines.push(`${indent}${name}${open}${label}${close}`);
        if (node.loops?.includes(node.label)) lines.push(`${indent}${name} -.-> ${name}`);
      }
    }
  };
  write(undefined, "  ");
  for (const { from, to, kind, flows } of siblingEdges(graph)) {
    const texts = flowTexts(flows);
    const label = texts.length > 0 ? `|${quoted(texts)}|` : "";
    lines.push(`  ${nameOf(from)} ${kind === "call" ? "-.->" : "-->"}${label} ${nameOf(to)}`);
  }
  const classed = Map.groupBy(graph.nodes, classOf);
  for (const [name, style] of Object.entries(CLASSES)) {
    const nodes = [...classed].flatMap(([key, all]) => (key === name ? all : []));
    if (nodes.length === 0) continue;
    lines.push(`  classDef ${name} ${style}`, `  class ${nodes.map((node) => nameOf(node.id)).join(",")} ${name}`);
  }
  return `${lines.join("\n")}\n`;
}

function classOf({ counts = {} }: GraphNode): keyof typeof CLASSES | undefined {
  const state = STATES.find((each) => (counts[each] ?? 0) > 0);
  return state === "done" || state === "cached" ? undefined : state;
}

/**
 * Text in quotes is HTML in Mermaid: everything that means something there is written by its code. A backslash has
 * something behind it that is not seen, for `\n` would be a new line even so.
 */
function quoted(lines: readonly string[]): string {
  const escape = (text: string): string =>
    oneLine(text.toWellFormed())
      .replace(/["#&<>`\\]/g, (letter) => `#${letter.codePointAt(0)};`)
      .replaceAll("#92;", "#92;#8203;");
  return `"${lines.map(escape).join("<br/>")}"`;
}

/** The titles end with their lines, and know no codes. */
function plain(text: string): string {
  return oneLine(text.toWellFormed()).replace(/["#;<>{}]/g, "'");
}
