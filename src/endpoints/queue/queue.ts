import { LigaseError } from "../../kernel/index.ts";
import { Collection } from "./collection.ts";
import { Endings } from "./endings.ts";
import type { OpenJob } from "./job.ts";
import { type QueueOptions, QueueState } from "./state.ts";
import { Streams } from "./streams.ts";
import { Submissions } from "./submissions.ts";
import { Takes } from "./takes.ts";
import type { Answer, Queue, QueueCounts, QueueJob, QueueListener, QueueSettings, Submission, Taken } from "./types.ts";

/** The queue on a store. Each of its parts has a file of its own; what they share is the {@link QueueState}. */
export class JobQueue implements Queue {
  readonly #state: QueueState;
  readonly #endings: Endings;
  readonly #takes: Takes;
  readonly #submissions: Submissions;
  readonly #streams: Streams;
  readonly #collection: Collection;

  constructor(options: QueueOptions) {
    this.#state = new QueueState(options, (job) => this.#endings.due(job));
    this.#endings = new Endings(this.#state, (job) => this.#takes.silent(job));
    this.#takes = new Takes(this.#state, this.#endings);
    this.#submissions = new Submissions(this.#state, (line) => this.#takes.stir(line));
    this.#streams = new Streams(this.#state);
    this.#collection = new Collection(this.#state);
  }

  /** Takes over what the store has: what waits, and what ran when the server ended. */
  async load(): Promise<void> {
    const { store, ledger } = this.#state;
    const jobs = await store.openQueueJobs();
    const interrupted: Promise<void>[] = [];
    for (const job of jobs) {
      const row = { ...job };
      if (row.state === "IN_PROGRESS") {
        // That the server ended is not the job's doing.
        const again = { state: "IN_QUEUE", attempts: Math.max(0, row.attempts - 1), chunks: 0, delivered: 0 } as const;
        Object.assign(row, again);
        interrupted.push(ledger.restart({ id: row.id, ...again, output: null }));
      }
      this.#state.enter(row, this.#state.nextOrder());
    }
    // Not recorded, it is the same after the next start.
    await Promise.allSettled(interrupted);
    for (const { endpoint, state, count, retried } of await store.countQueueJobs()) {
      const line = this.#state.line(endpoint);
      line.retried += retried;
      if (state === "COMPLETED") line.completed += count;
      if (state === "FAILED" || state === "TIMED_OUT") line.failed += count;
    }
    this.#collection.start();
  }

  configure(endpoint: string, settings: QueueSettings): void {
    this.#state.line(endpoint).settings = settings;
  }

  listen(listener: QueueListener): () => void {
    this.#state.listeners.add(listener);
    return () => this.#state.listeners.delete(listener);
  }

  async submit(submission: Submission): Promise<QueueJob> {
    this.#refuseClosed();
    return this.#submissions.submit(submission);
  }

  async get(id: string): Promise<QueueJob | undefined> {
    const { open, store } = this.#state;
    const job = open.get(id);
    if (job === undefined) return store.getQueueJob(id);
    if (job.row.input === null && job.row.inputFile === null) {
      const input = (await store.getQueueJob(id))?.input ?? null;
      return job.final ?? { ...job.row, input };
    }
    return job.view();
  }

