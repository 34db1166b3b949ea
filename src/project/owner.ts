import type { JobRow, Store } from "../store/types.ts";

/** The name of Ligase's own task that runs scripts. */
export const SCRIPT = "script";

/** The job that people know a job by: of a script, the one whose body built it. */
export async function ownerOf(store: Store, job: JobRow): Promise<JobRow> {
  if (job.task !== SCRIPT || job.parent === null) return job;
  return (await store.getJob(job.parent)) ?? job;
}

/** Is it one of the small computations between tasks, which people do not think of as jobs? */
export function isLift(job: Pick<JobRow, "task">): boolean {
  return job.task.startsWith("lift:");
}
