/**
 * Direct-coupling analysis in the mean-field approximation (Morcos et al., PNAS 2011): columns that change together are
 * told from columns that only follow a third one, by the inverse of their correlations.
 *
 * @module
 */
import type { Alignment } from "../alignment/read.ts";
import { GAP, STATES } from "../alignment/letters.ts";
import { addProducts, cholesky, type Matrix, products4x4, solveRows, zeros } from "./matrix.ts";
import { part, type Report } from "./progress.ts";

/** States of a column that are free: that of the last follows from the others. */
export const FREE = STATES - 1;

/** Memory for the matrices: what a worker has, less what else it needs. */
const MOST_BYTES = 1.5 * 2 ** 30;

/** What {@link couplingScores} may be told. */
export interface CouplingOptions {
  /** How much of the frequencies is taken from a column where all states are alike. The usual 0.5. */
  readonly pseudocount?: number;
  /**
   * `columns` inverts the matrix of correlations as it is; `sequences` one of the size of the alignment's other side, with
   * the same result. Default: what is less work.
   */
  readonly by?: "columns" | "sequences";
}

/**
 * How strongly each two columns are coupled: the Frobenius norm of their couplings in the zero-sum gauge, gaps left out.
 *
 * They are in the inverse of the correlations C of all amino acids of all columns, which comes from a Cholesky factor of C.
 * Or from one of a smaller matrix: with the weights p of the sequences, their rows x of 0 and 1 (one place for each column
 * and amino acid) and a pseudocount λ, the correlations are those of the sequences and of one more, in which all q states
 * are equally likely, and of what that one cannot say of a column alone:
 *
 *     C = D + Yᵀ Y,   rows of Y: √p (x − f),   blocks of D: (λ/q)(1 − 1/q)
 *
 * so that K = 1 + Y D⁻¹ Yᵀ, as large as there are sequences, has all that C⁻¹ needs (Woodbury's identity). Both ways end
 * in rows B, with the couplings B Bᵀ.
 *
 * @returns columns × columns numbers
 */
export async function couplingScores(
  alignment: Alignment,
  weights: Float64Array,
  { pseudocount = 0.5, by }: CouplingOptions = {},
  report: Report = () => {},
): Promise<Float64Array> {
  const size = alignment.columns * FREE;
  // Work grows with the cube of the one or the other; half as many sequences take the same time.
  const way = by ?? (alignment.names.length < size / 2 ? "sequences" : "columns");
  const rows = alignment.names.length + 1;
  const bytes = 8 * (way === "columns" ? 2 * size ** 2 : 3 * rows * size + rows ** 2);
  if (bytes > MOST_BYTES) {
    throw new Error(
      `${alignment.columns} columns of ${alignment.names.length} sequences would take ${(bytes / 2 ** 30).toFixed(1)} GiB ` +
        "of memory; cut the alignment to one domain, or thin out its sequences (`hhfilter -id 80`)",
    );
  }
  const run = way === "columns" ? byColumns : bySequences;
  const couplings = await run(alignment, weights, pseudocount, part(report, 0, 0.7));
  return norms(couplings, alignment.columns, way === "columns", part(report, 0.7, 1));
}

/** Weights that sum up to what the pseudocount leaves, and the frequencies of the amino acids of each column. */
function frequenciesOf({ states, names, columns }: Alignment, weights: Float64Array, pseudocount: number) {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const shares = weights.map((weight) => ((1 - pseudocount) * weight) / total);
  const frequencies = new Float64Array(columns * FREE).fill(pseudocount / STATES);
  for (let m = 0; m < names.length; m++) {
    for (let i = 0; i < columns; i++) {
      const state = states[m * columns + i]!;
      if (state !== GAP) frequencies[i * FREE + state]! += shares[m]!;
    }
  }
  return { shares, frequencies };
}

/** One row for each sequence, and the last for the pseudocount: what it differs from the frequencies, times √weight. */
function centredRows(alignment: Alignment, weights: Float64Array, pseudocount: number): Matrix {
  const { states, names, columns } = alignment;
  const { shares, frequencies } = frequenciesOf(alignment, weights, pseudocount);
  const y = zeros(names.length + 1, columns * FREE);
  for (let m = 0; m <= names.length; m++) {
    const scale = Math.sqrt(shares[m] ?? pseudocount);
    for (let i = 0; i < columns; i++) {
      const state = m === names.length ? -1 : states[m * columns + i]!;
      for (let a = 0; a < FREE; a++) {
        const x = state === -1 ? 1 / STATES : state === a ? 1 : 0;
        y.data[m * y.columns + i * FREE + a] = scale * (x - frequencies[i * FREE + a]!);
      }
    }
  }
  return y;
}

