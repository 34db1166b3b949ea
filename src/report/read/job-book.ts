import { isLift, SCRIPT } from "../../project/owner.ts";
import type { JobRow, JobState } from "../../store/types.ts";

/** A job as people know it. */
export interface KnownJob {
  readonly job: JobRow;
  /** Its own state, or that of the scripts that its body built, where one of them tells more. */
  readonly state: JobState;
}

/** Of an owner and its scripts, the first of these that one of them is in is the state of all. */
const TELLING: readonly JobState[] = ["failed", "cancelled", "running", "pending", "done", "cached"];

/**
 * The jobs of a run by what people ask of them: a script counts with the task whose body built it, and the small
 * computations of `lift` do not count.
 */
export class JobBook {
  readonly #byId: ReadonlyMap<string, JobRow>;
  readonly #parents = new Set<string>();
  readonly #scripts = new Map<string, JobRow[]>();
  /** Every job that people know, oldest first. */
  readonly known: readonly KnownJob[];

  constructor(jobs: readonly JobRow[]) {
    this.#byId = new Map(jobs.map((job) => [job.id, job]));
    const known: JobRow[] = [];
    for (const job of jobs) {
      if (job.parent !== null) this.#parents.add(job.parent);
      const owner = this.ownerOf(job);
      if (owner !== job) {
        const scripts = this.#scripts.get(owner.id);
        if (scripts) scripts.push(job);
        else this.#scripts.set(owner.id, [job]);
      } else if (!isLift(job)) known.push(job);
    }
    this.known = known.map((job) => ({ job, state: this.#stateOf(job) }));
  }

  get(id: string): JobRow | undefined {
    return this.#byId.get(id);
  }

  /** The job that people know it by: of a script the one whose body built it, if that is recorded. */
  ownerOf(job: JobRow): JobRow {
    return job.task === SCRIPT && job.parent !== null ? (this.#byId.get(job.parent) ?? job) : job;
  }

  /** Did no job come of it? */
  isLeaf(job: JobRow): boolean {
    return !this.#parents.has(job.id);
  }

  #stateOf(job: JobRow): JobState {
    const scripts = this.#scripts.get(job.id);
    if (!scripts) return job.state;
    return TELLING.find((state) => state === job.state || scripts.some((script) => script.state === state))!;
  }
}
