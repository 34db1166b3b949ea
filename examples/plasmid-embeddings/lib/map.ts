/**
 * A plasmid map: its features around a circle (a linear one is opened at the top), genes as arrows, each with its name, and
 * the share of G and C in windows inside. It opens in a browser, a paper and a slide. Knows nothing of workflows.
 *
 * @module
 */
import type { Feature, Plasmid } from "./records.ts";
import { element, path, text } from "./svg.ts";

const SIZE = 760;
const CENTRE = SIZE / 2;
const RADIUS = 210;
/** Arrows of the two strands lie outside and inside of the backbone. */
const LANE = 13;
const ARROW = 16;
/** The composition is drawn around this radius, at most so far out or in. */
const GC_RADIUS = 135;
const GC_SWING = 34;
const WINDOWS = 180;
/** More names than this would lie on each other. */
const MOST_NAMES = 36;
const LINE_HEIGHT = 15;
/** What covers more than this share of the plasmid tells nothing. */
const MOST_SPAN = 0.8;

const INK = "#1f2933";
const FAINT = "#7b8794";
const RICH = "#2b6cb0";
const POOR = "#b7791f";

/** What is drawn, by kind; others only repeat a gene or cover everything. */
const COLOURS: Readonly<Record<string, string>> = {
  CDS: "#2f855a",
  rep_origin: "#c53030",
  oriT: "#c53030",
  promoter: "#dd6b20",
  terminator: "#718096",
  repeat_region: "#805ad5",
  mobile_element: "#805ad5",
  LTR: "#805ad5",
  ncRNA: "#d53f8c",
  misc_feature: "#4a90a4",
  enhancer: "#dd6b20",
  regulatory: "#dd6b20",
};

/**
 * Draws a plasmid.
 *
 * @example
 * ```ts
 * await writeFile("pBAD30.svg", drawMap(plasmid));
 * ```
 */
export function drawMap(plasmid: Plasmid): string {
  const { id, description, sequence, circular, features } = plasmid;
  const length = Math.max(1, sequence.length);
  const angle = angles(length, circular);
  const drawn = features
    .filter(({ kind, location }) => COLOURS[kind] !== undefined && location.parts.length > 0)
    .filter((feature) => span(feature) < MOST_SPAN * length)
    // Short ones lie on long ones.
    .toSorted((a, b) => span(b) - span(a));
  const title = `${id} · ${length.toLocaleString("en-US")} bp`;
  const shape = circular ? "circular" : "linear";
  const content = [
    element("title", {}, title.replaceAll("&", "&amp;").replaceAll("<", "&lt;")),
    element("rect", { width: "100%", height: "100%", fill: "#ffffff" }),
    path(arc(angle(0), angle(length), RADIUS), { stroke: INK, "stroke-width": 2 }),
    ...ticks(length, angle),
    ...composition(sequence, angle),
    ...drawn.flatMap((feature) => arrows(feature, angle)),
    ...names(drawn, angle),
    text(CENTRE, CENTRE - 8, id, { "font-size": 20, "font-weight": 600, fill: INK, "text-anchor": "middle" }),
    text(CENTRE, CENTRE + 14, `${length.toLocaleString("en-US")} bp, ${shape}`, centred(13)),
    text(CENTRE, CENTRE + 34, `${(share(sequence) * 100).toFixed(1)} % GC`, centred(13)),
    text(24, SIZE - 20, shorten(description, 100), { "font-size": 11, fill: FAINT }),
  ];
  const frame = {
    xmlns: "http://www.w3.org/2000/svg",
    viewBox: `-140 0 ${SIZE + 280} ${SIZE}`,
    width: SIZE + 280,
    "font-family": "Inter, 'Helvetica Neue', Helvetica, Arial, 'DejaVu Sans', sans-serif",
    "font-size": 11,
  };
  return `${element("svg", frame, `\n${content.join("\n")}\n`)}\n`;
}

