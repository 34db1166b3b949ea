import type { NestedNode, Size } from "../layout/index.ts";
import { countsText, flowText, type Flow, type GraphNode, jobsIn, repeatText } from "../model.ts";
import { columnsOf, oneLine, shortenTo } from "../text.ts";
import { COLUMN_EM } from "./style.ts";

/** Sizes of text, in pixels. */
export const NAME = 13;
export const SMALL = 11;
/** Height of the bar of states. */
export const BAR = 4;
/** Room for the arc of what calls itself. */
export const ARC = 22;

const PADDING = 12;
const WIDEST_NAME = 30;
const WIDEST_SMALL = 36;
const WIDEST_LABEL = 26;
const MOST_LABELS = 3;

/** What is written in a node, and the room that takes. */
export interface Box {
  readonly name: string;
  /** The lines below the name. */
  readonly lines: readonly string[];
  /** Is there a bar of states? */
  readonly bar: boolean;
  /** Does it call itself? */
  readonly arc: boolean;
  readonly size: Size;
  readonly padding: NestedNode["padding"];
}

/** How wide a text is at most. */
export function widthOf(text: string, size: number): number {
  return columnsOf(text) * size * COLUMN_EM;
}

/** The box of a node. Nothing in it is wider than it. */
export function boxOf(node: GraphNode): Box {
  const name = shortenTo(oneLine(node.label) + repeatText(node.repeat), WIDEST_NAME);
  const arc = node.loops?.includes(node.label) ?? false;
  const outer = (node.loops ?? []).filter((each) => each !== node.label).map((each) => `↻ ${each}`);
  const counts = node.counts && jobsIn(node.counts) > 0 ? [countsText(node.counts)] : [];
  const detail = node.detail === undefined ? [] : [node.detail];
  const lines = [...detail, ...counts, ...outer].map((line) => shortenTo(oneLine(line), WIDEST_SMALL));
  const bar = counts.length > 0;
  const text = Math.max(widthOf(name, NAME), ...lines.map((line) => widthOf(line, SMALL)));
  const height = PADDING + NAME + lines.length * (SMALL + 5) + PADDING - 2;
  return {
    name,
    lines,
    bar,
    arc,
    size: { width: Math.ceil(text) + 2 * PADDING + (arc ? ARC : 0), height: height + (bar ? BAR : 0) },
    padding: { top: height + PADDING, side: 16, bottom: 16 },
  };
}

/** What stands on an edge, in lines. */
export function labelLines(flows: readonly Flow[]): string[] {
  const texts = [...new Set(flows.map(flowText))].filter((text) => text !== "");
  const lines = texts.slice(0, texts.length > MOST_LABELS ? MOST_LABELS - 1 : MOST_LABELS);
  if (texts.length > lines.length) lines.push(`… and ${texts.length - lines.length} more`);
  return lines.map((line) => shortenTo(oneLine(line), WIDEST_LABEL));
}

/** The room that a label takes. */
export function labelSize(lines: readonly string[]): Size {
  return { width: Math.max(...lines.map((line) => widthOf(line, SMALL))) + 8, height: lines.length * (SMALL + 4) + 2 };
}
