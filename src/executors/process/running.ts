import type { Supervised } from "./supervised.ts";

const TICK_MS = 10;

/** All that runs under a launcher, with the one timer by which it is looked after. */
export class Running {
  readonly #all = new Map<number, Supervised>();
  readonly #quiet: () => void;
  #ticker: NodeJS.Timeout | undefined;

  /** @param quiet - told when nothing has run for a moment */
  constructor(quiet: () => void) {
    this.#quiet = quiet;
  }

  add(id: number, supervised: Supervised): void {
    this.#all.set(id, supervised);
    this.keepTicking();
  }

  get(id: number): Supervised | undefined {
    return this.#all.get(id);
  }

  remove(id: number): void {
    this.#all.delete(id);
  }

  /** Goes on until nothing runs any more. */
  keepTicking(): void {
    this.#ticker ??= setInterval(() => this.#tick(), TICK_MS);
  }

  /** Ends all of it at once; tells whether there was any. */
  killNow(): boolean {
    for (const supervised of this.#all.values()) {
      // What runs under a daemon outlives us: somebody else has to see to it.
      supervised.confined?.abandon();
      supervised.killNow();
    }
    return this.#all.size > 0;
  }

  #tick(): void {
    const now = performance.now();
    for (const supervised of this.#all.values()) supervised.tick(now);
    if (this.#all.size > 0) return;
    clearInterval(this.#ticker);
    this.#ticker = undefined;
    this.#quiet();
  }
}
