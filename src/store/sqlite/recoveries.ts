import type { Hash } from "../../kernel/index.ts";
import type { RecoveryRow } from "../types.ts";
import type { Connection, Statement } from "./connection.ts";
import { number, type Row, text } from "./row.ts";

function toRecovery(row: Row): RecoveryRow {
  return {
    key: text(row["key"]),
    errorValue: text(row["error_value"]),
    taskSet: text(row["task_set"]),
    createdAt: number(row["created_at"]),
  };
}

/** The table `recoveries`. */
export class Recoveries {
  readonly #upsert: Statement;
  readonly #get: Statement;
  readonly #from: Statement;

  constructor(connection: Connection) {
    this.#upsert = connection.statement(`
      insert into recoveries (key, error_value, task_set, created_at) values (?, ?, ?, ?)
      on conflict (key) do update set error_value = excluded.error_value, task_set = excluded.task_set,
        created_at = excluded.created_at`);
    this.#get = connection.statement("select * from recoveries where key = ?");
    this.#from = connection.statement(
      "select * from recoveries where error_value in (select value from json_each(?)) order by key",
    );
  }

  write(recovery: RecoveryRow): void {
    this.#upsert().run(recovery.key, recovery.errorValue, recovery.taskSet, recovery.createdAt);
  }

  get(key: Hash): RecoveryRow | undefined {
    const row = this.#get().get(key);
    return row && toRecovery(row);
  }

  /** Those from some errors, by key. */
  from(errors: readonly Hash[]): RecoveryRow[] {
    return this.#from().all(JSON.stringify(errors)).map(toRecovery);
  }
}
