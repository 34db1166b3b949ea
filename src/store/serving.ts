/**
 * What is stored of what is served: deployments and their endpoints, queue jobs, workers, keys. Times are milliseconds since
 * 1970.
 *
 * @module
 */

/** Where a queue job stands. The words are those of the API. */
export type QueueJobState = "IN_QUEUE" | "IN_PROGRESS" | "COMPLETED" | "FAILED" | "CANCELLED" | "TIMED_OUT";

/** A job of an endpoint's queue. */
export interface QueueJobRow {
  id: string;
  endpoint: string;
  /** The deployment whose worker took it last; null while none has. */
  deployment: string | null;
  state: QueueJobState;
  /** Why it ended without a result, in a sentence: `executionTimeout (600 s) is over`; null otherwise. */
  reason: string | null;
  /** Jobs of a higher priority are taken first: 0, or -1 for `lowPriority`. */
  priority: number;
  createdAt: number;
  /** When it came into the queue last: its submission, or `/retry`. */
  queuedAt: number;
  /** When a worker took it last. */
  takenAt: number | null;
  endedAt: number | null;
  /** When it is no longer worth running: submission and TTL. */
  expiresAt: number;
  /** How long it may run, in milliseconds. */
  timeoutMs: number;
  /** When it may be forgotten; null while it has not ended. */
  collectAt: number | null;
  /** How often a worker took it, since its submission or the last `/retry`. */
  attempts: number;
  /** How often it was retried with `/retry`. */
  retries: number;
  worker: string | null;
  /** JSON; null where it is in a file. */
  input: string | null;
  /** Where it is, relative to the store's folder, when it is large. */
  inputFile: string | null;
  /** JSON: the result, or the last progress of one that runs. */
  output: string | null;
  outputFile: string | null;
  /** Bytes of the output, as JSON. */
  outputSize: number | null;
  /** JSON text as workers send it, or a sentence; null unless it failed. */
  error: string | null;
  /** How many chunks were streamed. */
  chunks: number;
  /** How many of them `/stream` has handed out. */
  delivered: number;
  webhook: string | null;
  webhookState: "waiting" | "delivered" | "failed" | null;
  webhookTries: number;
  /** When it is tried next. */
  webhookAt: number | null;
  /** `s3Config` of the request, sealed. */
  s3Config: string | null;
  idempotencyKey: string | null;
  /** The key that submitted it; null on a loopback that is open. */
  submittedBy: string | null;
  /** Its run in the call graph. */
  run: string | null;
  /** Is it in the call graph? */
  recorded: boolean;
}

/** What changes of a queue job. Fields that are absent stay. */
export type QueueJobChange = { readonly id: string } & Partial<
  Omit<QueueJobRow, "id" | "endpoint" | "createdAt" | "input" | "inputFile" | "idempotencyKey" | "submittedBy">
>;

/** A chunk of a stream. */
export interface QueueChunkRow {
  job: string;
  /** Counted from 0. */
  number: number;
  /** JSON. */
  output: string;
}

/** What happened in queues, recorded in one transaction. */
export interface QueueBatch {
  readonly added?: readonly QueueJobRow[];
  readonly changed?: readonly QueueJobChange[];
  readonly chunks?: readonly QueueChunkRow[];
  /** Jobs whose chunks go: they begin anew. */
  readonly restarted?: readonly string[];
}

/** Which queue jobs. */
export interface QueueJobFilter {
  readonly endpoint?: string;
  readonly states?: readonly QueueJobState[];
  readonly before?: number;
  /** Default 100. */
  readonly limit?: number;
}

/** A version of an app on the server. */
export interface DeploymentRow {
  id: string;
  app: string;
  /** Counted from 1, by app. */
  version: number;
  /** `live`: what endpoints of the app are; `retired`: an earlier one; `failed`: its workers never became ready. */
  state: "live" | "retired" | "failed" | "removed";
  /** JSON; see `endpoints/types.ts`. */
  manifest: string;
  createdAt: number;
  /** Who deployed it: a user name, or the name of a key. */
  createdBy: string;
}

