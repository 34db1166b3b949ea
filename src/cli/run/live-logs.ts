import type { Attempt } from "../../executors/types.ts";
import { formatBytes } from "../../kernel/index.ts";
import { type LiveSink, type LiveSource, LogStream, type Stream } from "../../project/logs/index.ts";
import { short } from "../../record/short.ts";
import { HUES } from "../terminal/colours.ts";
import type { Paint } from "../terminal/terminal.ts";
import { asShown, columnsOf, pad } from "../terminal/text.ts";
import { RateLimit } from "./rate-limit.ts";

/** Whose output is shown while it is written: of jobs in images and of Python functions; of all; of none. */
export type LogsWanted = "usual" | "all" | "none";

/** Where lines go. */
export interface LogScreen {
  readonly style: Paint;
  /** Prints lines; what is being redrawn makes room for them. */
  print(lines: readonly string[]): void;
}

/** Of one job: 200 lines at once, 50 a second; as fast as one can read, and some more. */
const OF_ONE = { burst: 200, steady: 50 };
/** Of all together. */
const OF_ALL = { burst: 1000, steady: 250 };
/** How often a job that writes faster is told of, in milliseconds. */
const TELL_MS = 1000;
/** Of what was left out at the end of a job so many lines are shown all the same: most often they say what came of it. */
const TAIL = 3;
/** Names are filled up to this at most. */
const WIDEST = 28;

/** Hears what jobs write, and shows it line by line behind the task and its index. */
export function liveLogs(wanted: Exclude<LogsWanted, "none">, screen: LogScreen): LogStream {
  return new LogStream(new LogScreenSink(screen), wanted === "all" ? everything : usual);
}

const BOTH: readonly Stream[] = ["stdout", "stderr"];

function everything(): readonly Stream[] {
  return BOTH;
}

function usual({ environment, work }: Attempt): readonly Stream[] {
  if (environment === null && work.kind !== "python") return [];
  // What such a script writes to stdout is its value.
  return work.kind === "script" && work.script.outputs === undefined ? ["stderr"] : BOTH;
}

/** What is left out of one stream, while that lasts. */
interface Held {
  lines: number;
  bytes: number;
  readonly tail: string[];
  since: number;
}

/** How lines of jobs look, and how many there may be. */
export class LogScreenSink implements LiveSink {
  readonly #screen: LogScreen;
  readonly #now: () => number;
  readonly #all: RateLimit;
  readonly #limits = new Map<string, RateLimit>();
  readonly #held = new Map<string, Held & { readonly source: LiveSource }>();
  readonly #hues = new Map<string, (typeof HUES)[number]>();
  #ready: string[] = [];
  #width = 0;

  /** @param now - milliseconds */
  constructor(screen: LogScreen, now: () => number = () => performance.now()) {
    this.#screen = screen;
    this.#now = now;
    this.#all = new RateLimit(OF_ALL, now());
  }

  lines(source: LiveSource, lines: readonly string[]): void {
    const now = this.#now();
    const allowed = this.#held.has(keyOf(source)) ? 0 : this.#take(source, lines.length, now);
    for (const line of lines.slice(0, allowed)) this.#show(source, asShown(line));
    if (allowed === lines.length) return;
    const held = this.#hold(source, now);
    held.lines += lines.length - allowed;
    held.tail.push(...lines.slice(Math.max(allowed, lines.length - TAIL)));
    held.tail.splice(0, held.tail.length - TAIL);
  }

  skipped(source: LiveSource, bytes: number): void {
    this.#hold(source, this.#now()).bytes += bytes;
  }

  end(source: Omit<LiveSource, "stream">): void {
    for (const stream of BOTH) {
      const key = keyOf({ ...source, stream });
      const held = this.#held.get(key);
      if (held) this.#tell(held, held.tail);
      this.#held.delete(key);
    }
    this.#limits.delete(source.job);
  }

  flush(): void {
    const now = this.#now();
    for (const [key, held] of this.#held) {
      if (now - held.since < TELL_MS) continue;
      const shown = held.tail.slice(0, this.#take(held.source, held.tail.length, now));
      this.#tell(held, shown);
      this.#held.delete(key);
    }
    if (this.#ready.length === 0) return;
    this.#screen.print(this.#ready);
    this.#ready = [];
  }

  #take({ job }: LiveSource, count: number, now: number): number {
    let limit = this.#limits.get(job);
    if (!limit) this.#limits.set(job, (limit = new RateLimit(OF_ONE, now)));
    return this.#all.take(limit.take(count, now), now);
  }

  #hold(source: LiveSource, now: number): Held {
    const key = keyOf(source);
    let held = this.#held.get(key);
    if (!held) this.#held.set(key, (held = { source, lines: 0, bytes: 0, tail: [], since: now }));
    return held;
  }

  /** Says how much was left out, and shows the last of it. */
  #tell({ source, lines, bytes }: Held & { readonly source: LiveSource }, tail: readonly string[]): void {
    const left = lines - tail.length;
    const parts = [
      ...(left > 0 ? [`${left.toLocaleString("en-US")} ${left === 1 ? "line" : "lines"}`] : []),
      ...(bytes > 0 ? [formatBytes(bytes)] : []),
    ];
    if (parts.length > 0) {
      const paint = this.#screen.style;
      const note = `… ${parts.join(" and ")} not shown; ligase logs ${short(source.job)} has ${left === 1 && bytes === 0 ? "it" : "them"}`;
      this.#show(source, paint("dim", note));
    }
    for (const line of tail) this.#show(source, asShown(line));
  }

  #show(source: LiveSource, text: string): void {
    const { task, index, attempt, stream } = source;
    const paint = this.#screen.style;
    const name = `${task}[${index}]${attempt > 1 ? `#${attempt}` : ""}`;
    this.#width = Math.max(this.#width, Math.min(WIDEST, columnsOf(name)));
    let hue = this.#hues.get(task);
    if (!hue) this.#hues.set(task, (hue = HUES[this.#hues.size % HUES.length]!));
    const bar = paint("dim", stream === "stderr" ? "┆" : "│");
    this.#ready.push(`${paint(hue, pad(name, this.#width))} ${bar} ${text}`);
  }
}

function keyOf({ job, attempt, stream }: Pick<LiveSource, "job" | "attempt" | "stream">): string {
  return `${job}-${attempt}-${stream}`;
}
