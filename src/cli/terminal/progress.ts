import { formatDuration, shortenMiddle } from "../../kernel/index.ts";
import type { Progress, TaskProgress } from "../../engine/progress.ts";
import type { JobState } from "../../store/types.ts";
import type { Paint, Style } from "./terminal.ts";
import { columns, columnsOf, cut } from "./text.ts";

/** What a table is drawn for. */
export interface TableOptions {
  readonly paint: Paint;
  /** Columns of the screen. */
  readonly width: number;
  /** The most lines it may have. */
  readonly height: number;
  readonly elapsedMs: number;
  /** How long it will still take, where that is known. */
  readonly leftMs?: number | undefined;
}

/** The states that have a column, in order, with their colours. */
const STATES: readonly (readonly [JobState, Style])[] = [
  ["running", "accent"],
  ["pending", "dim"],
  ["cached", "dim"],
  ["done", "good"],
  ["failed", "bad"],
  ["cancelled", "warn"],
];

/** What is left out, step by step, where the screen is narrow: the sums say it already. */
const NARROWER: readonly (readonly JobState[])[] = [
  [],
  ["pending"],
  ["pending", "done"],
  ["pending", "done", "cached"],
  ["pending", "done", "cached", "running"],
];

const SHORTEST_NAME = 8;
/** Columns of a screen with room for two times. */
const WIDE = 60;

/** A task, or all of them, with its counts. */
type Row = readonly [name: string, counts: TaskProgress];

/** How a run goes on: one line a task, and one for all. */
export function progressTable(progress: Progress, options: TableOptions): string[] {
  const { paint, width } = options;
  const tasks = visibleTasks(progress, Math.max(1, options.height - 2));
  const rows: readonly Row[] = [...tasks, ["total", progress.total]];
  const times = timesOf(options);
  const longest = Math.max(...rows.map(([name]) => columnsOf(name)));
  let states: readonly (readonly [JobState, Style])[] = [];
  let nameWidth = longest;
  for (const omit of NARROWER) {
    states = STATES.filter(([state]) => !omit.includes(state) && rows.some(([, counts]) => counts[state] > 0));
    const over = widthOf(rows, states) + longest + 2 + columnsOf(times) - width;
    nameWidth = over > 0 ? Math.max(SHORTEST_NAME, longest - over) : longest;
    if (over <= 0 || longest - over >= SHORTEST_NAME) break;
  }
  const lines = layOut(rows, states, nameWidth, paint);
  lines.push(`${lines.pop()}  ${times}`);
  const hidden = progress.tasks.size - tasks.length;
  if (hidden > 0) lines.splice(-1, 0, paint("dim", `   … and ${hidden} other tasks`));
  return lines.map((line) => cut(line, width));
}

/** Columns of the table without those of the names. Reckoned, for a frame that is drawn twice costs twice. */
function widthOf(rows: readonly Row[], states: readonly (readonly [JobState, Style])[]): number {
  const digits = (read: (counts: TaskProgress) => number): number =>
    Math.max(...rows.map(([, counts]) => String(read(counts)).length));
  const ended = Math.max(...rows.map(([, counts]) => endedText(counts).length));
  // The mark before the name, and two columns before every other.
  return (
    2 + 2 + ended + states.reduce((sum, [state]) => sum + 2 + digits((counts) => counts[state]) + 1 + state.length, 0)
  );
}

function endedText(counts: TaskProgress): string {
  const { pending, running, done, cached, failed, cancelled } = counts;
  return `${done + cached}/${pending + running + done + cached + failed + cancelled}`;
}

/** How long it took, and will take; where there is no room for both, people want to know of the second. */
function timesOf({ paint, width, elapsedMs, leftMs }: TableOptions): string {
  const elapsed = paint("dim", formatDuration(elapsedMs));
  if (leftMs === undefined) return elapsed;
  return width < WIDE ? leftText(leftMs) : `${elapsed}  ${leftText(leftMs)}`;
}

/** Those that still change are what people look for, where there is no room for all. */
function visibleTasks({ inOrder: all }: Progress, room: number): Row[] {
  if (all.length <= room) return all;
  const isOpen = ([, counts]: Row): boolean => counts.running + counts.pending + counts.failed > 0;
  return [...all.filter(isOpen), ...all.filter((each) => !isOpen(each))].slice(0, Math.max(1, room - 1));
}

function layOut(
  rows: readonly Row[],
  states: readonly (readonly [JobState, Style])[],
  nameWidth: number,
  paint: Paint,
): string[] {
  const cells = rows.map(([name, counts]) => [
    `${mark(counts, paint)} ${shortenMiddle(name, nameWidth)}`,
    endedText(counts),
    ...states.map(([state, style]) => (counts[state] === 0 ? "" : paint(style, `${counts[state]} ${state}`))),
  ]);
  return columns(cells, { right: [1, 2, 3, 4, 5, 6, 7] });
}

function mark(counts: TaskProgress, paint: Paint): string {
  if (counts.failed > 0) return paint("bad", "✗");
  if (counts.running > 0) return paint("accent", "●");
  if (counts.pending > 0) return paint("dim", "○");
  if (counts.cancelled > 0) return paint("warn", "–");
  return paint("good", "✓");
}

/** Up to this time, what is left is told in steps of so much: seconds, both. */
const ROUGH: readonly (readonly [below: number, step: number])[] = [
  [30, 5],
  [60, 10],
  [3600, 60],
  [36_000, 600],
  [Infinity, 3600],
];

/** A time in words as rough as it is known: `~40s left`, `~12m left`, `~2h 10m left`. */
export function leftText(ms: number): string {
  const [, step] = ROUGH.find(([below]) => ms < below * 1000)!;
  const rough = Math.max(1, Math.round(ms / 1000 / step)) * step;
  return `~${formatDuration(rough * 1000).replace(/ 0[sm]$|\.0(?=s$)/, "")} left`;
}

/** The same in one line, for a log. */
export function progressLine({ total }: Progress): string {
  const { done, cached, failed, running, pending } = total;
  return [
    running > 0 && `${running} running`,
    pending > 0 && `${pending} pending`,
    `${done} done`,
    `${cached} cached`,
    failed > 0 && `${failed} failed`,
  ]
    .filter(Boolean)
    .join(", ");
}
