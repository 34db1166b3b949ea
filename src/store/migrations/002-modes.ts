import { type Kysely, sql } from "kysely";

/**
 * Version 2: how a run evaluates, and whether it is kept. What ran before was normal, and nothing was pinned. The index
 * of jobs by task has their reason too, so that the reasons of a run are counted from it alone; and jobs that have attempts have an index.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .alterTable("runs")
    .addColumn("mode", "text", (c) => c.notNull().defaultTo("normal"))
    .execute();
  await db.schema
    .alterTable("runs")
    .addColumn("pinned", "bigint", (c) => c.notNull().defaultTo(0))
    .execute();

  await db.schema.dropIndex("jobs_task").execute();
  await db.schema
    .createIndex("jobs_task")
    .on("jobs")
    .columns(["run", "task", "state", "reason", "started_at", "ended_at"])
    .execute();
  // Jobs without a process of their own, which come by the hundred thousand, are not in it.
  await db.schema
    .createIndex("jobs_outside")
    .on("jobs")
    .columns(["run"])
    .where(sql`executor`, "<>", sql.lit("inline"))
    .execute();
}
