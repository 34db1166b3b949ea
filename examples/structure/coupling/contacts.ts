/** Two residues that are predicted to touch. */
export interface Contact {
  /** Columns, counted from 0; `i` is the lower. */
  readonly i: number;
  readonly j: number;
  /** How strongly they are coupled, after correction. Only the order means something. */
  readonly score: number;
  /** From 0 to 1: how far the score stands out from the bulk of all scores. */
  readonly confidence: number;
}

/** What {@link rankContacts} may be told. */
export interface ContactOptions {
  /** The fewest residues apart. Default 5: nearer ones touch anyway, along a helix or a turn. */
  readonly separation?: number;
  /** How many contacts at most, for each column. Default 1; a globular domain has about three. */
  readonly perColumn?: number;
}

/**
 * Takes off what two columns score for being variable or sampled as they are, with all others (average product
 * correction; Dunn et al., 2008).
 *
 * @param scores - columns × columns
 */
export function correct(scores: Float64Array, columns: number): Float64Array {
  const means = new Float64Array(columns);
  for (let i = 0; i < columns; i++) {
    for (let j = 0; j < columns; j++) if (i !== j) means[i]! += scores[i * columns + j]! / (columns - 1);
  }
  const mean = means.reduce((sum, each) => sum + each, 0) / columns;
  return scores.map((score, at) => {
    const i = Math.floor(at / columns);
    const j = at % columns;
    return i === j || mean === 0 ? 0 : score - (means[i]! * means[j]!) / mean;
  });
}

/**
 * The pairs of columns with the highest scores, best first.
 *
 * The confidence of a contact asks how many pairs would score so high by chance: as many as a Laplace distribution has
 * there whose lower half is that of the scores, in which contacts have no part. (A normal one, with its lighter tail,
 * promised twice what a solved structure kept.) It is lowered where the alignment has few effective sequences for its
 * length, for then chance itself is not well known. It is a guide, and no calibrated probability.
 *
 * @param scores - columns × columns, corrected
 * @param depth - effective sequences for each column
 */
export function rankContacts(
  scores: Float64Array,
  columns: number,
  depth: number,
  { separation = 5, perColumn = 1 }: ContactOptions = {},
): Contact[] {
  const pairs: { i: number; j: number; score: number }[] = [];
  for (let i = 0; i < columns; i++) {
    for (let j = i + separation; j < columns; j++) pairs.push({ i, j, score: scores[i * columns + j]! });
  }
  pairs.sort((a, b) => b.score - a.score || a.i - b.i || a.j - b.j);
  if (pairs.length === 0) return [];
  const median = pairs[pairs.length >> 1]!.score;
  const below = pairs.slice(pairs.length >> 1);
  const spread = below.reduce((sum, { score }) => sum + median - score, 0) / below.length;
  let most = 1;
  return pairs.slice(0, Math.round(perColumn * columns)).map((pair, rank) => {
    const byChance = spread === 0 ? pairs.length : 0.5 * pairs.length * Math.exp((median - pair.score) / spread);
    most = Math.min(most, Math.max(0, 1 - byChance / (rank + 1)));
    return { ...pair, confidence: (most * depth) / (depth + 0.5) };
  });
}
