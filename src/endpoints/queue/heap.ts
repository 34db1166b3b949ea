/** Something that may lie in a {@link Heap}: it knows where, so that it can be taken out again. */
export interface Slotted {
  /** Its place; -1 while it is in none. Only the heap writes it. */
  slot: number;
}

/** A binary heap whose members can be moved and removed, each in logarithmic time. */
export class Heap<T extends Slotted> {
  readonly #items: T[] = [];
  readonly #before: (a: T, b: T) => boolean;

  constructor(before: (a: T, b: T) => boolean) {
    this.#before = before;
  }

  get size(): number {
    return this.#items.length;
  }

  /** The first one; it stays. */
  peek(): T | undefined {
    return this.#items[0];
  }

  /** All of them, in no order. */
  values(): readonly T[] {
    return this.#items;
  }

  /** Puts one in, or to its new place when it is in already and its order has changed. */
  put(item: T): void {
    if (item.slot < 0) {
      item.slot = this.#items.length;
      this.#items.push(item);
    }
    this.#down(item, this.#up(item, item.slot));
  }

  /** Takes one out. Tells whether it was in. */
  remove(item: T): boolean {
    const { slot } = item;
    if (slot < 0) return false;
    item.slot = -1;
    const last = this.#items.pop();
    if (last !== undefined && last !== item) this.#down(last, this.#up(last, slot));
    return true;
  }

  #up(item: T, from: number): number {
    let slot = from;
    while (slot > 0) {
      const above = (slot - 1) >> 1;
      const other = this.#items[above];
      if (other === undefined || !this.#before(item, other)) break;
      this.#place(other, slot);
      slot = above;
    }
    this.#place(item, slot);
    return slot;
  }

  #down(item: T, from: number): void {
    let slot = from;
    for (;;) {
      let below = 2 * slot + 1;
      let other = this.#items[below];
      const right = this.#items[below + 1];
      if (other === undefined) break;
      if (right !== undefined && this.#before(right, other)) {
        other = right;
        below += 1;
      }
      if (!this.#before(other, item)) break;
      this.#place(other, slot);
      slot = below;
    }
    this.#place(item, slot);
  }

  #place(item: T, slot: number): void {
    this.#items[slot] = item;
    item.slot = slot;
  }
}
