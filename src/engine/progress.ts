import type { JobState } from "../store/types.ts";
import type { Job } from "./job.ts";
import { isScripted, SCRIPT } from "./options.ts";

/** How many jobs of a task are in each state. */
export type TaskProgress = Record<JobState, number>;

const none = (): TaskProgress => ({ pending: 0, running: 0, done: 0, cached: 0, failed: 0, cancelled: 0 });

/**
 * Counts jobs by task and state as they change, so that a display costs the run nothing but these
 * additions. A script counts as the task whose body built it; lifts are not counted.
 */
export class Progress {
  readonly tasks = new Map<string, TaskProgress>();
  readonly #shown = new Map<Job, JobState>();
  /** Those whose script has run, though their body was a hit. */
  readonly #ran = new WeakSet<Job>();

  /** The job's state is now this. */
  change(job: Job, state: JobState): void {
    if (job.task.lifted) return;
    if (job.task.name === SCRIPT && job.parent && isScripted(job.parent.task)) {
      // What people wait for is the script: its task runs while it does, and has run when it has.
      if (state === "running") this.#ran.add(job.parent);
      if (!job.parent.settled && (state === "running" || state === "pending")) this.#show(job.parent, state);
      return;
    }
    if (state === "running" && isScripted(job.task)) this.#show(job, "pending");
    else this.#show(job, state === "cached" && this.#ran.has(job) ? "done" : state);
  }

  #show(job: Job, state: JobState): void {
    let counts = this.tasks.get(job.task.name);
    if (!counts) {
      counts = none();
      this.tasks.set(job.task.name, counts);
    }
    const before = this.#shown.get(job);
    if (before) counts[before]--;
    counts[state]++;
    if (state === "pending" || state === "running") this.#shown.set(job, state);
    else this.#shown.delete(job);
  }

  /** All tasks together. */
  get total(): TaskProgress {
    const total = none();
    for (const counts of this.tasks.values()) {
      for (const state of Object.keys(total) as JobState[]) total[state] += counts[state];
    }
    return total;
  }
}
