import type { Hash } from "../../kernel/index.ts";
import type { RecoveryRow } from "../types.ts";
import type { Connection, Statement } from "./connection.ts";
import { number, text } from "./row.ts";

/** The table `recoveries`. */
export class Recoveries {
  readonly #upsert: Statement;
  readonly #get: Statement;

  constructor(connection: Connection) {
    this.#upsert = connection.statement(`
      insert into recoveries (key, error_value, task_set, created_at) values (?, ?, ?, ?)
      on conflict (key) do update set error_value = excluded.error_value, task_set = excluded.task_set,
        created_at = excluded.created_at`);
    this.#get = connection.statement("select * from recoveries where key = ?");
  }

  write(recovery: RecoveryRow): void {
    this.#upsert().run(recovery.key, recovery.errorValue, recovery.taskSet, recovery.createdAt);
  }

  get(key: Hash): RecoveryRow | undefined {
    const row = this.#get().get(key);
    return (
      row && {
        key: text(row["key"]),
        errorValue: text(row["error_value"]),
        taskSet: text(row["task_set"]),
        createdAt: number(row["created_at"]),
      }
    );
  }
}
