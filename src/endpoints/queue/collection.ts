import { deadline } from "./deadlines.ts";
import type { QueueState } from "./state.ts";

/** How often results whose time is over are looked for, in milliseconds, and how many go at once. */
const EVERY = 60_000;
const AT_ONCE = 500;
/** Workers of which nothing was heard for so long, and that have nothing, are forgotten. */
const FORGET_WORKERS = 3_600_000;

/** Forgets results whose time is over, and the files that belong to nothing. */
export class Collection {
  readonly #state: QueueState;
  readonly #next = deadline(() => {
    this.#working = this.#collect();
  });
  #working: Promise<void> | undefined;

  constructor(state: QueueState) {
    this.#state = state;
  }

  /** Begins: with what a crash left behind. */
  start(): void {
    this.#working = this.#sweep().then(() => this.#collect());
  }

  /** Waits for what is under way. */
  async close(): Promise<void> {
    await this.#working;
  }

  async #collect(): Promise<void> {
    const state = this.#state;
    try {
      for (let went = AT_ONCE; went === AT_ONCE && !state.closed;) {
        const jobs = await state.store.collectQueueJobs(state.now(), AT_ONCE);
        for (const { inputFile, outputFile } of jobs) await state.files.remove([inputFile, outputFile]);
        went = jobs.length;
      }
    } catch (error) {
      state.complain("old results were not removed", error);
    }
    const silent = state.steady() - FORGET_WORKERS;
    for (const holder of state.holders.values()) {
      if (holder.jobs.size === 0 && holder.heard < silent) state.holders.delete(holder.id);
    }
    state.deadlines.set(this.#next, state.steady() + EVERY);
  }

  async #sweep(): Promise<void> {
    const { files, store } = this.#state;
    // Not those of this server: the clock that dates files is not ours, so a minute is left.
    const before = Date.now() - EVERY;
    const isNamed = async (id: string, name: string): Promise<boolean> => {
      const job = await store.getQueueJob(id);
      return job?.inputFile === name || job?.outputFile === name;
    };
    await files
      .sweep(before, isNamed, () => this.#state.closed)
      .catch((error: unknown) => this.#state.complain("old files of the queue were not removed", error));
  }
}
