import type { EndpointPool } from "./endpoint-pool.ts";

/** The longest that a timer can wait, in milliseconds. */
const LONGEST = 2 ** 31 - 1;

/**
 * When pools are looked at: at the end of the turn of the event loop in which something happened to them, and when something
 * is due. One timer does for all of them.
 */
export class Looks {
  readonly #pools: () => Iterable<EndpointPool>;
  readonly #looked: (now: number) => void;
  readonly #due = new Set<EndpointPool>();
  #immediate: NodeJS.Immediate | undefined;
  #timer: NodeJS.Timeout | undefined;
  #timerAt = Infinity;

  /** @param looked - told when pools were looked at, and before the timer is set */
  constructor(pools: () => Iterable<EndpointPool>, looked: (now: number) => void) {
    this.#pools = pools;
    this.#looked = looked;
  }

  /** A pool is to be looked at, at the end of this turn. */
  soon(pool: EndpointPool): void {
    this.#due.add(pool);
    this.#immediate ??= setImmediate(() => this.#look());
  }

  /** Some pool is to be looked at by then: its `lookAt` says which. */
  arm(at: number): void {
    if (at >= this.#timerAt) return;
    clearTimeout(this.#timer);
    this.#timerAt = at;
    // Never early: a look that comes too soon finds nothing to do, and asks for another.
    const wait = Math.min(Math.max(0, at - Date.now()) + 1, LONGEST);
    this.#timer = setTimeout(() => this.#wake(), wait).unref();
  }

  close(): void {
    clearTimeout(this.#timer);
    clearImmediate(this.#immediate);
  }

  #wake(): void {
    this.#timerAt = Infinity;
    const now = Date.now();
    for (const pool of this.#pools()) if ((pool.lookAt ?? Infinity) <= now) this.#due.add(pool);
    this.#look();
  }

  #look(): void {
    clearImmediate(this.#immediate);
    this.#immediate = undefined;
    const now = Date.now();
    const due = [...this.#due];
    this.#due.clear();
    for (const pool of due) pool.look(now);
    this.#looked(now);
    for (const pool of this.#pools()) if (pool.lookAt !== null) this.arm(pool.lookAt);
  }
}
