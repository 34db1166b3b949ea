import { randomNumbers } from "../../../examples/structure/fold/random.ts";

/** Two columns that are coupled. */
export interface Planted {
  readonly i: number;
  readonly j: number;
}

/** What a family is made of. */
export interface Family {
  readonly sequences: number;
  readonly columns: number;
  readonly planted: readonly Planted[];
  /** How strongly: the energy that a matching pair of letters gains. */
  readonly strength: number;
  readonly seed: number;
}

const LETTERS = "ADEKL";

/**
 * Sequences of a Potts model with five letters, by Gibbs sampling: in coupled columns each letter of the one likes one
 * letter of the other; all else is chance.
 *
 * @returns an alignment as FASTA
 */
export function simulate({ sequences, columns, planted, strength, seed }: Family): string {
  const random = randomNumbers(seed);
  const q = LETTERS.length;
  const couplings = planted.map(({ i, j }) => ({ i, j, shift: Math.floor(random() * q) }));
  const partners = Array.from({ length: columns }, (_, at) =>
    couplings.flatMap(({ i, j, shift }) => {
      if (at === i) return [{ other: j, likes: (state: number) => (state + q - shift) % q }];
      return at === j ? [{ other: i, likes: (state: number) => (state + shift) % q }] : [];
    }),
  );
  const rows: string[] = [];
  for (let m = 0; m < sequences; m++) {
    const states = Array.from({ length: columns }, () => Math.floor(random() * q));
    for (let sweep = 0; sweep < 30; sweep++) {
      for (let at = 0; at < columns; at++) {
        const weights = Array.from(LETTERS, () => 1);
        for (const { other, likes } of partners[at]!) weights[likes(states[other]!)]! *= Math.exp(strength);
        let rest = random() * weights.reduce((sum, weight) => sum + weight, 0);
        states[at] = weights.findIndex((weight) => (rest -= weight) < 0);
      }
    }
    rows.push(`>s${m}\n${states.map((state) => LETTERS[state]).join("")}\n`);
  }
  return rows.join("");
}
