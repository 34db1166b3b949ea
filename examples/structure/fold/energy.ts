/** Two residues that shall be near each other. */
export interface Restraint {
  readonly i: number;
  readonly j: number;
  /** From 0 to 1. */
  readonly weight: number;
}

/** How much each part of the energy counts. They change from rough to fine while a chain is folded. */
export interface Weights {
  readonly bonds: number;
  readonly sterics: number;
  readonly contacts: number;
  readonly compaction: number;
}

/** The distance of Cα atoms of neighbours in the chain, across a trans peptide bond. In Å, as all that follows. */
export const BOND = 3.8;
/** Cα atoms of two residues with one between: from a tight turn to a stretched strand. */
const NEXT = { least: 5, most: 7.3 } as const;
/** Others are never nearer. */
export const STERIC = 4;
/** Residues touch up to here. */
export const CONTACT = 8;
/** From this much above, a contact that is not met pulls no harder: it may be a wrong one. */
const GIVE_UP = 3;

/** The radius of gyration of a globular protein, by its number of residues (Skolnick et al., 1997). */
export function radiusOfGyration(residues: number): number {
  return 2.2 * residues ** 0.38;
}

/**
 * The energy of a Cα chain, and its gradient: bonds of 3.8 Å, no two atoms nearer than 4 Å, contacts up to 8 Å, and a
 * weak pull towards the size of a globular protein.
 *
 * @param places - x, y, z of each residue
 * @param gradient - is overwritten
 */
export function energy(
  places: Float64Array,
  restraints: readonly Restraint[],
  weights: Weights,
  gradient: Float64Array,
): number {
  const n = places.length / 3;
  let total = 0;
  gradient.fill(0);

  /** Adds a term of the distance of two residues, by its value and its slope. */
  const add = (i: number, j: number, distance: number, value: number, slope: number): void => {
    total += value;
    const scale = slope / Math.max(distance, 1e-6);
    for (let d = 0; d < 3; d++) {
      const pull = scale * (places[3 * i + d]! - places[3 * j + d]!);
      gradient[3 * i + d]! += pull;
      gradient[3 * j + d]! -= pull;
    }
  };

  for (let i = 0; i + 1 < n; i++) {
    const distance = distanceOf(places, i, i + 1);
    const off = distance - BOND;
    add(i, i + 1, distance, weights.bonds * off * off, 2 * weights.bonds * off);
  }
  for (let i = 0; i + 2 < n; i++) {
    const distance = distanceOf(places, i, i + 2);
    const off = distance < NEXT.least ? distance - NEXT.least : Math.max(0, distance - NEXT.most);
    if (off !== 0) add(i, i + 2, distance, weights.bonds * off * off, 2 * weights.bonds * off);
  }
  for (let i = 0; i < n; i++) {
    const [x, y, z] = [places[3 * i]!, places[3 * i + 1]!, places[3 * i + 2]!];
    for (let j = i + 3; j < n; j++) {
      const dx = x - places[3 * j]!;
      const dy = y - places[3 * j + 1]!;
      const dz = z - places[3 * j + 2]!;
      const square = dx * dx + dy * dy + dz * dz;
      if (square >= STERIC * STERIC) continue;
      const distance = Math.sqrt(square);
      const off = distance - STERIC;
      add(i, j, distance, weights.sterics * off * off, 2 * weights.sterics * off);
    }
  }
  for (const { i, j, weight } of restraints) {
    const distance = distanceOf(places, i, j);
    const off = distance - CONTACT;
    if (off <= 0) continue;
    const scale = weights.contacts * weight;
    if (off < GIVE_UP) add(i, j, distance, scale * off * off, 2 * scale * off);
    else add(i, j, distance, scale * GIVE_UP * (2 * off - GIVE_UP), 2 * scale * GIVE_UP);
  }
  return total + compaction(places, weights.compaction, gradient);
}

function compaction(places: Float64Array, weight: number, gradient: Float64Array): number {
  const n = places.length / 3;
  const centre = [0, 0, 0];
  for (let at = 0; at < places.length; at++) centre[at % 3]! += places[at]! / n;
  let square = 0;
  for (let at = 0; at < places.length; at++) square += (places[at]! - centre[at % 3]!) ** 2 / n;
  const radius = Math.sqrt(square);
  const off = radius - radiusOfGyration(n);
  for (let at = 0; at < places.length; at++) {
    gradient[at]! += (2 * weight * off * (places[at]! - centre[at % 3]!)) / radius;
  }
  return weight * n * off * off;
}

/** How far two residues are apart, in Å. */
export function distanceOf(places: Float64Array, i: number, j: number): number {
  const dx = places[3 * i]! - places[3 * j]!;
  const dy = places[3 * i + 1]! - places[3 * j + 1]!;
  const dz = places[3 * i + 2]! - places[3 * j + 2]!;
  return Math.sqrt(dx * dx + dy * dy + dz * dz);
}
