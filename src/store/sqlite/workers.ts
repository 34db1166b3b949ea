import type { WorkerRow } from "../types.ts";
import type { Connection, Statement } from "./connection.ts";
import { number, numberOrNull, type Row, text, textOrNull } from "./row.ts";

function toWorker(row: Row): WorkerRow {
  return {
    id: text(row["id"]),
    endpoint: text(row["endpoint"]),
    deployment: text(row["deployment"]),
    state: text(row["state"]),
    startedAt: number(row["started_at"]),
    readyAt: numberOrNull(row["ready_at"]),
    endedAt: numberOrNull(row["ended_at"]),
    reason: textOrNull(row["reason"]),
    exitCode: numberOrNull(row["exit_code"]),
    signal: textOrNull(row["signal"]),
    jobs: number(row["jobs"]),
    peakMemory: numberOrNull(row["peak_memory"]),
    cpuMs: numberOrNull(row["cpu_ms"]),
    stdout: text(row["stdout"]),
    stderr: text(row["stderr"]),
    pgid: numberOrNull(row["pgid"]),
    pidStarted: textOrNull(row["pid_started"]),
  };
}

/** The table `workers`: those of endpoints, alive or not. */
export class Workers {
  readonly #upsert: Statement;
  readonly #get: Statement;
  readonly #list: Statement;
  readonly #ofEndpoint: Statement;
  readonly #collect: Statement;

  constructor(connection: Connection) {
    this.#upsert = connection.statement(`
      insert into workers (id, endpoint, deployment, state, started_at, ready_at, ended_at, reason, exit_code, signal,
        jobs, peak_memory, cpu_ms, stdout, stderr, pgid, pid_started)
      values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
      on conflict (id) do update set state = excluded.state, ready_at = excluded.ready_at, ended_at = excluded.ended_at,
        reason = excluded.reason, exit_code = excluded.exit_code, signal = excluded.signal, jobs = excluded.jobs,
        peak_memory = excluded.peak_memory, cpu_ms = excluded.cpu_ms, stdout = excluded.stdout,
        stderr = excluded.stderr, pgid = excluded.pgid, pid_started = excluded.pid_started`);
    this.#get = connection.statement("select * from workers where id = ?");
    this.#list = connection.statement("select * from workers order by started_at desc, rowid desc limit ?");
    this.#ofEndpoint = connection.statement(
      "select * from workers where endpoint = ? order by started_at desc, rowid desc limit ?",
    );
    this.#collect = connection.statement(`
      delete from workers where id in (select id from workers where ended_at < ? order by ended_at limit ?)
      returning *`);
  }

  write(row: WorkerRow): void {
    this.#upsert().run(
      row.id,
      row.endpoint,
      row.deployment,
      row.state,
      row.startedAt,
      row.readyAt,
      row.endedAt,
      row.reason,
      row.exitCode,
      row.signal,
      row.jobs,
      row.peakMemory,
      row.cpuMs,
      row.stdout,
      row.stderr,
      row.pgid,
      row.pidStarted,
    );
  }

  get(id: string): WorkerRow | undefined {
    const row = this.#get().get(id);
    return row && toWorker(row);
  }

  /** Newest first; all of them without a limit. */
  list(endpoint: string | undefined, limit: number | undefined): WorkerRow[] {
    const most = limit ?? -1;
    const rows = endpoint === undefined ? this.#list().all(most) : this.#ofEndpoint().all(endpoint, most);
    return rows.map(toWorker);
  }

  /** Forgets those that ended before; answers them. */
  collect(before: number, limit: number): WorkerRow[] {
    return this.#collect().all(before, limit).map(toWorker);
  }
}
