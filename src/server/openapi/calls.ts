import type { JsonSchema } from "../../code/parameters/index.ts";
import type { Verb } from "../../remote/index.ts";

/** A call of an endpoint's API. */
export interface Call {
  readonly method: "GET" | "POST";
  /** Below `/v2/{endpoint}`: `/status/{id}`. */
  readonly path: string;
  /** One word, for programs. */
  readonly name: string;
  readonly doc: string;
  readonly verb: Verb;
  readonly query?: Readonly<Record<string, { readonly doc: string; readonly schema: JsonSchema }>>;
  /** Is a job handed in with it? */
  readonly submits?: true;
  readonly answer: CallSchemaName;
}

const WAIT = {
  wait: {
    doc: "Milliseconds to wait for the end; then the state of now is answered.",
    schema: { type: "integer", minimum: 1000, maximum: 300_000, default: 90_000 },
  },
};

/** The calls that every endpoint answers: those of RunPod's API. */
export const CALLS: readonly Call[] = [
  {
    method: "POST",
    path: "/run",
    name: "run",
    doc: "Hands a job in, and answers its id at once.",
    verb: "submit",
    submits: true,
    answer: "QueuedJob",
  },
  {
    method: "POST",
    path: "/runsync",
    name: "runsync",
    doc: "Hands a job in and waits for its end; when the wait is over its state is answered, and /status goes on.",
    verb: "submit",
    query: WAIT,
    submits: true,
    answer: "JobStatus",
  },
  {
    method: "GET",
    path: "/status/{id}",
    name: "status",
    doc: "Where a job stands.",
    verb: "read",
    answer: "JobStatus",
  },
  {
    method: "GET",
    path: "/status-sync/{id}",
    name: "status-sync",
    doc: "The same, once the job has ended.",
    verb: "read",
    query: WAIT,
    answer: "JobStatus",
  },
  {
    method: "GET",
    path: "/stream/{id}",
    name: "stream",
    doc: "What a generator has yielded and nobody was given yet; waits up to 8 s for some.",
    verb: "read",
    answer: "JobStream",
  },
  {
    method: "POST",
    path: "/cancel/{id}",
    name: "cancel",
    doc: "Ends a job; one that has ended stays as it is.",
    verb: "submit",
    answer: "JobStatus",
  },
  {
    method: "POST",
    path: "/retry/{id}",
    name: "retry",
    doc: "Queues a job again that failed or timed out.",
    verb: "submit",
    answer: "QueuedJob",
  },
  {
    method: "POST",
    path: "/purge-queue",
    name: "purge-queue",
    doc: "Removes the jobs that wait.",
    verb: "submit",
    answer: "Purged",
  },
  {
    method: "GET",
    path: "/health",
    name: "health",
    doc: "How many jobs wait and run, how the workers stand, and why jobs wait.",
    verb: "read",
    answer: "EndpointHealth",
  },
];

const text: JsonSchema = { type: "string" };
const whole: JsonSchema = { type: "integer" };
const status: JsonSchema = { enum: ["IN_QUEUE", "IN_PROGRESS", "COMPLETED", "FAILED", "CANCELLED", "TIMED_OUT"] };

function object(properties: Readonly<Record<string, JsonSchema>>, required: readonly string[]): JsonSchema {
  return { type: "object", properties, required };
}

function counts(...names: readonly string[]): JsonSchema {
  return object(Object.fromEntries(names.map((name) => [name, whole])), names);
}

/** What calls answer, by name: as `components.schemas` of the description. */
export const CALL_SCHEMAS = {
  QueuedJob: object({ id: text, status }, ["id", "status"]),
  JobStatus: object(
    {
      id: text,
      status,
      output: { description: "What the handler returned; of a job that runs, its last progress." },
      outputUrl: { ...text, description: "In place of an output of over 20 MB: where it is." },
      outputSize: { ...whole, description: "Bytes of it." },
      error: { ...text, description: "What went wrong." },
      reason: { ...text, description: "Why it waits, or why it ended without a result." },
      delayTime: { ...whole, description: "Milliseconds until a worker took it." },
      executionTime: { ...whole, description: "Milliseconds in the handler." },
      retries: whole,
      workerId: text,
    },
    ["id", "status"],
  ),
  JobStream: object({ status, stream: { type: "array", items: object({ output: {} }, ["output"]) }, error: text }, [
    "status",
    "stream",
  ]),
  Purged: object({ removed: whole, status: { const: "completed" } }, ["removed", "status"]),
  EndpointHealth: object(
    {
      jobs: counts("completed", "failed", "inProgress", "inQueue", "retried"),
      workers: counts("idle", "running", "initializing", "ready", "throttled", "unhealthy"),
      reason: text,
    },
    ["jobs", "workers"],
  ),
  EndpointError: object({ error: text }, ["error"]),
} as const satisfies Readonly<Record<string, JsonSchema>>;

/** A schema of a call that has a name. */
export type CallSchemaName = keyof typeof CALL_SCHEMAS;

/** What a job is handed in with. */
export function submissionSchema(input: JsonSchema | null): JsonSchema {
  return object(
    {
      input: input ?? { description: "What the handler gets." },
      webhook: { ...text, format: "uri", description: "Hears of the end of the job: a POST of its status." },
      policy: {
        type: "object",
        description: "Milliseconds, and the order.",
        properties: {
          executionTimeout: { ...whole, description: "How long it may run." },
          ttl: { ...whole, description: "When it is no longer worth running, from now." },
          lowPriority: { type: "boolean", description: "Others go first." },
        },
      },
      s3Config: {
        type: "object",
        description: "Where the worker may leave files.",
        properties: { accessId: text, accessSecret: text, bucketName: text, endpointUrl: text },
      },
    },
    ["input"],
  );
}
