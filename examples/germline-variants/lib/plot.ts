/**
 * The depth plot: one row per sample, depth along the reference, the called sites beneath. It opens
 * in a browser, a paper and a slide. Knows nothing of workflows.
 *
 * @module
 */
import type { Contig, Depth, Window } from "./metrics.ts";
import { element, path, text } from "./svg.ts";

/** What the plot shows. */
export interface DepthPlot {
  readonly contigs: readonly Contig[];
  /** One row each, in this order. */
  readonly samples: readonly SampleDepth[];
  /** How many sites were called in each window that has one. */
  readonly sites: readonly Window[];
}

/** The depth of one sample: its figures, and the mean depth of each window of the reference, in order. */
export interface SampleDepth {
  readonly sample: string;
  readonly depth: Depth;
  readonly windows: readonly Window[];
}

const WIDTH = 960;
const LEFT = 132;
const RIGHT = 932;
const TOP = 76;
/** More sequences than this would be thinner than a few pixels each. */
const MOST_CONTIGS = 100;
/** More sites than this would hide the depth behind their lines. */
const MOST_MARKS = 60;

const INK = "#1f2933";
const FAINT = "#7b8794";
const RULE = "#e4e7eb";
const DEPTH = "#2b6cb0";
const GAP = "#d64545";
const SITE = "#b7791f";

/**
 * Draws the plot. Rows share one scale, so that samples can be compared; it ends where 99.5 % of all
 * windows do, so that one pile-up does not flatten the rest. Stretches without a read are red. Rows
 * get lower as they get more: 200 samples are a scroll of three screens.
 */
export function drawDepth({ contigs, samples, sites }: DepthPlot): string {
  const scale = scaleOf(longest(contigs));
  const pitch = Math.min(128, Math.max(16, 640 / Math.max(1, samples.length)));
  const height = pitch * (pitch > 40 ? 0.78 : 0.86);
  const bottom = TOP + pitch * samples.length;

  const shown = samples.map((sample) => ({ ...sample, windows: sample.windows.filter(scale.has) }));
  const most = niceCeiling(
    quantile(
      shown.flatMap(({ windows }) => windows.map(({ value }) => value)),
      0.995,
    ),
  );
  const rows = shown.map((sample, index) => drawRow(sample, { scale, most, height, y: TOP + pitch * index }));
  const content = [
    element("title", {}, "Depth along the reference"),
    element("rect", { width: "100%", height: "100%", fill: "#ffffff" }),
    FADE,
    heading(samples.length, contigs),
    ...scale.contigs.slice(1).map(({ name }) => path(["M", scale.x(name, 0), TOP, "V", bottom], { stroke: RULE })),
    ...drawSites(sites.filter(scale.has), scale, bottom),
    ...rows,
    ...drawAxis(scale, bottom + 26),
  ];
  const frame = {
    xmlns: "http://www.w3.org/2000/svg",
    viewBox: `0 0 ${WIDTH} ${Math.ceil(bottom) + 74}`,
    width: WIDTH,
    "font-family": "Inter, 'Helvetica Neue', Helvetica, Arial, 'DejaVu Sans', sans-serif",
    "font-size": 12,
  };
  return `${element("svg", frame, `\n${content.join("\n")}\n`)}\n`;
}

/** What fills the area below the depth. */
const FADE = element(
  "defs",
  {},
  element(
    "linearGradient",
    { id: "depth", x1: 0, y1: 0, x2: 0, y2: 1 },
    element("stop", { offset: 0, "stop-color": DEPTH, "stop-opacity": 0.55 }) +
      element("stop", { offset: 1, "stop-color": DEPTH, "stop-opacity": 0.12 }),
  ),
);

