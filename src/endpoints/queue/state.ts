import type { Log } from "../../kernel/index.ts";
import type { QueueJobRow, Store } from "../../store/types.ts";
import { Bell } from "./bell.ts";
import { Deadlines } from "./deadlines.ts";
import { QueueFiles } from "./files.ts";
import { OpenJob } from "./job.ts";
import { Ledger } from "./ledger.ts";
import { Line } from "./line.ts";
import type { Holder } from "./worker.ts";
import type { QueueJob, QueueListener } from "./types.ts";

/** What the queue is opened with. */
export interface QueueOptions {
  readonly store: Store;
  readonly storeDir: string;
  readonly log: Log;
  /** The clock that is recorded. Default: `Date.now`. */
  readonly now?: () => number;
  /** The clock that waits and leases go by, which no one sets: milliseconds. Default: `performance.now`. */
  readonly steady?: () => number;
  /** How long after it was heard of last a worker is taken for dead, in milliseconds. Default: 30 s, three pings. */
  readonly leaseMs?: number;
  /** Inputs and outputs with more characters are kept in files. Default: 1 MiB. */
  readonly inlineChars?: number;
}

const LEASE = 30_000;
const INLINE_CHARS = 1 << 20;

/** Inputs of jobs that wait are held in memory, so that a worker gets them at once: the small ones, up to so many characters. */
const HELD_EACH = 1 << 16;
const HELD_IN_ALL = 1 << 24;

/** All that the parts of the queue share: what is open, in memory, and the ways to record it. */
export class QueueState {
  readonly store: Store;
  readonly log: Log;
  readonly files: QueueFiles;
  readonly ledger: Ledger;
  readonly deadlines: Deadlines;
  readonly steady: () => number;
  readonly now: () => number;
  readonly leaseMs: number;
  readonly inlineChars: number;
  readonly open = new Map<string, OpenJob>();
  readonly lines = new Map<string, Line>();
  readonly holders = new Map<string, Holder>();
  readonly listeners = new Set<QueueListener>();
  closed = false;
  #held = 0;
  #order = 0;
  readonly #due: (job: OpenJob) => void;

  /** @param due - called when the time of a job has come, whatever it is */
  constructor(options: QueueOptions, due: (job: OpenJob) => void) {
    this.store = options.store;
    this.log = options.log;
    this.now = options.now ?? Date.now;
    this.steady = options.steady ?? (() => performance.now());
    this.leaseMs = options.leaseMs ?? LEASE;
    this.inlineChars = options.inlineChars ?? INLINE_CHARS;
    this.files = new QueueFiles(options.storeDir);
    this.ledger = new Ledger(options.store, options.log);
    this.deadlines = new Deadlines(this.steady, (error) => this.complain("the queue stumbled over a deadline", error));
    this.#due = due;
  }

  line(endpoint: string): Line {
    let line = this.lines.get(endpoint);
    if (line === undefined) this.lines.set(endpoint, (line = new Line(endpoint)));
    return line;
  }

  bell(): Bell {
    return new Bell(this.deadlines);
  }

  /** The place of the next job among all. */
  nextOrder(): number {
    return ++this.#order;
  }

  /** Takes a recorded job among those that wait. */
  enter(row: QueueJobRow, order: number): OpenJob {
    const { input } = row;
    const hold = input !== null && input.length <= HELD_EACH && this.#held + input.length <= HELD_IN_ALL;
    if (hold) this.#held += input.length;
    else row.input = null;
    const clock = { steady: this.steady(), wall: this.now() };
    const job = new OpenJob(row, order, clock, { due: this.#due, bell: () => this.bell() });
    this.open.set(row.id, job);
    this.line(row.endpoint).put(job);
    this.deadlines.set(job.deadline, job.expires);
    return job;
  }

  /** A job has ended: nothing of it is in memory any more. */
  leave(job: OpenJob): void {
    this.#held -= job.row.input?.length ?? 0;
    this.open.delete(job.row.id);
    this.deadlines.clear(job.deadline);
  }

  /** The input of a job as JSON, wherever it is. */
  async inputOf(row: QueueJob): Promise<string> {
    if (row.input !== null) return row.input;
    if (row.inputFile !== null) return this.files.read(row.inputFile);
    return (await this.store.getQueueJob(row.id))?.input ?? "null";
  }

  /** Tells all who listen. */
  tell(say: (listener: QueueListener) => void): void {
    for (const listener of this.listeners) {
      try {
        say(listener);
      } catch (error) {
        this.complain("who listens to the queue failed", error);
      }
    }
  }

  complain(what: string, error: unknown): void {
    this.log.warn(`${what}: ${error instanceof Error ? error.message : String(error)}`);
  }
}
