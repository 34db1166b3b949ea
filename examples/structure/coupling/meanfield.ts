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

/** What {@link couplingScores} may be told. */
export interface CouplingOptions {
  /** How much of the frequencies is taken from a column where all states are alike. The usual 0.5. */
  readonly pseudocount?: number;
  /**
   * `columns` inverts the matrix of correlations as it is; `sequences` one of the size of the alignment's other side, with
   * the same result. Default: the smaller.
   */
  readonly by?: "columns" | "sequences";
}

/**
 * How strongly each two columns are coupled: the Frobenius norm of their couplings in the zero-sum gauge, gaps left out.
 *
 * With the weights p of the sequences, their rows x of 0 and 1 (one place for each column and amino acid) and a
 * pseudocount λ, the correlations are those of the sequences and one more, in which all q states are equally likely:
 *
 *     C = D + Σ y yᵀ,   y = √p (x − f),   D = (λ/q)(1 − 1/q) for each column
 *
 * So C⁻¹ comes from a Cholesky factor of C, or, where there are fewer sequences than columns times amino acids, from one
 * of the small matrix K = 1 + Y D⁻¹ Yᵀ (Woodbury's identity). Both give rows B with couplings B Bᵀ.
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
  const way = by ?? (alignment.names.length + 1 < size ? "sequences" : "columns");
  const side = way === "columns" ? size : alignment.names.length + 1;
  if (side > 12_000) {
    throw new Error(
      `this would be a matrix of ${side} by ${side} numbers; cut the alignment to one domain, ` +
        "or thin out its sequences (`hhfilter -id 80`)",
    );
  }
  const y = centredRows(alignment, weights, pseudocount);
  const couplings =
    way === "columns"
      ? await byColumns(y, alignment.columns, pseudocount, part(report, 0, 0.7))
      : await bySequences(y, alignment.columns, pseudocount, part(report, 0, 0.7));
  return norms(couplings, alignment.columns, way === "columns", part(report, 0.7, 1));
}

/** One row for each sequence, and the last for the pseudocount: what it differs from the frequencies, times √weight. */
function centredRows({ states, names, columns }: Alignment, weights: Float64Array, pseudocount: number): Matrix {
  const y = zeros(names.length + 1, columns * FREE);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const frequencies = new Float64Array(y.columns).fill(pseudocount / STATES);
  const shares = weights.map((weight) => ((1 - pseudocount) * weight) / total);
  for (let m = 0; m < names.length; m++) {
    for (let i = 0; i < columns; i++) {
      const state = states[m * columns + i]!;
      if (state !== GAP) frequencies[i * FREE + state]! += shares[m]!;
    }
  }
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

/** C = D + Yᵀ Y = L Lᵀ, C⁻¹ = B Bᵀ with B = L⁻ᵀ. */
async function byColumns(y: Matrix, columns: number, pseudocount: number, report: Report): Promise<Matrix> {
  const size = y.columns;
  const c = zeros(size, size);
  const d = pseudocount / STATES;
  for (let i = 0; i < columns; i++) {
    for (let a = 0; a < FREE; a++) {
      for (let b = 0; b < FREE; b++) c.data[(i * FREE + a) * size + i * FREE + b] = (a === b ? d : 0) - d / STATES;
    }
  }
  const yt = transpose(y);
  for (let top = 0; top < size; top += 64) {
    for (let left = 0; left <= top; left += 64) {
      const window = { top, bottom: Math.min(size, top + 64), left, right: Math.min(size, left + 64) };
      addProducts(c, window, 1, yt, yt, 0, yt.columns);
    }
    await report(0.3 * (top / size) ** 2);
  }
  await cholesky(c, part(report, 0.3, 0.65));
  const b = zeros(size, size);
  for (let i = 0; i < size; i++) b.data[i * size + i] = 1;
  await solveRows(b, c, true, part(report, 0.65, 1));
  return b;
}

/** K = 1 + Y D⁻¹ Yᵀ = L Lᵀ, and what C⁻¹ has off its diagonal blocks is − B Bᵀ with B = D⁻¹ Yᵀ L⁻ᵀ. */
async function bySequences(y: Matrix, columns: number, pseudocount: number, report: Report): Promise<Matrix> {
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
