import type { Contact } from "../coupling/contacts.ts";
import { CONTACT, distanceOf } from "./energy.ts";
import type { Fold } from "./fold.ts";

/** Distances that differ by less than these are the same, each for a quarter, as lDDT has it. In Å. */
const TOLERANCES = [1, 2, 4, 8];

/** What counts as the surroundings of a residue, in Å. */
const AROUND = 15;

/**
 * How much is to be made of the place of each residue, from 0 to 100: how far the folds of the better half of the starts
 * agree on the distances around it, times how sure it is that a contact holds it there. Not AlphaFold's pLDDT.
 *
 * @param folds - the best first
 */
export function residueConfidence(
  residues: number,
  folds: readonly Fold[],
  contacts: readonly Contact[],
): Float64Array {
  const [best, ...rest] = folds;
  const others = rest.slice(0, Math.max(1, Math.floor(folds.length / 2)));
  const free = new Float64Array(residues).fill(1);
  for (const { i, j, confidence } of contacts) {
    if (distanceOf(best!.places, i, j) > CONTACT + 1) continue;
    // A contact holds its residues, and less those beside them in the chain.
    for (const at of [i, j]) {
      for (let near = Math.max(0, at - 1); near <= Math.min(residues - 1, at + 1); near++) {
        free[near]! *= 1 - confidence * (near === at ? 1 : 0.5);
      }
    }
  }
  return free.map((chance, i) => 100 * agreement(i, residues, best!, others) * (1 - chance));
}

/** The share of distances around a residue that other folds have, too. */
function agreement(i: number, residues: number, best: Fold, others: readonly Fold[]): number {
  let same = 0;
  let all = 0;
  for (let j = 0; j < residues; j++) {
    if (Math.abs(i - j) < 3) continue;
    const distance = distanceOf(best.places, i, j);
    if (distance > AROUND) continue;
    for (const other of others) {
      const off = Math.abs(distanceOf(other.places, i, j) - distance);
      for (const tolerance of TOLERANCES) if (off < tolerance) same += 1 / TOLERANCES.length;
      all++;
    }
  }
  return all === 0 ? 0 : same / all;
}