/** The angle of a position: clockwise from the top, in radians. A linear plasmid leaves a gap there. */
type Angle = (position: number) => number;

function angles(length: number, circular: boolean): Angle {
  const gap = circular ? 0 : 0.12;
  return (position) => gap + (position / length) * (2 * Math.PI - 2 * gap);
}

function at(angle: number, radius: number): readonly [x: number, y: number] {
  return [CENTRE + radius * Math.sin(angle), CENTRE - radius * Math.cos(angle)];
}

/** An arc as commands; a whole circle has to be drawn in two. */
function arc(from: number, to: number, radius: number, start: "M" | "L" = "M"): (string | number)[] {
  const sweep = to >= from ? 1 : 0;
  const middle = (from + to) / 2;
  const piece = (end: number) => ["A", radius, radius, 0, 0, sweep, ...at(end, radius)];
  return [start, ...at(from, radius), ...piece(middle), ...piece(to)];
}

/** How many bases it covers. */
function span({ location }: Feature): number {
  return location.parts.reduce((sum, { start, end }) => sum + end - start + 1, 0);
}

/** A feature as arrows, one for each stretch; their heads point the way it is read. */
function arrows({ kind, location, label }: Feature, angle: Angle): string[] {
  const fill = COLOURS[kind] ?? FAINT;
  const outside = location.strand >= 0;
  const middle = outside ? RADIUS + LANE : RADIUS - LANE;
  // Remarks are narrow, so that the gene below them is seen.
  const half = kind === "misc_feature" ? ARROW / 6 : ARROW / 2;
  const [near, far] = [middle - half, middle + half];
  return location.parts.map(({ start, end }) => {
    const [tail, tip] = location.strand < 0 ? [angle(end), angle(start - 1)] : [angle(start - 1), angle(end)];
    const head = Math.min(0.05, Math.abs(tip - tail)) * Math.sign(tip - tail);
    const neck = kind === "CDS" || kind === "ncRNA" || kind === "promoter" ? tip - head : tip;
    const shape = [...arc(tail, neck, far), "L", ...at(tip, neck === tip ? far : middle), "L", ...at(neck, near)];
    const back = [...arc(neck, tail, near, "L"), "Z"];
    const hint = element("title", {}, `${escape(label)} (${escape(kind)}, ${start}..${end})`);
    return element("g", {}, hint + path([...shape, ...back], { fill, "fill-opacity": 0.85, stroke: "#ffffff" }));
  });
}

/** The names, left and right of the circle, pushed apart so that none covers another. */
function names(features: readonly Feature[], angle: Angle): string[] {
  const seen = new Set<string>();
  const named = features
    .filter(({ label, kind }) => label !== kind && !seen.has(label) && seen.add(label))
    .slice(0, MOST_NAMES)
    .map(({ label, kind, location }) => {
      const { start, end } = location.parts[0]!;
      const radius = location.strand < 0 ? RADIUS - LANE + ARROW / 2 : RADIUS + LANE + ARROW / 2;
      return { label: shorten(label, 26), kind, radius, angle: angle((start + end) / 2) };
    });
  const right = named.filter((each) => Math.sin(each.angle) >= 0);
  const left = named.filter((each) => Math.sin(each.angle) < 0);
  return [...column(right, 1), ...column(left, -1)];
}

/** A name beside the circle, and the place of its feature. */
interface Name {
  readonly label: string;
  readonly kind: string;
  readonly radius: number;
  readonly angle: number;
}

