/**
 * How many pairs of segments between two layers cross: the inversions among the lower ends, counted with a tree of sums
 * (Barth, Mutzel & Jünger, Simple and efficient bilayer cross counting, JGAA 2004).
 *
 * @param ends - the places of the lower ends, of segments in the order of their upper ends, then their lower ends
 * @param width - how many places the lower layer has
 */
export function countCrossings(ends: ArrayLike<number>, width: number): number {
  let leaves = 1;
  while (leaves < width) leaves *= 2;
  const sums = new Int32Array(2 * leaves);
  let crossings = 0;
  for (let i = 0; i < ends.length; i++) {
    let at = ends[i]! + leaves;
    sums[at]!++;
    while (at > 1) {
      // What lies to the right of it came before, and so crosses it.
      if (at % 2 === 0) crossings += sums[at + 1]!;
      at >>= 1;
      sums[at]!++;
    }
  }
  return crossings;
}
