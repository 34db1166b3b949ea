import { sumStates } from "./job-counts.ts";
import type { JobFilter, JobState, Store } from "../store/types.ts";

/** A task by what became of its jobs. */
export interface TaskSummary {
  readonly name: string;
  readonly jobs: Readonly<Record<JobState, number>>;
  /** How long a job takes, in milliseconds: by the newest attempts; of bodies within the engine, by those counted. */
  readonly meanMs: number | null;
  /** How long those took that are counted, in milliseconds. */
  readonly totalMs: number;
  /** How many versions of its code are recorded. */
  readonly versions: number;
  /** Where the newest stands; empty for Ligase's own tasks. */
  readonly file: string;
  readonly line: number;
  readonly doc: string;
}

/**
 * The tasks of some jobs, by name.
 *
 * @param filter - by default all jobs that people know
 * @example
 * ```ts
 * const slowest = (await taskSummaries(store)).toSorted((a, b) => b.totalMs - a.totalMs)[0];
 * ```
 */
export async function taskSummaries(
  store: Store,
  filter: JobFilter = { known: true },
): Promise<readonly TaskSummary[]> {
  const counts = Map.groupBy(await store.countTasks(filter), ({ task }) => task);
  const names = [...counts.keys()];
  const [rows, times] = await Promise.all([store.listTasks(), store.taskTimes(names)]);
  const versions = Map.groupBy(rows, ({ name }) => name);
  const means = new Map(times.map(({ task, meanMs }) => [task, meanMs]));
  return Array.from(counts, ([name, groups]) => {
    const jobs = sumStates(groups);
    const totalMs = groups.reduce((sum, { wallMs }) => sum + wallMs, 0);
    const doneMs = groups.find(({ state }) => state === "done")?.wallMs ?? 0;
    // The newest version of each name comes first.
    const newest = versions.get(name)?.[0];
    return {
      name,
      jobs,
      meanMs: means.get(name) ?? (jobs.done > 0 ? doneMs / jobs.done : null),
      totalMs,
      versions: versions.get(name)?.length ?? 0,
      file: newest?.file ?? "",
      line: newest?.line ?? 0,
      doc: newest?.doc ?? "",
    };
  });
}
