/**
 * The queue of all endpoints, as routes, pools and commands use it.
 *
 * @module
 */
import type { QueueJobRow } from "../../store/serving.ts";

export type { QueueJobRow, QueueJobState } from "../../store/serving.ts";

/** What the queue needs to know of an endpoint. Durations are milliseconds. */
export interface QueueSettings {
  readonly maxQueue: number;
  readonly maxAttempts: number;
  readonly executionTimeout: number;
  readonly ttl: number;
  readonly keepResults: number;
  readonly aggregateStream: boolean;
}

/** A job as it is handed in. */
export interface Submission {
  readonly endpoint: string;
  /** `/runsync`: its id begins with `sync-`. */
  readonly sync: boolean;
  /** JSON of the input. It is checked already. */
  readonly input: string;
  readonly webhook?: string | undefined;
  readonly policy?:
    | { readonly executionTimeout?: number; readonly ttl?: number; readonly lowPriority?: boolean }
    | undefined;
  /** Sealed already. */
  readonly s3Config?: string | undefined;
  readonly idempotencyKey?: string | undefined;
  readonly submittedBy?: string | undefined;
}

/** A job that a worker got. */
export interface TakenJob {
  readonly id: string;
  /** JSON. */
  readonly input: string;
  /** Counted from 1. */
  readonly attempt: number;
  /** Milliseconds that are left of its execution timeout. */
  readonly timeoutMs: number;
  readonly webhook: string | null;
  readonly s3Config: string | null;
}

/** How a worker answers a job. */
export type Answer =
  | { readonly state: "COMPLETED"; readonly output: string }
  | { readonly state: "FAILED"; readonly error: string }
  /**
   * An expression as `expr/encode` writes it: a driver reduces it, then the job is answered with its value. Until then it
   * is in progress, but its worker has done its part: that the worker ends does not matter to it any more.
   */
  | { readonly state: "EXPRESSION"; readonly expression: string };

/** What became of an answer: `late` when the job had ended, or was given to another worker. */
export type Taken = "accepted" | "late" | "unknown";

/** A job, with what people ask of it. Large outputs are in a file of the store: `outputFile`. */
export type QueueJob = Readonly<QueueJobRow>;

/** What a queue looks like now. */
export interface QueueCounts {
  readonly inQueue: number;
  readonly inProgress: number;
  /** Since the endpoint was first deployed. */
  readonly completed: number;
  readonly failed: number;
  readonly retried: number;
  /** When the oldest queued job came; null for none. */
  readonly oldestQueuedAt: number | null;
}

/** Who wants to hear what happens, at once and in order. Must not throw, and returns quickly. */
export interface QueueListener {
  added?(job: QueueJob): void;
  taken?(job: QueueJob, worker: string): void;
  /** It reached a terminal state, and that is recorded. */
  ended?(job: QueueJob): void;
  /** It went back into the queue: its worker died. */
  returned?(job: QueueJob, why: string): void;
  /** A job that a worker has is to be ended: cancelled, or its time is over. The pool sees to it that it is. */
  stop?(job: QueueJob, worker: string, why: "cancelled" | "timeout"): void;
  /**
   * A worker has let go of a job that goes on without it, or is over: of one that was to be ended (it answered, too late to
   * count), or of one that it answered with an expression.
   */
  freed?(id: string, worker: string): void;
}

/** The durable queue of all endpoints. What it answers is recorded. */
export interface Queue {
  /** An endpoint is there, or changed. Jobs of one that is gone stay until their time is over. */
  configure(endpoint: string, settings: QueueSettings): void;
  listen(listener: QueueListener): () => void;

  /**
   * Takes a job in. With an idempotency key that is known, the job of then is answered, as it is now.
   *
   * @throws LigaseError `LIGASE_E_QUEUE_FULL` with `facts.retryAfterMs`
   */
  submit(submission: Submission): Promise<QueueJob>;
  get(id: string): Promise<QueueJob | undefined>;
  /** The output of a job as JSON text, wherever it is kept. */
  outputOf(job: QueueJob): Promise<string | null>;
  /** The job once it has ended, or as it is after the wait. */
  wait(id: string, waitMs: number, signal?: AbortSignal): Promise<QueueJob | undefined>;
  /** Chunks that were not handed out yet: waits for some, for the end of the job, or until the wait is over. */
  stream(
    id: string,
    waitMs: number,
    signal?: AbortSignal,
  ): Promise<{ readonly job: QueueJob; readonly chunks: readonly string[] } | undefined>;
  /** Ends a job. One that has ended stays as it is. */
  cancel(id: string): Promise<QueueJob | undefined>;
  /**
   * Puts a job that failed or timed out back into the queue.
   *
   * @throws LigaseError `LIGASE_E_JOB_STATE` of one in another state
   */
  retry(id: string): Promise<QueueJob | undefined>;
  /** Removes what waits; answers how many that were. */
  purge(endpoint: string): Promise<number>;
  counts(endpoint: string): QueueCounts;

  /**
   * Jobs for a worker: answers at once when there are any, else when one comes, or with none when the wait is over. A
   * worker that takes is alive.
   */
  take(
    endpoint: string,
    worker: string,
    options: { readonly max: number; readonly waitMs: number; readonly signal?: AbortSignal | undefined },
  ): Promise<readonly TakenJob[]>;
  /** A worker answers. Answers of a worker that does not have the job change nothing. */
  done(worker: string, id: string, answer: Answer): Promise<Taken>;
  /** How far a job is: never after its end. */
  progress(worker: string, id: string, output: string): Promise<Taken>;
  chunk(worker: string, id: string, output: string): Promise<Taken>;
  /** A worker is alive, and has these jobs. */
  heartbeat(worker: string, jobs: readonly string[]): void;
  /** Jobs that a worker has and is to end: answers at once when there are any. */
  jobsToStop(worker: string, waitMs: number, signal?: AbortSignal): Promise<readonly string[]>;
  /**
   * A worker is gone: what it had goes back into the queue, or fails when it was begun too often.
   *
   * @param counted - whether that was the jobs' attempt; `false` when the worker was ended for reasons of the server's own.
   *   Default `true`.
   */
  lost(worker: string, why: string, counted?: boolean): Promise<void>;
  /** May this worker be given jobs? Asked before each; by default all may. */
  admit(guard: (endpoint: string, worker: string) => boolean): void;
  /** Takers that were refused are looked at again: what the guard says has changed. */
  wake(endpoint: string): void;

  /** Records what is open, and ends. Nobody is given a job any more once this is called. */
  close(): Promise<void>;
}
