import type { Log } from "../../kernel/index.ts";
import type { QueueChunkRow, QueueJobChange, QueueJobRow, ServingStore } from "../../store/serving.ts";

/** How long what nobody waits for may wait for company, in milliseconds. */
const LATER = 20;

/** What is recorded next, as one transaction. */
class Page {
  readonly added: QueueJobRow[] = [];
  readonly changed = new Map<string, QueueJobChange>();
  chunks: QueueChunkRow[] = [];
  readonly restarted = new Set<string>();
  readonly recorded: PromiseWithResolvers<void> = Promise.withResolvers();

  constructor() {
    // Some of what is on it nobody waits for.
    this.recorded.promise.catch(() => {});
  }

  change(change: QueueJobChange): void {
    const before = this.changed.get(change.id);
    this.changed.set(change.id, before === undefined ? change : { ...before, ...change });
  }
}

/**
 * Writes down what happens: all of one turn of the event loop, and all that comes while the page before is being written,
 * in one transaction. A commit costs a sync of the disk, whether one job is in it or a hundred.
 */
export class Ledger {
  readonly #store: ServingStore;
  readonly #log: Log;
  #page = new Page();
  #planned = false;
  #idle: NodeJS.Timeout | undefined;
  #writing: Promise<void> | undefined;

  constructor(store: ServingStore, log: Log) {
    this.#store = store;
    this.#log = log;
  }

  /** Records a new job. What these methods answer resolves once it is durable, in the order in which it was written down. */
  add(row: QueueJobRow): Promise<void> {
    return this.#write((page) => page.added.push(row));
  }

  change(change: QueueJobChange): Promise<void> {
    return this.#write((page) => page.change(change));
  }

  chunk(chunk: QueueChunkRow, change: QueueJobChange): Promise<void> {
    return this.#write((page) => {
      page.chunks.push(chunk);
      page.change(change);
    });
  }

  /** A job begins anew: what it streamed goes. */
  restart(change: QueueJobChange): Promise<void> {
    return this.#write((page) => {
      page.chunks = page.chunks.filter(({ job }) => job !== change.id);
      page.restarted.add(change.id);
      page.change(change);
    });
  }

  /** Records a change that nobody waits for: with what comes next, or in a while. */
  note(change: QueueJobChange): void {
    const page = this.#page;
    page.change(change);
    if (this.#planned || this.#idle !== undefined) return;
    this.#idle = setTimeout(() => this.#plan(), LATER);
    this.#idle.unref();
  }

  /** All that was written down up to now is recorded, or could not be. */
  async settled(): Promise<void> {
    if (this.#idle !== undefined) this.#plan();
    if (this.#planned) await this.#page.recorded.promise.catch(() => {});
    else await this.#writing;
  }

  /** Waits until all is recorded that can be. */
  async close(): Promise<void> {
    while (this.#planned || this.#idle !== undefined || this.#writing !== undefined) await this.settled();
  }

  #write(put: (page: Page) => void): Promise<void> {
    const page = this.#page;
    put(page);
    this.#plan();
    return page.recorded.promise;
  }

  /** The page is recorded once this turn is over, and the page before it is recorded. */
  #plan(): void {
    if (this.#planned) return;
    clearTimeout(this.#idle);
    this.#idle = undefined;
    this.#planned = true;
    if (this.#writing === undefined) setImmediate(() => this.#turn());
  }

  #turn(): void {
    this.#writing = this.#record().finally(() => {
      this.#writing = undefined;
      if (this.#planned) setImmediate(() => this.#turn());
    });
  }

  async #record(): Promise<void> {
    const page = this.#page;
    this.#page = new Page();
    this.#planned = false;
    const { added, changed, chunks, restarted, recorded } = page;
    try {
      await this.#store.commitQueue({
        ...(added.length > 0 && { added }),
        ...(changed.size > 0 && { changed: [...changed.values()] }),
        ...(chunks.length > 0 && { chunks }),
        ...(restarted.size > 0 && { restarted: [...restarted] }),
      });
      recorded.resolve();
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      this.#log.warn(`what happened in the queue was not recorded: ${message}`);
      recorded.reject(error);
    }
  }
}
