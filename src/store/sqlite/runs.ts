import type { RunFilter, RunMode, RunRow, RunState } from "../types.ts";
import type { Connection, Statement } from "./connection.ts";
import { endpointTask } from "../endpoint-task.ts";
import { NO_ENDPOINT, whereOf } from "./jobs.ts";
import {
  bit,
  flag,
  flagOrNull,
  json,
  list,
  number,
  numberOrNull,
  type Row,
  text,
  textOrNull,
  texts,
  word,
} from "./row.ts";
import { Where } from "./where.ts";

const STATES: readonly RunState[] = ["running", "done", "failed", "cancelled", "interrupted"];
const MODES: readonly RunMode[] = ["normal", "sample", "stub"];

function toRun(row: Row): RunRow {
  return {
    id: text(row["id"]),
    mode: word(MODES, row["mode"]),
    pinned: flag(row["pinned"]),
    task: text(row["task"]),
    state: word(STATES, row["state"]),
    startedAt: number(row["started_at"]),
    endedAt: numberOrNull(row["ended_at"]),
    program: textOrNull(row["program"]),
    argsValue: textOrNull(row["args_value"]),
    resultValue: textOrNull(row["result_value"]),
    errorValue: textOrNull(row["error_value"]),
    host: text(row["host"]),
    user: text(row["user_name"]),
    pid: number(row["pid"]),
    cwd: text(row["cwd"]),
    argv: list(row["argv"], text),
    gitCommit: textOrNull(row["git_commit"]),
    gitDirty: flagOrNull(row["git_dirty"]),
    ligaseVersion: text(row["ligase_version"]),
    nodeVersion: text(row["node_version"]),
    tags: texts(row["tags"]),
  };
}

/** The table `runs`. */
export class Runs {
  readonly #connection: Connection;
  readonly #upsert: Statement;
  readonly #get: Statement;
  readonly #ids: Statement;
  readonly #pin: Statement;

  constructor(connection: Connection) {
    this.#connection = connection;
    // Once it is there, whether it is pinned is not the engine's to say.
    this.#upsert = connection.statement(`
      insert into runs (id, mode, pinned, task, state, started_at, ended_at, program, args_value, result_value, error_value,
        host, user_name, pid, cwd, argv, git_commit, git_dirty, ligase_version, node_version, tags)
      values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
      on conflict (id) do update set task = excluded.task, state = excluded.state, ended_at = excluded.ended_at,
        program = excluded.program, args_value = excluded.args_value, result_value = excluded.result_value,
        error_value = excluded.error_value, git_commit = excluded.git_commit, git_dirty = excluded.git_dirty,
        tags = excluded.tags`);
    this.#get = connection.statement("select * from runs where id = ?");
    this.#ids = connection.statement("select id from runs where id >= ? and id < ? order by id limit ?");
    this.#pin = connection.statement("update runs set pinned = ? where id = ?");
  }

  write(run: RunRow): void {
    this.#upsert().run(
      run.id,
      run.mode,
      bit(run.pinned),
      run.task,
      run.state,
      run.startedAt,
      run.endedAt,
      run.program,
      run.argsValue,
      run.resultValue,
      run.errorValue,
      run.host,
      run.user,
      run.pid,
      run.cwd,
      JSON.stringify(run.argv),
      run.gitCommit,
      bit(run.gitDirty),
      run.ligaseVersion,
      run.nodeVersion,
      json(run.tags),
    );
  }

  get(id: string): RunRow | undefined {
    const row = this.#get().get(id);
    return row && toRun(row);
  }

  /** Ids that start so. */
  ids(prefix: string, limit: number): string[] {
    return this.#ids()
      .all(prefix, `${prefix}\u{10ffff}`, limit)
      .map((row) => text(row["id"]));
  }

  pin(id: string, pinned: boolean): void {
    this.#pin().run(bit(pinned), id);
  }

  /** Newest first. */
  list(filter: RunFilter): RunRow[] {
    const where = new Where();
    // Asked at the start of each run; as the index `runs_running` says it.
    if (filter.states?.length === 1 && filter.states[0] === "running") where.and("state = 'running'");
    else if (filter.states !== undefined) where.andIn("state", filter.states);
    if (filter.task !== undefined) where.and("task = ?", filter.task);
    // As the index `runs_of_people` says it: there may be a million runs of endpoints between two others.
    if (filter.endpoint === null) where.and(NO_ENDPOINT);
    else if (filter.endpoint !== undefined) where.and("task = ?", endpointTask(filter.endpoint));
    if (filter.since !== undefined) where.and("started_at >= ?", filter.since);
    if (filter.tags !== undefined) where.andTags(filter.tags);
    if (filter.input !== undefined) where.andInput(filter.input);
    if (filter.with !== undefined) where.andExists("jobs", whereOf(filter.with).and("jobs.run = runs.id"));
    return this.#connection
      .statement(`select * from runs${where.sql} order by started_at desc, rowid desc limit ? offset ?`)()
      .all(...where.values, filter.limit ?? -1, filter.offset ?? 0)
      .map(toRun);
  }
}
