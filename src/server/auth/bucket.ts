/**
 * How often somebody may do something: each has a bucket that fills at a steady rate, and takes from it. There is one number
 * and one time a caller, and no timer.
 *
 * @example
 * ```ts
 * const attempts = new Buckets({ perSecond: 0.5, burst: 30 });
 * attempts.take("10.0.0.7", now); // 0: go on; else wait so many seconds
 * ```
 */
export class Buckets {
  readonly #perSecond: number;
  readonly #burst: number;
  readonly #left = new Map<string, { tokens: number; at: number }>();

  /** @param burst - so many at once, after a rest */
  constructor({ perSecond, burst }: { readonly perSecond: number; readonly burst: number }) {
    this.#perSecond = perSecond;
    this.#burst = burst;
  }

  /**
   * Takes one.
   *
   * @param now - milliseconds
   * @returns 0, or after how many whole seconds there is one again
   */
  take(who: string, now: number): number {
    let bucket = this.#left.get(who);
    if (!bucket) {
      if (this.#left.size >= MOST) this.#forget(now);
      this.#left.set(who, (bucket = { tokens: this.#burst, at: now }));
    }
    // A clock that was set back fills nothing.
    const passed = Math.max(0, now - bucket.at) / 1000;
    bucket.tokens = Math.min(this.#burst, bucket.tokens + passed * this.#perSecond);
    bucket.at = now;
    if (bucket.tokens >= 1) {
      bucket.tokens -= 1;
      return 0;
    }
    return Math.max(1, Math.ceil((1 - bucket.tokens) / this.#perSecond));
  }

  /** Those that are full again are as good as new; when all are busy, those that came first go. */
  #forget(now: number): void {
    for (const [who, { tokens, at }] of this.#left) {
      if (tokens + ((now - at) / 1000) * this.#perSecond >= this.#burst) this.#left.delete(who);
    }
    for (const who of this.#left.keys()) {
      if (this.#left.size < MOST) break;
      this.#left.delete(who);
    }
  }
}

/** So many are remembered: an attacker with many addresses must not fill the memory. */
const MOST = 10_000;
