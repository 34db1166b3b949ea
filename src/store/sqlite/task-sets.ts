import type { Hash } from "../../kernel/index.ts";
import type { TaskSetRow } from "../types.ts";
import type { Connection, Statement } from "./connection.ts";
import { json, text, texts } from "./row.ts";

/** The table `task_sets`. Few sets serve many calls, so each is stored once. */
export class TaskSets {
  readonly #insert: Statement;
  readonly #get: Statement;
  readonly #find: Statement;

  constructor(connection: Connection) {
    this.#insert = connection.statement(
      "insert into task_sets (hash, tasks) values (?, ?) on conflict (hash) do nothing",
    );
    this.#get = connection.statement("select tasks from task_sets where hash = ?");
    this.#find = connection.statement(
      "select hash, tasks from task_sets where hash in (select value from json_each(?)) order by hash",
    );
  }

  write(set: TaskSetRow): void {
    this.#insert().run(set.hash, json(set.tasks));
  }

  get(hash: Hash): Readonly<Record<string, Hash>> | undefined {
    const row = this.#get().get(hash);
    return row && texts(row["tasks"]);
  }

  /** Those of these that are there. */
  find(hashes: readonly Hash[]): TaskSetRow[] {
    return this.#find()
      .all(JSON.stringify(hashes))
      .map((row) => ({ hash: text(row["hash"]), tasks: texts(row["tasks"]) }));
  }
}
