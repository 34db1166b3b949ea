import { SCRIPT } from "../project/owner.ts";
import type { JobFilter, JobRow, JobState, RunFilter, RunRow, RunState, Store } from "../store/types.ts";
import { asTheyAre } from "./liveness.ts";

/** The states that a run may be in. */
export const RUN_STATES: readonly RunState[] = ["running", "done", "failed", "cancelled", "interrupted"];

/** The states that a job may be in. */
export const JOB_STATES: readonly JobState[] = ["pending", "running", "done", "cached", "failed", "cancelled"];

/** What of the record is wanted: the same words for runs and for jobs. Times are milliseconds since 1970. */
export interface Selection {
  /** Only what is in one of these states. */
  readonly states?: readonly (RunState | JobState)[];
  /** Only jobs of this task, or runs that have one. */
  readonly task?: string;
  /** Only what began at this time or later. */
  readonly since?: number;
  /** Only what has all of these tags; a job has those of its run too. */
  readonly tags?: Readonly<Record<string, string>>;
  /** Only what was given this: a part of the text of its arguments, such as a sample's name or a file's path. */
  readonly input?: string;
  /** Only runs of jobs of this endpoint; null: only those of none. */
  readonly endpoint?: string | null;
}

/**
 * The jobs that are wanted, as the store chooses them: without scripts and lifts, which people do not think of as jobs.
 *
 * @example
 * ```ts
 * await store.listJobs({ run, ...jobFilter({ task: "align", states: ["failed"] }), order: "newest", limit: 20 });
 * ```
 */
export function jobFilter({ states, endpoint, ...rest }: Selection): JobFilter {
  const of = endpoint === null ? { endpoint } : endpoint === undefined ? {} : { tags: { ...rest.tags, endpoint } };
  return {
    known: true,
    ...rest,
    ...of,
    ...(states && { states: JOB_STATES.filter((state) => states.includes(state)) }),
  };
}

/**
 * The runs that are wanted. A task, with its states, and an input mean a job of the run: who looks for a sample does not
 * know in which sheet it was.
 */
export function runFilter({ states, task, input, ...rest }: Selection): RunFilter {
  const ofJob = {
    ...(task !== undefined && { task }),
    ...(task !== undefined && states && { states: JOB_STATES.filter((state) => states.includes(state)) }),
    ...(input !== undefined && { input }),
  };
  return {
    ...rest,
    ...(task === undefined && states && { states: RUN_STATES.filter((state) => states.includes(state)) }),
    ...(Object.keys(ofJob).length > 0 && { with: ofJob }),
  };
}

/** A page of a list: so many, behind so many that are left out. */
export interface Page {
  readonly limit?: number;
  readonly offset?: number;
}

/**
 * Runs as they are, newest first: one whose process is gone is `interrupted`, also before anybody has recorded that.
 *
 * @example
 * ```ts
 * const failed = await selectRuns(store, { states: ["failed"], since: Date.now() - 86_400_000 }, { limit: 20 });
 * ```
 */
export async function selectRuns(store: Store, selection: Selection, page: Page = {}): Promise<readonly RunRow[]> {
  const filter = runFilter(selection);
  const { states } = filter;
  if (!states?.some((state) => state === "running" || state === "interrupted")) {
    return asTheyAre(store, await store.listRuns({ ...filter, ...page }));
  }
  // Which of these two a run is, is not for the store to say; there are few of them.
  const runs = await store.listRuns({ ...filter, states: [...new Set([...states, "running" as const])] });
  const { offset = 0, limit = Infinity } = page;
  const found = (await asTheyAre(store, runs)).filter((run) => states.includes(run.state));
  return found.slice(offset, offset + limit);
}

/**
 * Jobs as people know them, newest first: one whose body was cached while its script ran has the state and the times of
 * that script.
 *
 * @param run - of which all are; by default any
 */
export async function selectJobs(
  store: Store,
  selection: Selection,
  { run, ...page }: Page & { readonly run?: string } = {},
): Promise<readonly JobRow[]> {
  const filter = { ...jobFilter(selection), ...(run !== undefined && { run }), ...page, order: "newest" } as const;
  const jobs = await store.listJobs(filter);
  return Promise.all(jobs.map((job) => withScript(store, job)));
}

async function withScript(store: Store, job: JobRow): Promise<JobRow> {
  if (job.state !== "cached") return job;
  const [script] = await store.listJobs({ run: job.run, parent: job.id, task: SCRIPT, states: ["done"], limit: 1 });
  return script ? asRan(job, script) : job;
}

/** A job whose body was cached, with the state and the times of the script that ran for it. */
export function asRan(job: JobRow, { state, startedAt, endedAt, attempts, executor }: JobRow): JobRow {
  return { ...job, state, startedAt, endedAt, attempts, executor };
}
