import type { Span } from "./pack.ts";

/** What went on in a part of the time, by task. */
export interface Bin {
  readonly start: number;
  readonly end: number;
  readonly tasks: Readonly<Record<string, number>>;
}

/** Into so many parts the time is divided. */
const BINS = 240;

interface Range {
  readonly from: number;
  readonly to: number;
}

/** How many jobs of each task ran at once on average, in each part of the time. */
export function runningIn(jobs: readonly (Span & { readonly task: string })[], range: Range): Bin[] {
  return bins(range, (add, width) => {
    for (const { start, end, task } of jobs) {
      const last = Math.ceil((Math.min(end, range.to) - range.from) / width);
      for (let i = Math.max(0, Math.floor((start - range.from) / width)); i < last; i++) {
        const from = range.from + i * width;
        add(i, task, Math.max(0, Math.min(end, from + width) - Math.max(start, from)) / width);
      }
    }
  });
}

/** How many jobs of each task ended in each part of the time. */
export function endedIn(jobs: readonly { readonly end: number; readonly task: string }[], range: Range): Bin[] {
  return bins(range, (add, width) => {
    for (const { end, task } of jobs) add(Math.floor((end - range.from) / width), task, 1);
  });
}

function bins(
  { from, to }: Range,
  fill: (add: (bin: number, task: string, amount: number) => void, width: number) => void,
): Bin[] {
  const width = Math.max(1, to - from) / BINS;
  const tasks = Array.from({ length: BINS }, () => new Map<string, number>());
  fill((bin, task, amount) => {
    const into = tasks[Math.min(BINS - 1, Math.max(0, bin))]!;
    into.set(task, (into.get(task) ?? 0) + amount);
  }, width);
  return tasks.map((each, i) => ({
    start: from + i * width,
    end: from + (i + 1) * width,
    tasks: Object.fromEntries(each),
  }));
}
