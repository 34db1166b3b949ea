import { shortenMiddle } from "../../kernel/index.ts";
import { byGroup, type Graph, type GraphEdge, type GraphNode, jobsIn, STATES } from "../../graph/model.ts";
import { siblingEdges } from "../../graph/siblings.ts";
import { repeatText } from "../../graph/words.ts";
import { markOf, wordOf } from "../terminal/states.ts";
import type { Paint, Terminal } from "../terminal/terminal.ts";
import { columnsOf, cut, pad, wrap } from "../terminal/text.ts";

/** Below so many columns what flows into a task stands on a line of its own. */
const TWO_COLUMNS = 72;
const LONGEST_NAME = 44;

/** One line of the tree, in parts. */
interface Row {
  /** The lines that lead to it. */
  readonly branch: string;
  /** The same below it. */
  readonly below: string;
  readonly node: GraphNode;
  /** What flows in, and what it calls elsewhere. */
  readonly notes: readonly string[];
}

/**
 * A graph as a tree: who calls whom from left to right, and from top to bottom what gives before what takes. Behind
 * each task stand the states of its jobs, and where its arguments come from.
 */
export function graphTree(
  graph: Graph,
  { widthOut, styleOut: paint }: Pick<Terminal, "widthOut" | "styleOut">,
): string[] {
  const rows = rowsOf(graph);
  const label = (row: Row): string => row.node.label + repeatText(row.node.repeat);
  const longest = rows.reduce((max, row) => Math.max(max, row.branch.length + columnsOf(label(row))), 0);
  const counts = rows.map(({ node }) => countsOf(node, paint, widthOut < TWO_COLUMNS));
  const countsWidth = counts.reduce((max, text) => Math.max(max, columnsOf(text)), 0);
  const apart = widthOut >= TWO_COLUMNS;
  const room = apart ? LONGEST_NAME : Math.max(12, widthOut - countsWidth - 2);
  const nameWidth = Math.min(longest, room);
  return rows.flatMap((row, i) => {
    const name = shortenMiddle(label(row), Math.max(8, nameWidth - row.branch.length));
    const head = paint("dim", row.branch) + paint(row.node.kind === "more" ? "dim" : "strong", name);
    const cells = [pad(head, nameWidth), ...(countsWidth > 0 ? [pad(counts[i]!, countsWidth)] : [])];
    const notes = row.notes.join("  ");
    if (apart && notes !== "") cells.push(paint("dim", notes));
    const line = cut(cells.join("  ").trimEnd(), widthOut);
    if (apart || notes === "") return [line];
    const under = wrap(notes, Math.max(12, widthOut - row.below.length - 4));
    return [line, ...under.map((text, at) => paint("dim", `${row.below}  ${at === 0 ? "" : "  "}${text}`))];
  });
}

function rowsOf(graph: Graph): Row[] {
  const inside = byGroup(graph.nodes);
  const labels = new Map(graph.nodes.map((node) => [node.id, node.label]));
  const edges = siblingEdges(graph);
  const into = Map.groupBy(
    edges.filter(({ kind }) => kind === "data"),
    ({ to }) => to,
  );
  const calls = Map.groupBy(
    edges.filter(({ kind }) => kind === "call"),
    ({ from }) => from,
  );
  const rows: Row[] = [];
  const visit = (group: string | undefined, lead: string): void => {
    const nodes = inside.get(group) ?? [];
    nodes.forEach((node, i) => {
      const last = i === nodes.length - 1;
      const root = group === undefined;
      const below = root ? "" : lead + (last ? "   " : "│  ");
      rows.push({
        branch: root ? "" : lead + (last ? "└─ " : "├─ "),
        below: below + (inside.has(node.id) ? "│" : " "),
        node,
        notes: notesOf(node, into.get(node.id) ?? [], calls.get(node.id) ?? [], labels),
      });
      visit(node.id, below);
    });
  };
  visit(undefined, "");
  return rows;
}

function notesOf(
  { detail, label, loops = [] }: GraphNode,
  into: readonly GraphEdge[],
  calls: readonly GraphEdge[],
  labels: ReadonlyMap<string, string>,
): string[] {
  const sources = into.map(({ from, flows }) => {
    const parts = [...new Set(flows.map(({ part }) => part))].filter((part) => part !== "");
    const name = labels.get(from) ?? from;
    return parts.length === 0 ? name : parts.map((part) => `${name}.${part}`).join(", ");
  });
  return [
    ...(detail === undefined ? [] : [detail]),
    ...loops.map((each) => (each === label ? "↻ calls itself" : `↻ calls ${each}`)),
    ...(sources.length > 0 ? [`← ${sources.join(", ")}`] : []),
    ...(calls.length > 0 ? [`⇢ ${calls.map(({ to }) => labels.get(to) ?? to).join(", ")}`] : []),
  ];
}

/** The states of its jobs: in words, or where there is no room for them by their marks. */
function countsOf({ counts = {} }: GraphNode, paint: Paint, brief: boolean): string {
  const all = jobsIn(counts);
  return STATES.filter((state) => (counts[state] ?? 0) > 0)
    .map((state) => {
      const mark = markOf(state, paint);
      if (all === 1) return `${mark} ${wordOf(state, paint)}`;
      const count = counts[state]!.toLocaleString("en");
      return brief ? `${mark} ${count}` : `${mark} ${wordOf(state, paint, `${count} ${state}`)}`;
    })
    .join(brief ? "  " : ", ");
}
