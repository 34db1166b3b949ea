import { hash } from "node:crypto";
import { closeSync, openSync, readSync } from "node:fs";
import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import { fsError } from "./fs-error.ts";
import type { HashReply, HashRequest } from "./hash-worker.ts";

/** From this size on a file is hashed in a worker thread; below, on the spot: 5 µs for 100 bytes, 0.6 ms for 1 MiB. */
export const SMALL = 1 << 20;
const small = Buffer.allocUnsafeSlow(SMALL);

interface Request {
  readonly paths: readonly string[];
  readonly onBytes: (bytes: number) => void;
  readonly resolve: (hashes: string[]) => void;
  readonly reject: (error: unknown) => void;
}

interface Thread {
  readonly worker: Worker;
  busy: Request | undefined;
}

/** Reads a file that is below {@link SMALL} on the main thread; nothing when it has grown meanwhile. */
export function hashSmall(path: string): { hash: string; size: number } | undefined {
  try {
    const fd = openSync(path, "r");
    try {
      let size = 0;
      while (size < SMALL) {
        const read = readSync(fd, small, size, SMALL - size, null);
        if (read === 0) return { hash: hash("sha256", small.subarray(0, size), "hex"), size };
        size += read;
      }
      return undefined;
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    throw fsError(error, path, "read");
  }
}

/**
 * Hashes files in a few worker threads, which start when they are first needed and never keep
 * the process alive by themselves.
 *
 * Threads, because Node's own asynchronous ways are slower: two of them read and hash 3,200 MB/s
 * on two cores; a stream into `createHash` 1,140, all on the main thread; `crypto.subtle` 150.
 */
export class Hasher {
  readonly #threads: Thread[] = [];
  readonly #waiting: Request[] = [];
  readonly #most: number;
  #next = 0;

  constructor(threads: number = Math.min(4, availableParallelism())) {
    this.#most = Math.max(1, threads);
  }

  /**
   * SHA-256 of one file.
   *
   * @param onBytes - hears how many bytes were read since the last call
   */
  async hashFile(path: string, onBytes: (bytes: number) => void): Promise<string> {
    const [hash] = await this.hashFiles([path], onBytes);
    return hash!;
  }

  /** SHA-256 of several files, by one thread. */
  hashFiles(paths: readonly string[], onBytes: (bytes: number) => void): Promise<string[]> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ paths, onBytes, resolve, reject });
      this.#start();
    });
  }

  #start(): void {
    while (this.#waiting.length > 0) {
      let thread = this.#threads.find(({ busy }) => !busy);
      if (!thread) {
        if (this.#threads.length === this.#most) return;
        thread = this.#newThread();
      }
      thread.busy = this.#waiting.shift()!;
      thread.worker.ref();
      thread.worker.postMessage({ id: this.#next++, paths: thread.busy.paths } satisfies HashRequest);
    }
  }

  #newThread(): Thread {
    // The worker lies beside this module, as source or as built.
    const file = new URL(`./hash-worker.${import.meta.url.endsWith(".ts") ? "ts" : "js"}`, import.meta.url);
    const thread: Thread = {
      worker: new Worker(file, { name: "ligase-hash", execArgv: [], env: {} }),
      busy: undefined,
    };
    thread.worker.on("message", (reply: HashReply) => {
      if (reply.bytes > 0) thread.busy?.onBytes(reply.bytes);
      if ("hashes" in reply) this.#done(thread, reply.hashes);
    });
    thread.worker.on("error", (error) => this.#lost(thread, error));
    thread.worker.on("exit", () => this.#lost(thread, new Error("a hashing thread ended")));
    thread.worker.unref();
    this.#threads.push(thread);
    return thread;
  }

  #done(thread: Thread, hashes: readonly (string | { code: string | undefined; message: string })[]): void {
    const request = thread.busy!;
    thread.busy = undefined;
    thread.worker.unref();
    const failed = hashes.findIndex((hash) => typeof hash !== "string");
    if (failed === -1) request.resolve(hashes.filter((hash) => typeof hash === "string"));
    else {
      const { code, message } = hashes[failed] as { code: string | undefined; message: string };
      request.reject(fsError(Object.assign(new Error(message), { code }), request.paths[failed]!, "read"));
    }
    this.#start();
  }

  #lost(thread: Thread, error: unknown): void {
    const at = this.#threads.indexOf(thread);
    if (at === -1) return;
    this.#threads.splice(at, 1);
    thread.busy?.reject(error);
    this.#start();
  }

  /** Ends the threads. */
  async close(): Promise<void> {
    const threads = this.#threads.splice(0);
    for (const { busy } of threads) busy?.reject(new Error("hashing was stopped"));
    for (const { reject } of this.#waiting.splice(0)) reject(new Error("hashing was stopped"));
    await Promise.all(threads.map(({ worker }) => worker.terminate()));
  }
}
