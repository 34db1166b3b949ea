import type { OpenJob } from "./job.ts";
import type { QueueState } from "./state.ts";
import type { QueueJob, Taken } from "./types.ts";

/** What was handed out of a job's stream. */
export interface Handed {
  readonly job: QueueJob;
  readonly chunks: readonly string[];
}

/** Chunks of streams: from workers into the record, from there to clients, each once. */
export class Streams {
  readonly #state: QueueState;
  /** What hands out the rest of jobs that have ended: one at a time for each job. */
  readonly #rests = new Map<string, Promise<unknown>>();

  constructor(state: QueueState) {
    this.#state = state;
  }

  /** Records a chunk. `late` when the job was given to another meanwhile. */
  async chunk(job: OpenJob, output: string): Promise<Taken> {
    const { row } = job;
    const { attempts, retries } = row;
    const number = job.nextChunk++;
    const chunks = number + 1;
    await this.#state.ledger.chunk({ job: row.id, number, output }, { id: row.id, chunks });
    if (row.attempts !== attempts || row.retries !== retries || row.state !== "IN_PROGRESS") return "late";
    row.chunks = Math.max(row.chunks, chunks);
    job.announceChunk();
    return "accepted";
  }

  /** What was not handed out yet; waits for some, or for the end. */
  async stream(id: string, until: number, signal?: AbortSignal): Promise<Handed | undefined> {
    const job = this.#state.open.get(id);
    if (job === undefined) return this.#rest(id);
    const { row } = job;
    while (!job.final && row.chunks <= row.delivered && !this.#state.closed) {
      if (!(await job.chunked.wait(until, signal))) break;
    }
    if (job.final) return this.#rest(id);
    const from = row.delivered;
    const to = row.chunks;
    if (to <= from) return { job: job.view(), chunks: [] };
    // Whoever asks meanwhile gets what comes after.
    row.delivered = to;
    try {
      const chunks = await this.#chunks(id, from, to);
      this.#state.ledger.note({ id, delivered: to });
      return { job: job.view(), chunks };
    } catch (error) {
      row.delivered = Math.min(row.delivered, from);
      throw error;
    }
  }

  /** Of a job that has ended. */
  async #rest(id: string): Promise<Handed | undefined> {
    const before = this.#rests.get(id);
    const now = (async () => {
      await before?.catch(() => {});
      const { ledger, store } = this.#state;
      // What was handed out while it ran is written down, but perhaps not recorded.
      await ledger.settled();
      const job = await store.getQueueJob(id);
      if (job === undefined || job.chunks <= job.delivered) return job && { job, chunks: [] };
      const chunks = await this.#chunks(id, job.delivered, job.chunks);
      await ledger.change({ id, delivered: job.chunks });
      return { job, chunks };
    })();
    this.#rests.set(id, now);
    try {
      return await now;
    } finally {
      if (this.#rests.get(id) === now) this.#rests.delete(id);
    }
  }

  async #chunks(id: string, from: number, to: number): Promise<string[]> {
    const chunks = await this.#state.store.listQueueChunks(id, from, to - from);
    return chunks.filter(({ number }) => number < to).map(({ output }) => output);
  }
}
