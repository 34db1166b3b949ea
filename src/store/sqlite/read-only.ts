import { chmodSync, copyFileSync, existsSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { Connection, type ConnectionOptions } from "./connection.ts";
import { ensureSchema, isUpToDate } from "./create.ts";

/**
 * Opens a database for reading whose folder cannot be written. SQLite itself reads one beside which a run goes on: the
 * log and its index are there. Otherwise it wants to make them, and is told that nobody writes
 * (`immutable`, https://sqlite.org/uri.html). Where a crash left a log, or the schema is an older one, a copy in the
 * folder for temporary files is brought up to date and read.
 *
 * @throws LigaseError as `ensureSchema`
 */
export async function openReadOnly(location: string, options: ConnectionOptions): Promise<Connection> {
  const log = `${location}-wal`;
  if ((statSync(log, { throwIfNoEntry: false })?.size ?? 0) === 0) {
    const url = pathToFileURL(location);
    url.searchParams.set("immutable", "1");
    const connection = new Connection(location, { ...options, open: { file: url, readOnly: true } });
    try {
      if (isUpToDate(connection)) return connection;
    } catch (error) {
      connection.close();
      throw error;
    }
    connection.close();
  }
  const folder = mkdtempSync(join(tmpdir(), "ligase-store-"));
  const dispose = (): void => rmSync(folder, { recursive: true, force: true });
  try {
    const copy = join(folder, "store.db");
    copyFileSync(location, copy);
    chmodSync(copy, 0o600);
    if (existsSync(log)) copyFileSync(log, `${copy}-wal`);
    const connection = new Connection(location, { ...options, open: { file: copy }, dispose });
    try {
      await ensureSchema(connection);
      // What is written would be lost with the copy.
      connection.db.exec("pragma query_only = true");
      return connection;
    } catch (error) {
      connection.close();
      throw error;
    }
  } catch (error) {
    dispose();
    throw error;
  }
}
