/** From when to when something ran, in milliseconds. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/**
 * Gives each span a slot in which nothing else is at that time: the lowest that is free when it starts. That takes as
 * few slots as there ever were spans at once (greedy interval partitioning; Kleinberg and Tardos, Algorithm Design,
 * 4.1). A span may start at the very moment at which another ends.
 *
 * @param spans - in the order in which they start
 * @returns the slot of each, from 0, and how many there are
 */
export function packSpans(spans: readonly Span[]): { readonly slots: readonly number[]; readonly count: number } {
  const busy = new Heap<{ readonly end: number; readonly slot: number }>((a, b) => a.end - b.end);
  const free = new Heap<number>((a, b) => a - b);
  let count = 0;
  const slots = spans.map(({ start, end }) => {
    for (let next = busy.first; next && next.end <= start; next = busy.first) free.push(busy.take()!.slot);
    const slot = free.take() ?? count++;
    busy.push({ end: Math.max(start, end), slot });
    return slot;
  });
  return { slots, count };
}

/** A binary heap: the least comes first. */
class Heap<T> {
  readonly #items: T[] = [];
  readonly #order: (a: T, b: T) => number;

  constructor(order: (a: T, b: T) => number) {
    this.#order = order;
  }

  get first(): T | undefined {
    return this.#items[0];
  }

  push(item: T): void {
    const items = this.#items;
    let at = items.push(item) - 1;
    while (at > 0) {
      const above = (at - 1) >> 1;
      if (this.#order(items[above]!, item) <= 0) break;
      items[at] = items[above]!;
      at = above;
    }
    items[at] = item;
  }

  take(): T | undefined {
    const items = this.#items;
    const first = items[0];
    const last = items.pop();
    if (last === undefined || items.length === 0) return first;
    let at = 0;
    for (;;) {
      let below = 2 * at + 1;
      if (below >= items.length) break;
      if (below + 1 < items.length && this.#order(items[below + 1]!, items[below]!) < 0) below++;
      if (this.#order(items[below]!, last) >= 0) break;
      items[at] = items[below]!;
      at = below;
    }
    items[at] = last;
    return first;
  }
}
