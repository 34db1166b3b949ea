import { type Kysely, type CreateTableBuilder, sql, SqliteAdapter } from "kysely";

/**
 * Version 4: what is deployed, and the queue behind it: deployments, endpoints, queue jobs with the chunks of their streams,
 * workers, and the keys of the API.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  const narrow = <T extends string, C extends string>(table: CreateTableBuilder<T, C>) =>
    db.getExecutor().adapter instanceof SqliteAdapter ? table.modifyEnd(sql`without rowid`) : table;

  // The runs that people started are few among those of endpoints.
  await db.schema
    .createIndex("runs_of_people")
    .on("runs")
    .columns(["started_at"])
    .where(sql<boolean>`substr(task, 1, 9) <> 'endpoint:'`)
    .execute();
  await db.schema
    .createIndex("runs_running")
    .on("runs")
    .columns(["started_at"])
    .where(sql<boolean>`state = 'running'`)
    .execute();

  await db.schema
    .createTable("deployments")
    .addColumn("id", "text", (c) => c.primaryKey().notNull())
    .addColumn("app", "text", (c) => c.notNull())
    .addColumn("version", "bigint", (c) => c.notNull())
    .addColumn("state", "text", (c) => c.notNull())
    .addColumn("manifest", "text", (c) => c.notNull())
    .addColumn("created_at", "bigint", (c) => c.notNull())
    .addColumn("created_by", "text", (c) => c.notNull())
    .execute();
  await db.schema.createIndex("deployments_app").unique().on("deployments").columns(["app", "version"]).execute();

  await narrow(
    db.schema
      .createTable("endpoints")
      .addColumn("name", "text", (c) => c.primaryKey().notNull())
      .addColumn("app", "text", (c) => c.notNull())
      .addColumn("deployment", "text", (c) => c.notNull())
      .addColumn("overrides", "text", (c) => c.notNull())
      .addColumn("stopped", "bigint", (c) => c.notNull()),
  ).execute();

  await db.schema
    .createTable("queue_jobs")
    .addColumn("id", "text", (c) => c.primaryKey().notNull())
    .addColumn("endpoint", "text", (c) => c.notNull())
    .addColumn("deployment", "text")
    .addColumn("state", "text", (c) => c.notNull())
    .addColumn("reason", "text")
    .addColumn("priority", "bigint", (c) => c.notNull())
    .addColumn("created_at", "bigint", (c) => c.notNull())
    .addColumn("queued_at", "bigint", (c) => c.notNull())
    .addColumn("taken_at", "bigint")
    .addColumn("ended_at", "bigint")
    .addColumn("expires_at", "bigint", (c) => c.notNull())
    .addColumn("timeout_ms", "bigint", (c) => c.notNull())
    .addColumn("collect_at", "bigint")
    .addColumn("attempts", "bigint", (c) => c.notNull())
    .addColumn("retries", "bigint", (c) => c.notNull())
    .addColumn("worker", "text")
    .addColumn("input", "text")
    .addColumn("input_file", "text")
    .addColumn("output", "text")
    .addColumn("output_file", "text")
    .addColumn("output_size", "bigint")
    .addColumn("error", "text")
    .addColumn("chunks", "bigint", (c) => c.notNull())
    .addColumn("delivered", "bigint", (c) => c.notNull())
    .addColumn("webhook", "text")
    .addColumn("webhook_state", "text")
    .addColumn("webhook_tries", "bigint", (c) => c.notNull())
    .addColumn("webhook_at", "bigint")
    .addColumn("s3_config", "text")
    .addColumn("idempotency_key", "text")
    .addColumn("submitted_by", "text")
    .addColumn("run", "text")
    .addColumn("recorded", "bigint", (c) => c.notNull())
    .execute();
  await db.schema.createIndex("queue_jobs_endpoint").on("queue_jobs").columns(["endpoint", "created_at"]).execute();
  await db.schema.createIndex("queue_jobs_state").on("queue_jobs").columns(["state", "created_at"]).execute();
  // Each of these holds few rows at a time: a job passes through it, or never comes into it.
  await db.schema
    .createIndex("queue_jobs_collect")
    .on("queue_jobs")
    .columns(["collect_at"])
    .where(sql.ref("collect_at"), "is not", null)
    .execute();
  await db.schema
    .createIndex("queue_jobs_unrecorded")
    .on("queue_jobs")
    .columns(["ended_at"])
    .where(sql<boolean>`recorded = 0 and ended_at is not null`)
    .execute();
  await db.schema
    .createIndex("queue_jobs_webhook")
    .on("queue_jobs")
    .columns(["webhook_at"])
    .where(sql<boolean>`webhook_state = 'waiting'`)
    .execute();
  await db.schema
    .createIndex("queue_jobs_idempotency")
    .unique()
    .on("queue_jobs")
    .columns(["endpoint", "idempotency_key"])
    .where(sql.ref("idempotency_key"), "is not", null)
    .execute();

  await narrow(
    db.schema
      .createTable("queue_totals")
      .addColumn("endpoint", "text", (c) => c.notNull())
      .addColumn("state", "text", (c) => c.notNull())
      .addColumn("jobs", "bigint", (c) => c.notNull())
      .addColumn("retried", "bigint", (c) => c.notNull())
      .addPrimaryKeyConstraint("queue_totals_key", ["endpoint", "state"]),
  ).execute();

  await narrow(
    db.schema
      .createTable("queue_chunks")
      .addColumn("job", "text", (c) => c.notNull())
      .addColumn("number", "bigint", (c) => c.notNull())
      .addColumn("output", "text", (c) => c.notNull())
      .addPrimaryKeyConstraint("queue_chunks_key", ["job", "number"]),
  ).execute();

  await db.schema
    .createTable("workers")
    .addColumn("id", "text", (c) => c.primaryKey().notNull())
    .addColumn("endpoint", "text", (c) => c.notNull())
    .addColumn("deployment", "text", (c) => c.notNull())
    .addColumn("state", "text", (c) => c.notNull())
    .addColumn("started_at", "bigint", (c) => c.notNull())
    .addColumn("ready_at", "bigint")
    .addColumn("ended_at", "bigint")
    .addColumn("reason", "text")
    .addColumn("exit_code", "bigint")
    .addColumn("signal", "text")
    .addColumn("jobs", "bigint", (c) => c.notNull())
    .addColumn("peak_memory", "bigint")
    .addColumn("cpu_ms", "bigint")
    .addColumn("stdout", "text", (c) => c.notNull())
    .addColumn("stderr", "text", (c) => c.notNull())
    .addColumn("pgid", "bigint")
    .addColumn("pid_started", "text")
    .execute();
  await db.schema.createIndex("workers_endpoint").on("workers").columns(["endpoint", "started_at"]).execute();

  await db.schema
    .createTable("api_keys")
    .addColumn("id", "text", (c) => c.primaryKey().notNull())
    .addColumn("name", "text", (c) => c.notNull())
    .addColumn("hash", "text", (c) => c.notNull())
    .addColumn("hint", "text", (c) => c.notNull())
    .addColumn("scopes", "text", (c) => c.notNull())
    .addColumn("created_at", "bigint", (c) => c.notNull())
    .addColumn("expires_at", "bigint")
    .addColumn("revoked_at", "bigint")
    .addColumn("used_at", "bigint")
    .execute();
  await db.schema.createIndex("api_keys_hash").unique().on("api_keys").columns(["hash"]).execute();
}
