import type { ImageRow } from "../types.ts";
import type { Connection, Statement } from "./connection.ts";
import { json, number, type Row, record, text, textOrNull } from "./row.ts";

function toImage(row: Row): ImageRow {
  return {
    digest: text(row["digest"]),
    identity: text(row["identity"]),
    engine: text(row["engine"]),
    definition: text(row["definition"]),
    packages: record(row["packages"]),
    reference: textOrNull(row["reference"]),
    createdAt: number(row["created_at"]),
  };
}

/** The table `images`: what the environments were that attempts ran in. */
export class Images {
  readonly #upsert: Statement;
  readonly #get: Statement;
  readonly #list: Statement;

  constructor(connection: Connection) {
    // When it was first seen stays; packages may have become known, or a tag resolved.
    this.#upsert = connection.statement(`
      insert into images (digest, identity, engine, definition, packages, reference, created_at)
      values (?, ?, ?, ?, ?, ?, ?)
      on conflict (digest, identity, engine) do update set
        definition = excluded.definition, packages = excluded.packages, reference = excluded.reference`);
    this.#get = connection.statement(`
      select * from images where digest = ?1 union select * from images where identity = ?1
      order by created_at desc, engine limit 1`);
    this.#list = connection.statement("select * from images order by created_at desc, digest, identity, engine");
  }

  write({ digest, identity, engine, definition, packages, reference, createdAt }: ImageRow): void {
    this.#upsert().run(digest, identity, engine, definition, json(packages), reference, createdAt);
  }

  /** The newest of this digest or identity. */
  get(id: string): ImageRow | undefined {
    const row = this.#get().get(id);
    return row && toImage(row);
  }

  /** The newest first. */
  list(): ImageRow[] {
    return this.#list().all().map(toImage);
  }
}
