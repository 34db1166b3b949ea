import type { TaskRow } from "../types.ts";
import type { Connection, Statement } from "./connection.ts";
import { json, number, type Row, text, texts } from "./row.ts";

function toTask(row: Row): TaskRow {
  return {
    hash: text(row["hash"]),
    name: text(row["name"]),
    file: text(row["file"]),
    line: number(row["line"]),
    code: text(row["code"]),
    doc: text(row["doc"]),
    closure: texts(row["closure"]),
    createdAt: number(row["created_at"]),
  };
}

/** The table `tasks`: one row a version of a task. */
export class Tasks {
  readonly #insert: Statement;
  readonly #get: Statement;
  readonly #list: Statement;

  constructor(connection: Connection) {
    this.#insert = connection.statement(`
      insert into tasks (hash, name, file, line, code, doc, closure, created_at) values (?, ?, ?, ?, ?, ?, ?, ?)
      on conflict (hash) do nothing`);
    this.#get = connection.statement("select * from tasks where hash = ?");
    this.#list = connection.statement("select * from tasks order by name, created_at desc, rowid desc");
  }

  write(task: TaskRow): void {
    const { hash, name, file, line, code, doc, closure, createdAt } = task;
    this.#insert().run(hash, name, file, line, code, doc, json(closure), createdAt);
  }

  get(hash: string): TaskRow | undefined {
    const row = this.#get().get(hash);
    return row && toTask(row);
  }

  /** By name, each with its newest version first. */
  list(): TaskRow[] {
    return this.#list().all().map(toTask);
  }
}
