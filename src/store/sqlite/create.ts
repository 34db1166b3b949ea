import type { DatabaseSync } from "node:sqlite";
import type { Migration } from "kysely";
import { LigaseError } from "../../kernel/index.ts";
import type { Connection } from "./connection.ts";
import { isBusy } from "./errors.ts";
import { SCHEMA, SCHEMA_VERSION } from "./schema.ts";

/** What tells a Ligase store from other SQLite files (`PRAGMA application_id`): "LIGA". */
const APPLICATION_ID = 0x4c494741;

/** A version of the schema and the way to it. */
export interface SchemaTarget {
  /** Counts the migrations; stored in `PRAGMA user_version`. */
  readonly version: number;
  /** The statements that make it in an empty database. */
  readonly sql: string;
  /** The steps to it, by name, in the order of their names. */
  readonly migrations: () => Promise<Readonly<Record<string, Migration>>>;
}

/** The schema of this version of Ligase. */
export const CURRENT: SchemaTarget = {
  version: SCHEMA_VERSION,
  sql: SCHEMA,
  migrations: async () => (await import("../migrations/index.ts")).MIGRATIONS,
};

/**
 * Makes sure that a database holds a schema: creates it in an empty one, brings an older one up
 * to date, refuses anything else. Two processes may do this at once: what is there is looked at
 * again under the lock.
 *
 * A new store is made from the finished schema, which takes a few milliseconds; going through the
 * migrations takes 90, most of it for loading Kysely. A test holds the two equal.
 *
 * @throws LigaseError `LIGASE_E_STORE_NEWER` when a newer Ligase wrote it, `LIGASE_E_STORE_CORRUPT`
 * when it is some other program's database
 */
export async function ensureSchema(connection: Connection, target: SchemaTarget = CURRENT): Promise<void> {
  const { db } = connection;
  if (versionOf(connection, target) === target.version) return;
  useLog(db);
  const version = connection.transaction(() => {
    const version = versionOf(connection, target);
    if (version > 0) return version;
    db.exec(target.sql);
    stamp(db, target);
    return target.version;
  });
  if (version !== target.version) await migrate(connection, target);
}

/**
 * Tells whether a database that cannot be written has the schema of this version.
 *
 * @throws LigaseError as {@link ensureSchema}
 */
export function isUpToDate(connection: Connection): boolean {
  return versionOf(connection, CURRENT) === CURRENT.version;
}

/** All steps are one transaction: a store is of one version or of the other. */
async function migrate(connection: Connection, target: SchemaTarget): Promise<void> {
  const [{ kyselyOf }, migrations] = await Promise.all([import("./kysely.ts"), target.migrations()]);
  await connection.transactionAsync(async () => {
    const kysely = kyselyOf<unknown>(connection.db);
    const names = Object.keys(migrations).sort().slice(versionOf(connection, target));
    for (const name of names) await migrations[name]?.up(kysely);
    stamp(connection.db, target);
  });
}

/** The version of the schema that is there; 0 for an empty database. */
function versionOf({ db, location }: Connection, target: SchemaTarget): number {
  const version = pragma(db, "user_version");
  const application = pragma(db, "application_id");
  if (application !== APPLICATION_ID) {
    if (application === 0 && version === 0 && db.prepare("select 1 from sqlite_master").get() === undefined) return 0;
    throw new LigaseError("LIGASE_E_STORE_CORRUPT", `${location} is not a Ligase store: another program made it`, {
      mend: "move it away, or work in another folder",
      facts: { path: location },
    });
  }
  if (version <= target.version) return version;
  throw new LigaseError(
    "LIGASE_E_STORE_NEWER",
    `${location} was written by a newer Ligase (its schema is version ${version}, this one knows up to ${target.version})`,
    { mend: "update ligase, or work in another folder", facts: { path: location, version, known: target.version } },
  );
}

function pragma(db: DatabaseSync, name: string): number {
  return Number(db.prepare(`pragma ${name}`).get()?.[name]);
}

function stamp(db: DatabaseSync, target: SchemaTarget): void {
  db.exec(`pragma application_id = ${APPLICATION_ID}; pragma user_version = ${target.version}`);
}

/**
 * Switches to the write-ahead log: readers and the writer do not wait for each other. The switch
 * needs the file for itself for a moment, and SQLite does not wait for that by itself.
 */
function useLog(db: DatabaseSync): void {
  for (let tries = 0; ; tries++) {
    try {
      db.exec("pragma journal_mode = wal");
      return;
    } catch (error) {
      if (!isBusy(error) || tries === 1000) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1 + Math.random() * 4);
    }
  }
}