/** C = L Lᵀ, C⁻¹ = B Bᵀ with B = L⁻ᵀ. */
async function byColumns(
  alignment: Alignment,
  weights: Float64Array,
  pseudocount: number,
  report: Report,
): Promise<Matrix> {
  const c = await correlations(alignment, weights, pseudocount, part(report, 0, 0.1));
  await cholesky(c, part(report, 0.1, 0.55));
  const b = zeros(c.rows, c.rows);
  for (let i = 0; i < b.rows; i++) b.data[i * b.rows + i] = 1;
  await solveRows(b, c, true, part(report, 0.55, 1));
  return b;
}

/** How often each two letters are together in a sequence, more than by chance: on the diagonal and below it. */
async function correlations(
  alignment: Alignment,
  weights: Float64Array,
  pseudocount: number,
  report: Report,
): Promise<Matrix> {
  const { states, names, columns } = alignment;
  const { shares, frequencies } = frequenciesOf(alignment, weights, pseudocount);
  const c = zeros(columns * FREE, columns * FREE);
  const together = new Float64Array(STATES * STATES);
  for (let i = 0; i < columns; i++) {
    for (let j = 0; j <= i; j++) {
      together.fill(i === j ? 0 : pseudocount / STATES ** 2);
      if (i === j) for (let a = 0; a < STATES; a++) together[a * STATES + a] = pseudocount / STATES;
      for (let m = 0, at = 0; m < names.length; m++, at += columns) {
        together[states[at + i]! * STATES + states[at + j]!]! += shares[m]!;
      }
      for (let a = 0; a < FREE; a++) {
        const chance = frequencies[i * FREE + a]!;
        const row = (i * FREE + a) * c.columns + j * FREE;
        for (let b = 0; b < FREE; b++)
          c.data[row + b] = together[a * STATES + b]! - chance * frequencies[j * FREE + b]!;
      }
    }
    await report(((i + 1) / columns) ** 2);
  }
  return c;
}

/** K = 1 + Y D⁻¹ Yᵀ = L Lᵀ, and what C⁻¹ has off its diagonal blocks is − B Bᵀ with B = D⁻¹ Yᵀ L⁻ᵀ. */
async function bySequences(
  alignment: Alignment,
  weights: Float64Array,
  pseudocount: number,
  report: Report,
): Promise<Matrix> {
  const { columns } = alignment;
  const y = centredRows(alignment, weights, pseudocount);
  const n = y.rows;
  const scaled = zeros(n, y.columns);
  for (let m = 0; m < n; m++) {
    for (let i = 0; i < columns; i++) {
      const at = m * y.columns + i * FREE;
      let sum = 0;
      for (let a = 0; a < FREE; a++) sum += y.data[at + a]!;
      for (let a = 0; a < FREE; a++) scaled.data[at + a] = (STATES / pseudocount) * (y.data[at + a]! + sum);
    }
  }
  const k = zeros(n, n);
  for (let m = 0; m < n; m++) k.data[m * n + m] = 1;
  for (let top = 0; top < n; top += 64) {
    for (let left = 0; left <= top; left += 64) {
      const window = { top, bottom: Math.min(n, top + 64), left, right: Math.min(n, left + 64) };
      addProducts(k, window, 1, scaled, y, 0, y.columns);
    }
    await report(0.3 * (top / n) ** 2);
  }
  await cholesky(k, part(report, 0.3, 0.4));
  const b = transpose(scaled);
  await solveRows(b, k, false, part(report, 0.4, 1));
  return b;
}

/**
 * The norm of each block of B Bᵀ. The zero-sum gauge takes the mean off every row and column of a block; that is the same
 * as taking it off the rows of B, of which the one of the gap is zero.
 *
 * @param upper - B has zeros below its diagonal
 */
async function norms(b: Matrix, columns: number, upper: boolean, report: Report): Promise<Float64Array> {
  for (let i = 0; i < columns; i++) {
    for (let k = upper ? i * FREE : 0; k < b.columns; k++) {
      let mean = 0;
      for (let a = 0; a < FREE; a++) mean += b.data[(i * FREE + a) * b.columns + k]! / STATES;
      for (let a = 0; a < FREE; a++) b.data[(i * FREE + a) * b.columns + k]! -= mean;
    }
  }
  const scores = new Float64Array(columns * columns);
  const sums = new Float64Array(16);
  for (let j = 1; j < columns; j++) {
    for (let i = 0; i < j; i++) {
      let squares = 0;
      for (let a = 0; a < FREE; a += 4) {
        for (let c = 0; c < FREE; c += 4) {
          products4x4(b, i * FREE + a, b, j * FREE + c, upper ? j * FREE : 0, b.columns, sums);
          for (let s = 0; s < 16; s++) squares += sums[s]! ** 2;
        }
      }
      scores[i * columns + j] = scores[j * columns + i] = Math.sqrt(squares);
    }
    await report(j / columns);
  }
  return scores;
}

function transpose(m: Matrix): Matrix {
  const t = zeros(m.columns, m.rows);
  for (let i = 0; i < m.rows; i++) {
    for (let j = 0; j < m.columns; j++) t.data[j * m.rows + i] = m.data[i * m.columns + j]!;
  }
  return t;
}
