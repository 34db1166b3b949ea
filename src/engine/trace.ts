/**
 * What an async body awaited, in the order of its life. Such a body leaves no expression; its
 * trace stands for it. A later run evaluates the same expressions again, each no earlier than the
 * body itself would have asked for it, and takes the recorded result if every value is the same.
 */
export interface TraceEntry {
  /** The expression awaited, as `expr/encode` writes it. */
  readonly expr: string;
  /** The identity of the value it gave; null when it failed, which is never replayed. */
  readonly value: string | null;
  /** How many values the body had received when it asked for this one. */
  readonly after: number;
}

/** A trace as it is stored. */
export interface StoredTrace {
  readonly entries: readonly TraceEntry[];
  /** Indices of the entries in the order in which their values arrived. */
  readonly order: readonly number[];
  /** What the body returned: a value or an expression. */
  readonly result: string;
}

/** Records the awaits of one body as it runs. */
export class Trace {
  readonly #entries: { expr: string; value: string | null; after: number }[] = [];
  readonly #order: number[] = [];

  /** The body asks for a value; the handle is given back when it arrives. */
  issue(): number {
    return this.#entries.push({ expr: "", value: null, after: this.#order.length }) - 1;
  }

  /** The value arrived, or (null) the failure did. */
  deliver(entry: number, expr: string, value: string | null): void {
    this.#entries[entry] = { ...this.#entries[entry]!, expr, value };
    this.#order.push(entry);
  }

  /** Everything that arrived; what the body asked for and never waited for has no part in its result. */
  stored(result: string): StoredTrace {
    const kept = this.#order.toSorted((a, b) => a - b);
    const index = new Map(kept.map((entry, i) => [entry, i]));
    return {
      entries: kept.map((entry) => this.#entries[entry]!),
      order: this.#order.map((entry) => index.get(entry)!),
      result,
    };
  }
}