function heading(samples: number, contigs: readonly Contig[]): string {
  const [first] = contigs;
  const sequences = contigs.length === 1 && first ? `sequence ${first.name}` : `${contigs.length} sequences`;
  const subject = `${count(samples, "sample")} · ${sequences}, ${formatBases(totalLength(contigs))} · duplicates left out`;
  return (
    text(LEFT, 30, "Depth along the reference", { "font-size": 18, "font-weight": 600, fill: INK }) +
    text(LEFT, 50, subject, { fill: FAINT })
  );
}

/** Where a row stands and how it is scaled. */
interface RowFrame {
  readonly scale: Scale;
  /** The depth at its upper edge. */
  readonly most: number;
  readonly y: number;
  readonly height: number;
}

/** One sample: its name and figures, its depth as filled steps, its mean as a dotted line, its gaps. */
function drawRow({ sample, depth, windows }: SampleDepth, { scale, most, y, height }: RowFrame): string {
  const base = y + height;
  const level = (value: number) => base - (Math.min(value, most) / most) * height;
  const outline = drawSteps(windows, scale, level);
  const gaps = windows.filter(({ value }) => value === 0);
  const shape = [
    path(["M", LEFT, base, "H", RIGHT], { stroke: FAINT, "stroke-opacity": 0.5 }),
    path(outline, { fill: "url(#depth)", stroke: DEPTH, "stroke-width": height > 40 ? 1.2 : 0.7 }),
    path(
      gaps.flatMap(({ contig, start, end }) => ["M", scale.x(contig, start - 1), base, "H", scale.x(contig, end)]),
      { stroke: GAP, "stroke-width": 3 },
    ),
  ];
  if (height <= 40)
    return element("g", {}, text(16, base - 2, shorten(sample, 16), { "font-size": 10, fill: INK }) + shape.join(""));

  const small = { "font-size": 11, fill: FAINT };
  const tick = { "font-size": 10, fill: FAINT, "text-anchor": "end" };
  const legend = [
    text(16, y + 14, shorten(sample, 14), { "font-size": 13, "font-weight": 600, fill: INK }),
    text(16, y + 31, `mean ${depth.mean.toFixed(1)}×`, small),
    text(16, y + 46, `${((depth.atLeast["1"] ?? 0) * 100).toFixed(1)}% covered`, small),
    text(LEFT - 8, y + 4, `${most}×`, tick),
    text(LEFT - 8, base + 4, "0", tick),
    path(["M", LEFT, y, "H", RIGHT, "M", LEFT, y + height / 2, "H", RIGHT], { stroke: RULE }),
  ];
  const mean = path(["M", LEFT, level(depth.mean), "H", RIGHT], {
    stroke: INK,
    "stroke-opacity": 0.45,
    "stroke-dasharray": "2 4",
  });
  return element("g", {}, [...legend, ...shape, mean].join(""));
}

/** Depth as steps, one closed outline for each sequence; a step that stays at its level is left out. */
function drawSteps(windows: readonly Window[], scale: Scale, level: (value: number) => number): (string | number)[] {
  return windows.flatMap(({ contig, start, end, value }, index) => {
    const [before, after] = [windows[index - 1], windows[index + 1]];
    const [from, to] = [scale.x(contig, start - 1), scale.x(contig, end)];
    const opens = before?.contig !== contig ? ["M", from, level(0)] : [];
    const rises = opens.length > 0 || before?.value !== value ? ["H", from, "V", level(value)] : [];
    const closes = after?.contig !== contig ? ["H", to, "V", level(0), "Z"] : [];
    return [...opens, ...rises, ...closes];
  });
}

