import type { Tables } from "./tables.ts";
import { ThreadWriter, type ThreadSettings } from "./thread-writer.ts";
import { performWrites, type Write, type WriteAnswer } from "./writes.ts";

/** Who changes the store. */
export interface Writer {
  /** Does a write; it is durable when the promise resolves. */
  write(write: Write): Promise<WriteAnswer>;
  /** True when another process may have written since this was last asked. */
  changedElsewhere(): boolean;
  /** Finishes what was asked for. */
  close(): Promise<void>;
}

/** Writes on the thread and the connection of the caller, each write in its own transaction. */
export class InlineWriter implements Writer {
  readonly #tables: Tables;
  #seen: number;

  constructor(tables: Tables) {
    this.#tables = tables;
    this.#seen = tables.connection.dataVersion();
  }

  async write(write: Write): Promise<WriteAnswer> {
    const { connection } = this.#tables;
    return connection.explained(() => performWrites(this.#tables, [write]))[0] ?? {};
  }

  changedElsewhere(): boolean {
    const version = this.#tables.connection.dataVersion();
    if (version === this.#seen) return false;
    this.#seen = version;
    return true;
  }

  async close(): Promise<void> {}
}

/** A commit of the queue that takes longer, in milliseconds, is slow; so many of them start the thread. */
const SLOW_MS = 4;
const MANY_SLOW = 8;

/**
 * Writes inline until there is much to write, then on a thread of its own. Most runs are small
 * and never pay for the thread (25 ms, 10 MB). Where the disk is quick a server does not either: a commit of the
 * queue takes 0.3 ms, its way to the thread and back 0.1; where it is slow, whoever waits for it must not hold up the
 * others.
 */
export class AdaptiveWriter implements Writer {
  readonly #inline: InlineWriter;
  readonly #start: () => ThreadWriter;
  readonly #manyRows: number;
  #thread: ThreadWriter | undefined;
  #slow = 0;

  /** @param manyRows - how many rows in one batch start the thread */
  constructor(tables: Tables, settings: ThreadSettings, manyRows: number) {
    this.#inline = new InlineWriter(tables);
    this.#manyRows = manyRows;
    this.#start = () => new ThreadWriter(settings, () => this.#inline.changedElsewhere());
  }

  write(write: Write): Promise<WriteAnswer> {
    if (this.#thread === undefined && rowsOf(write) >= this.#manyRows) this.#thread = this.#start();
    if (this.#thread !== undefined) return this.#thread.write(write);
    if (write.kind !== "commit-queue") return this.#inline.write(write);
    const began = performance.now();
    const written = this.#inline.write(write);
    if (performance.now() - began > SLOW_MS && ++this.#slow === MANY_SLOW) this.#thread = this.#start();
    return written;
  }

  changedElsewhere(): boolean {
    return (this.#thread ?? this.#inline).changedElsewhere();
  }

  async close(): Promise<void> {
    await this.#thread?.close();
  }
}

/** How many rows a write has, of the kinds that come in numbers. */
function rowsOf(write: Write): number {
  if (write.kind !== "commit") return 0;
  const { jobs, calls, values, callEdges, dataEdges } = write.batch;
  return [jobs, calls, values, callEdges, dataEdges].reduce((rows, list) => rows + (list?.length ?? 0), 0);
}
