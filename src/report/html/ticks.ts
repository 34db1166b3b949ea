import { formatDuration } from "../../kernel/index.ts";

/** A mark on the axis of time. */
export interface Tick {
  /** Which part of the whole it stands at. */
  readonly at: number;
  readonly label: string;
}

const MS = 1;
const S = 1000;
const M = 60 * S;
const H = 60 * M;
const D = 24 * H;
/** Steps that people count in. */
const STEPS = [
  ...[1, 2, 5, 10, 20, 50, 100, 200, 500].map((n) => n * MS),
  ...[1, 2, 5, 10, 15, 30].map((n) => n * S),
  ...[1, 2, 5, 10, 15, 30].map((n) => n * M),
  ...[1, 2, 3, 6, 12].map((n) => n * H),
  ...[1, 2, 7, 14, 30, 90, 365].map((n) => n * D),
];
const MOST = 8;

/** The marks of an axis that is so many milliseconds long, from zero on, at most nine. */
export function ticks(length: number): Tick[] {
  const step = STEPS.find((each) => length / each <= MOST) ?? Math.ceil(length / MOST);
  const marks: Tick[] = [];
  for (let time = 0; time <= length; time += step) {
    marks.push({
      at: time / length,
      label:
        time === 0
          ? "0"
          : formatDuration(time).replace(/\.0s$|(?<=[mhd]) 0[smh]$/, (end) => (end === ".0s" ? "s" : "")),
    });
  }
  return marks;
}
