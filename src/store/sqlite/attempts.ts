import type { AttemptRow } from "../types.ts";
import type { Connection, Statement } from "./connection.ts";
import { json, number, numberOrNull, type Row, text, textOrNull, textsOrNull } from "./row.ts";

function toAttempt(row: Row): AttemptRow {
  return {
    job: text(row["job"]),
    attempt: number(row["attempt"]),
    executor: text(row["executor"]),
    host: text(row["host"]),
    startedAt: number(row["started_at"]),
    endedAt: numberOrNull(row["ended_at"]),
    outcome: textOrNull(row["outcome"]),
    exitCode: numberOrNull(row["exit_code"]),
    signal: textOrNull(row["signal"]),
    cpu: numberOrNull(row["cpu"]),
    memory: numberOrNull(row["memory"]),
    gpu: numberOrNull(row["gpu"]),
    disk: numberOrNull(row["disk"]),
    wallMs: numberOrNull(row["wall_ms"]),
    cpuMs: numberOrNull(row["cpu_ms"]),
    peakMemory: numberOrNull(row["peak_memory"]),
    bytesIn: numberOrNull(row["bytes_in"]),
    bytesOut: numberOrNull(row["bytes_out"]),
    workDir: textOrNull(row["work_dir"]),
    stdout: textOrNull(row["stdout"]),
    stderr: textOrNull(row["stderr"]),
    pgid: numberOrNull(row["pgid"]),
    pidStarted: textOrNull(row["pid_started"]),
    errorValue: textOrNull(row["error_value"]),
    tools: textsOrNull(row["tools"]),
  };
}

/** The table `attempts`. */
export class Attempts {
  readonly #upsert: Statement;
  readonly #list: Statement;
  readonly #ofRun: Statement;
  readonly #open: Statement;

  constructor(connection: Connection) {
    this.#upsert = connection.statement(`
      insert into attempts (job, attempt, executor, host, started_at, ended_at, outcome, exit_code, signal,
        cpu, memory, gpu, disk, wall_ms, cpu_ms, peak_memory, bytes_in, bytes_out, work_dir, stdout, stderr,
        pgid, pid_started, error_value, tools)
      values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
      on conflict (job, attempt) do update set executor = excluded.executor, host = excluded.host,
        started_at = excluded.started_at, ended_at = excluded.ended_at, outcome = excluded.outcome,
        exit_code = excluded.exit_code, signal = excluded.signal, cpu = excluded.cpu, memory = excluded.memory,
        gpu = excluded.gpu, disk = excluded.disk, wall_ms = excluded.wall_ms, cpu_ms = excluded.cpu_ms,
        peak_memory = excluded.peak_memory, bytes_in = excluded.bytes_in, bytes_out = excluded.bytes_out,
        work_dir = excluded.work_dir, stdout = excluded.stdout, stderr = excluded.stderr, pgid = excluded.pgid,
        pid_started = excluded.pid_started, error_value = excluded.error_value, tools = excluded.tools`);
    this.#list = connection.statement("select * from attempts where job = ? order by attempt");
    this.#ofRun = connection.statement(`
      select attempts.* from jobs join attempts on attempts.job = jobs.id
      where jobs.run = ? and jobs.executor <> 'inline'
      order by attempts.started_at, attempts.job, attempt`);
    this.#open = connection.statement(`
      select attempts.* from attempts join jobs on jobs.id = attempts.job
      where attempts.ended_at is null and jobs.run not in (select value from json_each(?))
      order by attempts.started_at`);
  }

  write(row: AttemptRow): void {
    this.#upsert().run(
      row.job,
      row.attempt,
      row.executor,
      row.host,
      row.startedAt,
      row.endedAt,
      row.outcome,
      row.exitCode,
      row.signal,
      row.cpu,
      row.memory,
      row.gpu,
      row.disk,
      row.wallMs,
      row.cpuMs,
      row.peakMemory,
      row.bytesIn,
      row.bytesOut,
      row.workDir,
      row.stdout,
      row.stderr,
      row.pgid,
      row.pidStarted,
      row.errorValue,
      json(row.tools),
    );
  }

  /** The attempts of a job, in order. */
  list(job: string): AttemptRow[] {
    return this.#list().all(job).map(toAttempt);
  }

  /** The attempts of all jobs of a run, oldest first. */
  ofRun(run: string): AttemptRow[] {
    return this.#ofRun().all(run).map(toAttempt);
  }

  /** Attempts without an end, of runs other than those given. */
  open(exceptRuns: readonly string[]): AttemptRow[] {
    return this.#open().all(JSON.stringify(exceptRuns)).map(toAttempt);
  }
}
