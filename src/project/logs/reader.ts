import { closeSync, existsSync, fstatSync, lstatSync, openSync, readSync } from "node:fs";
import { join } from "node:path";
import type { AttemptRow } from "../../store/types.ts";
import { STDERR_FILE, STDOUT_FILE } from "../../worker/script/command-file.ts";

/** What a job writes to. */
export type Stream = "stdout" | "stderr";

const NAMES: Readonly<Record<Stream, string>> = { stdout: STDOUT_FILE, stderr: STDERR_FILE };
/** Read at a time, in bytes. */
const CHUNK = 256 * 1024;

/**
 * Reads what an attempt writes to one stream, from where it was left, while the file moves: in the
 * work directory until the attempt has ended, afterwards where all logs are.
 */
export class LogReader {
  readonly stream: Stream;
  #offset = 0;

  constructor(stream: Stream) {
    this.stream = stream;
  }

  /** What is new, in chunks. */
  *read(attempt: AttemptRow): Generator<Buffer> {
    const { workDir } = attempt;
    if (attempt.endedAt !== null) {
      const path = attempt[this.stream];
      // What ended without a word left its files where they were.
      if (path !== null) yield* this.#chunks(path);
      else if (attempt.outcome === "lost" && workDir !== null) yield* this.#chunks(join(workDir, NAMES[this.stream]));
    } else if (workDir !== null) {
      const path = join(workDir, NAMES[this.stream]);
      // A worker's output is a link to a file that its next job overwrites; the link is gone before. So what was read
      // is the job's own only if the name is still there: else it is read again from where it was moved to.
      for (const chunk of this.#chunks(path)) {
        if (lstatSync(path, { throwIfNoEntry: false }) === undefined) {
          this.#offset -= chunk.length;
          return;
        }
        yield chunk;
      }
    }
  }

  *#chunks(path: string): Generator<Buffer> {
    if (!existsSync(path)) return;
    let file: number;
    try {
      file = openSync(path, "r");
    } catch {
      return; // it moved just now
    }
    try {
      // Beyond the limit of its size a log is begun anew.
      if (fstatSync(file).size < this.#offset) this.#offset = 0;
      for (;;) {
        const bytes = Buffer.alloc(CHUNK);
        const length = readSync(file, bytes, 0, CHUNK, this.#offset);
        if (length === 0) return;
        this.#offset += length;
        yield bytes.subarray(0, length);
      }
    } finally {
      closeSync(file);
    }
  }
}
