import { AlignmentError, type Row } from "./text.ts";

/** The amino acids, in the order of their states. */
export const AMINO_ACIDS = "ACDEFGHIKLMNPQRSTVWY";

/** How many states a column has: 20 amino acids, and the gap as the last. */
export const STATES = 21;

/** The state of a gap, and of what says as little: `X`, and the ambiguous `B`, `Z`, `J`. */
export const GAP = 20;

/** Letters that stand for an amino acid under another name: selenocysteine and pyrrolysine, as those they are made from. */
const OTHERS: Readonly<Record<string, string>> = { U: "C", O: "K" };

/** What the formats write for a gap. */
const GAPS = /[-.~_]/g;

/** All that may stand in a sequence. */
const ALIEN = /[^A-Za-z\-.~_*]/;

/** The state of a letter: 0 to 19 for amino acids, {@link GAP} for what is none or unknown. */
export function stateOf(letter: string): number {
  const state = AMINO_ACIDS.indexOf(OTHERS[letter] ?? letter);
  return state < 0 ? GAP : state;
}

/**
 * Checks the letters of a sequence. A `*` at its end is the stop codon that translations carry, and is read as a gap.
 *
 * @returns its letters, with `-` for every gap; small ones stay small
 */
export function checkLetters(row: Row, file: string): string {
  const letters = row.letters;
  const alien = ALIEN.exec(letters);
  if (alien) {
    throw new AlignmentError(
      file,
      row.at(alien.index),
      `${JSON.stringify(alien[0])} in ${row.name} is neither a residue nor a gap`,
      "residues are letters, gaps are - . ~ or _",
    );
  }
  const stop = letters.indexOf("*");
  if (stop >= 0 && /[^*\-.~_]/.test(letters.slice(stop))) {
    throw new AlignmentError(
      file,
      row.at(stop),
      `a stop codon (*) stands inside ${row.name}`,
      "is it translated in the right frame?",
    );
  }
  return letters.replaceAll("*", "-").replaceAll(GAPS, (gap) => (gap === "." ? "." : "-"));
}
