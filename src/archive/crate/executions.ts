import { isLift, SCRIPT } from "../../project/owner.ts";
import type { Hash } from "../../kernel/index.ts";
import type { AttemptRow, CallRow, JobRow, Store } from "../../store/types.ts";
import type { RunRows } from "../run-rows.ts";

/** One execution of a task, as people think of it: a script belongs to the task whose body built it. */
export interface Execution {
  readonly job: JobRow;
  /** The execution whose body made the call; nothing for the run's own. */
  readonly parent: Execution | undefined;
  /** What became of it; nothing where it failed. */
  readonly call: CallRow | undefined;
  /** When it really ran: of a cached one, in an earlier run; null where that is not known any more. */
  readonly startedAt: number | null;
  readonly endedAt: number | null;
  /** The tries of it and of its script. */
  readonly attempts: readonly AttemptRow[];
}

/** The executions of a run, callers before what they called. Small computations between tasks are left out. */
export async function executionsOf(store: Store, rows: RunRows): Promise<readonly Execution[]> {
  const jobs = new Map(rows.jobs.map((job) => [job.id, job]));
  const calls = new Map(rows.calls.map((call) => [call.key, call]));
  const scripts = Map.groupBy(
    rows.jobs.filter((job) => job.task === SCRIPT),
    (job) => job.parent ?? "",
  );
  const attempts = Map.groupBy(rows.attempts, (attempt) => attempt.job);
  const found = new Map<string, Execution>();
  for (const job of rows.jobs) {
    if (job.task === SCRIPT || isLift(job) || job.state === "cancelled") continue;
    if (job.state === "pending" || job.state === "running") continue;
    const own = [job, ...(scripts.get(job.id) ?? [])];
    const made = await Promise.all(own.map((each) => madeBy(store, each, calls)));
    const tries = await Promise.all(made.map(async (id) => attempts.get(id) ?? store.listAttempts(id)));
    const ran = made[0] === job.id ? job : await store.getJob(made[0]!);
    found.set(job.id, {
      job,
      parent: parentOf(job, jobs, found),
      call: calls.get(job.call),
      startedAt: ran?.startedAt ?? null,
      endedAt: ran?.endedAt ?? null,
      attempts: tries.flat(),
    });
  }
  return [...found.values()];
}

/** The job that computed what this one took: itself, or one of an earlier run. */
async function madeBy(store: Store, job: JobRow, calls: ReadonlyMap<Hash, CallRow>): Promise<string> {
  const call = job.state === "cached" ? calls.get(job.call) : undefined;
  return call && (await store.getJob(call.job)) ? call.job : job.id;
}

function parentOf(
  job: JobRow,
  jobs: ReadonlyMap<string, JobRow>,
  found: ReadonlyMap<string, Execution>,
): Execution | undefined {
  for (let id = job.parent; id !== null; id = jobs.get(id)?.parent ?? null) {
    const parent = found.get(id);
    if (parent) return parent;
  }
  return undefined;
}
