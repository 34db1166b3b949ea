import type { Hash } from "../../kernel/index.ts";
import type { CallUse, DatabaseSize, Loose, Swept, ValueUse } from "../collecting.ts";
import type { CallRow } from "../types.ts";
import { type Calls, toCall } from "./calls.ts";
import type { Connection, Statement } from "./connection.ts";
import { number, text, textOrNull } from "./row.ts";
import { SCRIPT } from "./jobs.ts";
import type { ValueTexts } from "./value-texts.ts";

/** What a row of a run, job or call names. Values that none of these name, nothing leads to. */
const USED = `
  select args_value as hash from calls union select body_value from calls union select result_value from calls
  union select args_value from jobs union select error_value from jobs union select error_value from attempts
  union select args_value from runs union select result_value from runs union select error_value from runs
  union select error_value from recoveries
  union select json_extract(module.value, '$.hash') from programs, json_each(programs.modules) as module`;

/** Deletes what nothing leads to, in an order in which each finds what the one before left. */
const SWEEP: Readonly<Record<string, string>> = {
  programs: `delete from programs where id not in (select program from runs where program is not null)
    and id not in (select value from json_each(:programs))`,
  tasks: "delete from tasks where hash not in (select task_hash from calls union select task_hash from jobs)",
  sets: `delete from task_sets where hash not in (
    select task_set from calls where task_set is not null union select task_set from recoveries)`,
  callEdges: `with known (key) as materialized (select key from calls union select call from jobs)
    delete from call_edges where parent not in known or child not in known`,
  dataEdges: `with known (key) as materialized (select key from calls union select call from jobs)
    delete from data_edges where call not in known or source not in known`,
  values: `delete from stored_values where hash not in (select hash from (${USED}) where hash is not null)`,
  files: "delete from value_files where value not in (select hash from stored_values)",
  // A run under way records the environment first, and the attempts in it later.
  images: `with named (image) as materialized (select distinct image from calls where image <> '')
    delete from images where not exists (select 1 from runs where state = 'running')
      and digest not in (select image from attempts where image is not null)
      and not exists (select 1 from named where instr(image, digest) > 0 or instr(image, identity) > 0)`,
  fingerprints: "delete from fingerprints where path in (select value from json_each(:paths))",
  claims: "delete from claims where engine not in (select id from engines)",
  cancellations: "delete from cancellations where run not in (select id from runs where state = 'running')",
};

/** So many texts are read at a time. */
const PAGE = 500;

/** What takes space, and how it is freed. Changes happen inside a transaction of the caller's. */
export class Collections {
  readonly #connection: Connection;
  readonly #calls: Calls;
  readonly #texts: ValueTexts | undefined;
  readonly #removeRun: Statement;
  readonly #mark: Statement;
  readonly #loose: Statement;
  readonly #removeCalls: Statement;
  readonly #needed: Statement;
  readonly #ofGoneRuns: Statement;
  readonly #removeAttempts: Statement;
  readonly #removeJobs: Statement;
  readonly #page: Statement;
  readonly #textFiles: Statement;
  readonly #callUses: Statement;
  readonly #valueUses: Statement;
  readonly #paths: Statement;

