import type { Hash } from "../../kernel/index.ts";
import type { EngineChange, EngineRow } from "../types.ts";
import type { Connection, Statement } from "./connection.ts";
import { number, type Row, text, textOrNull } from "./row.ts";

function toEngine(row: Row): EngineRow {
  return {
    id: text(row["id"]),
    run: text(row["run"]),
    pid: number(row["pid"]),
    pidStarted: text(row["pid_started"]),
    host: text(row["host"]),
    startedAt: number(row["started_at"]),
    heartbeatAt: number(row["heartbeat_at"]),
    seen: textOrNull(row["seen"]),
  };
}

/**
 * The tables `engines`, `claims` and `cancellations`: how processes that share a store keep out
 * of each other's way. An engine that is listed is taken to be alive; whoever finds that its
 * process is gone removes it, and its claims with it. Writes happen inside a transaction of the
 * caller's.
 */
export class Engines {
  readonly #insert: Statement;
  readonly #list: Statement;
  readonly #update: Statement;
  readonly #remove: Statement;
  readonly #removeClaims: Statement;
  readonly #claim: Statement;
  readonly #release: Statement;
  readonly #requestCancel: Statement;
  readonly #cancelRequested: Statement;

  constructor(connection: Connection) {
    this.#insert = connection.statement(`
      insert into engines (id, run, pid, pid_started, host, started_at, heartbeat_at, seen) values (?, ?, ?, ?, ?, ?, ?, ?)
      on conflict (id) do update set run = excluded.run, heartbeat_at = excluded.heartbeat_at, seen = excluded.seen`);
    this.#list = connection.statement("select * from engines order by started_at, id");
    this.#update = connection.statement(`
      update engines set heartbeat_at = coalesce(?, heartbeat_at), run = coalesce(?, run),
        seen = case when ? then ? else seen end where id = ?`);
    this.#remove = connection.statement("delete from engines where id = ?");
    this.#removeClaims = connection.statement("delete from claims where engine = ?");
    // One statement decides: the row is the engine's own, free, or left by one that is no longer listed;
    // otherwise it stays as it is. Either way it answers who holds it now.
    this.#claim = connection.statement(`
      insert into claims (call, engine) values (?, ?)
      on conflict (call) do update set engine =
        case when claims.engine in (select id from engines) then claims.engine else excluded.engine end
      returning engine`);
    this.#release = connection.statement("delete from claims where call = ? and engine = ?");
    this.#requestCancel = connection.statement(
      "insert into cancellations (run, requested_at) values (?, ?) on conflict (run) do nothing",
    );
    this.#cancelRequested = connection.statement("select 1 from cancellations where run = ?");
  }

  /** Makes an engine known; answers the others. */
  register(engine: EngineRow): EngineRow[] {
    const { id, run, pid, pidStarted, host, startedAt, heartbeatAt, seen } = engine;
    this.#insert().run(id, run, pid, pidStarted, host, startedAt, heartbeatAt, seen);
    return this.list().filter((other) => other.id !== id);
  }

  /** Oldest first. */
  list(): EngineRow[] {
    return this.#list().all().map(toEngine);
  }

  update(id: string, change: EngineChange): void {
    const { heartbeatAt = null, run = null, seen } = change;
    this.#update().run(heartbeatAt, run, seen === undefined ? 0 : 1, seen ?? null, id);
  }

  /** Forgets an engine and its claims. */
  remove(id: string): void {
    this.#removeClaims().run(id);
    this.#remove().run(id);
  }

  /** Takes calls; answers the holders of those that another listed engine has. */
  claim(engine: string, calls: readonly Hash[]): Map<Hash, string> {
    const held = new Map<Hash, string>();
    for (const call of calls) {
      const holder = text(this.#claim().get(call, engine)?.["engine"]);
      if (holder !== engine) held.set(call, holder);
    }
    return held;
  }

  release(engine: string, calls: readonly Hash[]): void {
    for (const call of calls) this.#release().run(call, engine);
  }

  requestCancel(run: string, now: number): void {
    this.#requestCancel().run(run, now);
  }

  cancelRequested(run: string): boolean {
    return this.#cancelRequested().get(run) !== undefined;
  }
}
