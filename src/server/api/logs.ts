import { watch } from "node:fs";
import { open } from "node:fs/promises";
import type { WorkerView } from "../../endpoints/pool/types.ts";
import { LineCutter, type Stream } from "../../project/logs/index.ts";
import type { LogLineView } from "../../remote/index.ts";

/** What is to be read. */
export interface WantedLogs {
  readonly follow: boolean;
  /** Aborted when nobody reads any more. */
  readonly signal: AbortSignal;
  /** Those whose logs are wanted, as they are now. */
  readonly workers: () => readonly Pick<WorkerView, "id" | "endedAt" | "stdout" | "stderr">[];
  /** Calls when that has changed; answers how to stop. */
  readonly onChange: (listener: () => void) => () => void;
  /** Will there be no more? */
  readonly isOver: () => boolean;
}

/** Read at a time, in bytes. */
const CHUNK = 64 * 1024;
/**
 * Some file systems (of containers, of virtual machines) tell nothing of what is written: there one looks so often, in
 * milliseconds. It is one stat a file.
 */
const LOOK_MS = 1000;

/** The lines that workers wrote, one JSON a line; while followed, as they are written. It is read no faster than it is taken. */
export function logsOf(wanted: WantedLogs): Response {
  return linesResponse((signal) => follow({ ...wanted, signal }), wanted.signal);
}

/** An answer of one JSON a line; `lines` ends once its signal is aborted: when the asker left. */
export function linesResponse(
  lines: (signal: AbortSignal) => AsyncGenerator<readonly LogLineView[]>,
  signal: AbortSignal,
): Response {
  const left = new AbortController();
  const both = AbortSignal.any([signal, left.signal]);
  const source = lines(both);
  const encoder = new TextEncoder();
  const body = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const next = await source.next();
        if (next.done || both.aborted) {
          // Who left has closed it already.
          if (left.signal.aborted) return;
          await source.return(undefined);
          controller.close();
        } else controller.enqueue(encoder.encode(next.value.map((line) => `${JSON.stringify(line)}\n`).join("")));
      },
      async cancel() {
        left.abort();
        // It ends by itself where it waits for more; where it waits to be asked it must be told.
        await source.return(undefined);
      },
    },
    { highWaterMark: 0 },
  );
  return new Response(body, {
    headers: {
      "Content-Type": "application/x-ndjson; charset=utf-8",
      "Cache-Control": "no-store",
      "X-Accel-Buffering": "no",
    },
  });
}

async function* follow({ follow: isFollowed, signal, workers, onChange, isOver }: WantedLogs) {
  const bell = new Bell(signal);
  const tails = new Map<string, Tail>();
  const stop = isFollowed ? onChange(() => bell.ring()) : () => {};
  const timer = isFollowed ? setInterval(() => bell.ring(), LOOK_MS) : undefined;
  try {
    for (;;) {
      // Asked before the files are read: when all have ended by now, all that they wrote is found.
      const over = !isFollowed || isOver();
      for (const { id, endedAt, stdout, stderr } of workers()) {
        for (const [stream, path] of [
          ["stdout", stdout],
          ["stderr", stderr],
        ] as const) {
          const key = `${id} ${stream}`;
          let tail = tails.get(key);
          if (!tail) tails.set(key, (tail = new Tail(id, stream, path)));
          if (isFollowed) tail.watch(() => bell.ring());
          for await (const lines of tail.read()) {
            if (signal.aborted) return;
            yield lines;
          }
          if (endedAt !== null || !isFollowed) yield* tail.end();
        }
      }
      if (over || signal.aborted) return;
      await bell.rung();
    }
  } finally {
    stop();
    clearInterval(timer);
    for (const tail of tails.values()) tail.close();
  }
}

/** Something has happened, or the asker has left; what happens while nobody waits is not forgotten. */
class Bell {
  #rang = false;
  #wake: () => void = () => {};
  readonly #signal: AbortSignal;

  constructor(signal: AbortSignal) {
    this.#signal = signal;
    signal.addEventListener("abort", () => this.ring(), { once: true });
  }

  ring(): void {
    this.#rang = true;
    this.#wake();
  }

  async rung(): Promise<void> {
    if (!this.#rang && !this.#signal.aborted) await new Promise<void>((resolve) => (this.#wake = resolve));
    this.#rang = false;
  }
}

/** What one worker writes to one stream, from where it was left. */
class Tail {
  readonly #from: string;
  readonly #stream: Stream;
  readonly #path: string;
  readonly #cutter = new LineCutter();
  #offset = 0;
  #ended = false;
  #watching: { close(): void } | undefined;

  constructor(from: string, stream: Stream, path: string) {
    this.#from = from;
    this.#stream = stream;
    this.#path = path;
  }

  /** Tells when the file grows; one that is not there yet is looked for again. */
  watch(changed: () => void): void {
    if (this.#watching || this.#ended) return;
    try {
      const watcher = watch(this.#path, { persistent: false }, changed);
      watcher.on("error", () => watcher.close());
      this.#watching = watcher;
    } catch {
      // There is no file yet, or no more may be watched: the timer finds it.
    }
  }

  async *read(): AsyncGenerator<readonly LogLineView[]> {
    if (this.#ended) return;
    const file = await open(this.#path).catch(() => undefined);
    if (!file) return;
    try {
      const bytes = Buffer.alloc(CHUNK);
      // Beyond the limit of its size a log is begun anew.
      if ((await file.stat()).size < this.#offset) this.#offset = 0;
      for (;;) {
        const { bytesRead } = await file.read(bytes, 0, CHUNK, this.#offset);
        if (bytesRead === 0) return;
        this.#offset += bytesRead;
        const lines = this.#cutter.cut(bytes.subarray(0, bytesRead));
        if (lines.length > 0) yield lines.map((text) => this.#line(text));
      }
    } finally {
      await file.close();
    }
  }

  /** There will be no more: the last line may lack its end. */
  *end(): Generator<readonly LogLineView[]> {
    const rest = this.#ended ? undefined : this.#cutter.end();
    this.#ended = true;
    this.close();
    if (rest !== undefined) yield [this.#line(rest)];
  }

  close(): void {
    this.#watching?.close();
    this.#watching = undefined;
  }

  #line(text: string): LogLineView {
    return { from: this.#from, stream: this.#stream, text };
  }
}
