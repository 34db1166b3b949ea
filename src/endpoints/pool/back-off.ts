import { type Backoff, backoffDelay } from "../../kernel/index.ts";

/** So many failures, one after the other, and nobody is kept waiting for the next worker. */
export const HOPELESS = 2;

const WAITS: Backoff = { initial: 1000, max: 60_000, factor: 2 };

/** How long the next start waits after workers of one version have failed, one after the other. */
export class StartBackOff {
  /** How many failed since the last that worked. */
  failures = 0;
  /** Why the last one failed. */
  reason: string | null = null;
  #until = 0;

  /** When the next worker may be started: milliseconds since 1970; in the past where it may at once. */
  get until(): number {
    return this.#until;
  }

  /** A worker failed. */
  failed(reason: string, now: number, random?: number): void {
    this.failures++;
    this.reason = reason;
    this.#until = now + backoffDelay(WAITS, this.failures, random);
  }

  /** A worker has shown that it works. */
  reset(): void {
    this.failures = 0;
    this.reason = null;
    this.#until = 0;
  }
}
