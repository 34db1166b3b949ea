import type { AttemptRow } from "../types.ts";
import type { Connection, Statement } from "./connection.ts";
import { json, number, numberOrNull, type Row, text, textOrNull, textsOrNull } from "./row.ts";

/** A row as an array, in the order of the schema: of many attempts that takes half the time of rows with names. */
function toAttempt(row: Row): AttemptRow {
  return {
    job: text(row[0]),
    attempt: number(row[1]),
    executor: text(row[2]),
    host: text(row[3]),
    startedAt: number(row[4]),
    endedAt: numberOrNull(row[5]),
    outcome: textOrNull(row[6]),
    exitCode: numberOrNull(row[7]),
    signal: textOrNull(row[8]),
    cpu: numberOrNull(row[9]),
    memory: numberOrNull(row[10]),
    gpu: numberOrNull(row[11]),
    disk: numberOrNull(row[12]),
    wallMs: numberOrNull(row[13]),
    cpuMs: numberOrNull(row[14]),
    peakMemory: numberOrNull(row[15]),
    bytesIn: numberOrNull(row[16]),
    bytesOut: numberOrNull(row[17]),
    workDir: textOrNull(row[18]),
    stdout: textOrNull(row[19]),
    stderr: textOrNull(row[20]),
    pgid: numberOrNull(row[21]),
    pidStarted: textOrNull(row[22]),
    errorValue: textOrNull(row[23]),
    tools: textsOrNull(row[24]),
    image: textOrNull(row[25]),
    limits: textOrNull(row[26]),
  };
}

const ARRAYS = { returnArrays: true };

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
        pgid, pid_started, error_value, tools, image, limits)
      values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
      on conflict (job, attempt) do update set executor = excluded.executor, host = excluded.host,
        started_at = excluded.started_at, ended_at = excluded.ended_at, outcome = excluded.outcome,
        exit_code = excluded.exit_code, signal = excluded.signal, cpu = excluded.cpu, memory = excluded.memory,
        gpu = excluded.gpu, disk = excluded.disk, wall_ms = excluded.wall_ms, cpu_ms = excluded.cpu_ms,
        peak_memory = excluded.peak_memory, bytes_in = excluded.bytes_in, bytes_out = excluded.bytes_out,
        work_dir = excluded.work_dir, stdout = excluded.stdout, stderr = excluded.stderr, pgid = excluded.pgid,
        pid_started = excluded.pid_started, error_value = excluded.error_value, tools = excluded.tools,
        image = excluded.image, limits = excluded.limits`);
    this.#list = connection.statement("select * from attempts where job = ? order by attempt", ARRAYS);
    this.#ofRun = connection.statement(
      `select attempts.* from jobs join attempts on attempts.job = jobs.id
      where jobs.run = ? and jobs.executor <> 'inline'
      order by attempts.started_at, attempts.job, attempt`,
      ARRAYS,
    );
    this.#open = connection.statement(
      `select attempts.* from attempts join jobs on jobs.id = attempts.job
      where attempts.ended_at is null and jobs.run not in (select value from json_each(?))
      order by attempts.started_at`,
      ARRAYS,
    );
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
      row.image,
      row.limits,
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
