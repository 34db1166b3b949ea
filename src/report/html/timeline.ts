import { formatDuration } from "../../kernel/index.ts";
import { short } from "../../record/short.ts";
import type { Report } from "../report.ts";
import type { Bar } from "../timeline/bars.ts";
import type { Bin } from "../timeline/density.ts";
import type { Lane, Timeline } from "../timeline/timeline.ts";
import { html, type Html, trusted } from "./html.ts";
import { count, percent, type Section } from "./parts.ts";
import { type Tick, ticks } from "./ticks.ts";

/** As many tasks have a colour of their own. */
const COLOURS = 8;
/** The width of the pictures, in their own unit; they are stretched to the width of the page. */
const WIDTH = 1000;
/** The height of a picture of amounts, in pixels. */
const HEIGHT = 72;

/** The section with what ran when in which slot. */
export function timelineSection({ timeline, summary }: Report): Section | undefined {
  const { lanes, tasks, from, to } = timeline;
  if (lanes.length === 0) return undefined;
  const colour = colours(tasks);
  const others = tasks.length > COLOURS;
  const legend = tasks
    .slice(0, COLOURS)
    .map((task) => html`<li><i class="t${colour(task)}" aria-hidden="true"></i>${task}</li>`);
  return {
    id: "timeline",
    title: "Timeline",
    body: html`<ul class="legend" aria-label="Colours of the tasks">
        ${legend}${others && html`<li><i class="t${COLOURS}" aria-hidden="true"></i>others</li>`}${summary.jobs.failed > 0 && html`<li><i class="failed" aria-hidden="true"></i>failed</li>`}
      </ul>
      ${lanes.map((lane) => laneOf(lane, timeline, colour))}
      <div class="axis" aria-hidden="true">${ticks(to - from).map(mark)}</div>`,
  };
}

/** The last mark has its label before it, or there would be no room. */
function mark({ at, label }: Tick): Html {
  const place = 100 * at;
  return place > 90
    ? html`<span class="last" style="right:${(100 - place).toFixed(2)}%">${label}</span>`
    : html`<span style="left:${place.toFixed(2)}%">${label}</span>`;
}

type Colour = (task: string) => number;

function colours(tasks: readonly string[]): Colour {
  const index = new Map(tasks.map((task, i) => [task, Math.min(i, COLOURS)]));
  return (task) => index.get(task) ?? COLOURS;
}

function laneOf(lane: Lane, range: Timeline, colour: Colour): Html {
  const title = titleOf(lane);
  if (lane.kind === "slots") {
    // Few slots get room, many share it.
    const row = lane.slots <= 8 ? 18 : lane.slots <= 16 ? 11 : 7;
    const rects = lane.bars.map((bar) => rect(bar, range, row, colour));
    return picture(title, lane.slots * row, html`${rects}`);
  }
  return picture(title, HEIGHT, areas(lane.bins, range, lane.kind === "running", colour));
}

function titleOf(lane: Lane): Html {
  if (lane.kind === "ended") {
    const what = lane.executor === "inline" ? "In Ligase's own process" : "From the cache";
    return html`<b>${what}</b> ${count(lane.jobs, "job")}, by when they ended`;
  }
  const slots = lane.kind === "slots" ? count(lane.slots, "slot") : `up to ${lane.slots} at once`;
  return html`<b>${lane.executor}</b> on ${lane.host}: ${count(lane.jobs, "attempt")} in ${slots}, ${percent(lane.busy)}
    busy`;
}

function picture(title: Html, height: number, drawing: Html): Html {
  return html`<figure class="lane">
    <figcaption>${title}</figcaption>
    <svg
      viewBox="0 0 ${WIDTH} ${height}"
      height="${height}"
      preserveAspectRatio="none"
      role="img"
      aria-label="When they ran"
    >
      ${drawing}
    </svg>
  </figure> `;
}

interface Range {
  readonly from: number;
  readonly to: number;
}

