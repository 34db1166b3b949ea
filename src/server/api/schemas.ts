import type { JsonSchema } from "../../code/parameters/index.ts";
import type {
  Change,
  DeploymentView,
  EndpointStats,
  EndpointView,
  JobView,
  KeyView,
  LogLineView,
  NewKey,
  NewRun,
  Percentiles,
  PlanView,
  RunView,
  ServerView,
  SettledView,
  WorkerView,
} from "../../remote/index.ts";
import { VERBS } from "../../endpoints/keys/index.ts";
import type { ShellCommand } from "../../endpoints/pool/types.ts";

/** A schema that knows which type it describes. */
export interface SchemaOf<T> extends JsonSchema {
  /** Never there: it holds the type. */
  readonly "x-type"?: T;
}

const text: JsonSchema = { type: "string" };
const flag: JsonSchema = { type: "boolean" };
const whole: JsonSchema = { type: "integer" };
const amount: JsonSchema = { type: "number", minimum: 0 };
const time: JsonSchema = { type: "number", description: "Milliseconds since 1970." };
const anything: JsonSchema = {};
const sha256: JsonSchema = { type: "string", pattern: "^[0-9a-f]{64}$" };

const orNull = (schema: JsonSchema): JsonSchema => ({ anyOf: [schema, { type: "null" }] });
const listOf = (items: JsonSchema): JsonSchema => ({ type: "array", items });
const oneOf = (...words: readonly string[]): JsonSchema => ({ enum: words });
const described = (schema: JsonSchema, description: string): JsonSchema => ({ ...schema, description });

/** Describes an object: every field of its type, and which of them may be absent. The compiler compares the names. */
function object<T>(
  fields: { readonly [K in keyof Required<T>]: JsonSchema },
  optional: readonly (keyof T & string)[] = [],
): SchemaOf<T> {
  const names = Object.keys(fields);
  return {
    type: "object",
    properties: fields,
    required: names.filter((name) => !optional.some((each) => each === name)),
    additionalProperties: false,
  };
}

const percentiles = object<Percentiles>({ p50: orNull(amount), p95: orNull(amount), p99: orNull(amount) });

const stats = object<EndpointStats>({
  window: described(amount, "Seconds that are looked back."),
  completed: whole,
  failed: whole,
  jobsPerSecond: amount,
  queueDelay: described(percentiles, "Milliseconds until a worker took a job."),
  execution: described(percentiles, "Milliseconds in a worker."),
  coldStarts: whole,
  coldStart: described(percentiles, "Milliseconds until a new worker was ready."),
});

const verbs = listOf(oneOf(...VERBS));

const codeFiles = listOf(object({ path: text, hash: sha256, size: { type: "integer", minimum: 0 }, executable: flag }));

