import type { Attempt, Executor, Outcome, Running } from "../../executors/types.ts";
import { LineCutter } from "./lines.ts";
import { type LogPlace, LogReader, type Stream } from "./reader.ts";

/** Where a line comes from. */
export interface LiveSource {
  /** The id of the job. */
  readonly job: string;
  /** The task as people know it. */
  readonly task: string;
  /** The how manieth job of its task this is, of those that are heard in this process: counted from 1. */
  readonly index: number;
  readonly attempt: number;
  readonly stream: Stream;
}

/** Takes lines as they are written. */
export interface LiveSink {
  /** Lines of one source, in order, without their ends. */
  lines(source: LiveSource, lines: readonly string[]): void;
  /** So many bytes of it were passed over: it writes faster than anybody reads. */
  skipped(source: LiveSource, bytes: number): void;
  /** There will be no more of an attempt. */
  end(source: Omit<LiveSource, "stream">): void;
  /** A look at all that runs is over: what was given may be shown. */
  flush(): void;
}

/** Which streams of an attempt are wanted. */
export type WantedStreams = (attempt: Attempt) => readonly Stream[];

/** How often what runs is looked at, in milliseconds. */
const LOOK_MS = 100;
/** What has ended by then is read once, at its end: most jobs of many are over in a moment. */
const PATIENCE_MS = 150;
/** Read at one look, in bytes, whatever is written: 5 ms of work. What is more is passed over on its way, and stays in the logs. */
const BUDGET = 2 ** 20;
/** Each stream may have as much of it. */
const LEAST_BUDGET = 32 * 1024;

interface Heard {
  readonly source: Omit<LiveSource, "stream">;
  readonly workDir: string;
  readonly begun: number;
  readonly streams: readonly { readonly reader: LogReader; readonly lines: LineCutter }[];
}

/**
 * Hears what jobs write while they run in this process, line by line, without asking the store: it stands between the
 * engine and an executor. All of it stays in the logs, however little is shown.
 *
 * @example
 * ```ts
 * const stream = new LogStream({ lines: ({ task, index }, lines) => …, skipped() {}, end() {}, flush() {} });
 * const engine = await openEngine(project, program, { logs: stream });
 * …
 * stream.close();
 * ```
 */
export class LogStream {
  readonly #sink: LiveSink;
  readonly #wanted: WantedStreams;
  readonly #open = new Set<Heard>();
  readonly #counts = new Map<string, number>();
  /** The numbers of jobs that may be tried again. */
  readonly #indices = new Map<string, number>();
  #timer: NodeJS.Timeout | undefined;
  /** Has an attempt ended since the last look? */
  #ended = false;

  /** @param wanted - by default both streams of every attempt */
  constructor(sink: LiveSink, wanted: WantedStreams = () => ["stdout", "stderr"]) {
    this.#sink = sink;
    this.#wanted = wanted;
  }

  /** The same executor; what its jobs write is heard. */
  hear(executor: Executor): Executor {
    return {
      // All that is said of it, whatever that comes to be.
      ...executor,
      submit: (attempt, head) => this.#watch(attempt, executor.submit(attempt, head)),
      close: () => executor.close(),
    };
  }

  /** Nothing more is heard. */
  close(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    for (const heard of this.#open) this.#look(heard, { ...RUNNING, workDir: heard.workDir });
    for (const heard of this.#open) this.#end(heard);
    this.#sink.flush();
  }

  #watch(attempt: Attempt, running: Running): Running {
    const streams = this.#wanted(attempt);
    if (streams.length === 0) return running;
    const { job, task, workDir } = attempt;
    const index = this.#indices.get(job) ?? (this.#counts.get(task) ?? 0) + 1;
    if (!this.#indices.has(job)) this.#counts.set(task, index);
    this.#indices.set(job, index);
    const heard: Heard = {
      source: { job, task, index, attempt: attempt.attempt },
      workDir,
      begun: performance.now(),
      streams: streams.map((stream) => ({ reader: new LogReader(stream), lines: new LineCutter() })),
    };
    this.#open.add(heard);
    this.#timer ??= setInterval(() => this.#tick(), LOOK_MS).unref();
    return {
      // Whoever hears of the outcome finds that all of the output was given.
      outcome: running.outcome.then((outcome) => {
        this.#over(heard, outcome);
        return outcome;
      }),
      cancel: (reason) => running.cancel(reason),
    };
  }

  #tick(): void {
    const now = performance.now();
    let looked = this.#ended;
    this.#ended = false;
    if (this.#open.size === 0) {
      clearInterval(this.#timer);
      this.#timer = undefined;
    }
    for (const heard of this.#open) {
      // They are in the order in which they began.
      if (now - heard.begun < PATIENCE_MS) break;
      this.#look(heard, { ...RUNNING, workDir: heard.workDir });
      looked = true;
    }
    if (looked) this.#sink.flush();
  }

  #over(heard: Heard, outcome: Outcome): void {
    if (!this.#open.has(heard)) return;
    if (outcome.state === "done") this.#indices.delete(heard.source.job);
    const { stdout, stderr } = outcome;
    if (stdout !== null || stderr !== null) {
      this.#look(heard, { ...RUNNING, workDir: heard.workDir, endedAt: 0, stdout, stderr });
      // What ended in an unusual way may have left them where they were.
    } else if (outcome.state === "failed") this.#look(heard, { ...RUNNING, workDir: heard.workDir });
    this.#end(heard);
    // Shown at the next look: of many short jobs a few hundred may end until then.
    this.#ended = true;
  }

  #look({ source, streams }: Heard, place: LogPlace): void {
    const most = Math.max(LEAST_BUDGET, BUDGET / (this.#open.size * 2));
    for (const { reader, lines } of streams) {
      const from = { ...source, stream: reader.stream };
      const skipped = reader.skipped;
      for (const bytes of reader.read(place, most)) {
        const behindGap = reader.skipped > skipped;
        if (behindGap) this.#pass(from, reader, skipped, lines);
        // What a gap ends in is no line.
        const complete = lines.cut(behindGap ? bytes.subarray(bytes.indexOf(NEWLINE) + 1) : bytes);
        if (complete.length > 0) this.#sink.lines(from, complete);
      }
    }
  }

  /** What stood open before a gap is a line of its own. */
  #pass(from: LiveSource, reader: LogReader, before: number, lines: LineCutter): void {
    const rest = lines.end();
    if (rest !== undefined) this.#sink.lines(from, [rest]);
    this.#sink.skipped(from, reader.skipped - before);
    reader.skipped = before;
  }

  #end(heard: Heard): void {
    this.#open.delete(heard);
    for (const { reader, lines } of heard.streams) {
      const rest = lines.end();
      if (rest !== undefined) this.#sink.lines({ ...heard.source, stream: reader.stream }, [rest]);
    }
    this.#sink.end(heard.source);
  }
}

const NEWLINE = 10;
const RUNNING: LogPlace = { workDir: null, endedAt: null, outcome: null, stdout: null, stderr: null };