  constructor(connection: Connection, calls: Calls, texts: ValueTexts | undefined) {
    this.#connection = connection;
    this.#calls = calls;
    this.#texts = texts;
    this.#removeRun = connection.statement("delete from runs where id = ? and pinned = 0 and state <> 'running'");
    this.#mark = connection.statement("select coalesce(max(rowid), 0) as mark from jobs");
    // A call that was taken without looking below it (a hit that has no jobs below) needs the calls below: they are
    // what its parts are looked up by when it is no longer trusted. Those of the versions that it was made of: what
    // later versions left below the same call is another run's.
    this.#loose = connection.statement(`
      with recursive kept (id) as materialized (
        select id from runs where id not in (select value from json_each(?))
      ), trusted (call) as materialized (
        select distinct call from jobs where run in kept and reason = 'hit' and not exists (
          select 1 from jobs as below indexed by jobs_parent where below.run = jobs.run and below.parent = jobs.id)
      ), below (key, task_set) as (
        select call, task_set from trusted join calls on key = call
        union
        select calls.key, below.task_set
        from below cross join call_edges on parent = below.key join calls on calls.key = child
          join task_sets on task_sets.hash = below.task_set
        where exists (select 1 from json_each(tasks) as version
          where version.key = calls.task and version.value = calls.task_hash)
      )
      select calls.key, coalesce(body.task, calls.task) as task, body.call as built_by
      from calls left join jobs on calls.task = '${SCRIPT}' and jobs.id = calls.job
        left join jobs as body on body.id = jobs.parent
      where calls.key not in (select call from jobs where run in kept) and calls.key not in (select key from below)
      order by calls.rowid`);
    this.#removeCalls = connection.statement(`
      delete from calls where key in (select value from json_each(?))
        and key not in (select call from jobs where rowid > ?) returning *`);
    this.#needed = connection.statement(`
      select distinct call from jobs where rowid > ? and call in (select value from json_each(?))`);
    this.#ofGoneRuns = connection.statement(`
      select id from jobs
      where run in (select run from (select distinct run from jobs) where run not in (select id from runs)) limit ?`);
    this.#removeAttempts = connection.statement("delete from attempts where job in (select value from json_each(?))");
    this.#removeJobs = connection.statement("delete from jobs where id in (select value from json_each(?))");
    this.#page = connection.statement(`
      select rowid as place, text, file, bytes from stored_values
      where rowid > ? and (text is null or instr(text, ?) > 0) and hash in temp.used_values
      order by rowid limit ${PAGE}`);
    this.#textFiles = connection.statement("select file from stored_values where file is not null");
    this.#callUses = connection.statement(`
      select distinct jobs.call, jobs.run, coalesce(body.task, jobs.task) as task
      from jobs left join jobs as body on jobs.task = '${SCRIPT}' and body.id = jobs.parent
      where jobs.call in (select value from json_each(?)) order by jobs.call, jobs.run`);
    this.#valueUses = connection.statement(`
      with owned as materialized (
        select coalesce(body.task, calls.task) as task, body.id is null as own,
          calls.args_value, body_value, result_value
        from calls left join jobs on calls.task = '${SCRIPT}' and jobs.id = calls.job
          left join jobs as body on body.id = jobs.parent
      ), held as (
        select task, args_value as hash from owned union select task, body_value from owned
        union select task, result_value from owned
      ), sums as (
        select held.task, sum(stored_values.bytes) as bytes
        from held join stored_values on stored_values.hash = held.hash group by held.task
      )
      select owned.task, sum(own) as calls, coalesce(sums.bytes, 0) as bytes
      from owned left join sums on sums.task = owned.task group by owned.task order by owned.task`);
    this.#paths = connection.statement("select path from fingerprints order by path");
  }

  removeRuns(runs: readonly string[]): string[] {
    return runs.filter((run) => this.#removeRun().run(run).changes > 0);
  }

  loose(without: readonly string[]): Loose {
    const mark = number(this.#mark().get()?.["mark"]);
    const calls = this.#loose()
      .all(JSON.stringify(without))
      .map((row) => ({ key: text(row["key"]), task: text(row["task"]), builtBy: textOrNull(row["built_by"]) }));
    return { calls, mark };
  }

  removeCalls(keys: readonly Hash[], mark: number): CallRow[] {
    return this.#removeCalls().all(JSON.stringify(keys), mark).map(toCall);
  }

  restoreCalls(calls: readonly CallRow[], mark: number): Hash[] {
    const rows = this.#needed().all(mark, JSON.stringify(calls.map(({ key }) => key)));
    const needed = new Set(rows.map((row) => text(row["call"])));
    for (const call of calls) if (needed.has(call.key) && !this.#calls.get(call.key)) this.#calls.write(call);
    return [...needed];
  }

  removeJobs(most: number): number {
    const ids = JSON.stringify(
      this.#ofGoneRuns()
        .all(most)
        .map((row) => row["id"] ?? null),
    );
    this.#removeAttempts().run(ids);
    return Number(this.#removeJobs().run(ids).changes);
  }

  /** Finds out which values are in use; they are remembered until {@link Collections.endTexts}. */
  beginTexts(): void {
    this.#connection.db.exec(`
      create temp table if not exists used_values (hash text primary key) without rowid;
      delete from temp.used_values;
      insert or ignore into temp.used_values select hash from (${USED}) where hash is not null`);
  }

  endTexts(): void {
    this.#connection.db.exec("drop table if exists temp.used_values");
  }

  /** Texts of values in use in which this stands, a page at a time, and where the next page begins. */
  textPage(part: string, after: number): { texts: string[]; last: number | undefined } {
    const rows = this.#page().all(after, part);
    const texts = rows.flatMap((row) => {
      const inline = row["text"];
      if (typeof inline === "string") return [inline];
      const read = this.#texts?.find(text(row["file"]));
      return read?.includes(part) ? [read] : [];
    });
    return { texts, last: rows.length < PAGE ? undefined : number(rows.at(-1)?.["place"]) };
  }

  sweep(programs: readonly Hash[], paths: readonly string[]): Swept {
    const before = this.#valueBytes();
    const gone: Record<string, number> = {};
    for (const [what, sql] of Object.entries(SWEEP)) {
      const values = {
        ...(sql.includes(":programs") && { programs: JSON.stringify(programs) }),
        ...(sql.includes(":paths") && { paths: JSON.stringify(paths) }),
      };
      gone[what] = Number(this.#connection.statement(sql)().run(values).changes);
    }
    return {
      values: gone["values"] ?? 0,
      valueBytes: before - this.#valueBytes(),
      tasks: gone["tasks"] ?? 0,
      programs: gone["programs"] ?? 0,
      fingerprints: gone["fingerprints"] ?? 0,
    };
  }

  /** Removes the files of values that no row names. In a transaction: a row that is being written names its file first. */
  sweepTexts(): void {
    const named = new Set(
      this.#textFiles()
        .all()
        .map((row) => text(row["file"])),
    );
    this.#texts?.keepOnly(named);
  }

  #valueBytes(): number {
    return number(this.#connection.statement("select coalesce(sum(bytes), 0) as n from stored_values")().get()?.["n"]);
  }

  callUses(keys: readonly Hash[]): CallUse[] {
    return this.#callUses()
      .all(JSON.stringify(keys))
      .map((row) => ({ call: text(row["call"]), run: text(row["run"]), task: text(row["task"]) }));
  }

  valueUses(): ValueUse[] {
    return this.#valueUses()
      .all()
      .map((row) => ({ task: text(row["task"]), calls: number(row["calls"]), bytes: number(row["bytes"]) }));
  }

  fingerprintPaths(): string[] {
    return this.#paths()
      .all()
      .map((row) => text(row["path"]));
  }

  size(): DatabaseSize {
    const pragma = (name: string): number => number(this.#connection.db.prepare(`pragma ${name}`).get()?.[name]);
    const page = pragma("page_size");
    return { bytes: page * pragma("page_count"), free: page * pragma("freelist_count") };
  }
}
