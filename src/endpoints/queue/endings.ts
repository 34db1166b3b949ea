import { formatDuration } from "../../kernel/index.ts";
import type { QueueJobChange, QueueJobState } from "../../store/serving.ts";
import type { OpenJob } from "./job.ts";
import type { QueueState } from "./state.ts";
import type { QueueJob } from "./types.ts";

/** How a job ends. */
export interface Ending {
  readonly state: Exclude<QueueJobState, "IN_QUEUE" | "IN_PROGRESS">;
  /** Why, in a sentence, when there is no result. */
  readonly reason?: string;
  /** JSON. */
  readonly output?: string;
  readonly error?: string;
  /** The worker that has it, if one has, is to stop. */
  readonly stop?: "cancelled" | "timeout";
}

/** How long until an end that could not be recorded is tried again, in milliseconds. */
const TRY_AGAIN = 1000;

/** The ends of jobs, by an answer, a request or the clock. An end counts once it is recorded; then it is announced. */
export class Endings {
  readonly #state: QueueState;
  readonly #silent: (job: OpenJob) => void;

  /** @param silent - told of jobs whose worker is not heard of */
  constructor(state: QueueState, silent: (job: OpenJob) => void) {
    this.#state = state;
    this.#silent = silent;
  }

  /**
   * Ends a job; nobody else may be ending it. When that cannot be recorded it stays as it is.
   *
   * @throws LigaseError of the store
   */
  async end(job: OpenJob, ending: Ending): Promise<QueueJob> {
    if (job.ending || job.final) throw new Error(`job ${job.row.id} is ended twice`);
    const recorded = this.#record(job, ending);
    // Whoever waits for it looks what became of it.
    job.ending = recorded.then(
      () => {},
      () => {},
    );
    return recorded;
  }

  async #record(job: OpenJob, ending: Ending): Promise<QueueJob> {
    const { ledger, files, lines } = this.#state;
    const { row } = job;
    const line = lines.get(row.endpoint);
    // Nobody takes it meanwhile.
    const waited = line?.remove(job) ?? false;
    let outputFile: string | null = null;
    try {
      const output = await this.#outputOf(job, ending);
      if (output !== null && output.length > this.#state.inlineChars) {
        outputFile = await files.write(row.id, "output", output);
      }
      const change = this.#changeOf(job, ending, output, outputFile);
      await ledger.change(change);
      return this.#ended(job, ending, { ...row, ...change }, output);
    } catch (error) {
      await files.remove([outputFile]);
      job.ending = undefined;
      if (waited) line?.put(job);
      job.wake();
      throw error;
    }
  }

  /** The output, or all chunks as a list where the worker left that to us. */
  async #outputOf({ row }: OpenJob, { state, output }: Ending): Promise<string | null> {
    const { store, ledger, lines } = this.#state;
    if (state !== "COMPLETED" || output === undefined) return null;
    const streamed = row.chunks > 0 && (output === "null" || output === "[]");
    if (!streamed || !lines.get(row.endpoint)?.settings.aggregateStream) return output;
    await ledger.settled();
    const chunks = await store.listQueueChunks(row.id, 0, row.chunks);
    return `[${chunks.map((chunk) => chunk.output).join(",")}]`;
  }

  #changeOf(job: OpenJob, ending: Ending, output: string | null, outputFile: string | null): QueueJobChange {
    const { row } = job;
    const { steady } = this.#state;
    const endedAt = Math.max(job.wall(steady()), row.takenAt ?? 0);
    return {
      id: row.id,
      state: ending.state,
      reason: ending.reason ?? null,
      // What came with being taken may not have been recorded.
      deployment: row.deployment,
      worker: row.worker,
      takenAt: row.takenAt,
      attempts: row.attempts,
      endedAt,
      collectAt: endedAt + this.#state.line(row.endpoint).settings.keepResults,
      output: outputFile === null ? output : null,
      outputFile,
      outputSize: output === null ? null : Buffer.byteLength(output),
      error: ending.error ?? null,
      chunks: row.chunks,
      // Whoever recorded the end of an attempt before, or told of it, may have done so after the job was retried.
      run: null,
      recorded: false,
      ...(row.webhook !== null && { webhookState: "waiting", webhookAt: endedAt, webhookTries: 0 }),
    };
  }

  /** It is recorded: the job is gone from memory, and who waits hears of it. */
  #ended(job: OpenJob, { stop }: Ending, final: QueueJob, output: string | null): QueueJob {
    const state = this.#state;
    const { row } = job;
    const line = state.line(row.endpoint);
    const holder = row.worker === null ? undefined : state.holders.get(row.worker);
    const had = row.state === "IN_PROGRESS" && holder?.jobs.delete(row.id);
    if (row.state === "IN_PROGRESS") line.inProgress -= 1;
    if (final.state === "COMPLETED") line.completed += 1;
    else if (final.state !== "CANCELLED") line.failed += 1;
    state.leave(job);
    // Those who wait for it need not read the file.
    job.announceEnd(output === null ? final : { ...final, output });
    state.tell((listener) => listener.ended?.(final));
    if (had && stop !== undefined && holder !== undefined) {
      holder.end(row.id);
      state.tell((listener) => listener.stop?.(final, holder.id, stop));
    }
    return job.final ?? final;
  }

  /** The time of a job has come: it waited or ran for too long, or its worker is silent. */
  due(job: OpenJob): void {
    const { steady, deadlines, leaseMs } = this.#state;
    const { row } = job;
    const now = steady();
    if (job.final) return;
    if (job.ending) {
      deadlines.set(job.deadline, now + TRY_AGAIN);
    } else if (row.state === "IN_QUEUE") {
      if (now < job.expires) return deadlines.set(job.deadline, job.expires);
      const ttl = formatDuration(row.expiresAt - row.queuedAt);
      const reason =
        row.attempts === 0
          ? `no worker took it within its ttl of ${ttl}`
          : `its ttl of ${ttl} was over before it could be begun again`;
      this.endLater(job, { state: "TIMED_OUT", reason });
    } else {
      const over = job.taken + row.timeoutMs;
      const lease = job.reducing ? over : job.heard + leaseMs;
      if (now >= over) {
        const reason = `its executionTimeout of ${formatDuration(row.timeoutMs)} is over`;
        this.endLater(job, { state: "TIMED_OUT", reason, stop: "timeout" });
      } else if (now >= lease) this.#silent(job);
      else deadlines.set(job.deadline, Math.min(over, lease));
    }
  }

  /** Ends a job that nobody asks about: when that cannot be recorded, it is looked at again. */
  endLater(job: OpenJob, ending: Ending): void {
    this.end(job, ending).catch(() => this.again(job));
  }

  /** Looks at a job again in a while. */
  again(job: OpenJob): void {
    if (!job.final) this.#state.deadlines.set(job.deadline, this.#state.steady() + TRY_AGAIN);
  }
}
