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

/**
 * Writes inline until there is much to write, then on a thread of its own. Most runs are small
 * and never pay for the thread (25 ms, 10 MB).
 */
export class AdaptiveWriter implements Writer {
  readonly #inline: InlineWriter;
  readonly #start: () => ThreadWriter;
  readonly #manyRows: number;
  #thread: ThreadWriter | undefined;

  /** @param manyRows - how many rows in one batch start the thread */
  constructor(tables: Tables, settings: ThreadSettings, manyRows: number) {
    this.#inline = new InlineWriter(tables);
    this.#manyRows = manyRows;
    this.#start = () => new ThreadWriter(settings, () => this.#inline.changedElsewhere());
  }

  write(write: Write): Promise<WriteAnswer> {
    if (this.#thread === undefined && rowsOf(write) >= this.#manyRows) this.#thread = this.#start();
    return (this.#thread ?? this.#inline).write(write);
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
