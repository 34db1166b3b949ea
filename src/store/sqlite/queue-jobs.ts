import type { SQLInputValue } from "node:sqlite";
import type { QueueJobChange, QueueJobFilter, QueueJobRow, QueueJobState } from "../types.ts";
import type { Connection, Statement } from "./connection.ts";
import { flag, number, numberOrNull, type Row, text, textOrNull, word } from "./row.ts";
import { Where } from "./where.ts";

/** The words of a job's state. */
export const QUEUE_STATES: readonly QueueJobState[] = [
  "IN_QUEUE",
  "IN_PROGRESS",
  "COMPLETED",
  "FAILED",
  "CANCELLED",
  "TIMED_OUT",
];
const WEBHOOK_STATES = ["waiting", "delivered", "failed"] as const;

/** How many listings get when nothing is said. */
const DEFAULT_LIMIT = 100;

/** Every field with its column, in the order of the schema. */
const COLUMNS = {
  id: "id",
  endpoint: "endpoint",
  deployment: "deployment",
  state: "state",
  reason: "reason",
  priority: "priority",
  createdAt: "created_at",
  queuedAt: "queued_at",
  takenAt: "taken_at",
  endedAt: "ended_at",
  expiresAt: "expires_at",
  timeoutMs: "timeout_ms",
  collectAt: "collect_at",
  attempts: "attempts",
  retries: "retries",
  worker: "worker",
  input: "input",
  inputFile: "input_file",
  output: "output",
  outputFile: "output_file",
  outputSize: "output_size",
  error: "error",
  chunks: "chunks",
  delivered: "delivered",
  webhook: "webhook",
  webhookState: "webhook_state",
  webhookTries: "webhook_tries",
  webhookAt: "webhook_at",
  s3Config: "s3_config",
  idempotencyKey: "idempotency_key",
  submittedBy: "submitted_by",
  run: "run",
  recorded: "recorded",
} as const satisfies Record<keyof QueueJobRow, string>;

const NAMES = Object.values(COLUMNS).join(", ");

/** The columns of a listing: what may be large stays where it is. */
const BRIEF = Object.values(COLUMNS)
  .map((column) => (column === "input" || column === "output" ? `null as ${column}` : column))
  .join(", ");

function toQueueJob(row: Row): QueueJobRow {
  return {
    id: text(row["id"]),
    endpoint: text(row["endpoint"]),
    deployment: textOrNull(row["deployment"]),
    state: word(QUEUE_STATES, row["state"]),
    reason: textOrNull(row["reason"]),
    priority: number(row["priority"]),
    createdAt: number(row["created_at"]),
    queuedAt: number(row["queued_at"]),
    takenAt: numberOrNull(row["taken_at"]),
    endedAt: numberOrNull(row["ended_at"]),
    expiresAt: number(row["expires_at"]),
    timeoutMs: number(row["timeout_ms"]),
    collectAt: numberOrNull(row["collect_at"]),
    attempts: number(row["attempts"]),
    retries: number(row["retries"]),
    worker: textOrNull(row["worker"]),
    input: textOrNull(row["input"]),
    inputFile: textOrNull(row["input_file"]),
    output: textOrNull(row["output"]),
    outputFile: textOrNull(row["output_file"]),
    outputSize: numberOrNull(row["output_size"]),
    error: textOrNull(row["error"]),
    chunks: number(row["chunks"]),
    delivered: number(row["delivered"]),
    webhook: textOrNull(row["webhook"]),
    webhookState: row["webhook_state"] === null ? null : word(WEBHOOK_STATES, row["webhook_state"]),
    webhookTries: number(row["webhook_tries"]),
    webhookAt: numberOrNull(row["webhook_at"]),
    s3Config: textOrNull(row["s3_config"]),
    idempotencyKey: textOrNull(row["idempotency_key"]),
    submittedBy: textOrNull(row["submitted_by"]),
    run: textOrNull(row["run"]),
    recorded: flag(row["recorded"]),
  };
}

const bound = (value: string | number | boolean | null): SQLInputValue =>
  typeof value === "boolean" ? Number(value) : value;

const columns: Readonly<Record<string, string>> = COLUMNS;

/** The table `queue_jobs`. Writes happen inside a transaction of the caller's. */
export class QueueJobs {
  readonly #connection: Connection;
  readonly #insert: Statement;
  readonly #get: Statement;
  readonly #open: Statement;
  readonly #unrecorded: Statement;
  readonly #webhooks: Statement;
  readonly #idempotent: Statement;
  readonly #collect: Statement;
  /** By the fields that they set: few sets of them ever change together. */
  readonly #updates = new Map<string, Statement>();

