/** Up to here every millisecond has a bucket of its own. */
const EXACT = 16;
/** Beyond, eight buckets for each doubling: nothing is told more than an eighth too high or too low. */
const PARTS = 8;
const HIGHEST = 2 ** 31 - 1;
const BUCKETS = EXACT + 27 * PARTS;

/**
 * How often which times were seen, in a fixed amount of memory (under a kilobyte): what percentiles are read from.
 *
 * @example
 * ```ts
 * const delays = new Histogram();
 * delays.add(12);
 * delays.percentile(0.95); // 12
 * ```
 */
export class Histogram {
  readonly #counts = new Uint32Array(BUCKETS);
  #total = 0;

  /** How many were added. */
  get total(): number {
    return this.#total;
  }

  /** @param ms - milliseconds; what is below 0 (a clock was set back) counts as 0 */
  add(ms: number): void {
    const index = bucketOf(ms);
    this.#counts[index] = this.#counts[index]! + 1;
    this.#total++;
  }

  /** Adds all of another one. */
  merge(other: Histogram): void {
    for (let i = 0; i < BUCKETS; i++) this.#counts[i] = this.#counts[i]! + other.#counts[i]!;
    this.#total += other.#total;
  }

  /**
   * The time that such a part of all do not exceed; null where there are none.
   *
   * @param part - 0.95 for the 95th percentile
   */
  percentile(part: number): number | null {
    if (this.#total === 0) return null;
    const rank = Math.min(this.#total, Math.max(1, Math.ceil(part * this.#total)));
    let below = 0;
    for (let i = 0; i < BUCKETS; i++) {
      const here = this.#counts[i]!;
      if (below + here < rank) {
        below += here;
        continue;
      }
      const { low, width } = boundsOf(i);
      // As if those of a bucket were spread evenly over it.
      return low + Math.floor(((rank - below - 0.5) / here) * width);
    }
    return null;
  }
}

function bucketOf(ms: number): number {
  // What is no number counts as 0 too.
  const value = ms > 0 ? Math.min(HIGHEST, Math.round(ms)) : 0;
  if (value < EXACT) return value;
  const exponent = 31 - Math.clz32(value);
  return EXACT + (exponent - 4) * PARTS + ((value >> (exponent - 3)) & (PARTS - 1));
}

function boundsOf(index: number): { readonly low: number; readonly width: number } {
  if (index < EXACT) return { low: index, width: 1 };
  const exponent = 4 + Math.floor((index - EXACT) / PARTS);
  const width = 2 ** (exponent - 3);
  return { low: (PARTS + ((index - EXACT) % PARTS)) * width, width };
}
