import type { TaskImpl } from "../expr/task.ts";
import type { JobState } from "../store/types.ts";
import type { Job } from "./job.ts";
import { isIsolated, isScripted, SCRIPT } from "./options.ts";

/** How many jobs of a task are in each state. Among the pending are calls that still wait for their arguments. */
export type TaskProgress = Record<JobState, number>;

/** How long the jobs of a task take outside of this process. */
export interface TaskPace {
  /** So many have finished, … */
  jobs: number;
  /** … in so many milliseconds together. */
  ms: number;
  /** So many run, … */
  running: number;
  /** … which began at these times, added up: milliseconds since 1970. */
  began: number;
}

const STATES: readonly JobState[] = ["pending", "running", "done", "cached", "failed", "cancelled"];
const none = (): TaskProgress => ({ pending: 0, running: 0, done: 0, cached: 0, failed: 0, cancelled: 0 });

/**
 * Counts jobs by task and state as they change, so that a display costs the run nothing but these
 * additions. A script counts as the task whose body built it; lifts are not counted.
 */
export class Progress {
  readonly tasks = new Map<string, TaskProgress>();
  /** Of tasks that run outside of this process. */
  readonly paces = new Map<string, TaskPace>();
  readonly #shown = new Map<Job, JobState>();
  /** Those whose script has run, though their body was a hit. */
  readonly #ran = new WeakSet<Job>();
  readonly #began = new Map<Job, number>();
  /** Tasks of which there is no job yet. */
  readonly #ahead = new Set<string>();
  /** Calls that wait for their arguments, by task. */
  readonly #expected = new Map<string, number>();

  /** The job's state is now this. */
  change(job: Job, state: JobState): void {
    if (job.task.lifted) return;
    if (job.task.name === SCRIPT && job.parent && isScripted(job.parent.task)) {
      this.#pace(job, job.parent.task.name, state);
      // What people wait for is the script: its task runs while it does, and has run when it has.
      if (state === "running") this.#ran.add(job.parent);
      if (!job.parent.settled && (state === "running" || state === "pending")) this.#show(job.parent, state);
      return;
    }
    if (isIsolated(job)) this.#pace(job, job.task.name, state);
    if (state === "running" && isScripted(job.task)) this.#show(job, "pending");
    else this.#show(job, state === "cached" && this.#ran.has(job) ? "done" : state);
  }

  /** A call of a task waits for its arguments (1), or does so no more (-1). */
  expect({ name, lifted }: TaskImpl, by: 1 | -1): void {
    if (lifted || name === SCRIPT) return;
    if (!this.tasks.has(name)) this.#ahead.add(name);
    const counts = this.#countsOf(name);
    counts.pending += by;
    this.#expected.set(name, (this.#expected.get(name) ?? 0) + by);
    if (counts.pending === 0 && this.#ahead.delete(name)) this.tasks.delete(name);
  }

  /** The run is over: calls whose arguments never came are not waited for. */
  end(): void {
    for (const [name, count] of this.#expected) {
      const counts = this.tasks.get(name);
      if (counts) counts.pending -= count;
    }
    for (const name of this.#ahead) this.tasks.delete(name);
    this.#expected.clear();
    this.#ahead.clear();
  }

  /** All tasks together. */
  get total(): TaskProgress {
    const total = none();
    for (const counts of this.tasks.values()) {
      for (const state of STATES) total[state] += counts[state];
    }
    return total;
  }

  /**
   * The tasks in the order of their first jobs, then those that are yet to come. A call is met before the calls in its
   * arguments, so of these the last comes first.
   */
  get inOrder(): (readonly [task: string, counts: TaskProgress])[] {
    const begun = [...this.tasks].filter(([name]) => !this.#ahead.has(name));
    const ahead = [...this.#ahead].reverse();
    return [...begun, ...ahead.map((name) => [name, this.#countsOf(name)] as const)];
  }

  #show(job: Job, state: JobState): void {
    const { name } = job.task;
    // The first of its task has its place behind those that came before it.
    if (this.#ahead.size > 0 && this.#ahead.delete(name)) {
      const waiting = this.#countsOf(name);
      this.tasks.delete(name);
      this.tasks.set(name, waiting);
    }
    const counts = this.#countsOf(name);
    const before = this.#shown.get(job);
    if (before) counts[before]--;
    counts[state]++;
    if (state === "pending" || state === "running") this.#shown.set(job, state);
    else this.#shown.delete(job);
  }

  #countsOf(name: string): TaskProgress {
    let counts = this.tasks.get(name);
    if (!counts) {
      counts = none();
      this.tasks.set(name, counts);
    }
    return counts;
  }

  #pace(job: Job, name: string, state: JobState): void {
    let pace = this.paces.get(name);
    if (!pace) {
      pace = { jobs: 0, ms: 0, running: 0, began: 0 };
      this.paces.set(name, pace);
    }
    if (state === "running") {
      const began = Date.now();
      if (this.#began.has(job)) return;
      this.#began.set(job, began);
      pace.running++;
      pace.began += began;
      return;
    }
    const began = this.#began.get(job);
    if (began === undefined) return;
    this.#began.delete(job);
    pace.running--;
    pace.began -= began;
    if (state !== "done") return;
    pace.jobs++;
    pace.ms += Date.now() - began;
  }
}
