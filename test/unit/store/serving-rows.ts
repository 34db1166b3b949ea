/** Rows of what is served, for tests: complete, and different only where a test says so. */
import type {
  ApiKeyRow,
  DeploymentRow,
  EndpointRow,
  QueueChunkRow,
  QueueJobRow,
  WorkerRow,
} from "../../../src/store/index.ts";
import { T0 } from "./rows.ts";

export function queueJob(change: Partial<QueueJobRow> = {}): QueueJobRow {
  return {
    id: "job1-u1",
    endpoint: "fold",
    deployment: null,
    state: "IN_QUEUE",
    reason: null,
    priority: 0,
    createdAt: T0,
    queuedAt: T0,
    takenAt: null,
    endedAt: null,
    expiresAt: T0 + 1000,
    timeoutMs: 600,
    collectAt: null,
    attempts: 0,
    retries: 0,
    worker: null,
    input: '{"x":1}',
    inputFile: null,
    output: null,
    outputFile: null,
    outputSize: null,
    error: null,
    chunks: 0,
    delivered: 0,
    webhook: null,
    webhookState: null,
    webhookTries: 0,
    webhookAt: null,
    s3Config: null,
    idempotencyKey: null,
    submittedBy: null,
    run: null,
    recorded: false,
    ...change,
  };
}

/** Every field holds something. */
export function fullQueueJob(change: Partial<QueueJobRow> = {}): QueueJobRow {
  return queueJob({
    deployment: "d1",
    state: "COMPLETED",
    reason: "none",
    priority: -1,
    takenAt: T0 + 1,
    endedAt: T0 + 2,
    collectAt: T0 + 100,
    attempts: 2,
    retries: 1,
    worker: "w1",
    inputFile: "queue/a.input",
    output: '"done"',
    outputFile: "queue/a.output",
    outputSize: 6,
    error: "none",
    chunks: 3,
    delivered: 2,
    webhook: "https://example.org",
    webhookState: "waiting",
    webhookTries: 1,
    webhookAt: T0 + 3,
    s3Config: "sealed",
    idempotencyKey: "once",
    submittedBy: "key",
    run: "run1",
    recorded: true,
    ...change,
  });
}

export function chunk(job: string, number: number, output = `"${number}"`): QueueChunkRow {
  return { job, number, output };
}

export function deployment(change: Partial<DeploymentRow> = {}): DeploymentRow {
  return {
    id: "d1",
    app: "app",
    version: 1,
    state: "live",
    manifest: "{}",
    createdAt: T0,
    createdBy: "ada",
    ...change,
  };
}

export function endpoint(change: Partial<EndpointRow> = {}): EndpointRow {
  return { name: "fold", app: "app", deployment: "d1", overrides: "{}", stopped: false, ...change };
}

export function worker(change: Partial<WorkerRow> = {}): WorkerRow {
  return {
    id: "w1",
    endpoint: "fold",
    deployment: "d1",
    state: "starting",
    startedAt: T0,
    readyAt: null,
    endedAt: null,
    reason: null,
    exitCode: null,
    signal: null,
    jobs: 0,
    peakMemory: null,
    cpuMs: null,
    stdout: "w1.out",
    stderr: "w1.err",
    pgid: null,
    pidStarted: null,
    ...change,
  };
}

export function apiKey(change: Partial<ApiKeyRow> = {}): ApiKeyRow {
  return {
    id: "k1",
    name: "laptop",
    hash: "aa",
    hint: "lg…z",
    scopes: "{}",
    createdAt: T0,
    expiresAt: null,
    revokedAt: null,
    usedAt: null,
    ...change,
  };
}
