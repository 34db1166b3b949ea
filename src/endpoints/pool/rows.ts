import { rm } from "node:fs/promises";
import { join } from "node:path";
import { killOrphan } from "../../executors/index.ts";
import type { Log } from "../../kernel/index.ts";
import type { ServingStore, WorkerRow } from "../../store/serving.ts";

/** Changes within this time are recorded together: nobody waits for them. Milliseconds. */
const TOGETHER_MS = 25;
/** How long the record and the logs of a worker that has ended are kept. */
const KEPT_MS = 7 * 24 * 60 * 60_000;
/** How often those whose time is over are looked for. */
const COLLECTED_EACH_MS = 6 * 60 * 60_000;
/** So many are looked at, or forgotten, at once. */
const MANY = 1000;

/** The record of workers in the store. */
export class WorkerRows {
  readonly #store: ServingStore;
  readonly #storeDir: string;
  readonly #log: Log;
  readonly #changed = new Map<string, WorkerRow>();
  /** Those of this server, until the others are closed. */
  readonly #own = new Set<string>();
  #isClear = false;
  #timer: NodeJS.Timeout | undefined;
  #collector: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();

  constructor(store: ServingStore, storeDir: string, log: Log) {
    this.#store = store;
    this.#storeDir = storeDir;
    this.#log = log;
  }

  /** A worker is as this says. */
  put(row: WorkerRow): void {
    if (!this.#isClear) this.#own.add(row.id);
    this.#changed.set(row.id, row);
    this.#timer ??= setTimeout(() => void this.flush(), TOGETHER_MS).unref();
  }

  /** Records what has changed. */
  flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const rows = [...this.#changed.values()];
    this.#changed.clear();
    if (rows.length > 0) {
      this.#writing = this.#writing
        .then(() => this.#store.putWorkers(rows))
        .catch((error: unknown) => this.#log.warn(`workers could not be recorded: ${messageOf(error)}`));
    }
    return this.#writing;
  }

  /**
   * Closes what a server that was killed left open: ends the processes of its workers that still run, and says that they
   * are lost. From then on workers that ended long ago are forgotten, with their logs.
   */
  async clear(now: number): Promise<void> {
    for (const row of await this.#store.listWorkers({ limit: MANY })) {
      if (row.endedAt !== null || this.#own.has(row.id)) continue;
      const { pgid, pidStarted } = row;
      const killed = pgid !== null && pidStarted !== null && (await killOrphan({ pgid, pidStarted, job: row.id }));
      if (killed) this.#log.info(`ended a worker that a server left behind`, { worker: row.id, pgid });
      this.put({ ...row, state: "failed", endedAt: now, reason: "lost: the server ended before it" });
    }
    this.#isClear = true;
    this.#own.clear();
    await this.flush();
    this.#collector = setInterval(() => void this.#collect(Date.now()), COLLECTED_EACH_MS).unref();
    await this.#collect(now);
  }

  /** Records what is open, and ends. */
  async close(): Promise<void> {
    clearInterval(this.#collector);
    await this.flush();
  }

  async #collect(now: number): Promise<void> {
    try {
      for (let isMore = true; isMore;) {
        const gone = await this.#store.collectWorkers(now - KEPT_MS, MANY);
        isMore = gone.length === MANY;
        const logs = gone.flatMap(({ stdout, stderr }) => [stdout, stderr]);
        for (const log of logs) await rm(join(this.#storeDir, log), { force: true });
      }
    } catch (error) {
      this.#log.warn(`workers that ended long ago could not be forgotten: ${messageOf(error)}`);
    }
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
