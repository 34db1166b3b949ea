/**
 * The k-mer spectrum: how often each word of k bases occurs, on both strands at once. Its composition is a signature of a
 * genome (Karlin and Burge, Trends Genet. 11:283, 1995), and plasmids take on that of their hosts (Suzuki et al.,
 * J. Bacteriol. 192:6045, 2010). Knows nothing of workflows.
 *
 * @module
 */

const CODE: Readonly<Record<string, number>> = { A: 0, C: 1, G: 2, T: 3, U: 3 };

/** For each word of k bases, as a number in base 4, the place of it and its reverse complement in a spectrum. */
function places(k: number): { readonly of: Int32Array; readonly size: number } {
  const words = 4 ** k;
  const of = new Int32Array(words).fill(-1);
  let size = 0;
  for (let word = 0; word < words; word++) {
    if (of[word] !== -1) continue;
    let reverse = 0;
    for (let i = 0, rest = word; i < k; i++, rest >>= 2) reverse = reverse * 4 + (3 - (rest & 3));
    of[word] = size;
    of[reverse] = size++;
  }
  return { of, size };
}

/**
 * The spectrum of a sequence as a unit vector: a place for each word and its reverse complement (136 for k = 4), in
 * alphabetical order; words with other letters than A, C, G, T don't count.
 *
 * @param k - the length of a word: 1 to 8
 * @throws RangeError for another k
 * @example
 * ```ts
 * spectrum("GATTACA", 2).length; // 10
 * ```
 */
export function spectrum(sequence: string, k: number): number[] {
  if (!Number.isInteger(k) || k < 1 || k > 8) throw new RangeError(`k is ${k}; it is a whole number from 1 to 8`);
  const { of, size } = places(k);
  const counts = new Float64Array(size);
  const mask = 4 ** k - 1;
  let word = 0;
  let known = 0;
  for (const base of sequence) {
    const code = CODE[base];
    if (code === undefined) known = 0;
    else {
      word = ((word << 2) | code) & mask;
      if (++known >= k) counts[of[word]!]! += 1;
    }
  }
  return unit(Array.from(counts));
}

/** The same direction with length 1; nothing but zeros stays what it is. */
export function unit(vector: readonly number[]): number[] {
  const length = Math.hypot(...vector);
  return length === 0 ? [...vector] : vector.map((value) => value / length);
}

/** The mean of some vectors, as a unit vector. */
export function centroid(vectors: readonly (readonly number[])[]): number[] {
  const sum = Array.from({ length: vectors[0]?.length ?? 0 }, () => 0);
  for (const vector of vectors) vector.forEach((value, i) => (sum[i]! += value));
  return unit(sum);
}

/** The cosine of the angle between two unit vectors: 1 for the same direction. */
export function cosine(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, value, i) => sum + value * (b[i] ?? 0), 0);
}
