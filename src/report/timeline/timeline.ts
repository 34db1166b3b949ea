import { isLift } from "../../project/owner.ts";
import type { RunRows } from "../read/rows.ts";
import { type Bar, barsOf, type SlotJob } from "./bars.ts";
import { type Bin, endedIn, runningIn } from "./density.ts";
import { packSpans } from "./pack.ts";

/** What an executor did when. Times are milliseconds since 1970. */
export type Lane =
  | {
      /** A row a slot. */
      readonly kind: "slots";
      readonly executor: string;
      readonly host: string;
      readonly jobs: number;
      readonly slots: number;
      /** Which part of the time of all slots was used. */
      readonly busy: number;
      readonly bars: readonly Bar[];
    }
  | {
      /** Too many slots to be told apart: how many jobs ran at once. */
      readonly kind: "running";
      readonly executor: string;
      readonly host: string;
      readonly jobs: number;
      readonly slots: number;
      readonly busy: number;
      readonly bins: readonly Bin[];
    }
  | {
      /** What happens within the engine's process: how many jobs ended, or were found in the cache, in each part of the time. */
      readonly kind: "ended";
      readonly executor: "inline" | "cache";
      readonly jobs: number;
      readonly bins: readonly Bin[];
    };

/** When what ran where. */
export interface Timeline {
  readonly from: number;
  readonly to: number;
  /** The tasks in it, those that took the most time first. */
  readonly tasks: readonly string[];
  readonly lanes: readonly Lane[];
}

/** More slots than this are not drawn one by one. */
const MOST_SLOTS = 32;

/** Lays the attempts of a run out in the slots of their executors, and counts what ran inline. */
export function readTimeline(rows: RunRows): Timeline {
  const { run, attempts, book, end } = rows;
  const range = { from: run.startedAt, to: Math.max(end, run.startedAt + 1) };
  const times = new Map<string, number>();
  const lanes: Lane[] = [];
  const places = Map.groupBy(attempts, (attempt) => JSON.stringify([attempt.executor, attempt.host]));
  for (const each of places.values()) {
    const jobs = each
      .map((attempt) => {
        const job = book.get(attempt.job);
        const start = clamp(attempt.startedAt, range);
        // A lost attempt ends, by its row, when that was noticed.
        const ended = attempt.outcome === "lost" ? null : attempt.endedAt;
        return {
          start,
          end: Math.max(start, clamp(ended ?? range.to, range)),
          task: job ? book.ownerOf(job).task : "(not recorded)",
          job: attempt.job,
          failed: attempt.outcome !== null && attempt.outcome !== "done",
        };
      })
      .toSorted((a, b) => a.start - b.start);
    for (const { task, start, end } of jobs) times.set(task, (times.get(task) ?? 0) + end - start);
    const { slots, count } = packSpans(jobs);
    const busy = jobs.reduce((sum, job) => sum + job.end - job.start, 0) / (count * (range.to - range.from));
    const { executor, host } = each[0]!;
    const lane = { executor, host, jobs: jobs.length, slots: count, busy };
    if (count > MOST_SLOTS) lanes.push({ kind: "running", ...lane, bins: runningIn(jobs, range) });
    else {
      const placed: SlotJob[] = jobs.map((job, i) => ({ ...job, slot: slots[i]! }));
      lanes.push({ kind: "slots", ...lane, bars: barsOf(placed, count, range.to - range.from) });
    }
  }
  lanes.push(...within(rows, range));
  const known = new Set(times.keys());
  for (const lane of lanes)
    if (lane.kind === "ended") for (const bin of lane.bins) for (const task of Object.keys(bin.tasks)) known.add(task);
  return { ...range, tasks: [...known].toSorted((a, b) => (times.get(b) ?? 0) - (times.get(a) ?? 0)), lanes };
}

/** Bodies that ran in the engine's process, and what the cache had. A job that made others ends when they do: it does not count. */
function within({ jobs, attempts, book }: RunRows, range: { from: number; to: number }): Lane[] {
  const outside = new Set(attempts.map((attempt) => attempt.job));
  const lanes: Lane[] = [];
  const add = (executor: "inline" | "cache", states: readonly string[]): void => {
    const ended = jobs.flatMap((job) =>
      states.includes(job.state) && job.endedAt !== null && book.isLeaf(job) && !outside.has(job.id) && !isLift(job)
        ? [{ end: clamp(job.endedAt, range), task: book.ownerOf(job).task }]
        : [],
    );
    if (ended.length > 0) lanes.push({ kind: "ended", executor, jobs: ended.length, bins: endedIn(ended, range) });
  };
  add("inline", ["done", "failed"]);
  add("cache", ["cached"]);
  return lanes;
}

function clamp(time: number, { from, to }: { from: number; to: number }): number {
  return Math.min(to, Math.max(from, time));
}
