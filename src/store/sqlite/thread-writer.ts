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
  /** One number that both sides see: 1 when the thread has noticed commits of another process. */
  readonly foreign: SharedArrayBuffer;
}

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
  // What came before the thread was there it cannot know: the first answer is yes.
  readonly #foreign = new Int32Array(new SharedArrayBuffer(4)).fill(1);
  readonly #versionChanged: () => boolean;
  readonly #waiting = new Map<number, Waiting>();
  readonly #exited: Promise<void>;
  #lastId = 0;
  /** A change was seen that may be the thread's own. */
  #unsure = false;
  #ended: LigaseError | undefined;

  /** @param versionChanged - whether any other connection, the thread's included, has committed since last asked */
  constructor(settings: ThreadSettings, versionChanged: () => boolean) {
    this.#versionChanged = versionChanged;
    const workerData: ThreadData = { ...settings, foreign: this.#foreign.buffer };
    // The sources are TypeScript, what is published is JavaScript.
    const entry = new URL(import.meta.url.endsWith(".ts") ? "./thread.ts" : "./thread.js", import.meta.url);
    this.#worker = new Worker(entry, {
      workerData,
      name: "ligase store",
      execArgv: [],
      // What comes is written and forgotten: no need for the 48 MB that V8 would let young objects take.
      resourceLimits: { maxYoungGenerationSizeMb: 4 },
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
   * The thread alone can tell its own commits from those of others, and looks after each of its
   * transactions. When a change is seen here while it has nothing to do, it is asked to look; the
   * answer comes with the next question.
   */
  changedElsewhere(): boolean {
    if (Atomics.exchange(this.#foreign, 0, 0) === 1) return true;
    this.#unsure ||= this.#versionChanged();
    if (this.#unsure && this.#waiting.size === 0) {
      this.#unsure = false;
      this.#worker.postMessage({ id: 0, write: undefined } satisfies Request);
    }
    return false;
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