/** The called sites: each a line through all rows and a mark below them; where they are many, bars by their number. */
function drawSites(sites: readonly Window[], scale: Scale, bottom: number): string[] {
  const most = sites.reduce((highest, { value }) => Math.max(highest, value), 1);
  const at = ({ contig, start, end }: Window) => (scale.x(contig, start - 1) + scale.x(contig, end)) / 2;
  const total = sites.reduce((sum, { value }) => sum + value, 0);
  const label = text(16, bottom + 22, count(total, "variant site"), { "font-size": 11, fill: SITE });
  if (sites.length > MOST_MARKS) {
    const bars = sites.flatMap((site) => [
      "M",
      at(site),
      bottom + 22,
      "V",
      bottom + 22 - Math.max(2, (site.value / most) * 14),
    ]);
    return [path(bars, { stroke: SITE }), label];
  }
  const lines = sites.flatMap((site) => ["M", at(site), TOP, "V", bottom + 14]);
  const marks = sites.flatMap((site) => ["M", at(site), bottom + 14, "l", -4, 8, "h", 8, "z"]);
  return [path(lines, { stroke: SITE, "stroke-opacity": 0.35 }), path(marks, { fill: SITE }), label];
}

/** Positions below a single sequence; names below several, where there is room for them. */
function drawAxis({ contigs, x }: Scale, y: number): string[] {
  const line = path(["M", LEFT, y, "H", RIGHT], { stroke: FAINT });
  const label = (at: number, words: string) =>
    text(at, y + 18, words, { "font-size": 11, fill: FAINT, "text-anchor": "middle" });
  const [only, second] = contigs;
  if (only && !second) {
    const step = niceCeiling(only.length / 8);
    const positions = Array.from({ length: Math.floor(only.length / step) + 1 }, (_, index) => index * step);
    const tick = (at: number) => path(["M", at, y, "v", 5], { stroke: FAINT });
    return [
      line,
      ...positions.map((each) => tick(x(only.name, each)) + label(x(only.name, each), formatPosition(each))),
    ];
  }
  const roomy = contigs.filter(({ name, length }) => x(name, length) - x(name, 0) > name.length * 6.5);
  return [line, ...roomy.map(({ name, length }) => label(x(name, length / 2), name))];
}

/** Where positions of the reference are: its sequences one after the other. */
interface Scale {
  readonly contigs: readonly Contig[];
  readonly x: (contig: string, position: number) => number;
  readonly has: (window: Window) => boolean;
}

function scaleOf(contigs: readonly Contig[]): Scale {
  const perBase = (RIGHT - LEFT) / Math.max(1, totalLength(contigs));
  let passed = 0;
  const offsets = new Map(contigs.map(({ name, length }) => [name, (passed += length) - length]));
  return {
    contigs,
    x: (contig, position) => Math.min(RIGHT, LEFT + ((offsets.get(contig) ?? 0) + position) * perBase),
    has: ({ contig }) => offsets.has(contig),
  };
}

/** The longest sequences, in the order of the reference: a draft assembly may have a hundred thousand. */
function longest(contigs: readonly Contig[]): readonly Contig[] {
  if (contigs.length <= MOST_CONTIGS) return contigs;
  const kept = new Set(contigs.toSorted((a, b) => b.length - a.length).slice(0, MOST_CONTIGS));
  return contigs.filter((contig) => kept.has(contig));
}

function totalLength(contigs: readonly Contig[]): number {
  return contigs.reduce((total, { length }) => total + length, 0);
}

/** The next of 1, 2, 2.5, 5, 10, 20, … */
function niceCeiling(value: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(1, value)));
  return ([1, 2, 2.5, 5].find((factor) => factor * power >= value) ?? 10) * power;
}

function quantile(values: readonly number[], at: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * at))] ?? 0;
}

function count(many: number, what: string): string {
  return `${many} ${what}${many === 1 ? "" : "s"}`;
}

function formatPosition(position: number): string {
  return position === 0 ? "1" : position.toLocaleString("en-US");
}

function formatBases(bases: number): string {
  if (bases < 1e5) return `${bases.toLocaleString("en-US")} bp`;
  return bases < 1e9 ? `${(bases / 1e6).toFixed(2)} Mb` : `${(bases / 1e9).toFixed(2)} Gb`;
}

function shorten(words: string, most: number): string {
  return words.length <= most ? words : `${words.slice(0, most - 1)}…`;
}
