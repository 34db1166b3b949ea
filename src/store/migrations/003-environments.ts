import { type Kysely, type CreateTableBuilder, sql, SqliteAdapter } from "kysely";

/**
 * Version 3: the environments that attempts ran in, which limits held them, and secrets. Of what ran before neither is
 * known.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  const narrow = <T extends string, C extends string>(table: CreateTableBuilder<T, C>) =>
    db.getExecutor().adapter instanceof SqliteAdapter ? table.modifyEnd(sql`without rowid`) : table;

  await db.schema.alterTable("attempts").addColumn("image", "text").execute();
  await db.schema.alterTable("attempts").addColumn("limits", "text").execute();

  // One definition may have been built more than once, with other contents, and by more than one engine.
  await db.schema
    .createTable("images")
    .addColumn("digest", "text", (c) => c.notNull())
    .addColumn("identity", "text", (c) => c.notNull())
    .addColumn("engine", "text", (c) => c.notNull())
    .addColumn("definition", "text", (c) => c.notNull())
    .addColumn("packages", "text", (c) => c.notNull())
    .addColumn("reference", "text")
    .addColumn("created_at", "bigint", (c) => c.notNull())
    .addPrimaryKeyConstraint("images_key", ["digest", "identity", "engine"])
    .execute();
  await db.schema.createIndex("images_identity").on("images").columns(["identity", "created_at"]).execute();

  await narrow(
    db.schema
      .createTable("secrets")
      .addColumn("name", "text", (c) => c.primaryKey().notNull())
      .addColumn("sealed", "text", (c) => c.notNull())
      .addColumn("created_at", "bigint", (c) => c.notNull())
      .addColumn("updated_at", "bigint", (c) => c.notNull()),
  ).execute();
}
