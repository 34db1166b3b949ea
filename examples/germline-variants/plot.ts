/**
 * The depth plot: one row per sample, depth along the reference, the called sites beneath. Plain
 * text in, SVG out, so that it opens in a browser, a paper and a slide. Knows nothing of workflows.
 *
 * @module
 */
import type { Contig, Depth, Window } from "./metrics.ts";

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
const MARGIN = { left: 132, right: 28, top: 76, bottom: 74 };
const PLOT = WIDTH - MARGIN.left - MARGIN.right;
/** More than these would be thinner than a pixel each. */
const MOST_CONTIGS = 100;
const INK = "#1f2933";
const FAINT = "#7b8794";
const RULE = "#e4e7eb";
const DEPTH = "#2b6cb0";
const GAP = "#d64545";
const SITE = "#b7791f";

/**
 * Draws the plot. Rows share one scale, so samples can be compared; it ends where 99.5 % of all
 * windows do, so that one pile-up does not flatten the rest. Stretches without a read are red.
 * With many samples the rows get lower: 200 of them still fit a scroll of two screens.
 */
export function drawDepth({ contigs: all, samples, sites }: DepthPlot): string {
  const contigs = longest(all, MOST_CONTIGS);
  const length = Math.max(1, sum(contigs.map((contig) => contig.length)));
  const offset = offsets(contigs);
  const x = (contig: string, position: number) => MARGIN.left + (((offset.get(contig) ?? 0) + position) / length) * PLOT;
  const pitch = Math.min(128, Math.max(16, 640 / Math.max(1, samples.length)));
  const height = pitch * (pitch > 40 ? 0.78 : 0.86);
  const top = niceCeiling(quantile(samples.flatMap(({ windows }) => windows.map((each) => each.value)), 0.995));
  const bottom = MARGIN.top + pitch * samples.length;

  const parts = [
    heading(samples.length, contigs, length),
    ...contigs.slice(1).map((contig) => rule(x(contig.name, 0), MARGIN.top, bottom)),
    ...siteMarks(sites.filter((site) => offset.has(site.contig)), x, bottom),
    ...samples.map((sample, index) => {
      const windows = sample.windows.filter((window) => offset.has(window.contig));
      return row({ ...sample, windows }, { x, top, height, y: MARGIN.top + pitch * index });
    }),
    axis(contigs, length, x, bottom + 26),
  ];
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${round(bottom + MARGIN.bottom)}" width="${WIDTH}" height="${round(
    bottom + MARGIN.bottom,
  )}" font-family="Inter, 'Helvetica Neue', Helvetica, Arial, 'DejaVu Sans', sans-serif" font-size="12">
<title>Depth along the reference</title>
<rect width="100%" height="100%" fill="#ffffff"/>
<defs><linearGradient id="depth" x1="0" y1="0" x2="0" y2="1"><stop offset="0" stop-color="${DEPTH}" stop-opacity="0.55"/><stop offset="1" stop-color="${DEPTH}" stop-opacity="0.12"/></linearGradient></defs>
${parts.join("\n")}
</svg>
`;
}

type X = (contig: string, position: number) => number;

/** Where a row stands and how it is scaled. */
interface RowFrame {
  readonly x: X;
  /** Its upper edge, in pixels. */
  readonly y: number;
  readonly height: number;
  /** The depth at its upper edge. */
  readonly top: number;
}

function heading(samples: number, contigs: readonly Contig[], length: number): string {
  const [only] = contigs;
  const where = contigs.length === 1 && only ? `sequence ${only.name}, ${formatBases(length)}` : `${contigs.length} sequences, ${formatBases(length)}`;
  return `<text x="${MARGIN.left}" y="30" font-size="18" font-weight="600" fill="${INK}">Depth along the reference</text>
<text x="${MARGIN.left}" y="50" fill="${FAINT}">${samples} ${samples === 1 ? "sample" : "samples"} · ${escape(where)} · duplicates left out</text>`;
}

/** One sample: its name and figures, the filled steps of its depth, the dashed line of its mean, its gaps. */
function row({ sample, depth, windows }: SampleDepth, { x, y, height, top }: RowFrame): string {
  const base = y + height;
  const level = (value: number) => round(base - (Math.min(value, top) / top) * height);
  const tall = height > 40;

  const steps: string[] = [];
  const gaps: string[] = [];
  let [contig, before, end] = ["", Number.NaN, MARGIN.left];
  for (const window of windows) {
    const from = round(x(window.contig, window.start - 1));
    const here = level(window.value);
    if (window.contig !== contig) steps.push(contig === "" ? `M${from} ${round(base)}V${here}` : `H${end}V${round(base)}H${from}V${here}`);
    else if (here !== before) steps.push(`H${from}V${here}`);
    [contig, before, end] = [window.contig, here, round(x(window.contig, window.end))];
    if (window.value === 0) gaps.push(`M${from} ${round(base)}H${end}`);
  }
  if (steps.length > 0) steps.push(`H${end}`);
  const outline = steps.join("");
  const right = MARGIN.left + PLOT;
  const mean = level(depth.mean);
  const small = `font-size="10" fill="${FAINT}"`;
  return `<g>
<text x="16" y="${round(tall ? y + 14 : base - 2)}" ${tall ? 'font-size="13" font-weight="600"' : 'font-size="10"'} fill="${INK}">${escape(shorten(sample, tall ? 14 : 16))}</text>
${
  tall
    ? `<text x="16" y="${round(y + 31)}" font-size="11" fill="${FAINT}">mean ${depth.mean.toFixed(1)}×</text>
<text x="16" y="${round(y + 46)}" font-size="11" fill="${FAINT}">${percent(depth.atLeast["1"] ?? 0)} covered</text>
<text x="${MARGIN.left - 8}" y="${round(y + 4)}" text-anchor="end" ${small}>${top}×</text>
<text x="${MARGIN.left - 8}" y="${round(base + 4)}" text-anchor="end" ${small}>0</text>
<path d="M${MARGIN.left} ${round(y)}H${right}M${MARGIN.left} ${round(y + height / 2)}H${right}" stroke="${RULE}"/>`
    : ""
}
<path d="M${MARGIN.left} ${round(base)}H${right}" stroke="${FAINT}" stroke-opacity="0.5"/>
${outline === "" ? "" : `<path d="${outline}V${round(base)}Z" fill="url(#depth)"/><path d="${outline}V${round(base)}" fill="none" stroke="${DEPTH}" stroke-width="${tall ? 1.2 : 0.7}"/>`}
${tall ? `<path d="M${MARGIN.left} ${mean}H${right}" stroke="${INK}" stroke-opacity="0.45" stroke-dasharray="2 4"/>` : ""}
${gaps.length > 0 ? `<path d="${gaps.join("")}" stroke="${GAP}" stroke-width="3"/>` : ""}
</g>`;
}

/** The called sites: a faint line through all rows and a mark below them; stronger where there are more. */
function siteMarks(sites: readonly Window[], x: X, bottom: number): string[] {
  const most = sites.reduce((highest, site) => Math.max(highest, site.value), 1);
  const marks = sites.map((site) => {
    const at = round((x(site.contig, site.start - 1) + x(site.contig, site.end)) / 2);
    const strength = 0.35 + 0.65 * (site.value / most);
    return `<path d="M${at} ${round(bottom + 14)}l-4 8h8z" fill="${SITE}" fill-opacity="${round(strength)}"/><path d="M${at} ${MARGIN.top}V${round(bottom + 14)}" stroke="${SITE}" stroke-opacity="${round(strength * 0.35)}"/>`;
  });
  const total = sum(sites.map((site) => site.value));
  const label = `<text x="16" y="${round(bottom + 22)}" font-size="11" fill="${SITE}">${total} ${total === 1 ? "variant site" : "variant sites"}</text>`;
  return [...marks, label];
}

/** Positions below a single sequence; names below several, where there is room for them. */
function axis(contigs: readonly Contig[], length: number, x: X, y: number): string {
  const line = `<path d="M${MARGIN.left} ${round(y)}h${PLOT}" stroke="${FAINT}"/>`;
  const label = (at: number, text: string) =>
    `<text x="${round(at)}" y="${round(y + 18)}" text-anchor="middle" font-size="11" fill="${FAINT}">${escape(text)}</text>`;
  const [only] = contigs;
  if (contigs.length === 1 && only) {
    const step = niceCeiling(length / 8);
    const count = Math.floor(length / step);
    const ticks = Array.from({ length: count + 1 }, (_, index) => {
      const at = x(only.name, index * step);
      return `<path d="M${round(at)} ${round(y)}v5" stroke="${FAINT}"/>${label(at, index === 0 ? "1" : (index * step).toLocaleString("en-US"))}`;
    });
    return [line, ...ticks].join("\n");
  }
  const names = contigs.flatMap((contig) => {
    const [from, to] = [x(contig.name, 0), x(contig.name, contig.length)];
    return to - from > contig.name.length * 6.5 ? [label((from + to) / 2, contig.name)] : [];
  });
  return [line, ...names].join("\n");
}

function rule(x: number, top: number, bottom: number): string {
  return `<path d="M${round(x)} ${top}V${round(bottom)}" stroke="${RULE}"/>`;
}

/** The longest sequences, in the order of the reference: a draft assembly may have a hundred thousand. */
function longest(contigs: readonly Contig[], most: number): readonly Contig[] {
  if (contigs.length <= most) return contigs;
  const kept = new Set([...contigs].sort((a, b) => b.length - a.length).slice(0, most));
  return contigs.filter((contig) => kept.has(contig));
}

/** How far from the start of the plot each sequence starts, in bases. */
function offsets(contigs: readonly Contig[]): Map<string, number> {
  let passed = 0;
  return new Map(contigs.map(({ name, length }) => [name, (passed += length) - length]));
}

/** The next of 1, 2, 5, 10, 20, 50, … */
function niceCeiling(value: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(1, value)));
  return ([1, 2, 2.5, 5, 10].find((factor) => factor * power >= value) ?? 10) * power;
}

function quantile(values: readonly number[], at: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * at))] ?? 0;
}

function formatBases(bases: number): string {
  if (bases < 1e5) return `${bases.toLocaleString("en-US")} bp`;
  return bases < 1e9 ? `${(bases / 1e6).toFixed(2)} Mb` : `${(bases / 1e9).toFixed(2)} Gb`;
}

function percent(fraction: number): string {
  return `${(fraction * 100).toFixed(1)}%`;
}

function shorten(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most - 1)}…`;
}

/** Two decimals are a hundredth of a pixel: enough, and the file stays small. */
function round(value: number): number {
  return Math.round(value * 100) / 100;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}
