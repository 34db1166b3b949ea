import { writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { type Kysely, sql } from "kysely";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openStore } from "../../../src/store/index.ts";
import { MIGRATIONS } from "../../../src/store/migrations/index.ts";
import { Connection } from "../../../src/store/sqlite/connection.ts";
import { CURRENT, ensureSchema, type SchemaTarget } from "../../../src/store/sqlite/create.ts";
import { kyselyOf } from "../../../src/store/sqlite/kysely.ts";
import { SCHEMA, SCHEMA_VERSION } from "../../../src/store/sqlite/schema.ts";
import { batchOf, isWhole } from "./batches.ts";
import { makeVersionOne } from "./version-one.ts";

let dir: string;
let file: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "ligase-store-"));
  file = join(dir, "store.db");
});
afterEach(() => rm(dir, { recursive: true, force: true }));

const SCHEMA_FILE = new URL("../../../src/store/sqlite/schema.ts", import.meta.url);

/** The statements that made what is in a database, in order. */
function schemaOf(db: DatabaseSync): string[] {
  return db
    .prepare("select sql from sqlite_master where sql is not null")
    .all()
    .map((row) => String(row["sql"]));
}

/** A version that is to come: one more table, one more column with a value for old rows. */
const NEXT: SchemaTarget = {
  version: SCHEMA_VERSION + 1,
  sql: `${SCHEMA} create table extra (id text not null primary key); alter table runs add column note text not null default 'none';`,
  migrations: async () => ({
    ...MIGRATIONS,
    "999-next": {
      async up(db: Kysely<unknown>) {
        await db.schema
          .createTable("extra")
          .addColumn("id", "text", (c) => c.primaryKey().notNull())
          .execute();
        await db.schema
          .alterTable("runs")
          .addColumn("note", "text", (c) => c.notNull().defaultTo("none"))
          .execute();
      },
    },
  }),
};

async function bring(target: SchemaTarget): Promise<void> {
  const connection = new Connection(file, { lockTimeoutMs: 5000, cacheKiB: 1000 });
  try {
    await ensureSchema(connection, target);
  } finally {
    connection.close();
  }
}

it("the migrations, one after the other, make the schema of a new store", async () => {
  const db = new DatabaseSync(":memory:");
  const kysely = kyselyOf<unknown>(db);
  for (const name of Object.keys(MIGRATIONS).sort()) await MIGRATIONS[name]?.up(kysely);
  const statements = schemaOf(db);
  if (process.env["UPDATE_SCHEMA"]) {
    const text = `/** How many migrations lead to {@link SCHEMA}. */
export const SCHEMA_VERSION = ${Object.keys(MIGRATIONS).length};

/**
 * What the migrations leave behind, as statements that make it at once. Written by
 * \`UPDATE_SCHEMA=1 npx vitest run test/unit/store/migrations.test.ts\`, never by hand.
 */
export const SCHEMA = \`
${statements.map((statement) => `${statement};`).join("\n")}
\`;
`;
    writeFileSync(SCHEMA_FILE, text);
  } else {
    const fresh = new DatabaseSync(":memory:");
    fresh.exec(SCHEMA);
    expect(schemaOf(fresh)).toEqual(statements);
    expect(SCHEMA_VERSION).toBe(Object.keys(MIGRATIONS).length);
  }
});

it("the migrations use only types that PostgreSQL has too", () => {
  const db = new DatabaseSync(":memory:");
  db.exec(SCHEMA);
  const columns = db
    .prepare(
      "select t.name || '.' || c.name as name, c.type from sqlite_master t join pragma_table_info(t.name) c where t.type = 'table'",
    )
    .all();
  expect(columns.length).toBeGreaterThan(100);
  const types = /^(text|bigint|double precision)$/i;
  expect(columns.filter(({ type }) => !types.test(String(type)))).toEqual([]);
});

