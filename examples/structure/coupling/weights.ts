import type { Alignment } from "../alignment/read.ts";
import type { Report } from "./progress.ts";

/**
 * The weight of each sequence: one over the number of those that are like it, itself included. Families are sampled
 * unevenly (a hundred strains of one bacterium, and one of another), and a sequence that stands there a hundred times
 * says no more than once.
 *
 * @param identity - from which share of equal columns on two sequences are alike; the usual 0.8
 * @returns the weights; their sum is the effective number of sequences
 */
export async function sequenceWeights(
  { states, names, columns }: Pick<Alignment, "states" | "names" | "columns">,
  identity = 0.8,
  report: Report = () => {},
): Promise<Float64Array> {
  const rows = names.length;
  const alike = new Uint32Array(rows).fill(1);
  // Most pairs have nothing to do with each other, and are given up after a quarter of their columns.
  const allowed = columns - Math.ceil(identity * columns - 1e-9);
  for (let m = 0; m < rows; m++) {
    for (let n = m + 1; n < rows; n++) {
      let a = m * columns;
      let b = n * columns;
      let different = 0;
      for (const end = a + columns; a < end && different <= allowed; a++, b++) {
        if (states[a] !== states[b]) different++;
      }
      if (different <= allowed) {
        alike[m]!++;
        alike[n]!++;
      }
    }
    if (m % 64 === 0) await report(1 - ((rows - m) / rows) ** 2);
  }
  return Float64Array.from(alike, (count) => 1 / count);
}
