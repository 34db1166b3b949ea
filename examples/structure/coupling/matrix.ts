/**
 * As much linear algebra as is needed: products of rows with rows, and a Cholesky factor. All of it is made of one
 * kernel, which multiplies 4 rows by 4 rows and keeps the 16 sums in registers: 4 GFlop/s in plain JavaScript, four
 * times what row by row gives. Blocks are small enough to stay in the cache.
 *
 * @module
 */
import type { Report } from "./progress.ts";

/** A matrix, row after row. */
export interface Matrix {
  readonly rows: number;
  readonly columns: number;
  readonly data: Float64Array;
}

/** Rows and columns of a block that is worked on at a time. */
const BLOCK = 64;

/** A matrix of zeros. */
export function zeros(rows: number, columns: number): Matrix {
  return { rows, columns, data: new Float64Array(rows * columns) };
}

/** The products of 4 rows of `a` with 4 of `b`, over a stretch of columns. */
export function products4x4(
  a: Matrix,
  i: number,
  b: Matrix,
  j: number,
  from: number,
  to: number,
  out: Float64Array,
): void {
  const x = a.data;
  const y = b.data;
  let [s00, s01, s02, s03, s10, s11, s12, s13] = [0, 0, 0, 0, 0, 0, 0, 0];
  let [s20, s21, s22, s23, s30, s31, s32, s33] = [0, 0, 0, 0, 0, 0, 0, 0];
  const i0 = i * a.columns;
  const i1 = i0 + a.columns;
  const i2 = i1 + a.columns;
  const i3 = i2 + a.columns;
  const j0 = j * b.columns;
  const j1 = j0 + b.columns;
  const j2 = j1 + b.columns;
  const j3 = j2 + b.columns;
  for (let k = from; k < to; k++) {
    const x0 = x[i0 + k]!;
    const x1 = x[i1 + k]!;
    const x2 = x[i2 + k]!;
    const x3 = x[i3 + k]!;
    const y0 = y[j0 + k]!;
    const y1 = y[j1 + k]!;
    const y2 = y[j2 + k]!;
    const y3 = y[j3 + k]!;
    s00 += x0 * y0;
    s01 += x0 * y1;
    s02 += x0 * y2;
    s03 += x0 * y3;
    s10 += x1 * y0;
    s11 += x1 * y1;
    s12 += x1 * y2;
    s13 += x1 * y3;
    s20 += x2 * y0;
    s21 += x2 * y1;
    s22 += x2 * y2;
    s23 += x2 * y3;
    s30 += x3 * y0;
    s31 += x3 * y1;
    s32 += x3 * y2;
    s33 += x3 * y3;
  }
  out[0] = s00;
  out[1] = s01;
  out[2] = s02;
  out[3] = s03;
  out[4] = s10;
  out[5] = s11;
  out[6] = s12;
  out[7] = s13;
  out[8] = s20;
  out[9] = s21;
  out[10] = s22;
  out[11] = s23;
  out[12] = s30;
  out[13] = s31;
  out[14] = s32;
  out[15] = s33;
}

/** The product of a row with a row, over a stretch of columns. */
export function product(a: Matrix, i: number, b: Matrix, j: number, from: number, to: number): number {
  const x = i * a.columns;
  const y = j * b.columns;
  let sum = 0;
  for (let k = from; k < to; k++) sum += a.data[x + k]! * b.data[y + k]!;
  return sum;
}

/** Rows and columns from which something is taken, up to but without the end. */
interface Window {
  readonly top: number;
  readonly bottom: number;
  readonly left: number;
  readonly right: number;
}

const sums = new Float64Array(16);

/** Adds `sign` times the products of rows of `a` with rows of `b` to a part of a matrix: `target += sign · a bᵀ`. */
export function addProducts(
  target: Matrix,
  { top, bottom, left, right }: Window,
  sign: 1 | -1,
  a: Matrix,
  b: Matrix,
  from: number,
  to: number,
): void {
  const { data, columns } = target;
  // Stretches of columns that leave room for both blocks in the cache of a processor.
  for (let start = from; start < to; start += 256) {
    const stop = Math.min(to, start + 256);
    for (let i = top; i < bottom; i += 4) {
      for (let j = left; j < right; j += 4) {
        if (i + 4 <= bottom && j + 4 <= right) {
          products4x4(a, i, b, j, start, stop, sums);
          for (let s = 0; s < 16; s++) data[(i + (s >> 2)) * columns + j + (s & 3)]! += sign * sums[s]!;
        } else {
          for (let ii = i; ii < Math.min(i + 4, bottom); ii++) {
            for (let jj = j; jj < Math.min(j + 4, right); jj++) {
              data[ii * columns + jj]! += sign * product(a, ii, b, jj, start, stop);
            }
          }
        }
      }
    }
  }
}

/**
 * Turns a symmetric matrix into its Cholesky factor, in place: `A = L Lᵀ`. Only what stands on the diagonal and below it
 * is read and written.
 */
export async function cholesky(a: Matrix, report: Report = () => {}): Promise<void> {
  const n = a.rows;
  for (let left = 0; left < n; left += BLOCK) {
    const right = Math.min(n, left + BLOCK);
    for (let top = left; top < n; top += BLOCK) {
      addProducts(a, { top, bottom: Math.min(n, top + BLOCK), left, right }, -1, a, a, 0, left);
    }
    for (let i = left; i < n; i++) {
      for (let j = left; j < Math.min(i, right); j++) divide(a, i, a, j, left);
      if (i >= right) continue;
      const rest = a.data[i * n + i]! - product(a, i, a, i, left, i);
      if (!(rest > 0)) throw new Error(`the matrix is not positive definite (row ${i + 1})`);
      a.data[i * n + i] = Math.sqrt(rest);
    }
    await report(1 - (1 - right / n) ** 2 * (1 + (2 * right) / n));
  }
}

/**
 * Solves `X Lᵀ = Z` for every row of `Z`, in place.
 *
 * @param upper - `Z` has zeros below its diagonal, and then so has `X`: a third of the work
 */
export async function solveRows(z: Matrix, l: Matrix, upper: boolean, report: Report = () => {}): Promise<void> {
  const n = l.rows;
  for (let left = 0; left < n; left += BLOCK) {
    const right = Math.min(n, left + BLOCK);
    const rows = upper ? right : z.rows;
    for (let top = 0; top < rows; top += BLOCK) {
      const bottom = Math.min(rows, top + BLOCK);
      const from = upper ? top : 0;
      addProducts(z, { top, bottom, left, right }, -1, z, l, from, left);
      for (let i = top; i < bottom; i++) for (let j = left; j < right; j++) divide(z, i, l, j, left);
    }
    await report((right / n) ** 2);
  }
}

/** The last step for one number of a solution: takes off what the block itself adds, and divides. */
function divide(z: Matrix, i: number, l: Matrix, j: number, left: number): void {
  const at = i * z.columns + j;
  z.data[at] = (z.data[at]! - product(z, i, l, j, left, j)) / l.data[j * l.columns + j]!;
}
