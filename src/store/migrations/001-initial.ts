import { type CreateTableBuilder, type Kysely, sql, SqliteAdapter } from "kysely";

/**
 * Version 1: runs, code, jobs, calls and their edges, values, fingerprints, engines.
 *
 * Types are the ones that SQLite and PostgreSQL share: TEXT, BIGINT, DOUBLE PRECISION. Times are
 * BIGINT milliseconds, booleans are 0 and 1, lists and records are JSON text.
 *
 * There are no foreign keys: a batch may hold an edge before the call it leads to, and checking
 * them costs a lookup in a random place of another index for every row.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  // Rows that are hardly longer than their key lie in the key's own tree where the database can
  // (SQLite): one page touched for an insert instead of two.
  const narrow = <T extends string, C extends string>(table: CreateTableBuilder<T, C>) =>
    db.getExecutor().adapter instanceof SqliteAdapter ? table.modifyEnd(sql`without rowid`) : table;

  await db.schema
    .createTable("runs")
    .addColumn("id", "text", (c) => c.primaryKey().notNull())
    .addColumn("task", "text", (c) => c.notNull())
    .addColumn("state", "text", (c) => c.notNull())
    .addColumn("started_at", "bigint", (c) => c.notNull())
    .addColumn("ended_at", "bigint")
    .addColumn("program", "text")
    .addColumn("args_value", "text")
    .addColumn("result_value", "text")
    .addColumn("error_value", "text")
    .addColumn("host", "text", (c) => c.notNull())
    .addColumn("user_name", "text", (c) => c.notNull())
    .addColumn("pid", "bigint", (c) => c.notNull())
    .addColumn("cwd", "text", (c) => c.notNull())
    .addColumn("argv", "text", (c) => c.notNull())
    .addColumn("git_commit", "text")
    .addColumn("git_dirty", "bigint")
    .addColumn("ligase_version", "text", (c) => c.notNull())
    .addColumn("node_version", "text", (c) => c.notNull())
    .addColumn("tags", "text", (c) => c.notNull())
    .execute();
  await db.schema.createIndex("runs_started").on("runs").columns(["started_at"]).execute();

  await db.schema
    .createTable("programs")
    .addColumn("id", "text", (c) => c.primaryKey().notNull())
    .addColumn("entry", "text", (c) => c.notNull())
    .addColumn("created_at", "bigint", (c) => c.notNull())
    .addColumn("modules", "text", (c) => c.notNull())
    .addColumn("packages", "text", (c) => c.notNull())
    .execute();

  await db.schema
    .createTable("tasks")
    .addColumn("hash", "text", (c) => c.primaryKey().notNull())
    .addColumn("name", "text", (c) => c.notNull())
    .addColumn("file", "text", (c) => c.notNull())
    .addColumn("line", "bigint", (c) => c.notNull())
    .addColumn("code", "text", (c) => c.notNull())
    .addColumn("doc", "text", (c) => c.notNull())
    .addColumn("closure", "text", (c) => c.notNull())
    .addColumn("created_at", "bigint", (c) => c.notNull())
    .execute();
  await db.schema.createIndex("tasks_name").on("tasks").columns(["name", "created_at"]).execute();

  await db.schema
    .createTable("jobs")
    .addColumn("id", "text", (c) => c.primaryKey().notNull())
    .addColumn("run", "text", (c) => c.notNull())
    .addColumn("parent", "text")
    .addColumn("call", "text", (c) => c.notNull())
    .addColumn("task", "text", (c) => c.notNull())
    .addColumn("task_hash", "text", (c) => c.notNull())
    .addColumn("args_value", "text", (c) => c.notNull())
    .addColumn("state", "text", (c) => c.notNull())
    .addColumn("reason", "text", (c) => c.notNull())
    .addColumn("executor", "text", (c) => c.notNull())
    .addColumn("created_at", "bigint", (c) => c.notNull())
    .addColumn("started_at", "bigint")
    .addColumn("ended_at", "bigint")
    .addColumn("attempts", "bigint", (c) => c.notNull())
    .addColumn("error_value", "text")
    .addColumn("tags", "text")
    .execute();
  // A run's jobs come in the order of both indexes, more or less: their inserts hit few pages
  // (1 µs a job), where an index on `call` would hit one each (10 µs).
  await db.schema.createIndex("jobs_parent").on("jobs").columns(["run", "parent"]).execute();
  await db.schema
    .createIndex("jobs_task")
    .on("jobs")
    .columns(["run", "task", "state", "started_at", "ended_at"])
    .execute();

  await db.schema
    .createTable("attempts")
    .addColumn("job", "text", (c) => c.notNull())
    .addColumn("attempt", "bigint", (c) => c.notNull())
    .addColumn("executor", "text", (c) => c.notNull())
    .addColumn("host", "text", (c) => c.notNull())
    .addColumn("started_at", "bigint", (c) => c.notNull())
    .addColumn("ended_at", "bigint")
    .addColumn("outcome", "text")
    .addColumn("exit_code", "bigint")
    .addColumn("signal", "text")
    .addColumn("cpu", "double precision")
    .addColumn("memory", "bigint")
    .addColumn("gpu", "double precision")
    .addColumn("disk", "bigint")
    .addColumn("wall_ms", "double precision")
    .addColumn("cpu_ms", "double precision")
    .addColumn("peak_memory", "bigint")
    .addColumn("bytes_in", "bigint")
    .addColumn("bytes_out", "bigint")
    .addColumn("work_dir", "text")
    .addColumn("stdout", "text")
    .addColumn("stderr", "text")
    .addColumn("pgid", "bigint")
    .addColumn("pid_started", "text")
    .addColumn("error_value", "text")
    .addColumn("tools", "text")
    .addPrimaryKeyConstraint("attempts_key", ["job", "attempt"])
    .execute();
  // Only the open ones: a few rows, whatever the store holds.
  await db.schema
    .createIndex("attempts_open")
    .on("attempts")
    .columns(["job"])
    .where(sql`ended_at`, "is", null)
    .execute();

  await db.schema
    .createTable("calls")
    .addColumn("key", "text", (c) => c.primaryKey().notNull())
    .addColumn("task", "text", (c) => c.notNull())
    .addColumn("task_hash", "text", (c) => c.notNull())
    .addColumn("image", "text", (c) => c.notNull())
    .addColumn("args_value", "text", (c) => c.notNull())
    .addColumn("body_kind", "text", (c) => c.notNull())
    .addColumn("body_value", "text", (c) => c.notNull())
    .addColumn("result_value", "text")
    .addColumn("task_set", "text")
    .addColumn("created_at", "bigint", (c) => c.notNull())
    .addColumn("job", "text", (c) => c.notNull())
    .addColumn("run", "text", (c) => c.notNull())
    .execute();
  await db.schema.createIndex("calls_task").on("calls").columns(["task", "created_at"]).execute();

  await db.schema
    .createTable("task_sets")
    .addColumn("hash", "text", (c) => c.primaryKey().notNull())
    .addColumn("tasks", "text", (c) => c.notNull())
    .execute();

  await narrow(
    db.schema
      .createTable("call_edges")
      .addColumn("parent", "text", (c) => c.notNull())
      .addColumn("child", "text", (c) => c.notNull())
      .addPrimaryKeyConstraint("call_edges_key", ["parent", "child"]),
  ).execute();

  await narrow(
    db.schema
      .createTable("data_edges")
      .addColumn("call", "text", (c) => c.notNull())
      .addColumn("argument", "text", (c) => c.notNull())
      .addColumn("source", "text", (c) => c.notNull())
      .addColumn("part", "text", (c) => c.notNull())
      .addPrimaryKeyConstraint("data_edges_key", ["call", "argument", "source", "part"]),
  ).execute();

  await db.schema
    .createTable("recoveries")
    .addColumn("key", "text", (c) => c.primaryKey().notNull())
    .addColumn("error_value", "text", (c) => c.notNull())
    .addColumn("task_set", "text", (c) => c.notNull())
    .addColumn("created_at", "bigint", (c) => c.notNull())
    .execute();

  await db.schema
    .createTable("stored_values")
    .addColumn("hash", "text", (c) => c.primaryKey().notNull())
    .addColumn("text", "text")
    .addColumn("file", "text")
    .addColumn("bytes", "bigint", (c) => c.notNull())
    .execute();

  await db.schema
    .createTable("value_files")
    .addColumn("value", "text", (c) => c.notNull())
    .addColumn("path", "text", (c) => c.notNull())
    .addColumn("name", "text", (c) => c.notNull())
    .addColumn("hash", "text", (c) => c.notNull())
    .addPrimaryKeyConstraint("value_files_key", ["value", "path"])
    .execute();
  await db.schema.createIndex("value_files_hash").on("value_files").columns(["hash"]).execute();

  await db.schema
    .createTable("fingerprints")
    .addColumn("path", "text", (c) => c.primaryKey().notNull())
    .addColumn("size", "bigint", (c) => c.notNull())
    .addColumn("mtime_ns", "text", (c) => c.notNull())
    .addColumn("ctime_ns", "text", (c) => c.notNull())
    .addColumn("inode", "text", (c) => c.notNull())
    .addColumn("hash", "text", (c) => c.notNull())
    .addColumn("hashed_at", "bigint", (c) => c.notNull())
    .execute();

  await db.schema
    .createTable("engines")
    .addColumn("id", "text", (c) => c.primaryKey().notNull())
    .addColumn("run", "text", (c) => c.notNull())
    .addColumn("pid", "bigint", (c) => c.notNull())
    .addColumn("pid_started", "text", (c) => c.notNull())
    .addColumn("host", "text", (c) => c.notNull())
    .addColumn("started_at", "bigint", (c) => c.notNull())
    .addColumn("heartbeat_at", "bigint", (c) => c.notNull())
    .addColumn("seen", "text")
    .execute();

  await narrow(
    db.schema
      .createTable("claims")
      .addColumn("call", "text", (c) => c.primaryKey().notNull())
      .addColumn("engine", "text", (c) => c.notNull()),
  ).execute();
  await db.schema.createIndex("claims_engine").on("claims").columns(["engine"]).execute();

  await db.schema
    .createTable("cancellations")
    .addColumn("run", "text", (c) => c.primaryKey().notNull())
    .addColumn("requested_at", "bigint", (c) => c.notNull())
    .execute();
}
