import { setTimeout as sleep } from "node:timers/promises";
import { LineCutter, LogFollower, type LogSink, type LogSource } from "../project/logs/index.ts";
import type { Store } from "../store/types.ts";

/** A line that a job of a run wrote. */
export interface LogLine {
  /** The task as people know it. */
  readonly task: string;
  /** The id of the job. */
  readonly job: string;
  readonly stream: "stdout" | "stderr";
  /** Without its newline. */
  readonly text: string;
}

/** How often a run that goes on is looked at, in milliseconds. */
const LOOK_MS = 100;

/** Cuts what sources write into lines; what follows the last newline of a source is its last line. */
class Lines implements LogSink {
  #lines: LogLine[] = [];
  readonly #open = new Map<LogSource, LineCutter>();

  write(source: LogSource, bytes: Buffer): void {
    const cutter = this.#open.get(source) ?? new LineCutter();
    this.#open.set(source, cutter);
    for (const text of cutter.cut(bytes)) this.#add(source, text);
  }

  end(source: LogSource): void {
    const rest = this.#open.get(source)?.end();
    this.#open.delete(source);
    if (rest !== undefined) this.#add(source, rest);
  }

  ready(): Promise<void> {
    return Promise.resolve();
  }

  /** What has come since this was last asked. */
  take(): readonly LogLine[] {
    const lines = this.#lines;
    this.#lines = [];
    return lines;
  }

  #add({ task, job, stream }: LogSource, text: string): void {
    this.#lines.push({ task, job: job.id, stream, text });
  }
}

/** The lines that the jobs of a run write, a look at a time: nothing is given twice, and nothing is left out. */
export class RunLines {
  readonly #lines = new Lines();
  readonly #follower: LogFollower;

  constructor(store: Store, run: string) {
    this.#follower = new LogFollower(store, { run, streams: ["stdout", "stderr"] }, this.#lines);
  }

  /**
   * What has come since the last look.
   *
   * @param isLast - will there be no more?
   */
  async look(isLast: boolean): Promise<readonly LogLine[]> {
    await this.#follower.pass();
    if (isLast) this.#follower.end();
    return this.#lines.take();
  }
}

/**
 * The lines that the jobs of a run write, as they come, until the run has ended.
 *
 * @param ended - has the run ended, with everything it did recorded?
 */
export async function* logLines(store: Store, run: string, ended: () => boolean): AsyncGenerator<LogLine> {
  const lines = new RunLines(store, run);
  for (let over = false; !over;) {
    // Asked before the look: when it has ended by now, all that it left is found.
    over = ended();
    yield* await lines.look(over);
    if (!over) await sleep(LOOK_MS);
  }
}
