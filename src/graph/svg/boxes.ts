import type { NestedNode, Size } from "../layout/index.ts";
import { type Flow, type GraphNode, jobsIn } from "../model.ts";
import { columnsOf, shortenMiddle } from "../../kernel/index.ts";
import { oneLine } from "../text.ts";
import { flowTexts, linesOf } from "../words.ts";
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
  const arc = node.loops?.includes(node.label) ?? false;
  const [label, ...below] = linesOf(node, true);
  const name = shortenMiddle(oneLine(label), WIDEST_NAME);
  const lines = below.map((line) => shortenMiddle(oneLine(line), WIDEST_SMALL));
  const bar = node.counts !== undefined && jobsIn(node.counts) > 0;
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
  const texts = flowTexts(flows);
  const lines = texts.slice(0, texts.length > MOST_LABELS ? MOST_LABELS - 1 : MOST_LABELS);
  if (texts.length > lines.length) lines.push(`… and ${texts.length - lines.length} more`);
  return lines.map((line) => shortenMiddle(oneLine(line), WIDEST_LABEL));
}

/** The room that a label takes. */
export function labelSize(lines: readonly string[]): Size {
  return { width: Math.max(...lines.map((line) => widthOf(line, SMALL))) + 8, height: lines.length * (SMALL + 4) + 2 };
}