const x = (time: number, { from, to }: Range): number => (WIDTH * (time - from)) / (to - from);

/** Whole numbers where they do: thousands of bars have four each. */
const short2 = (n: number): string => String(Math.round(n * 100) / 100);

function rect(bar: Bar, range: Range, row: number, colour: Colour): Html {
  const left = x(bar.start, range);
  // What is shorter than a point can still be seen.
  const width = Math.max(0.7, x(bar.end, range) - left);
  const at = `x="${short2(left)}" width="${short2(width)}"`;
  const style = bar.failed === bar.jobs ? "failed" : `t${colour(bar.task)}`;
  const y = bar.slot * row;
  const whole = html`<rect class="${style}" ${trusted(at)} y="${y}" height="${row - 1}"
    ><title>${barText(bar, range)}</title></rect
  >`;
  // A few that failed among many leave a mark at the foot of the bar.
  const mark = Math.ceil(row / 4);
  return bar.failed === 0 || bar.failed === bar.jobs
    ? whole
    : html`${whole}<rect class="failed mark" ${trusted(at)} y="${y + row - 1 - mark}" height="${mark}" />`;
}

function barText({ task, jobs, failed, start, end, job }: Bar, { from }: Range): string {
  const took = formatDuration(end - start);
  const when = `${formatDuration(start - from)} after the start`;
  if (job !== undefined) return `${task}${failed > 0 ? ", failed" : ""}: ${took}, ${when} (job ${short(job)})`;
  return `${count(jobs, "job")}, most of them ${task}${failed > 0 ? `, ${failed} failed` : ""}: ${took}, ${when}`;
}

/** Amounts over time, one on top of the other, and over them what tells what they are. */
function areas(bins: readonly Bin[], range: Range, averages: boolean, colour: Colour): Html {
  const totals = bins.map((bin) => Object.values(bin.tasks).reduce((sum, each) => sum + each, 0));
  const most = totals.reduce((a, b) => Math.max(a, b), 0) || 1;
  const shapes: Html[] = [];
  const bottom = bins.map(() => 0);
  for (let layer = 0; layer <= COLOURS; layer++) {
    const height = bins.map((bin) =>
      Object.entries(bin.tasks).reduce((sum, [task, each]) => sum + (colour(task) === layer ? each : 0), 0),
    );
    if (height.every((each) => each === 0)) continue;
    const path = bins.flatMap((bin, i) => {
      if (height[i] === 0) return [];
      const y = (amount: number): string => short2(HEIGHT * (1 - amount / most));
      const top = y(bottom[i]! + height[i]!);
      return `M${short2(x(bin.start, range))} ${y(bottom[i]!)}V${top}H${short2(x(bin.end, range))}V${y(bottom[i]!)}Z`;
    });
    shapes.push(html`<path class="t${layer}" d="${path.join("")}" />`);
    height.forEach((each, i) => (bottom[i]! += each));
  }
  const hovers = bins.flatMap((bin, i) =>
    totals[i] === 0
      ? []
      : html`<rect
          class="over"
          x="${short2(x(bin.start, range))}"
          y="0"
          width="${short2(x(bin.end, range) - x(bin.start, range))}"
          height="${HEIGHT}"
          ><title>${binText(bin, range, averages)}</title></rect
        >`,
  );
  return html`${shapes}${hovers}`;
}

/** So many tasks are named. */
const MOST_NAMED = 4;

function binText({ tasks, start, end }: Bin, { from }: Range, averages: boolean): string {
  const sorted = Object.entries(tasks).toSorted((a, b) => b[1] - a[1]);
  const named = sorted
    .slice(0, MOST_NAMED)
    .map(([task, amount]) => `${averages ? amount.toFixed(1) : amount} ${task}`)
    .join(", ");
  const more = sorted.length > MOST_NAMED ? " …" : "";
  return `${named}${more}${averages ? " at once" : ""}: ${formatDuration(start - from)} to ${formatDuration(end - from)} after the start`;
}
