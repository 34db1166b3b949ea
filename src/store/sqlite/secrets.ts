import type { SecretRow } from "../types.ts";
import type { Connection, Statement } from "./connection.ts";
import { number, type Row, text } from "./row.ts";

function toSecret(row: Row): SecretRow {
  return {
    name: text(row["name"]),
    sealed: text(row["sealed"]),
    createdAt: number(row["created_at"]),
    updatedAt: number(row["updated_at"]),
  };
}

/** The table `secrets`: sealed texts by name. What they say is not known here. */
export class Secrets {
  readonly #upsert: Statement;
  readonly #get: Statement;
  readonly #list: Statement;
  readonly #remove: Statement;

  constructor(connection: Connection) {
    this.#upsert = connection.statement(`
      insert into secrets (name, sealed, created_at, updated_at) values (?, ?, ?, ?)
      on conflict (name) do update set sealed = excluded.sealed, updated_at = excluded.updated_at`);
    this.#get = connection.statement("select * from secrets where name = ?");
    this.#list = connection.statement("select * from secrets order by name");
    this.#remove = connection.statement("delete from secrets where name = ?");
  }

  put({ name, sealed, createdAt, updatedAt }: SecretRow): void {
    this.#upsert().run(name, sealed, createdAt, updatedAt);
  }

  get(name: string): SecretRow | undefined {
    const row = this.#get().get(name);
    return row && toSecret(row);
  }

  /** By name. */
  list(): SecretRow[] {
    return this.#list().all().map(toSecret);
  }

  /** Tells whether it was there. */
  remove(name: string): boolean {
    return this.#remove().run(name).changes > 0;
  }
}
