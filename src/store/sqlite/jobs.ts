import type { JobFilter, JobRow, JobState, TaskCount } from "../types.ts";
import type { Connection, Statement } from "./connection.ts";
import { json, number, numberOrNull, type Row, text, textOrNull, textsOrNull, word } from "./row.ts";
import { Where } from "./where.ts";

const STATES: readonly JobState[] = ["pending", "running", "done", "cached", "failed", "cancelled"];

function toJob(row: Row): JobRow {
  return {
    id: text(row["id"]),
    run: text(row["run"]),
    parent: textOrNull(row["parent"]),
    call: text(row["call"]),
    task: text(row["task"]),
    taskHash: text(row["task_hash"]),
    argsValue: text(row["args_value"]),
    state: word(STATES, row["state"]),
    reason: text(row["reason"]),
    executor: text(row["executor"]),
    createdAt: number(row["created_at"]),
    startedAt: numberOrNull(row["started_at"]),
    endedAt: numberOrNull(row["ended_at"]),
    attempts: number(row["attempts"]),
    errorValue: textOrNull(row["error_value"]),
    tags: textsOrNull(row["tags"]),
  };
}

/** The table `jobs`. */
export class Jobs {
  readonly #connection: Connection;
  readonly #upsert: Statement;
  readonly #get: Statement;
  readonly #ids: Statement;
  readonly #count: Statement;

  constructor(connection: Connection) {
    this.#connection = connection;
    this.#upsert = connection.statement(`
      insert into jobs (id, run, parent, call, task, task_hash, args_value, state, reason, executor,
        created_at, started_at, ended_at, attempts, error_value, tags)
      values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
      on conflict (id) do update set call = excluded.call, task_hash = excluded.task_hash,
        args_value = excluded.args_value, state = excluded.state, reason = excluded.reason,
        executor = excluded.executor, started_at = excluded.started_at, ended_at = excluded.ended_at,
        attempts = excluded.attempts, error_value = excluded.error_value, tags = excluded.tags`);
    this.#get = connection.statement("select * from jobs where id = ?");
    this.#ids = connection.statement("select id from jobs where id >= ? and id < ? order by id limit ?");
    // Answered by the index jobs_task alone.
    this.#count = connection.statement(`
      select task, state, count(*) as jobs, sum(ended_at - started_at) as wall_ms
      from jobs where run = ? group by task, state order by task, state`);
  }

  write(job: JobRow): void {
    this.#upsert().run(
      job.id,
      job.run,
      job.parent,
      job.call,
      job.task,
      job.taskHash,
      job.argsValue,
      job.state,
      job.reason,
      job.executor,
      job.createdAt,
      job.startedAt,
      job.endedAt,
      job.attempts,
      job.errorValue,
      json(job.tags),
    );
  }

  get(id: string): JobRow | undefined {
    const row = this.#get().get(id);
    return row && toJob(row);
  }

  /** Ids that start so. */
  ids(prefix: string, limit: number): string[] {
    return this.#ids()
      .all(prefix, `${prefix}\u{10ffff}`, limit)
      .map((row) => text(row["id"]));
  }

  /** In the order in which they were recorded. */
  list(filter: JobFilter): JobRow[] {
    const where = new Where();
    if (filter.run !== undefined) where.and("run = ?", filter.run);
    if (filter.parent === null) where.and("parent is null");
    else if (filter.parent !== undefined) where.and("parent = ?", filter.parent);
    if (filter.states !== undefined) where.andIn("state", filter.states);
    if (filter.task !== undefined) where.and("task = ?", filter.task);
    if (filter.call !== undefined) where.and("call = ?", filter.call);
    if (filter.since !== undefined) where.and("created_at >= ?", filter.since);
    if (filter.tags !== undefined) where.andTags(filter.tags);
    return this.#connection
      .statement(`select * from jobs${where.sql} order by rowid limit ?`)()
      .all(...where.values, filter.limit ?? -1)
      .map(toJob);
  }

  /** How many jobs of a run are in which state, task by task. */
  count(run: string): TaskCount[] {
    return this.#count()
      .all(run)
      .map((row) => ({
        task: text(row["task"]),
        state: word(STATES, row["state"]),
        jobs: number(row["jobs"]),
        wallMs: numberOrNull(row["wall_ms"]) ?? 0,
      }));
  }
}
