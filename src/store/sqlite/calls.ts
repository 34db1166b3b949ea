import { type Hash, LigaseError } from "../../kernel/index.ts";
import type { BodyKind, CallRow, FoundCall, RunMode } from "../types.ts";
import type { Connection, Statement } from "./connection.ts";
import { number, type Row, text, textOrNull, word } from "./row.ts";
import type { Values } from "./values.ts";

/** How many keys go into one question. */
const AT_ONCE = 500;

const KINDS: readonly BodyKind[] = ["value", "expr", "trace"];

/** A row of `calls`, or of what was deleted from it. */
export function toCall(row: Row): CallRow {
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
  readonly #ofRun: Statement;

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
    // Many at once, with the rows as arrays: 5 µs a call, where one question each takes 11.
    this.#find = connection.statement(
      `select key, calls.task, task_hash, image, args_value, body_kind, body_value, result_value, task_set,
         created_at, job, run, b.text, b.file, b.bytes, r.text, r.file, r.bytes
       from calls join stored_values b on b.hash = body_value
         left join stored_values r on r.hash = result_value and result_value <> body_value
       where key in (select value from json_each(?))`,
      { returnArrays: true },
    );
    this.#children = connection.statement(`
      select calls.* from call_edges join calls on calls.key = call_edges.child where parent = ?
      order by calls.created_at, calls.rowid`);
    this.#ofTask = connection.statement(`
      select calls.* from calls left join runs on runs.id = calls.run
      where calls.task = ?1 and calls.created_at < ?2 and (?4 is null or coalesce(runs.mode, 'normal') = ?4)
      order by calls.created_at desc, calls.rowid desc limit ?3`);
    this.#ofRun = connection.statement(`
      select * from calls where key in (select call from jobs where run = ?) order by created_at, rowid`);
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
   * Calls with the texts of their bodies and results. A call whose values are gone counts as not
   * found: its task then runs again and records them anew.
   */
  find(keys: readonly Hash[]): Map<Hash, FoundCall> {
    const found = new Map<Hash, FoundCall>();
    for (let start = 0; start < keys.length; start += AT_ONCE) {
      for (const row of this.#find().all(JSON.stringify(keys.slice(start, start + AT_ONCE)))) {
        const call = this.#toFound(row);
        if (call !== undefined) found.set(call.key, call);
      }
    }
    return found;
  }

  #toFound(row: Row): FoundCall | undefined {
    const bodyValue = text(row[6]);
    const resultValue = textOrNull(row[7]);
    try {
      const bodyText = this.#values.textOf(row[12], row[13], row[14]);
      let resultText: string | null = null;
      if (resultValue === bodyValue) resultText = bodyText;
      else if (resultValue !== null) {
        if (row[17] === null) return undefined;
        resultText = this.#values.textOf(row[15], row[16], row[17]);
      }
      return {
        key: text(row[0]),
        task: text(row[1]),
        taskHash: text(row[2]),
        image: text(row[3]),
        argsValue: text(row[4]),
        bodyKind: word(KINDS, row[5]),
        bodyValue,
        resultValue,
        taskSet: textOrNull(row[8]),
        createdAt: number(row[9]),
        job: text(row[10]),
        run: text(row[11]),
        bodyText,
        resultText,
      };
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
  ofTask(task: string, before: number, limit: number, mode: RunMode | undefined): CallRow[] {
    return this.#ofTask()
      .all(task, before, limit, mode ?? null)
      .map(toCall);
  }

  /** Those that the jobs of a run stand for, oldest first. */
  ofRun(run: string): CallRow[] {
    return this.#ofRun().all(run).map(toCall);
  }
}