/** What the management API is told and answers, by name: as `components.schemas` of its description. */
export const SCHEMAS = {
  Server: object<ServerView>({
    version: text,
    url: text,
    storeDir: text,
    startedAt: time,
    endpoints: whole,
    memory: described(amount, "Bytes."),
  }),
  Hashes: object<{ hashes: readonly string[] }>({ hashes: listOf(sha256) }),
  Missing: object<{ missing: readonly string[] }>({ missing: listOf(sha256) }),
  Manifest: {
    type: "object",
    description: "What `ligase deploy` sends: the app, its code by hashes, and its endpoints with all their settings.",
    required: ["format", "app", "code", "endpoints"],
  },
  Plan: object<PlanView>({
    app: text,
    live: orNull(whole),
    changes: listOf(
      object<Change>({
        endpoint: text,
        kind: oneOf("add", "change", "remove", "same"),
        fields: listOf(object({ field: text, before: text, after: text })),
      }),
    ),
    problems: listOf(text),
  }),
  Deployment: object<DeploymentView>(
    {
      id: text,
      app: text,
      version: whole,
      state: oneOf("live", "retired", "failed", "removed"),
      entry: text,
      codeHash: text,
      endpoints: listOf(text),
      createdAt: time,
      createdBy: text,
      gitCommit: orNull(text),
      manifest: anything,
    },
    ["manifest"],
  ),
  Settled: object<SettledView>({
    endpoints: listOf(object({ endpoint: text, ready: flag, reason: orNull(text) })),
  }),
  Endpoint: object<EndpointView>({
    name: text,
    kind: oneOf("queue", "web"),
    app: text,
    deployment: text,
    version: whole,
    doc: text,
    stopped: flag,
    url: text,
    minWorkers: whole,
    maxWorkers: whole,
    concurrency: whole,
    jobs: object<EndpointView["jobs"]>({
      inQueue: whole,
      inProgress: whole,
      completed: whole,
      failed: whole,
      retried: whole,
    }),
    workers: object<EndpointView["workers"]>({
      idle: whole,
      running: whole,
      initializing: whole,
      ready: whole,
      throttled: whole,
      unhealthy: whole,
    }),
    reason: described(orNull(text), "Why jobs wait; null when nothing is amiss."),
    stats,
    memory: described(orNull(amount), "Bytes that its workers use now."),
    gpus: listOf(whole),
  }),
  Scale: object<{ minWorkers?: number; maxWorkers?: number }>(
    {
      minWorkers: { type: "integer", minimum: 0, examples: [1] },
      maxWorkers: { type: "integer", minimum: 1, examples: [8] },
    },
    ["minWorkers", "maxWorkers"],
  ),
  Removed: object<{ removed: number }>({ removed: whole }),
  Worker: object<WorkerView>({
    id: text,
    endpoint: text,
    deployment: text,
    version: whole,
    state: oneOf("starting", "ready", "stopping", "ended", "failed"),
    running: whole,
    jobs: whole,
    startedAt: time,
    readyAt: orNull(time),
    endedAt: orNull(time),
    reason: orNull(text),
    exitCode: orNull(whole),
    signal: orNull(text),
    memory: orNull(amount),
    peakMemory: orNull(amount),
    cpuMs: orNull(amount),
    gpus: listOf(whole),
  }),
  ShellCommand: object<ShellCommand>({
    command: listOf(text),
    env: { type: "object", additionalProperties: text },
    cwd: text,
  }),
  Job: object<JobView>(
    {
      id: text,
      endpoint: text,
      status: oneOf("IN_QUEUE", "IN_PROGRESS", "COMPLETED", "FAILED", "CANCELLED", "TIMED_OUT"),
      reason: orNull(text),
      createdAt: time,
      takenAt: orNull(time),
      endedAt: orNull(time),
      attempts: whole,
      retries: whole,
      worker: orNull(text),
      run: orNull(text),
      input: anything,
      output: anything,
      error: anything,
      outputUrl: described(text, "Where an output is that is too large to stand here."),
    },
    ["input", "output", "error", "outputUrl"],
  ),
  LogLine: object<LogLineView>(
    {
      from: described(text, "The worker, or the job; of what the process of a run itself wrote, the run."),
      task: described(text, "The task of the job."),
      stream: oneOf("stdout", "stderr"),
      text,
    },
    ["task"],
  ),
  NewKey: object<NewKey>(
    {
      name: text,
      verbs,
      endpoints: listOf(text),
      expiresIn: described({ type: "number" }, "Milliseconds from now; absent for never."),
    },
    ["endpoints", "expiresIn"],
  ),
  Key: object<KeyView>(
    {
      id: text,
      name: text,
      hint: described(text, "Its first and last letters."),
      verbs,
      endpoints: orNull(listOf(text)),
      createdAt: time,
      expiresAt: orNull(time),
      revokedAt: orNull(time),
      usedAt: orNull(time),
      key: described(text, "When it was just made, and never again."),
    },
    ["key"],
  ),
  NewRun: object<NewRun>(
    {
      code: codeFiles,
      entry: text,
      command: object({ task: text, argv: listOf(text) }),
      expression: text,
      name: text,
      tags: { type: "object", additionalProperties: text },
      noCache: flag,
      failFast: flag,
    },
    ["command", "expression", "name", "tags", "noCache", "failFast"],
  ),
  Run: object<RunView>(
    {
      id: text,
      task: text,
      state: oneOf("pending", "running", "done", "failed", "cancelled", "interrupted"),
      startedAt: orNull(time),
      endedAt: orNull(time),
      result: text,
      error: anything,
      jobs: { type: "object", additionalProperties: whole },
    },
    ["result", "error", "jobs"],
  ),
  Error: object<{ error: { code: string; message: string; mend?: string } }>({
    error: object<{ code: string; message: string; mend?: string }>({ code: text, message: text, mend: text }, [
      "mend",
    ]),
  }),
} as const;

/** A schema that has a name. */
export type SchemaName = keyof typeof SCHEMAS;
