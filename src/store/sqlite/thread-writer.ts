import { Worker } from "node:worker_threads";
import { type ErrorFacts, LigaseError, reviveError } from "../../kernel/index.ts";
import type { Write, WriteAnswer } from "./writes.ts";

/** What the thread needs to open the store for itself. */
export interface ThreadSettings {
  readonly location: string;
  readonly lockTimeoutMs: number;
  /** See {@link Values}. */
  readonly textsFolder: string;
  readonly inlineChars: number;
}

/** What the thread is started with. */
export interface ThreadData extends ThreadSettings {
  /** Two numbers that both sides see; see {@link SHARED}. */
  readonly shared: SharedArrayBuffer;
}

/** The places in the shared numbers. */
export const SHARED = {
  /** 1 when the thread has noticed commits of another process. */
  foreign: 0,
  /** How many transactions the thread has committed. */
  commits: 1,
} as const;

/** To the thread; without a write it is only to look whether others have written. */
export interface Request {
  readonly id: number;
  readonly write: Write | undefined;
}

/** From the thread. */
export type Reply =
  | { readonly id: number; readonly answer: WriteAnswer }
  | { readonly id: number; readonly error: ErrorFacts };

interface Waiting {
  readonly resolve: (answer: WriteAnswer) => void;
  readonly reject: (error: Error) => void;
}

/**
 * Writes on a thread of its own, so that neither inserts nor the disk hold up the thread that
 * reduces: recording a trivial task costs it 6 µs (the rows' way to the thread) instead of 60 to
 * 120. What comes while a transaction is under way goes into the next one together: the more there
 * is to write, the larger the groups, the less each row costs (25 µs a task in groups of 2,500,
 * for pages that several rows touch are written once).
 */
export class ThreadWriter {
  readonly #worker: Worker;
  readonly #shared = new Int32Array(new SharedArrayBuffer(8));
  readonly #versionChanged: () => boolean;
  readonly #waiting = new Map<number, Waiting>();
  readonly #exited: Promise<void>;
  #lastId = 0;
  #commitsSeen: number | undefined;
  #ended: LigaseError | undefined;

  /** @param versionChanged - whether any other connection, the thread's included, has committed since last asked */
  constructor(settings: ThreadSettings, versionChanged: () => boolean) {
    this.#versionChanged = versionChanged;
    const workerData: ThreadData = { ...settings, shared: this.#shared.buffer };
    // The sources are TypeScript, what is published is JavaScript.
    const entry = new URL(import.meta.url.endsWith(".ts") ? "./thread.ts" : "./thread.js", import.meta.url);
    this.#worker = new Worker(entry, {
      workerData,
      name: "ligase store",
      execArgv: [],
      resourceLimits: { maxYoungGenerationSizeMb: 16 },
    });
    this.#worker.unref();
    this.#worker.on("message", (reply: Reply) => this.#settle(reply));
    this.#worker.on("error", (error: unknown) => this.#fail(error));
    this.#exited = new Promise((resolve) => {
      this.#worker.on("exit", () => {
        this.#fail(undefined);
        resolve();
      });
    });
  }

  write(write: Write): Promise<WriteAnswer> {
    if (this.#ended !== undefined) return Promise.reject(this.#ended);
    return new Promise((resolve, reject) => {
      const id = ++this.#lastId;
      this.#waiting.set(id, { resolve, reject });
      this.#worker.ref();
      this.#worker.postMessage({ id, write } satisfies Request);
    });
  }

  /**
   * The thread alone can tell its own commits from those of others. When it has committed since
   * this was last asked, a change seen here may be its own: it looks, and the answer comes with
   * the next question.
   */
  changedElsewhere(): boolean {
    if (Atomics.exchange(this.#shared, SHARED.foreign, 0) === 1) return true;
    if (!this.#versionChanged()) return false;
    const commits = Atomics.load(this.#shared, SHARED.commits);
    // Of what came before it was there, the thread knows nothing.
    const isFirst = this.#commitsSeen === undefined;
    if (commits === this.#commitsSeen) return true;
    this.#commitsSeen = commits;
    this.#worker.postMessage({ id: 0, write: undefined } satisfies Request);
    return isFirst;
  }

  /** Waits for what is under way. */
  async close(): Promise<void> {
    this.#worker.ref();
    this.#worker.postMessage(null);
    await this.#exited;
  }

  #settle(reply: Reply): void {
    const waiting = this.#waiting.get(reply.id);
    this.#waiting.delete(reply.id);
    if (this.#waiting.size === 0) this.#worker.unref();
    if ("error" in reply) waiting?.reject(reviveError(reply.error));
    else waiting?.resolve(reply.answer);
  }

  /** The thread is gone: nothing that waits will come. */
  #fail(cause: unknown): void {
    this.#ended ??= new LigaseError(
      "LIGASE_E_STORE_IO",
      `the thread that writes the store ended${cause instanceof Error ? `: ${cause.message}` : ""}`,
      { mend: "run again: what was recorded before is safe", cause },
    );
    for (const { reject } of this.#waiting.values()) reject(this.#ended);
    this.#waiting.clear();
  }
}
