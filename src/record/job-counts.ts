import { isLift, SCRIPT } from "../project/owner.ts";
import type { JobState, Store } from "../store/types.ts";

/**
 * How many jobs of a run are in each state, as its live table counts them: a script is a part of the job whose body
 * built it, which has run if the script has, and lifts are nobody's jobs.
 */
export async function jobCounts(store: Store, run: string): Promise<Readonly<Record<JobState, number>>> {
  const counts = { pending: 0, running: 0, done: 0, cached: 0, failed: 0, cancelled: 0 };
  let scripts = 0;
  for (const { task, state, jobs } of await store.countJobs(run)) {
    if (task === SCRIPT && state === "done") scripts += jobs;
    else if (task !== SCRIPT && !isLift({ task })) counts[state] += jobs;
  }
  // A body that was cached while its script ran: only where there are both does it need a look at each script.
  if (scripts > 0 && counts.cached > 0) {
    for (const { script, state, jobs } of await store.countReasons(run, 0)) {
      if (!script || state !== "done") continue;
      const ran = Math.min(jobs, counts.cached);
      counts.cached -= ran;
      counts.done += ran;
    }
  }
  return counts;
}
