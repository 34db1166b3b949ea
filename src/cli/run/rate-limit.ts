/** How much may come in a window of a second. */
export interface Rate {
  /** At once, after a quiet time. */
  readonly burst: number;
  /** In each second from then on. */
  readonly steady: number;
}

/** Lets so much through: a burst, and then a steady flow. What was not used of a burst is not lost by waiting. */
export class RateLimit {
  readonly #rate: Rate;
  #left: number;
  #at: number;

  /** @param now - milliseconds */
  constructor(rate: Rate, now: number) {
    this.#rate = rate;
    this.#left = rate.burst;
    this.#at = now;
  }

  /** How many of so many may pass now. */
  take(count: number, now: number): number {
    const { burst, steady } = this.#rate;
    // A clock that was set back gives nothing.
    const grown = (Math.max(0, now - this.#at) / 1000) * steady;
    this.#left = Math.min(burst, this.#left + grown);
    this.#at = now;
    const taken = Math.min(count, Math.floor(this.#left));
    this.#left -= taken;
    return taken;
  }
}