function column(side: readonly Name[], direction: 1 | -1): string[] {
  const places = side.map((each) => ({ ...each, y: at(each.angle, RADIUS + 52)[1] })).toSorted((a, b) => a.y - b.y);
  spread(places);
  return places.map(({ label, kind, radius, angle, y }) => {
    const [x0, y0] = at(angle, radius);
    const [x1] = at(angle, RADIUS + 44);
    const edge = CENTRE + direction * (RADIUS + 72);
    const x = direction > 0 ? Math.max(edge, x1 + 10) : Math.min(edge, x1 - 10);
    const anchor = direction > 0 ? "start" : "end";
    return (
      path(["M", x0, y0, "L", x - direction * 12, y, "H", x - direction * 4], {
        stroke: FAINT,
        "stroke-opacity": 0.6,
      }) + text(x, y + 4, label, { fill: COLOURS[kind] ?? INK, "text-anchor": anchor })
    );
  });
}

/** Moves names apart: down from the first, and back up where the last would leave the page. */
function spread(places: { y: number }[]): void {
  const least = 24;
  places.forEach((place, i) => (place.y = Math.max(place.y, i === 0 ? least : places[i - 1]!.y + LINE_HEIGHT)));
  for (let i = places.length - 1; i >= 0; i--) {
    const below = i === places.length - 1 ? SIZE - 40 : places[i + 1]!.y - LINE_HEIGHT;
    places[i]!.y = Math.min(places[i]!.y, below);
  }
}

/** The composition: outside of its circle where more of it is G and C than in the whole, inside where less. */
function composition(sequence: string, angle: Angle): string[] {
  const mean = share(sequence);
  const step = Math.max(1, Math.ceil(sequence.length / WINDOWS));
  const windows = Array.from({ length: Math.ceil(sequence.length / step) }, (_, i) => {
    const [start, end] = [i * step, Math.min(sequence.length, (i + 1) * step)];
    return { start, end, over: share(sequence.slice(start, end)) - mean };
  });
  const most = Math.max(0.05, ...windows.map(({ over }) => Math.abs(over)));
  const bars = (sign: 1 | -1) =>
    windows
      .filter(({ over }) => Math.sign(over) === sign)
      .flatMap(({ start, end, over }) => {
        const radius = GC_RADIUS + (over / most) * GC_SWING;
        const [from, to] = [angle(start), angle(end)];
        return [
          "M",
          ...at(from, GC_RADIUS),
          "L",
          ...at(from, radius),
          "L",
          ...at(to, radius),
          "L",
          ...at(to, GC_RADIUS),
          "Z",
        ];
      });
  return [
    path(bars(1), { fill: RICH, "fill-opacity": 0.55 }),
    path(bars(-1), { fill: POOR, "fill-opacity": 0.55 }),
    path(arc(angle(0), angle(sequence.length), GC_RADIUS), { stroke: FAINT, "stroke-opacity": 0.5 }),
  ];
}

function ticks(length: number, angle: Angle): string[] {
  const step =
    [100, 250, 500, 1000, 2500, 5000, 10_000, 50_000, 100_000].find((each) => length / each <= 14) ?? 500_000;
  return Array.from({ length: Math.ceil(length / step) }, (_, i) => i * step).map((position) => {
    const turn = angle(position);
    const [x, y] = at(turn, RADIUS - LANE - ARROW - 10);
    const label = position === 0 ? "1" : position.toLocaleString("en-US");
    return (
      path(["M", ...at(turn, RADIUS - 5), "L", ...at(turn, RADIUS + 5)], { stroke: INK }) +
      text(x, y + 3, label, { "font-size": 9, fill: FAINT, "text-anchor": "middle" })
    );
  });
}

/** The share of G and C among the bases that are known. */
function share(sequence: string): number {
  let strong = 0;
  let known = 0;
  for (const base of sequence) {
    if (base === "G" || base === "C") strong++;
    if ("ACGTU".includes(base)) known++;
  }
  return known === 0 ? 0 : strong / known;
}

function centred(size: number) {
  return { "font-size": size, fill: FAINT, "text-anchor": "middle" };
}

function shorten(words: string, most: number): string {
  return words.length <= most ? words : `${words.slice(0, most - 1)}…`;
}

function escape(words: string): string {
  return words.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
