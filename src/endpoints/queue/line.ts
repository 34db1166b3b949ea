import { Heap } from "./heap.ts";
import type { OpenJob } from "./job.ts";
import type { Holder } from "./worker.ts";
import type { QueueCounts, QueueSettings } from "./types.ts";

/** A worker that waits for jobs. */
export interface Taker {
  readonly holder: Holder;
  readonly max: number;
  readonly jobs: OpenJob[];
  /** It got what it gets. */
  readonly settle: () => void;
}

/** Of an endpoint that nobody has described yet. */
const DEFAULTS: QueueSettings = {
  maxQueue: 10_000,
  maxAttempts: 3,
  executionTimeout: 600_000,
  ttl: 86_400_000,
  keepResults: 86_400_000,
  aggregateStream: true,
};

/** The queue of one endpoint: who waits, jobs and workers. */
export class Line {
  readonly endpoint: string;
  settings = DEFAULTS;
  /** In the order in which they came. */
  readonly takers = new Set<Taker>();
  /** Jobs that are being recorded. */
  entering = 0;
  inProgress = 0;
  completed = 0;
  failed = 0;
  retried = 0;
  /** Highest priority first. There are two. */
  #lanes: { readonly priority: number; readonly jobs: Heap<OpenJob> }[] = [];

  constructor(endpoint: string) {
    this.endpoint = endpoint;
  }

  /** How many jobs wait. */
  get waiting(): number {
    let sum = 0;
    for (const { jobs } of this.#lanes) sum += jobs.size;
    return sum;
  }

  /** Puts a job among those that wait: where it was, when it comes back. */
  put(job: OpenJob): void {
    const { priority } = job.row;
    let lane = this.#lanes.find((lane) => lane.priority === priority);
    if (lane === undefined) {
      lane = { priority, jobs: new Heap((a, b) => a.order < b.order) };
      this.#lanes = [...this.#lanes, lane].sort((a, b) => b.priority - a.priority);
    }
    lane.jobs.put(job);
  }

  /** Takes a job out. Tells whether it waited. */
  remove(job: OpenJob): boolean {
    return this.#lanes.find(({ priority }) => priority === job.row.priority)?.jobs.remove(job) ?? false;
  }

  /** The job that is next. */
  next(): OpenJob | undefined {
    return this.#lanes.find(({ jobs }) => jobs.size > 0)?.jobs.peek();
  }

  /** All that wait, in no order. */
  all(): OpenJob[] {
    return this.#lanes.flatMap(({ jobs }) => [...jobs.values()]);
  }

  counts(): QueueCounts {
    let oldest: number | null = null;
    for (const { jobs } of this.#lanes) {
      const first = jobs.peek()?.row.queuedAt;
      if (first !== undefined && (oldest === null || first < oldest)) oldest = first;
    }
    const { inProgress, completed, failed, retried } = this;
    return { inQueue: this.waiting, inProgress, completed, failed, retried, oldestQueuedAt: oldest };
  }
}
