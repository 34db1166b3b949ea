import { type Hash, LigaseError } from "../../kernel/index.ts";
import type { BodyKind, CallRow, FoundCall } from "../types.ts";
import type { Connection, Statement } from "./connection.ts";
import { number, type Row, text, textOrNull, word } from "./row.ts";
import type { Values } from "./values.ts";

const KINDS: readonly BodyKind[] = ["value", "expr", "trace"];

function toCall(row: Row): CallRow {
  return {
    key: text(row["key"]),
    task: text(row["task"]),
    taskHash: text(row["task_hash"]),
    image: text(row["image"]),
    argsValue: text(row["args_value"]),
    bodyKind: word(KINDS, row["body_kind"]),
    bodyValue: text(row["body_value"]),
    resultValue: textOrNull(row["result_value"]),
    taskSet: textOrNull(row["task_set"]),
    createdAt: number(row["created_at"]),
    job: text(row["job"]),
    run: text(row["run"]),
  };
}

/** The table `calls`. */
export class Calls {
  readonly #values: Values;
  readonly #upsert: Statement;
  readonly #get: Statement;
  readonly #find: Statement;
  readonly #children: Statement;
  readonly #ofTask: Statement;

  constructor(connection: Connection, values: Values) {
    this.#values = values;
    this.#upsert = connection.statement(`
      insert into calls (key, task, task_hash, image, args_value, body_kind, body_value, result_value, task_set,
        created_at, job, run)
      values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
      on conflict (key) do update set task = excluded.task, task_hash = excluded.task_hash, image = excluded.image,
        args_value = excluded.args_value, body_kind = excluded.body_kind, body_value = excluded.body_value,
        result_value = excluded.result_value, task_set = excluded.task_set, created_at = excluded.created_at,
        job = excluded.job, run = excluded.run`);
    this.#get = connection.statement("select * from calls where key = ?");
    this.#find = connection.statement(`
      select calls.*, text, file, bytes from calls left join stored_values on hash = body_value where key = ?`);
    this.#children = connection.statement(`
      select calls.* from call_edges join calls on calls.key = call_edges.child where parent = ?
      order by calls.created_at, calls.rowid`);
    this.#ofTask = connection.statement(`
      select * from calls where task = ? and created_at < ? order by created_at desc, rowid desc limit ?`);
  }

  write(call: CallRow): void {
    this.#upsert().run(
      call.key,
      call.task,
      call.taskHash,
      call.image,
      call.argsValue,
      call.bodyKind,
      call.bodyValue,
      call.resultValue,
      call.taskSet,
      call.createdAt,
      call.job,
      call.run,
    );
  }

  get(key: Hash): CallRow | undefined {
    const row = this.#get().get(key);
    return row && toCall(row);
  }

  /**
   * A call with the texts of its body and result. A call whose values are gone counts as not
   * found: its task then runs again and records them anew.
   */
  find(key: Hash): FoundCall | undefined {
    const row = this.#find().get(key);
    if (row === undefined || row["bytes"] === null) return undefined;
    const call = toCall(row);
    const { bodyValue, resultValue } = call;
    try {
      const bodyText = this.#values.textOf(row["text"], row["file"], row["bytes"]);
      const resultText = resultValue === bodyValue ? bodyText : resultValue === null ? null : this.#values.get(resultValue);
      return resultText === undefined ? undefined : { ...call, bodyText, resultText };
    } catch (error) {
      if (error instanceof LigaseError && error.code === "LIGASE_E_VALUE_MISSING") return undefined;
      throw error;
    }
  }

  /** The calls that a call made. */
  childrenOf(parent: Hash): CallRow[] {
    return this.#children().all(parent).map(toCall);
  }

  /** Newest first. */
  ofTask(task: string, before: number, limit: number): CallRow[] {
    return this.#ofTask().all(task, before, limit).map(toCall);
  }
}
