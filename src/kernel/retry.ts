/** How long to wait between the attempts of something that failed. */
export interface Backoff {
  /** The wait before the second attempt, in milliseconds. */
  readonly initial: number;
  /** The longest wait, in milliseconds. */
  readonly max: number;
  /** How much longer each wait is than the one before. */
  readonly factor: number;
}

/**
 * The wait before an attempt: exponential, with full jitter in its upper half so that jobs which
 * failed together do not return together
 * (AWS Architecture Blog, "Exponential backoff and jitter", 2015: "equal jitter").
 *
 * @param attempt - the attempt that failed, counted from 1
 * @param random - a number in [0, 1)
 * @returns milliseconds
 * @example
 * ```ts
 * backoffDelay({ initial: 1000, max: 60_000, factor: 2 }, 3, 0.5); // 3000
 * ```
 */
export function backoffDelay(backoff: Backoff, attempt: number, random = Math.random()): number {
  // Past a thousand attempts the power is infinite, and no wait times infinity is no number.
  const growth = Math.min(backoff.factor ** (attempt - 1), Number.MAX_VALUE);
  const ceiling = Math.min(backoff.max, backoff.initial * growth);
  return Math.round(ceiling / 2 + (random * ceiling) / 2);
}
