import { LigaseError } from "../../kernel/index.ts";
import type { ProgramRow } from "../types.ts";
import type { Connection, Statement } from "./connection.ts";
import { list, number, text } from "./row.ts";

/** Reads one field of a part of a JSON list. */
function field(part: unknown, name: string): string {
  const value: unknown = typeof part === "object" && part !== null ? Reflect.get(part, name) : undefined;
  if (typeof value === "string") return value;
  throw new LigaseError("LIGASE_E_STORE_CORRUPT", `the store holds a program whose parts have no ${name}`, {
    mend: "another program wrote into store.db: restore it from a copy, or move it away to start afresh",
  });
}

/** The table `programs`. */
export class Programs {
  readonly #insert: Statement;
  readonly #get: Statement;

  constructor(connection: Connection) {
    this.#insert = connection.statement(`
      insert into programs (id, entry, created_at, modules, packages) values (?, ?, ?, ?, ?) on conflict (id) do nothing`);
    this.#get = connection.statement("select * from programs where id = ?");
  }

  write(program: ProgramRow): void {
    const { id, entry, createdAt, modules, packages } = program;
    this.#insert().run(id, entry, createdAt, JSON.stringify(modules), JSON.stringify(packages));
  }

  get(id: string): ProgramRow | undefined {
    const row = this.#get().get(id);
    return (
      row && {
        id: text(row["id"]),
        entry: text(row["entry"]),
        createdAt: number(row["created_at"]),
        modules: list(row["modules"], (part) => ({ path: field(part, "path"), hash: field(part, "hash") })),
        packages: list(row["packages"], (part) => ({ name: field(part, "name"), version: field(part, "version") })),
      }
    );
  }
}
