/** So much more than what was seen is asked for. */
const SPARE = 1.3;
const LEAST = 2 ** 26;

/**
 * How much memory to ask for, for something that used so much: 30 % more, rounded up to what people write:
 * a power of two, or one and a half of it.
 *
 * @example
 * ```ts
 * enoughMemory(1.2 * 2 ** 30); // 2 GiB, in bytes
 * ```
 */
export function enoughMemory(peak: number): number {
  let amount = LEAST;
  while (amount < peak * SPARE) amount = amount * 1.5 >= peak * SPARE ? amount * 1.5 : amount * 2;
  return amount;
}
