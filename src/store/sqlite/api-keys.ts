import type { ApiKeyRow } from "../types.ts";
import type { Connection, Statement } from "./connection.ts";
import { number, numberOrNull, type Row, text } from "./row.ts";

function toApiKey(row: Row): ApiKeyRow {
  return {
    id: text(row["id"]),
    name: text(row["name"]),
    hash: text(row["hash"]),
    hint: text(row["hint"]),
    scopes: text(row["scopes"]),
    createdAt: number(row["created_at"]),
    expiresAt: numberOrNull(row["expires_at"]),
    revokedAt: numberOrNull(row["revoked_at"]),
    usedAt: numberOrNull(row["used_at"]),
  };
}

/** The table `api_keys`. */
export class ApiKeys {
  readonly #upsert: Statement;
  readonly #find: Statement;
  readonly #list: Statement;

  constructor(connection: Connection) {
    // A key that was taken back stays so.
    this.#upsert = connection.statement(`
      insert into api_keys (id, name, hash, hint, scopes, created_at, expires_at, revoked_at, used_at)
      values (?, ?, ?, ?, ?, ?, ?, ?, ?)
      on conflict (id) do update set name = excluded.name, scopes = excluded.scopes, expires_at = excluded.expires_at,
        revoked_at = coalesce(revoked_at, excluded.revoked_at), used_at = excluded.used_at`);
    this.#find = connection.statement("select * from api_keys where hash = ?");
    this.#list = connection.statement("select * from api_keys order by created_at, rowid");
  }

  put({ id, name, hash, hint, scopes, createdAt, expiresAt, revokedAt, usedAt }: ApiKeyRow): void {
    this.#upsert().run(id, name, hash, hint, scopes, createdAt, expiresAt, revokedAt, usedAt);
  }

  find(hash: string): ApiKeyRow | undefined {
    const row = this.#find().get(hash);
    return row && toApiKey(row);
  }

  /** Oldest first. */
  list(): ApiKeyRow[] {
    return this.#list().all().map(toApiKey);
  }
}
