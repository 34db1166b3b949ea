import { randomUUID } from "node:crypto";
import { LigaseError } from "../../kernel/index.ts";
import type { QueueJobRow } from "../../store/serving.ts";
import type { Line } from "./line.ts";
import type { QueueState } from "./state.ts";
import type { QueueJob, Submission } from "./types.ts";

/** How long a client is told to wait when the queue is full, in milliseconds: while jobs run, and while none does. */
const RETRY_AFTER = { moving: 1000, still: 5000 };

/** Jobs on their way into the queue: new ones, and those that are retried. */
export class Submissions {
  readonly #state: QueueState;
  readonly #entered: (line: Line) => void;
  /** By endpoint and idempotency key: those that are being taken in. */
  readonly #entering = new Map<string, Promise<QueueJob>>();
  readonly #retrying = new Map<string, Promise<QueueJob | undefined>>();

  /** @param entered - told of lines that have one job more */
  constructor(state: QueueState, entered: (line: Line) => void) {
    this.#state = state;
    this.#entered = entered;
  }

  async submit(submission: Submission): Promise<QueueJob> {
    const { endpoint, idempotencyKey } = submission;
    if (idempotencyKey === undefined) return this.#enter(submission);
    const key = `${endpoint} ${idempotencyKey}`;
    const first = this.#entering.get(key);
    if (first !== undefined) return first;
    const entered = this.#enterOnce(submission, idempotencyKey).finally(() => this.#entering.delete(key));
    this.#entering.set(key, entered);
    return entered;
  }

  async #enterOnce(submission: Submission, key: string): Promise<QueueJob> {
    const { store, open } = this.#state;
    const known = await store.findIdempotent(submission.endpoint, key);
    if (known === undefined) return this.#enter(submission);
    return open.get(known.id)?.view() ?? known;
  }

  async #enter(submission: Submission): Promise<QueueJob> {
    const { files, ledger, inlineChars } = this.#state;
    const { endpoint, input } = submission;
    const line = this.#state.line(endpoint);
    this.#refuseWhenFull(line);
    const row = this.#rowOf(submission, line);
    line.entering += 1;
    try {
      if (input.length > inlineChars) {
        row.input = null;
        row.inputFile = await files.write(row.id, "input", input);
      }
      const order = this.#state.nextOrder();
      await ledger.add(row);
      const job = this.#state.enter(row, order);
      const view = job.view();
      this.#state.tell((listener) => listener.added?.(view));
      this.#entered(line);
      return view;
    } catch (error) {
      await files.remove([row.inputFile]);
      throw error;
    } finally {
      line.entering -= 1;
    }
  }

  #rowOf(submission: Submission, { settings }: Line): QueueJobRow {
    const { policy = {}, webhook = null, idempotencyKey = null, submittedBy = null, s3Config = null } = submission;
    const now = this.#state.now();
    return {
      id: `${submission.sync ? "sync-" : ""}${randomUUID()}-u1`,
      endpoint: submission.endpoint,
      deployment: null,
      state: "IN_QUEUE",
      reason: null,
      priority: policy.lowPriority ? -1 : 0,
      createdAt: now,
      queuedAt: now,
      takenAt: null,
      endedAt: null,
      expiresAt: now + (policy.ttl ?? settings.ttl),
      timeoutMs: policy.executionTimeout ?? settings.executionTimeout,
      collectAt: null,
      attempts: 0,
      retries: 0,
      worker: null,
      input: submission.input,
      inputFile: null,
      output: null,
      outputFile: null,
      outputSize: null,
      error: null,
      chunks: 0,
      delivered: 0,
      webhook,
      webhookState: null,
      webhookTries: 0,
      webhookAt: null,
      s3Config,
      idempotencyKey,
      submittedBy,
      run: null,
      recorded: false,
    };
  }

  #refuseWhenFull({ endpoint, settings, waiting, entering, inProgress }: Line): void {
    if (waiting + entering < settings.maxQueue) return;
    throw new LigaseError("LIGASE_E_QUEUE_FULL", `${waiting} jobs of ${endpoint} wait: it takes no more`, {
      mend: "submit again later, or raise maxQueue or maxWorkers of the endpoint",
      facts: { endpoint, waiting, retryAfterMs: inProgress > 0 ? RETRY_AFTER.moving : RETRY_AFTER.still },
    });
  }

  /** Puts a job that failed or timed out back. */
  async retry(id: string): Promise<QueueJob | undefined> {
    // Of two at once the second finds it in the queue.
    await this.#retrying.get(id)?.catch(() => {});
    if (this.#retrying.has(id)) return this.retry(id);
    const retried = this.#retry(id).finally(() => this.#retrying.delete(id));
    this.#retrying.set(id, retried);
    return retried;
  }

  async #retry(id: string): Promise<QueueJob | undefined> {
    const { open, store, ledger, files } = this.#state;
    const before = open.get(id)?.view() ?? (await store.getQueueJob(id));
    if (before === undefined) return undefined;
    if (before.state !== "FAILED" && before.state !== "TIMED_OUT") {
      throw new LigaseError("LIGASE_E_JOB_STATE", `job ${id} is ${before.state}: it cannot be retried`, {
        mend: "only jobs that are FAILED or TIMED_OUT are retried: submit it again",
        facts: { job: id, state: before.state },
      });
    }
    const line = this.#state.line(before.endpoint);
    this.#refuseWhenFull(line);
    const now = this.#state.now();
    const change = {
      id,
      state: "IN_QUEUE",
      reason: null,
      queuedAt: now,
      takenAt: null,
      endedAt: null,
      expiresAt: now + (before.expiresAt - before.queuedAt),
      collectAt: null,
      attempts: 0,
      retries: before.retries + 1,
      worker: null,
      output: null,
      outputFile: null,
      outputSize: null,
      error: null,
      chunks: 0,
      delivered: 0,
      webhookState: null,
      webhookTries: 0,
      webhookAt: null,
      run: null,
      recorded: false,
    } as const;
    line.entering += 1;
    try {
      const order = this.#state.nextOrder();
      await ledger.restart(change);
      line.failed -= 1;
      line.retried += 1;
      const job = this.#state.enter({ ...before, ...change }, order);
      const view = job.view();
      this.#state.tell((listener) => listener.added?.(view));
      this.#entered(line);
      await files.remove([before.outputFile]);
      return view;
    } finally {
      line.entering -= 1;
    }
  }
}
