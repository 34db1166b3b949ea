import type { Span } from "./pack.ts";

/** One job in a slot. */
export interface SlotJob extends Span {
  readonly slot: number;
  readonly task: string;
  readonly job: string;
  readonly failed: boolean;
}

/** What is drawn in a slot: one job, or several that are too short and too close to be told apart. */
export interface Bar extends Span {
  readonly slot: number;
  /** The task that took most of the time. */
  readonly task: string;
  readonly jobs: number;
  readonly failed: number;
  /** The job, where it is one. */
  readonly job?: string;
}

/** So many bars a lane may have: a picture of some 300 kB at most. */
const MOST_BARS = 3000;
/** Finer than this no screen shows it. */
const FINEST = 1 / 1200;

/**
 * Makes bars of jobs: one a job where there is room, and one for several that follow each other closely and are shorter
 * than a point of the picture. So thousands of jobs take no more than some 3,000 bars.
 *
 * @param jobs - in the order in which they start
 * @param slots - how many slots they lie in
 * @param length - of the whole picture, in milliseconds
 */
export function barsOf(jobs: readonly SlotJob[], slots: number, length: number): Bar[] {
  if (jobs.length <= MOST_BARS) return jobs.map((job) => close([job]));
  // A bar that is shorter than a point is followed by a gap of a point, or by a longer bar: two bars a point at most.
  const point = length * Math.max(FINEST, (2 * slots) / MOST_BARS);
  const bars: Bar[] = [];
  for (const own of Map.groupBy(jobs, (job) => job.slot).values()) {
    let open: SlotJob[] = [];
    for (const job of own) {
      const first = open[0];
      const fits = first && job.end - first.start <= point && job.start - open.at(-1)!.end < point;
      if (fits) open.push(job);
      else {
        if (first) bars.push(close(open));
        open = [job];
      }
    }
    if (open.length > 0) bars.push(close(open));
  }
  return bars;
}

function close(jobs: readonly SlotJob[]): Bar {
  const { start, slot, job, task } = jobs[0]!;
  if (jobs.length === 1) {
    const { end, failed } = jobs[0]!;
    return { slot, start, end, task, jobs: 1, failed: failed ? 1 : 0, job };
  }
  const times = new Map<string, number>();
  for (const each of jobs) times.set(each.task, (times.get(each.task) ?? 0) + each.end - each.start);
  const longest = [...times].reduce((most, each) => (each[1] > most[1] ? each : most));
  return {
    slot,
    start,
    end: jobs.at(-1)!.end,
    task: longest[0],
    jobs: jobs.length,
    failed: jobs.filter((each) => each.failed).length,
  };
}
