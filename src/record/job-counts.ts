import type { JobState, Store, TaskCount } from "../store/types.ts";

/** How many jobs are in each state, as the live table of a run counts them. */
export async function jobCounts(store: Store, run: string): Promise<Readonly<Record<JobState, number>>> {
  return sumStates(await store.countTasks({ run, known: true }));
}

/** Adds up the jobs of all tasks. */
export function sumStates(counts: readonly TaskCount[]): Record<JobState, number> {
  const sum = { pending: 0, running: 0, done: 0, cached: 0, failed: 0, cancelled: 0 };
  for (const { state, jobs } of counts) sum[state] += jobs;
  return sum;
}