describe("a store of this version", () => {
  it("that is empty comes to the next version, and stays there", async () => {
    await bring(CURRENT);
    await bring(NEXT);
    const db = new DatabaseSync(file);
    const once = schemaOf(db);
    expect(once.some((statement) => statement.includes("extra"))).toBe(true);
    expect(db.prepare("pragma user_version").get()).toEqual({ user_version: NEXT.version });
    db.close();
    await bring(NEXT);
    const again = new DatabaseSync(file);
    expect(schemaOf(again)).toEqual(once);
    again.close();
  });

  it("that is filled keeps every row", async () => {
    const store = await openStore(dir);
    for (let i = 0; i < 3; i++) await store.commit(batchOf("a", i));
    await store.close();
    await bring(NEXT);
    const db = new DatabaseSync(file);
    expect(db.prepare("select count(*) as n from runs where note = 'none'").get()).toEqual({ n: 3 });
    // Back to what this version can open, to look at it with the store's own eyes.
    db.exec(`pragma user_version = ${SCHEMA_VERSION}`);
    db.close();
    const again = await openStore(dir);
    for (let i = 0; i < 3; i++) expect(await isWhole(again, "a", i)).toBe(true);
    await again.close();
  });

  it("is left as it is by a migration that fails", async () => {
    await bring(CURRENT);
    const broken: SchemaTarget = {
      ...NEXT,
      migrations: async () => ({
        ...(await NEXT.migrations()),
        "999-next": {
          async up(db: Kysely<unknown>) {
            await db.schema.createTable("extra").addColumn("id", "text").execute();
            await sql`select nonsense from nowhere`.execute(db);
          },
        },
      }),
    };
    await expect(bring(broken)).rejects.toThrow();
    const db = new DatabaseSync(file);
    expect(db.prepare("pragma user_version").get()).toEqual({ user_version: SCHEMA_VERSION });
    expect(schemaOf(db).some((statement) => statement.includes("extra"))).toBe(false);
    db.close();
    await bring(NEXT);
  });

  it("is brought up to date once when two come at once", async () => {
    await bring(CURRENT);
    await Promise.all([bring(NEXT), bring(NEXT)]);
    const db = new DatabaseSync(file);
    expect(db.prepare("pragma user_version").get()).toEqual({ user_version: NEXT.version });
    db.close();
  });
});

it("a store of version 1 is brought up to date: its runs were normal, and nothing is pinned", async () => {
  await makeVersionOne(file);
  const store = await openStore(dir);
  expect(await store.getRun("run0000000001")).toMatchObject({ task: "main", mode: "normal", pinned: false });
  expect(await store.countReasons("run0000000001", 1)).toMatchObject([{ task: "main", jobs: 1 }]);
  await store.pinRun("run0000000001", true);
  expect(await store.getRun("run0000000001")).toMatchObject({ pinned: true });
  await store.close();
});

it("a new store may be made at a later version at once", async () => {
  await bring(NEXT);
  const db = new DatabaseSync(file);
  expect(db.prepare("pragma user_version").get()).toEqual({ user_version: NEXT.version });
  expect(db.prepare("pragma journal_mode").get()).toEqual({ journal_mode: "wal" });
  db.close();
});

it("an up-to-date store is opened without loading Kysely", async () => {
  await (await openStore(dir)).close();
  const { execFileSync } = await import("node:child_process");
  const program = `
    import { registerHooks } from "node:module";
    registerHooks({ load(url, context, next) { if (url.includes("kysely")) console.log(url); return next(url, context); } });
    const { openStore } = await import(${JSON.stringify(new URL("../../../src/store/index.ts", import.meta.url).href)});
    await (await openStore(process.argv[1])).close();
    await (await openStore(process.argv[1] + "/new")).close();
    console.log("opened");
  `;
  const output = execFileSync(process.execPath, ["--input-type=module", "-e", program, dir], { encoding: "utf8" });
  expect(output).toBe("opened\n");
});
