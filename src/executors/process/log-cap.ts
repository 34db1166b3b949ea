import { closeSync, fstatSync, ftruncateSync, openSync, readSync, writeSync } from "node:fs";
import { formatBytes } from "../../kernel/units.ts";

/** The newest part that survives a cut, at most: it is read and written while the job goes on. */
const MOST_TAIL = 4 * 2 ** 20;
/** How often what was written while we read is fetched too. */
const MOST_TURNS = 5;

/**
 * A log that a process appends to, kept below a size. What people look for stands at the beginning (the first error) and
 * at the end (the last words), so the first quarter stays for good, with a line behind it that says how much is left out;
 * then comes what is newest.
 */
export class LogCap {
  readonly path: string;
  readonly #cap: number;
  /** Bytes of the first part, once it was cut. */
  #head: number | undefined;
  #dropped = 0;

  /** @param cap - bytes */
  constructor(path: string, cap: number) {
    this.path = path;
    this.#cap = cap;
  }

  /** Cuts it, if need be; tells whether it was ever cut. */
  check(size: number): boolean {
    if (size > this.#cap) this.#cut();
    return this.#head !== undefined;
  }

  #cut(): void {
    let file: number;
    try {
      file = openSync(this.path, "r+");
    } catch {
      return;
    }
    try {
      const head = (this.#head ??= this.#headOf(file));
      const note = (dropped: number): Buffer =>
        Buffer.from(`[ligase: ${formatBytes(dropped)} left out here: a log may have ${formatBytes(this.#cap)}]\n`);
      const mostTail = Math.min(Math.floor(this.#cap / 4), MOST_TAIL);
      let from = head;
      let tail = Buffer.alloc(0);
      // What is written while we read comes after it: nothing of the end is missed, unless more comes than we can read.
      for (let turn = 0; turn < MOST_TURNS; turn++) {
        const { size } = fstatSync(file);
        const end = from + tail.length;
        if (size <= end) break;
        const start = Math.max(head, size - mostTail);
        const old = start < end ? tail.subarray(Math.max(0, start - from)) : Buffer.alloc(0);
        tail = Buffer.concat([old, read(file, Math.max(start, end), size - Math.max(start, end))]);
        from = Math.max(start, end) - old.length;
      }
      const line = tail.indexOf(10) + 1;
      this.#dropped += from + line - head;
      ftruncateSync(file, head);
      // In its place and not appended: others append meanwhile, and must come after it.
      append(this.path, Buffer.concat([note(this.#dropped), tail.subarray(line)]));
    } catch {
      // A job that is over may have taken it away.
    } finally {
      closeSync(file);
    }
  }

  /** A quarter, up to the end of a line. */
  #headOf(file: number): number {
    const quarter = read(file, 0, Math.floor(this.#cap / 4));
    return quarter.lastIndexOf(10) + 1 || quarter.length;
  }
}

function read(file: number, from: number, length: number): Buffer {
  const bytes = Buffer.alloc(Math.max(0, length));
  return bytes.subarray(0, readSync(file, bytes, 0, bytes.length, from));
}

function append(path: string, bytes: Buffer): void {
  const file = openSync(path, "a");
  try {
    // In one piece: what the job writes meanwhile does not come in between.
    writeSync(file, bytes);
  } finally {
    closeSync(file);
  }
}
