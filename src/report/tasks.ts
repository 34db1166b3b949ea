import { isLift } from "../project/owner.ts";
import type { JobState } from "../store/types.ts";
import type { RunRows } from "./read/rows.ts";

/** The jobs of one task. */
export interface TaskJobs {
  readonly task: string;
  readonly jobs: Readonly<Record<JobState, number>>;
  /** How long its bodies and scripts ran in all; `null` where they did not, or only waited for other jobs. */
  readonly ranMs: number | null;
}

/** Counts the jobs of a run by task, in the order in which the tasks were first called. */
export function readTasks({ book, jobs, attempts }: RunRows): TaskJobs[] {
  const counts = new Map<string, Record<JobState, number>>();
  for (const { job, state } of book.known) {
    let own = counts.get(job.task);
    if (!own) counts.set(job.task, (own = { pending: 0, running: 0, done: 0, cached: 0, failed: 0, cancelled: 0 }));
    own[state]++;
  }
  const times = new Map<string, number>();
  const add = (task: string, ms: number): void => void times.set(task, (times.get(task) ?? 0) + ms);
  const outside = new Set<string>();
  for (const { job: id, wallMs } of attempts) {
    outside.add(id);
    const job = book.get(id);
    if (job && wallMs !== null) add(book.ownerOf(job).task, wallMs);
  }
  for (const job of jobs) {
    if (outside.has(job.id) || job.state === "cached" || isLift(job) || !book.isLeaf(job)) continue;
    if (job.startedAt !== null && job.endedAt !== null) add(book.ownerOf(job).task, job.endedAt - job.startedAt);
  }
  return Array.from(counts, ([task, each]) => ({ task, jobs: each, ranMs: times.get(task) ?? null }));
}
