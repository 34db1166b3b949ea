import type { AttemptRow, JobFilter, JobRow, Store } from "../../store/types.ts";
import { ownerOf, SCRIPT } from "../owner.ts";
import { LogReader, type Stream } from "./reader.ts";

/** Where a piece of output comes from. */
export interface LogSource {
  /** The job that wrote it. */
  readonly job: JobRow;
  /** The task as people know it. */
  readonly task: string;
  readonly attempt: number;
  readonly stream: Stream;
}

/** Takes output as it is found; `end` when there will be no more of a source. */
export interface LogSink {
  write(source: LogSource, bytes: Buffer): void;
  end(source: LogSource): void;
  /** Waits while more is written than the reader takes. */
  ready(): Promise<void>;
}

/** What of a run is wanted. */
export interface LogFilter {
  readonly run: string;
  /** This job and the scripts that it built. */
  readonly job?: string;
  /** Only these jobs and the scripts that they built. */
  readonly select?: Omit<JobFilter, "run">;
  readonly streams: readonly Stream[];
}

interface Reading {
  readonly source: LogSource;
  readonly reader: LogReader;
  ended: boolean;
}

const OVER = new Set<JobRow["state"]>(["done", "cached", "failed", "cancelled"]);

/** Finds what the jobs of a run wrote, a pass at a time; nothing is given twice, and nothing is left out. */
export class LogFollower {
  readonly #store: Store;
  readonly #filter: LogFilter;
  readonly #sink: LogSink;
  readonly #readings = new Map<string, Reading>();
  /** Jobs of which everything was given. */
  readonly #over = new Set<string>();
  readonly #tasks = new Map<string, string>();

  constructor(store: Store, filter: LogFilter, sink: LogSink) {
    this.#store = store;
    this.#filter = filter;
    this.#sink = sink;
  }

  /** Gives what was written since the last pass. */
  async pass(): Promise<void> {
    const { run, select } = this.#filter;
    // What is wanted may depend on the state, which changes.
    const wanted = select && new Set((await this.#store.listJobs({ ...select, run })).map(({ id }) => id));
    // A body within the engine has no attempts, and of such there may be very many.
    for (const job of await this.#store.listJobs({ run, outside: true })) {
      if (this.#over.has(job.id) || !this.#isWanted(job, wanted)) continue;
      const task = await this.#taskOf(job);
      const attempts = await this.#store.listAttempts(job.id);
      for (const attempt of attempts) await this.#read(job, task, attempt);
      if (OVER.has(job.state) && attempts.every((attempt) => attempt.endedAt !== null)) this.#over.add(job.id);
    }
  }

  /** The task that a job goes by; the engine records a body before the script that it built. */
  async #taskOf(job: JobRow): Promise<string> {
    const known = this.#tasks.get(job.id) ?? (await ownerOf(this.#store, job)).task;
    this.#tasks.set(job.id, known);
    return known;
  }

  /** There will be no more: of what is still open too. */
  end(): void {
    for (const reading of this.#readings.values()) this.#close(reading);
  }

  #isWanted({ id, task, parent }: JobRow, wanted: ReadonlySet<string> | undefined): boolean {
    const isOf = (owner: (job: string) => boolean): boolean =>
      owner(id) || (task === SCRIPT && parent !== null && owner(parent));
    const { job } = this.#filter;
    return (job === undefined || isOf((each) => each === job)) && (!wanted || isOf((each) => wanted.has(each)));
  }

  async #read(job: JobRow, task: string, attempt: AttemptRow): Promise<void> {
    for (const stream of this.#filter.streams) {
      const key = `${job.id}-${attempt.attempt}-${stream}`;
      let reading = this.#readings.get(key);
      if (!reading) {
        const source = { job, task, attempt: attempt.attempt, stream };
        reading = { source, reader: new LogReader(stream), ended: false };
        this.#readings.set(key, reading);
      }
      if (reading.ended) continue;
      for (const bytes of reading.reader.read(attempt)) {
        this.#sink.write(reading.source, bytes);
        await this.#sink.ready();
      }
      if (attempt.endedAt !== null) this.#close(reading);
    }
  }

  #close(reading: Reading): void {
    if (reading.ended) return;
    reading.ended = true;
    this.#sink.end(reading.source);
  }
}
