import { asTheyAre } from "../../record/liveness.ts";
import type { ProjectRecord } from "../../record/open.ts";
import type { AttemptRow, JobRow, ProgramRow, RunRow, TaskRow } from "../../store/types.ts";
import { JobBook } from "./job-book.ts";

/** The rows that a report is made of, read once. */
export interface RunRows {
  readonly record: ProjectRecord;
  /** As it is: a run whose process ended without a word is interrupted. */
  readonly run: RunRow;
  readonly jobs: readonly JobRow[];
  readonly book: JobBook;
  readonly attempts: readonly AttemptRow[];
  /** The versions of the tasks in it, by hash. Those that are not recorded any more are absent. */
  readonly tasks: ReadonlyMap<string, TaskRow>;
  readonly program: ProgramRow | undefined;
  /** When it ended; of a run that goes on now, of one that was interrupted its last sign of life. */
  readonly end: number;
}

/** Reads the rows of a run. */
export async function readRows(record: ProjectRecord, recorded: RunRow, now = Date.now()): Promise<RunRows> {
  const { store } = record;
  const [run = recorded] = await asTheyAre(store, [recorded]);
  const jobs = await store.listJobs({ run: run.id });
  const attempts = await store.listRunAttempts(run.id);
  const tasks = new Map<string, TaskRow>();
  for (const hash of new Set(jobs.map((job) => job.taskHash))) {
    const task = await store.getTask(hash);
    if (task) tasks.set(hash, task);
  }
  return {
    record,
    run,
    jobs,
    book: new JobBook(jobs),
    attempts,
    tasks,
    program: run.program === null ? undefined : await store.getProgram(run.program),
    end: endOf(run, jobs, attempts, now),
  };
}

function endOf(run: RunRow, jobs: readonly JobRow[], attempts: readonly AttemptRow[], now: number): number {
  if (run.state === "running") return Math.max(now, run.startedAt);
  if (run.state !== "interrupted" && run.endedAt !== null) return Math.max(run.endedAt, run.startedAt);
  // What is recorded as the end of an interrupted run is when that was noticed, which may be days later.
  let last = run.startedAt;
  const seen = (time: number | null): void => {
    if (time !== null && time > last) last = time;
  };
  for (const job of jobs) {
    seen(job.startedAt);
    seen(job.endedAt);
  }
  for (const attempt of attempts) {
    seen(attempt.startedAt);
    if (attempt.outcome !== "lost") seen(attempt.endedAt);
  }
  return last;
}
