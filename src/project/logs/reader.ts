import { closeSync, existsSync, fstatSync, lstatSync, openSync, readSync } from "node:fs";
import { join } from "node:path";
import type { AttemptRow } from "../../store/types.ts";
import { STDERR_FILE, STDOUT_FILE } from "../../worker/script/command-file.ts";

/** What a job writes to. */
export type Stream = "stdout" | "stderr";

/** Where an attempt's output is, while it runs and afterwards. */
export type LogPlace = Pick<AttemptRow, "workDir" | "endedAt" | "outcome" | "stdout" | "stderr">;

const NAMES: Readonly<Record<Stream, string>> = { stdout: STDOUT_FILE, stderr: STDERR_FILE };
/** Read at a time, in bytes. */
const CHUNK = 256 * 1024;
/** Of what is passed over so much is read all the same: the newest, and of a new log the oldest. */
const KEPT = 16 * 1024;

/**
 * Reads what an attempt writes to one stream, from where it was left, while the file moves: in the
 * work directory until the attempt has ended, afterwards where all logs are.
 */
export class LogReader {
  readonly stream: Stream;
  /** Bytes that were passed over, because there were too many to be read. */
  skipped = 0;
  #offset = 0;

  constructor(stream: Stream) {
    this.stream = stream;
  }

  /**
   * What is new, in chunks.
   *
   * @param most - where there is more than so many bytes, all but the last of it is passed over
   */
  *read(place: LogPlace, most = Infinity): Generator<Buffer> {
    const { workDir } = place;
    if (place.endedAt !== null) {
      const path = place[this.stream];
      // What ended without a word left its files where they were.
      if (path !== null) yield* this.#chunks(path, most);
      else if (place.outcome === "lost" && workDir !== null) {
        yield* this.#chunks(join(workDir, NAMES[this.stream]), most);
      }
    } else if (workDir !== null) {
      const path = join(workDir, NAMES[this.stream]);
      // A worker's output is a link to a file that its next job overwrites; the link is gone before. So what was read
      // is the job's own only if the name is still there: else it is read again from where it was moved to.
      const before = this.skipped;
      for (const chunk of this.#chunks(path, most)) {
        if (lstatSync(path, { throwIfNoEntry: false }) === undefined) {
          this.#offset -= chunk.length + this.skipped - before;
          this.skipped = before;
          return;
        }
        yield chunk;
      }
    }
  }

  *#chunks(path: string, most: number): Generator<Buffer> {
    if (!existsSync(path)) return;
    let file: number;
    try {
      file = openSync(path, "r");
    } catch {
      return; // it moved just now
    }
    try {
      const { size } = fstatSync(file);
      // Beyond the limit of its size a log is begun anew.
      if (size < this.#offset) this.#offset = 0;
      if (size - this.#offset > most) {
        // How it begins says much.
        if (this.#offset === 0) yield* this.#piece(file, Math.min(most, KEPT));
        const from = size - Math.min(most, KEPT);
        this.skipped += from - this.#offset;
        this.#offset = from;
      }
      // What is written meanwhile comes the next time, where not all is wanted: it might not end.
      const end = most === Infinity ? Infinity : size;
      for (let from = -1; this.#offset < end && this.#offset !== from;) {
        from = this.#offset;
        yield* this.#piece(file, Math.min(CHUNK, end - from));
      }
    } finally {
      closeSync(file);
    }
  }

  *#piece(file: number, most: number): Generator<Buffer> {
    const bytes = Buffer.alloc(most);
    const length = readSync(file, bytes, 0, most, this.#offset);
    this.#offset += length;
    if (length > 0) yield bytes.subarray(0, length);
  }
}
