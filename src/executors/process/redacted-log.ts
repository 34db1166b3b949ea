import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { closeSync, constants, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createRedactingStream, type RedactingStream } from "../../kernel/redact.ts";

const PATIENCE_MS = 2000;
const PAUSE_MS = 5;

/** Named pipes, each for one log at a time. Pipes and not sockets: `echo > /dev/stderr` works on them as on files. */
export class Pipes {
  readonly #free: string[] = [];
  #dir: string | undefined;
  #count = 0;

  /** The path of a pipe that nobody uses. */
  take(): string {
    return this.#free.pop() ?? this.#make();
  }

  giveBack(path: string): void {
    this.#free.push(path);
  }

  /** Removes them all. */
  close(): void {
    if (this.#dir !== undefined) rmSync(this.#dir, { recursive: true, force: true });
  }

  #make(): string {
    // For this user alone.
    this.#dir ??= mkdtempSync(join(tmpdir(), "ligase-pipes-"));
    const path = join(this.#dir, String(++this.#count));
    const { status, stderr, error } = spawnSync("mkfifo", ["-m", "600", path], { encoding: "utf8" });
    if (status !== 0) throw new Error(`a pipe could not be made: ${error?.message ?? stderr.trim()}`);
    return path;
  }
}

/**
 * A log that secrets are taken out of before anything of it reaches a disk: the process writes to a named pipe, and what
 * comes out of it is written to the log.
 */
export class RedactedLog {
  /** What the process writes to. */
  readonly pipe: string;
  readonly #pipes: Pipes;
  readonly #log: number;
  readonly #stream: RedactingStream;
  readonly #source: Socket;
  readonly #ended = Promise.withResolvers<void>();
  /** Held open, so that the pipe has no end while no process has it open. */
  readonly #keeper: number;
  /** Text that was written into the pipe to be met at its end. */
  #marks: { readonly mark: Buffer; readonly met: () => void }[] = [];
  #pending: Buffer = Buffer.alloc(0);

  /**
   * @param path - the log, which is appended to
   * @throws what the file system does
   */
  constructor(path: string, values: Iterable<string>, pipes: Pipes) {
    this.#pipes = pipes;
    this.#log = openSync(path, "a");
    this.#stream = createRedactingStream(values);
    this.pipe = pipes.take();
    const reader = openSync(this.pipe, constants.O_RDONLY | constants.O_NONBLOCK);
    this.#keeper = openSync(this.pipe, constants.O_WRONLY | constants.O_NONBLOCK);
    this.#source = new Socket({ fd: reader, readable: true, writable: false });
    this.#source.on("data", (chunk: Buffer) => this.#read(chunk));
    this.#source.on("error", () => this.#source.destroy()).on("close", () => this.#finish());
  }

  /** Waits until all that was written so far is in the log. */
  async flush(): Promise<void> {
    const mark = Buffer.concat([Buffer.alloc(1), randomBytes(16)]);
    const met = new Promise<void>((resolve) => this.#marks.push({ mark, met: resolve }));
    // The pipe may be full.
    while (!this.#written(mark)) await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    await met;
    this.#write(this.#stream.end());
  }

  /** No process has it open any more: waits until all is in the log. */
  async close(): Promise<void> {
    closeSync(this.#keeper);
    const timer = setTimeout(() => this.#source.destroy(), PATIENCE_MS);
    await this.#ended.promise;
    clearTimeout(timer);
  }

  #written(mark: Buffer): boolean {
    try {
      // So few bytes are written whole or not at all.
      writeSync(this.#keeper, mark);
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "EAGAIN") return false;
      throw error;
    }
  }

  #read(chunk: Buffer): void {
    const [next] = this.#marks;
    if (!next) return this.#write(this.#stream.write(chunk));
    const bytes = Buffer.concat([this.#pending, chunk]);
    const at = bytes.indexOf(next.mark);
    if (at === -1) {
      // It may be split.
      const rest = Math.min(bytes.length, next.mark.length - 1);
      this.#write(this.#stream.write(bytes.subarray(0, bytes.length - rest)));
      this.#pending = bytes.subarray(bytes.length - rest);
      return;
    }
    this.#pending = Buffer.alloc(0);
    this.#marks.shift();
    this.#write(this.#stream.write(bytes.subarray(0, at)));
    next.met();
    const after = bytes.subarray(at + next.mark.length);
    if (after.length > 0) this.#read(after);
  }

  #write(bytes: Buffer): void {
    try {
      for (let done = 0; done < bytes.length;) done += writeSync(this.#log, bytes, done);
    } catch {
      // A full disk: the job goes on, as one that nobody listens to.
    }
  }

  #finish(): void {
    this.#write(this.#stream.write(this.#pending));
    this.#write(this.#stream.end());
    closeSync(this.#log);
    for (const { met } of this.#marks.splice(0)) met();
    this.#pipes.giveBack(this.pipe);
    this.#ended.resolve();
  }
}
