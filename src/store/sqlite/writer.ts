import type { Tables } from "./tables.ts";
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
