import { LigaseError } from "../kernel/index.ts";
import { describeJob, type Job } from "./job.ts";

/** The error of a run that can go no further though nothing runs. */
export function stallError(jobs: Iterable<Job>): LigaseError {
  const open = [...jobs].filter((job) => !job.settled);
  const names = [...new Set(open.map((job) => job.task.name))].join(", ");
  return new LigaseError(
    "LIGASE_E_STALLED",
    `nothing can go on: ${names || "the expression"} waits for what never comes`,
  );
}

/** How many GPUs a job has, or needs before it can start, and of which executor. */
interface Gpus {
  readonly executor: string;
  readonly gpu: number;
}

/**
 * Finds jobs that wait for GPUs which those that wait for them hold. A body that awaits its calls
 * gives up everything else, but what lies in a GPU's memory stays there.
 */
export class GpuStalls {
  readonly #held = new Map<Job, Gpus>();
  readonly #wanted = new Map<Job, Gpus>();
  readonly #total: (executor: string) => number;

  /** @param total - how many an executor has */
  constructor(total: (executor: string) => number) {
    this.#total = total;
  }

  /** A body waits for its calls and holds these; none when it goes on or has ended. */
  hold(job: Job, gpus: Gpus | undefined): void {
    if (gpus && gpus.gpu > 0) this.#held.set(job, gpus);
    else this.#held.delete(job);
  }

  /** A job waits for these before it can start; for none when it has started. */
  want(job: Job, gpus: Gpus | undefined): void {
    if (gpus && gpus.gpu > 0) this.#wanted.set(job, gpus);
    else this.#wanted.delete(job);
  }

  /** The jobs that can never start, each with why. */
  find(): readonly { readonly job: Job; readonly error: LigaseError }[] {
    if (this.#held.size === 0 || this.#wanted.size === 0) return [];
    const stuck = new Set([...this.#wanted.keys()].filter((job) => !job.settled));
    const holders = new Set(this.#held.keys());
    // Takes out what can go on, until all that is left waits for what is left.
    for (let size = -1; size !== stuck.size + holders.size;) {
      size = stuck.size + holders.size;
      const waiting = ancestors(stuck);
      for (const job of holders) if (!waiting.has(job)) holders.delete(job);
      for (const job of stuck) {
        const { executor, gpu } = this.#wanted.get(job)!;
        if (gpu <= this.#total(executor) - this.#heldBy(holders, executor)) stuck.delete(job);
      }
    }
    return [...stuck].map((job) => {
      const { executor, gpu } = this.#wanted.get(job)!;
      const those = [...holders].filter((each) => this.#held.get(each)!.executor === executor).map(describeJob);
      const message = `${describeJob(job)} needs ${gpu} of ${this.#total(executor)} GPUs, which ${those.join(", ")} will hold until it has ended`;
      return {
        job,
        error: new LigaseError("LIGASE_E_STALLED", message, {
          facts: { task: job.task.name, gpu, holders: those },
          mend: "let the task that holds the GPU return the call instead of awaiting it, or ask for fewer GPUs",
        }),
      };
    });
  }

  #heldBy(holders: ReadonlySet<Job>, executor: string): number {
    let sum = 0;
    for (const job of holders) {
      const held = this.#held.get(job)!;
      if (held.executor === executor) sum += held.gpu;
    }
    return sum;
  }
}

/** Everything that waits for one of these, near and far. */
function ancestors(jobs: Iterable<Job>): ReadonlySet<Job> {
  const found = new Set<Job>();
  const open = [...jobs];
  for (let job = open.pop(); job; job = open.pop()) {
    for (const owner of job.owners) {
      if (found.has(owner)) continue;
      found.add(owner);
      open.push(owner);
    }
  }
  return found;
}
