/**
 * Is a GPU of a kind? Each word of the kind is a word of the name, or several that stand together: an `A100` is no
 * `A10`, and a `GeForce RTX 4090` is a `RTX4090`.
 *
 * @param name - as the driver has it
 * @param kind - as people call it; empty for any
 * @example
 * ```ts
 * isOfKind("NVIDIA A100-SXM4-80GB", "a100-80gb"); // true
 * ```
 */
export function isOfKind(name: string, kind: string): boolean {
  const words = wordsOf(name);
  const known = new Set(words.flatMap((_, from) => [1, 2, 3].map((count) => words.slice(from, from + count).join(""))));
  const wanted = wordsOf(kind);
  return wanted.every((word) => known.has(word)) && (wanted.length > 0 || kind.trim() === "");
}

/** What a job asks for. */
export interface GpuWish {
  readonly count: number;
  /** Empty for any. */
  readonly kind: string;
}

/**
 * Picks GPUs for a job: of those that fit the ones with the least memory, so that the large ones stay free for those
 * who need them.
 *
 * @param devices - all that are here
 * @param free - the indices of those that nobody uses
 * @returns their indices, in order; undefined when too few of them are free
 * @example
 * ```ts
 * selectGpus(await findGpus(), { kind: "A100", count: 2 }, [0, 1, 3]); // [1, 3]
 * ```
 */
export function selectGpus(
  devices: readonly { readonly index: number; readonly name: string; readonly memory: number }[],
  { count, kind }: GpuWish,
  free: Iterable<number>,
): readonly number[] | undefined {
  const isFree = new Set(free);
  const fitting = devices
    .filter(({ index, name }) => isFree.has(index) && isOfKind(name, kind))
    .toSorted((a, b) => a.memory - b.memory || a.index - b.index)
    .map(({ index }) => index);
  return fitting.length < count ? undefined : fitting.slice(0, count).toSorted((a, b) => a - b);
}

function wordsOf(text: string): string[] {
  return text
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== "");
}