  constructor(connection: Connection) {
    this.#connection = connection;
    this.#insert = connection.statement(
      `insert into queue_jobs (${NAMES}) values (${Object.keys(COLUMNS)
        .map(() => "?")
        .join(", ")})`,
    );
    this.#get = connection.statement("select * from queue_jobs where id = ?");
    // Row ids count up: that is the order of submission, whatever the clock said.
    this.#open = connection.statement(
      `select ${BRIEF} from queue_jobs where state in ('IN_QUEUE', 'IN_PROGRESS') order by rowid`,
    );
    this.#unrecorded = connection.statement(
      "select * from queue_jobs where recorded = 0 and ended_at is not null order by ended_at limit ?",
    );
    this.#webhooks = connection.statement(
      "select * from queue_jobs where webhook_state = 'waiting' order by webhook_at",
    );
    this.#idempotent = connection.statement("select * from queue_jobs where endpoint = ? and idempotency_key = ?");
    this.#collect = connection.statement(`
      delete from queue_jobs where id in (select id from queue_jobs where collect_at < ? order by collect_at limit ?)
      returning ${BRIEF}`);
  }

  add(job: QueueJobRow): void {
    this.#insert().run(
      job.id,
      job.endpoint,
      job.deployment,
      job.state,
      job.reason,
      job.priority,
      job.createdAt,
      job.queuedAt,
      job.takenAt,
      job.endedAt,
      job.expiresAt,
      job.timeoutMs,
      job.collectAt,
      job.attempts,
      job.retries,
      job.worker,
      job.input,
      job.inputFile,
      job.output,
      job.outputFile,
      job.outputSize,
      job.error,
      job.chunks,
      job.delivered,
      job.webhook,
      job.webhookState,
      job.webhookTries,
      job.webhookAt,
      job.s3Config,
      job.idempotencyKey,
      job.submittedBy,
      job.run,
      bound(job.recorded),
    );
  }

  /** Writes only the columns that change. */
  change({ id, ...fields }: QueueJobChange): void {
    const set: string[] = [];
    const values: SQLInputValue[] = [];
    for (const [field, value] of Object.entries(fields)) {
      const column = columns[field];
      if (value === undefined || column === undefined) continue;
      set.push(`${column} = ?`);
      values.push(bound(value));
    }
    if (set.length === 0) return;
    const key = set.join(", ");
    let update = this.#updates.get(key);
    if (update === undefined) {
      update = this.#connection.statement(`update queue_jobs set ${key} where id = ?`);
      this.#updates.set(key, update);
    }
    update().run(...values, id);
  }

  get(id: string): QueueJobRow | undefined {
    const row = this.#get().get(id);
    return row && toQueueJob(row);
  }

  /** Newest first. */
  list(filter: QueueJobFilter): QueueJobRow[] {
    const where = new Where();
    // Of one endpoint the newest are read until there are enough: that of the states is no better.
    const states = filter.endpoint === undefined ? "state" : "+state";
    if (filter.endpoint !== undefined) where.and("endpoint = ?", filter.endpoint);
    if (filter.states !== undefined) where.andIn(states, filter.states);
    if (filter.before !== undefined) where.and("created_at < ?", filter.before);
    return this.#connection
      .statement(`select ${BRIEF} from queue_jobs${where.sql} order by created_at desc, rowid desc limit ?`)()
      .all(...where.values, filter.limit ?? DEFAULT_LIMIT)
      .map(toQueueJob);
  }

  /** In the order in which they were submitted. */
  open(): QueueJobRow[] {
    return this.#open().all().map(toQueueJob);
  }

  unrecorded(limit: number): QueueJobRow[] {
    return this.#unrecorded().all(limit).map(toQueueJob);
  }

  waitingWebhooks(): QueueJobRow[] {
    return this.#webhooks().all().map(toQueueJob);
  }

  withKey(endpoint: string, key: string): QueueJobRow | undefined {
    const row = this.#idempotent().get(endpoint, key);
    return row && toQueueJob(row);
  }

  /** Forgets those whose time is over; answers them. */
  collect(before: number, limit: number): QueueJobRow[] {
    return this.#collect().all(before, limit).map(toQueueJob);
  }
}
