/**
 * From contacts to places: a chain of Cα atoms is folded by gradient descent from several random starts, and the best
 * is kept. Distances are all there is to go by, and a mirror image has the same ones: which hand comes out is chance.
 *
 * @module
 */
import type { Report } from "../coupling/progress.ts";
import { BOND, energy, type Restraint, type Weights } from "./energy.ts";
import { randomNumbers } from "./random.ts";

/** A folded chain. */
export interface Fold {
  /** x, y, z of each residue, in Å, around the origin. */
  readonly places: Float64Array;
  readonly energy: number;
}

/** From rough to fine: first contacts draw a chain together that may cross itself, in the end no atom is in another. */
const STAGES: readonly (Weights & { readonly steps: number })[] = [
  { bonds: 1, sterics: 0.05, contacts: 1, compaction: 1, steps: 500 },
  { bonds: 5, sterics: 1, contacts: 1, compaction: 1, steps: 500 },
  { bonds: 50, sterics: 10, contacts: 1, compaction: 1, steps: 1000 },
  { bonds: 500, sterics: 100, contacts: 1, compaction: 1, steps: 1500 },
];

/**
 * Folds a chain.
 *
 * @param residues - how many it has
 * @param starts - from how many random places it is tried
 * @param seed - the same seed gives the same folds
 * @returns the folds of all starts, the one with the least energy first
 */
export async function foldChain(
  residues: number,
  restraints: readonly Restraint[],
  starts: number,
  seed: number,
  report: Report = () => {},
): Promise<Fold[]> {
  const folds: Fold[] = [];
  for (let start = 0; start < starts; start++) {
    const places = randomChain(residues, randomNumbers(seed * 1000 + start));
    let last = 0;
    for (const [stage, weights] of STAGES.entries()) {
      last = descend(places, restraints, weights, weights.steps);
      await report((start + (stage + 1) / STAGES.length) / starts);
    }
    folds.push({ places: centred(places), energy: last });
  }
  return folds.sort((a, b) => a.energy - b.energy);
}

/** A random walk with steps of a bond. */
function randomChain(residues: number, random: () => number): Float64Array {
  const places = new Float64Array(3 * residues);
  for (let i = 1; i < residues; i++) {
    const z = 2 * random() - 1;
    const angle = 2 * Math.PI * random();
    const step = [Math.sqrt(1 - z * z) * Math.cos(angle), Math.sqrt(1 - z * z) * Math.sin(angle), z];
    for (let d = 0; d < 3; d++) places[3 * i + d] = places[3 * (i - 1) + d]! + BOND * step[d]!;
  }
  return places;
}

/**
 * Goes downhill with momentum, which is lost where the way leads up again (FIRE; Bitzek et al., 2006).
 *
 * @returns the energy at the end
 */
function descend(places: Float64Array, restraints: readonly Restraint[], weights: Weights, steps: number): number {
  const gradient = new Float64Array(places.length);
  const velocity = new Float64Array(places.length);
  let time = 0.02;
  let mixing = 0.1;
  let downhill = 0;
  for (let step = 0; step < steps; step++) {
    energy(places, restraints, weights, gradient);
    let power = 0;
    let speed = 0;
    let slope = 0;
    for (let at = 0; at < places.length; at++) {
      power -= gradient[at]! * velocity[at]!;
      speed += velocity[at]! ** 2;
      slope += gradient[at]! ** 2;
    }
    if (slope < 1e-12) break;
    if (power > 0) {
      const turn = mixing * Math.sqrt(speed / slope);
      for (let at = 0; at < places.length; at++) velocity[at] = (1 - mixing) * velocity[at]! - turn * gradient[at]!;
      if (++downhill > 5) {
        time = Math.min(time * 1.1, 0.2);
        mixing *= 0.99;
      }
    } else {
      velocity.fill(0);
      time *= 0.5;
      mixing = 0.1;
      downhill = 0;
    }
    for (let at = 0; at < places.length; at++) {
      velocity[at]! -= time * gradient[at]!;
      // No atom jumps further than half an Å at once.
      places[at]! += Math.max(-0.5, Math.min(0.5, time * velocity[at]!));
    }
  }
  return energy(places, restraints, weights, gradient);
}

function centred(places: Float64Array): Float64Array {
  const centre = [0, 0, 0];
  for (let at = 0; at < places.length; at++) centre[at % 3]! += (3 * places[at]!) / places.length;
  return places.map((value, at) => value - centre[at % 3]!);
}
