import type { JobState } from "../../store/types.ts";
import { layoutNested, type Route } from "../layout/index.ts";
import { byGroup, type Graph, type GraphEdge, type GraphNode, jobsIn, STATES } from "../model.ts";
import { siblingEdges } from "../siblings.ts";
import { shortenMiddle } from "../../kernel/index.ts";
import { oneLine } from "../text.ts";
import { countsText } from "../words.ts";
import { boxOf, labelLines, labelSize, SMALL, widthOf } from "./boxes.ts";
import { edgeShape, labelShape, nodeShape, textAt } from "./shapes.ts";
import { COLUMN_EM, styleSheet } from "./style.ts";
import { escapeXml, px } from "./xml.ts";

/** How a graph is drawn. */
export interface SvgOptions {
  /** Title and detail above it; there by default. */
  readonly heading?: boolean;
  /** What the colours say, below it; there by default. */
  readonly legend?: boolean;
  /** Where a click on a node leads. */
  readonly href?: (node: GraphNode) => string | undefined;
}

const MARGIN = 16;
const HEADING = 48;
const TITLE = 16;
const LEGEND = 30;
const LEAST_WIDTH = 280;
const LAYOUT = { nodeGap: 20, layerGap: 26, aspect: 1.4 };

/**
 * Draws a graph as one SVG document that needs nothing else: no scripts, no fonts, no network. It is light or dark as
 * the reader's screen is, has a title and a description for those who hear it, and a title on every node with its full
 * name. All of its styles are about what stands below the class `ligase-graph`, so that it may stand within a page.
 *
 * @returns `<svg …>…</svg>`, of its natural size in pixels
 * @example
 * ```ts
 * const graph = await readGraph(store, run);
 * writeFileSync("run.svg", graphSvg(graph));
 * ```
 */
export function graphSvg(graph: Graph, options: SvgOptions = {}): string {
  const { heading = true, legend = true, href } = options;
  const edges = siblingEdges(graph);
  const labels = edges.map((edge) => labelLines(edge.flows));
  const boxes = graph.nodes.map(boxOf);
  const index = new Map(graph.nodes.map((node, i) => [node.id, i]));
  const layout = layoutNested(
    graph.nodes.map((node, i) => ({
      ...boxes[i]!.size,
      padding: boxes[i]!.padding,
      group: node.group === undefined ? -1 : index.get(node.group)!,
    })),
    edges.map((edge, e) => ({
      from: index.get(edge.from)!,
      to: index.get(edge.to)!,
      ...(labels[e]!.length > 0 && { label: labelSize(labels[e]!) }),
    })),
    LAYOUT,
  );

  const inside = byGroup(graph.nodes);
  const placed = graph.nodes.map((node, i) => {
    const place = { x: layout.x[i]!, y: layout.y[i]!, width: layout.widths[i]!, height: layout.heights[i]! };
    const shape = nodeShape(node, boxes[i]!, place, inside.has(node.id));
    const titled = `<title>${escapeXml(titleOf(node))}</title>${shape}`;
    const link = href?.(node);
    return link === undefined ? `<g>${titled}</g>` : `<a href="${escapeXml(link)}">${titled}</a>`;
  });
  const key = legend ? legendOf(graph) : { shape: "", width: 0 };
  const width = Math.ceil(Math.max(layout.width, key.width, LEAST_WIDTH)) + 2 * MARGIN;
  const top = MARGIN + (heading ? HEADING : 0);
  const height = Math.ceil(top + layout.height + MARGIN + (key.width > 0 ? LEGEND : 0));
  const shift = (width - layout.width) / 2;

  return [
    `<svg xmlns="http://www.w3.org/2000/svg" class="ligase-graph" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img">`,
    `<title>${escapeXml(oneLine(graph.title))}</title><desc>${escapeXml(describe(graph, edges))}</desc>`,
    `<style>${styleSheet()}</style>`,
    `<rect class="ground" width="${width}" height="${height}"/>`,
    ...(heading ? [headingOf(graph, width - 2 * MARGIN)] : []),
    `<g transform="translate(${px(shift)} ${px(top)})">`,
    ...placed,
    ...edges.map((edge, e) =>
      drawnEdge(edge, layout.routes[e]!, labels[e]!, graph.nodes[index.get(edge.from)!]!.group !== undefined),
    ),
    "</g>",
    ...(key.width > 0 ? [`<g transform="translate(${MARGIN} ${px(height - LEGEND + 4)})">${key.shape}</g>`] : []),
    "</svg>\n",
  ].join("\n");
}

function titleOf(node: GraphNode): string {
  const counts = node.counts && jobsIn(node.counts) > 0 ? countsText(node.counts) : undefined;
  const loops = (node.loops ?? []).map((each) => (each === node.label ? "calls itself" : `calls ${each}`));
  return [node.label, node.detail, counts, ...loops].filter((text) => text !== undefined).join("\n");
}

function describe({ detail, nodes }: Graph, edges: readonly GraphEdge[]): string {
  const count = (n: number, what: string): string => `${n} ${what}${n === 1 ? "" : "s"}`;
  return [detail, count(nodes.length, "node"), count(edges.length, "edge")].filter((text) => text !== "").join(", ");
}

function drawnEdge(edge: GraphEdge, route: Route, label: readonly string[], boxed: boolean): string {
  if (route.points.length === 0) return "";
  const text = route.label && label.length > 0 ? labelShape(label, route.label, boxed) : "";
  return `<g>${edgeShape(route, edge.kind)}${text}</g>`;
}

function headingOf({ title, detail }: Graph, room: number): string {
  const fit = (text: string, size: number): string =>
    shortenMiddle(oneLine(text), Math.floor(room / (size * COLUMN_EM)));
  return (
    textAt(MARGIN, MARGIN + TITLE, TITLE, fit(title, TITLE)) +
    textAt(MARGIN, MARGIN + TITLE + SMALL + 7, SMALL, fit(detail, SMALL), "quiet")
  );
}

/** Only what is there is explained. */
function legendOf({ nodes, edges }: Graph): { readonly shape: string; readonly width: number } {
  const states = STATES.filter((state: JobState) => nodes.some((node) => (node.counts?.[state] ?? 0) > 0));
  let x = 0;
  const parts: string[] = [];
  const word = (text: string): void => {
    parts.push(textAt(x, SMALL, SMALL, text, "quiet"));
    x += widthOf(text, SMALL) + 16;
  };
  for (const state of states) {
    parts.push(`<rect class="${state}" x="${px(x)}" y="2" width="10" height="10" rx="2"/>`);
    x += 15;
    word(state);
  }
  if (nodes.some((node) => node.repeat?.includes("each"))) word("×N for each item");
  if (nodes.some((node) => node.repeat?.includes("maybe"))) word("? in some case");
  if (edges.some((edge) => edge.kind === "call")) {
    parts.push(`<path class="edge call" d="M${px(x)} 8h24"/>`);
    x += 29;
    word("calls");
  }
  return { shape: parts.join(""), width: Math.max(0, x - 16) };
}