/** An endpoint (or a web app) by name. */
export interface EndpointRow {
  name: string;
  app: string;
  deployment: string;
  /** JSON: what `ligase endpoint scale` changed. */
  overrides: string;
  stopped: boolean;
}

/** A worker, alive or not. */
export interface WorkerRow {
  id: string;
  endpoint: string;
  deployment: string;
  /** `starting`, `ready`, `stopping`, `ended`, `failed`. */
  state: string;
  startedAt: number;
  readyAt: number | null;
  endedAt: number | null;
  /** Why it ended or was ended, in a sentence. */
  reason: string | null;
  exitCode: number | null;
  signal: string | null;
  /** How many jobs it has finished. */
  jobs: number;
  peakMemory: number | null;
  cpuMs: number | null;
  /** Paths of its logs, relative to the store's folder. */
  stdout: string;
  stderr: string;
  pgid: number | null;
  pidStarted: string | null;
}

/** A key of the API. The key itself is nowhere. */
export interface ApiKeyRow {
  id: string;
  name: string;
  /** SHA-256 of the key, hexadecimal: keys are random, so no slower hash is needed. */
  hash: string;
  /** Its first and last letters, to tell it by. */
  hint: string;
  /** JSON: see `endpoints/keys`. */
  scopes: string;
  createdAt: number;
  expiresAt: number | null;
  revokedAt: number | null;
  usedAt: number | null;
}

/** What the record of a store says of what is served. A part of {@link Store}. */
export interface ServingStore {
  /** Records what happened in queues; it is durable when the promise resolves. */
  commitQueue(batch: QueueBatch): Promise<void>;
  getQueueJob(id: string): Promise<QueueJobRow | undefined>;
  /** Newest first; without inputs and outputs (they are null). */
  listQueueJobs(filter?: QueueJobFilter): Promise<readonly QueueJobRow[]>;
  /** Those that have not ended, oldest first; without inputs and outputs. */
  openQueueJobs(): Promise<readonly QueueJobRow[]>;
  /** Those that have ended and are not in the call graph yet. */
  unrecordedQueueJobs(limit: number): Promise<readonly QueueJobRow[]>;
  /** Those whose webhook has not been delivered. */
  waitingWebhooks(): Promise<readonly QueueJobRow[]>;
  findIdempotent(endpoint: string, key: string): Promise<QueueJobRow | undefined>;
  /** Chunks from a number on, in order. */
  listQueueChunks(job: string, from: number, limit?: number): Promise<readonly QueueChunkRow[]>;
  countQueueJobs(): Promise<
    readonly {
      readonly endpoint: string;
      readonly state: QueueJobState;
      readonly count: number;
      readonly retried: number;
    }[]
  >;
  /** Forgets jobs whose time is over, at most so many; answers what they were, so that their files can go. */
  collectQueueJobs(before: number, limit: number): Promise<readonly QueueJobRow[]>;

  getDeployment(id: string): Promise<DeploymentRow | undefined>;
  /** Newest first. */
  listDeployments(app?: string): Promise<readonly DeploymentRow[]>;
  listEndpoints(): Promise<readonly EndpointRow[]>;
  /** Writes deployments and endpoints, and removes endpoints, in one transaction: what is live changes at once. */
  commitDeployment(change: {
    readonly deployments?: readonly DeploymentRow[];
    readonly endpoints?: readonly EndpointRow[];
    readonly removed?: readonly string[];
  }): Promise<void>;

  putWorkers(workers: readonly WorkerRow[]): Promise<void>;
  getWorker(id: string): Promise<WorkerRow | undefined>;
  /** Newest first. */
  listWorkers(filter?: { readonly endpoint?: string; readonly limit?: number }): Promise<readonly WorkerRow[]>;
  /** Forgets workers that ended before, and answers them, so that their logs can go. */
  collectWorkers(before: number, limit: number): Promise<readonly WorkerRow[]>;

  putApiKey(key: ApiKeyRow): Promise<void>;
  findApiKey(hash: string): Promise<ApiKeyRow | undefined>;
  listApiKeys(): Promise<readonly ApiKeyRow[]>;
}
