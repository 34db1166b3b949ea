import type { Route } from "../layout/index.ts";
import { type GraphNode, jobsIn, type StateCounts, STATES } from "../model.ts";
import { ARC, BAR, type Box, NAME, SMALL, widthOf } from "./boxes.ts";
import { escapeXml, px } from "./xml.ts";

/** A rectangle. */
export interface Place {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

const HEAD = 6;

/** A text at a place. */
export function textAt(x: number, y: number, size: number, text: string, classes = ""): string {
  const weight = size > SMALL ? ' font-weight="600"' : "";
  const style = classes === "" ? "" : ` class="${classes}"`;
  return `<text x="${px(x)}" y="${px(y)}" font-size="${size}"${weight}${style}>${escapeXml(text)}</text>`;
}

/** A node with all that is written in it. `around`: it is a box around others. */
export function nodeShape(node: GraphNode, box: Box, place: Place, around: boolean): string {
  const width = place.width - (box.arc && !around ? ARC : 0);
  const failing = (node.counts?.failed ?? 0) > 0 ? " failing" : "";
  const dashed = node.kind === "more" || node.kind === "unknown" ? " dashed" : "";
  const round = node.kind === "input" || node.kind === "output" ? 14 : 5;
  const rect = `<rect class="${around ? "box" : "node"}${failing}${dashed}" x="${px(place.x)}" y="${px(place.y)}" width="${px(width)}" height="${px(place.height)}" rx="${round}"/>`;
  const parts = [rect];
  const left = place.x + 12;
  let y = place.y + 11 + NAME;
  const quiet = node.kind === "more" || node.kind === "unknown" ? "quiet" : "";
  parts.push(textAt(left, y, NAME, box.name, quiet));
  for (const line of box.lines) parts.push(textAt(left, (y += SMALL + 5), SMALL, line, "quiet"));
  if (box.bar && node.counts) {
    const inner = { x: left, y: y + 8, width: Math.min(width, box.size.width) - 24, height: BAR };
    parts.push(barShape(node.counts, inner));
  }
  if (box.arc) parts.push(arcShape(place.x + width, place.y, around));
  return parts.join("");
}

/** The shares of the states, side by side. */
function barShape(counts: StateCounts, { x, y, width, height }: Place): string {
  const all = jobsIn(counts);
  let at = x;
  return STATES.filter((state) => (counts[state] ?? 0) > 0)
    .map((state) => {
      const share = (width * counts[state]!) / all;
      // One failure among 10,000 jobs is to be seen.
      const shown = Math.max(share, state === "failed" ? 3 : 0);
      const rect = `<rect class="${state}" x="${px(at)}" y="${px(y)}" width="${px(Math.min(shown, x + width - at))}" height="${height}"/>`;
      at += shown;
      return rect;
    })
    .join("");
}

/** The arc of what calls itself: at its right side. */
function arcShape(x: number, y: number, around: boolean): string {
  const side = around ? -ARC : 0;
  const top = y + 10;
  const end = top + 16;
  const path = `<path class="edge call" d="M${px(x + side)} ${px(top)}c${ARC - 2} -4 ${ARC - 2} 20 4 16"/>`;
  return `${path}<path class="head" d="M${px(x + side)} ${px(end)}l7 -3.5v7z"/>`;
}

/** The line of an edge with its head. */
export function edgeShape({ points }: Route, kind: "data" | "call"): string {
  const [x0, y0] = points as [number, number];
  let path = `M${px(x0)} ${px(y0)}`;
  const last = points.length - 2;
  const direction = points[last + 1]! > points[last - 1]! ? 1 : -1;
  for (let i = 2; i <= last; i += 2) {
    const [px0, py0] = [points[i - 2]!, points[i - 1]!];
    const x = points[i]!;
    const y = points[i + 1]! - (i === last ? direction * HEAD : 0);
    if (x === px0) path += `V${px(y)}`;
    else {
      const half = (py0 + y) / 2;
      path += `C${px(px0)} ${px(half)} ${px(x)} ${px(half)} ${px(x)} ${px(y)}`;
    }
  }
  const [x, y] = [points[last]!, points[last + 1]!];
  const head = `M${px(x)} ${px(y)}l-3.5 ${-direction * (HEAD + 1)}h7z`;
  return `<path class="edge${kind === "call" ? " call" : ""}" d="${path}"/><path class="head" d="${head}"/>`;
}

/**
 * The label of an edge, on the colour that is behind it so that the line does not run through it.
 *
 * @param boxed - does the edge run within a box?
 */
export function labelShape(
  lines: readonly string[],
  { x, y }: { readonly x: number; readonly y: number },
  boxed: boolean,
): string {
  const width = Math.max(...lines.map((line) => widthOf(line, SMALL))) + 6;
  const height = lines.length * (SMALL + 4);
  const top = y - height / 2;
  const rect = `<rect class="under${boxed ? "" : " ground"}" x="${px(x - width / 2)}" y="${px(top)}" width="${px(width)}" height="${px(height)}"/>`;
  const texts = lines.map((line, i) =>
    textAt(x - widthOf(line, SMALL) / 2, top + i * (SMALL + 4) + SMALL, SMALL, line, "quiet"),
  );
  return rect + texts.join("");
}