  async outputOf({ output, outputFile }: QueueJob): Promise<string | null> {
    return output ?? (outputFile === null ? null : this.#state.files.read(outputFile));
  }

  async wait(id: string, waitMs: number, signal?: AbortSignal): Promise<QueueJob | undefined> {
    const { open, store, steady } = this.#state;
    const job = open.get(id);
    if (job === undefined) return store.getQueueJob(id);
    const until = steady() + waitMs;
    while (!job.final && !this.#state.closed && steady() < until) {
      if (!(await job.ended.wait(until, signal))) break;
    }
    return job.final ?? job.view();
  }

  stream(id: string, waitMs: number, signal?: AbortSignal): ReturnType<Queue["stream"]> {
    return this.#streams.stream(id, this.#state.steady() + waitMs, signal);
  }

  async cancel(id: string): Promise<QueueJob | undefined> {
    const job = this.#state.open.get(id);
    if (job === undefined) return this.#state.store.getQueueJob(id);
    if (job.ending) return job.ending.then(() => this.cancel(id));
    return this.#endings.end(job, {
      state: "CANCELLED",
      reason: "it was cancelled",
      stop: "cancelled",
    });
  }

  async retry(id: string): Promise<QueueJob | undefined> {
    this.#refuseClosed();
    const job = this.#state.open.get(id);
    if (job?.ending) await job.ending;
    return this.#submissions.retry(id);
  }

  async purge(endpoint: string): Promise<number> {
    const jobs = this.#state.lines.get(endpoint)?.all() ?? [];
    const ends = await Promise.allSettled(
      jobs.map((job) => this.#endings.end(job, { state: "CANCELLED", reason: "the queue was purged" })),
    );
    const failed = ends.find((end) => end.status === "rejected");
    if (failed) throw failed.reason;
    return ends.length;
  }

  counts(endpoint: string): QueueCounts {
    return this.#state.line(endpoint).counts();
  }

  take(...args: Parameters<Queue["take"]>): ReturnType<Queue["take"]> {
    return this.#takes.take(...args);
  }

  async done(worker: string, id: string, answer: Answer): Promise<Taken> {
    this.#refuseClosed();
    this.#takes.heard(worker);
    const job = this.#state.open.get(id);
    // Should that end not be recorded, this may be the one.
    if (job?.ending) return job.ending.then(() => this.done(worker, id, answer));
    if (job === undefined || !this.#takes.holds(worker, job)) return this.#late(worker, id, job);
    if (answer.state !== "EXPRESSION") {
      const { state, ...says } = answer;
      const reason = "error" in says ? { reason: "its handler failed" } : {};
      await this.#endings.end(job, { state, ...says, ...reason });
      return "accepted";
    }
    // One is reduced already.
    if (job.reducing) return "late";
    job.reducing = true;
    this.#state.holders.get(worker)?.jobs.delete(id);
    this.#state.tell((listener) => listener.freed?.(id, worker));
    return "accepted";
  }

  async progress(worker: string, id: string, output: string): Promise<Taken> {
    this.#takes.heard(worker);
    const job = this.#state.open.get(id);
    if (job === undefined || job.ending || !this.#takes.holds(worker, job)) return this.#late(worker, id, job, true);
    // Not recorded: a job that runs begins anew after a restart.
    job.row.output = output;
    return "accepted";
  }

  async chunk(worker: string, id: string, output: string): Promise<Taken> {
    this.#takes.heard(worker);
    const job = this.#state.open.get(id);
    if (job?.ending) return job.ending.then(() => this.chunk(worker, id, output));
    if (job === undefined || !this.#takes.holds(worker, job)) return this.#late(worker, id, job, true);
    return this.#streams.chunk(job, output);
  }

  heartbeat(worker: string, jobs: readonly string[]): void {
    this.#takes.heartbeat(worker, jobs);
  }

  jobsToStop(worker: string, waitMs: number, signal?: AbortSignal): Promise<readonly string[]> {
    return this.#takes.jobsToStop(worker, waitMs, signal);
  }

  lost(worker: string, why: string, counted = true): Promise<void> {
    return this.#takes.lost(worker, why, counted);
  }

  admit(guard: (endpoint: string, worker: string) => boolean): void {
    this.#takes.admit(guard);
  }

  wake(endpoint: string): void {
    const line = this.#state.lines.get(endpoint);
    if (line) this.#takes.stir(line);
  }

  async close(): Promise<void> {
    const state = this.#state;
    if (state.closed) return;
    state.closed = true;
    for (const line of state.lines.values()) for (const taker of line.takers) taker.settle();
    for (const holder of state.holders.values()) holder.stopped.ring();
    for (const job of state.open.values()) job.wake();
    state.deadlines.close();
    await this.#collection.close();
    await state.ledger.close();
  }

  /** Something came for a job that is not the worker's, or not any more. */
  async #late(worker: string, id: string, job: OpenJob | undefined, more = false): Promise<Taken> {
    if (!more) this.#takes.free(worker, id);
    return job !== undefined || (await this.#state.store.getQueueJob(id)) !== undefined ? "late" : "unknown";
  }

  #refuseClosed(): void {
    if (!this.#state.closed) return;
    throw new LigaseError("LIGASE_E_QUEUE_CLOSED", "the server is ending: it takes nothing any more", {
      mend: "try again once it is there again",
    });
  }
}
