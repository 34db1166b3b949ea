import { checkLetters } from "./letters.ts";
import { AlignmentError, type Line, Row, type Table } from "./text.ts";

/** Rows that HH-suite puts among the sequences of an A3M file: secondary structure and its like. */
const ANNOTATION = /^(ss_pred|ss_conf|ss_dssp|sa_dssp|aa_dssp|aa_pred)$/;

/**
 * Reads FASTA, and the two formats that look like it and mean more by small letters. Which it is, is told from the rows:
 *
 * - FASTA: all rows have one length. Small letters are residues like others.
 * - A2M: all rows have one length, and columns are of two kinds, those of capitals and `-`, and those of small letters
 *   and `.`, which are insertions.
 * - A3M: the same without the `.`: rows have one length once small letters are taken away.
 *
 * Insertions have no column of their own, and are left out.
 */
export function readFasta(lines: readonly Line[], file: string): Table {
  const rows = readRows(lines, file);
  const written = rows.map((row) => checkLetters(row, file));
  const sequences = rows.map((row, i) => ({ name: row.name, place: row.place, letters: written[i]! }));
  const format = tellFormat(written);
  const table = (letters: (sequence: string) => string): Table => {
    const [first, ...others] = sequences.map((row) => ({ ...row, letters: letters(row.letters) }));
    const odd = others.findIndex((row) => row.letters.length !== first!.letters.length);
    if (odd >= 0) throw uneven(rows, written, odd + 1, format, file);
    const { names, warnings } = uniqueNames(rows);
    return { format, rows: [first!, ...others].map((row, i) => ({ ...row, name: names[i]! })), warnings };
  };
  return format === "FASTA" ? table((row) => row.toUpperCase().replaceAll(".", "-")) : table(matchColumns);
}

/** What is left of a row without its insertions. */
function matchColumns(letters: string): string {
  return letters.replaceAll(/[a-z.]/g, "");
}

function readRows(lines: readonly Line[], file: string): Row[] {
  const rows: Row[] = [];
  for (const { number, text } of lines) {
    if (text.startsWith(">")) {
      const name = /^>\s*(\S*)/.exec(text)?.[1] ?? "";
      if (name === "") throw new AlignmentError(file, { line: number, column: 2 }, "the sequence has no name");
      rows.push(new Row(name, { line: number, column: 1 }));
    } else if (!/^\s*$|^[;#]/.test(text)) {
      const row = rows.at(-1);
      if (row === undefined) {
        throw new AlignmentError(file, { line: number, column: 1 }, "a sequence stands before the first name (>)");
      }
      // Blanks between blocks of letters are no part of the sequence.
      for (const { 0: letters, index } of text.matchAll(/\S+/g)) {
        row.pieces.push({ line: number, column: index + 1, text: letters });
      }
    }
  }
  const empty = rows.find((row) => row.letters === "");
  if (empty) throw new AlignmentError(file, empty.place, `${empty.name} has no sequence`);
  return rows.filter((row) => !ANNOTATION.test(row.name));
}

function tellFormat(rows: readonly string[]): "FASTA" | "A2M" | "A3M" {
  const both = rows.some((row) => /[a-z]/.test(row)) && rows.some((row) => /[A-Z]/.test(row));
  if (!both) return "FASTA";
  if (rows.some((row) => row.length !== rows[0]!.length)) return "A3M";
  const isInsertion = Array.from(rows[0]!, (letter) => /[a-z.]/.test(letter));
  const agree = rows.every((row) => isInsertion.every((insertion, i) => insertion === /[a-z.]/.test(row[i]!)));
  if (agree) return "A2M";
  // One length by chance is what an A3M file of few insertions may have: rows then agree without their insertions.
  const lengths = new Set(rows.map((row) => matchColumns(row).length));
  return lengths.size === 1 && !rows.some((row) => row.includes(".")) ? "A3M" : "FASTA";
}

/** Why rows of different lengths are no alignment: nobody aligned them, or something is missing in one. */
function uneven(
  rows: readonly Row[],
  written: readonly string[],
  odd: number,
  format: Table["format"],
  file: string,
): AlignmentError {
  const row = rows[odd]!;
  const lengths = written.map((letters) => letters.replaceAll(/[-.]/g, "").length);
  if (!written.some((letters) => /[-.]/.test(letters))) {
    const range = `${Math.min(...lengths)} to ${Math.max(...lengths)}`;
    return new AlignmentError(
      file,
      row.place,
      `these ${rows.length} sequences are not aligned: they have ${range} residues, and no gap`,
      "align them first, with `mafft --auto in.fa > out.fa`, or `hmmalign` where there is a profile",
    );
  }
  const columns = (letters: string): number[] =>
    Array.from(letters, (letter, i) => (format === "A3M" && /[a-z.]/.test(letter) ? -1 : i)).filter((i) => i >= 0);
  const expected = columns(written[0]!).length;
  const found = columns(written[odd]!);
  const what = format === "A3M" ? "columns (capitals and -; small letters are insertions)" : "columns";
  return new AlignmentError(
    file,
    row.at(found[expected] ?? written[odd]!.length),
    `${row.name} has ${found.length} ${what} where ${rows[0]!.name} has ${expected}`,
    "is the file whole?",
  );
}

/** FASTA does not ask for names that differ. Those that come again get a number. */
function uniqueNames(rows: readonly Row[]): {
  readonly names: readonly string[];
  readonly warnings: readonly string[];
} {
  const seen = new Map<string, number>();
  const twice = new Set<string>();
  const names = rows.map(({ name }) => {
    const count = (seen.get(name) ?? 0) + 1;
    seen.set(name, count);
    if (count > 1) twice.add(name);
    return count === 1 ? name : `${name}#${count}`;
  });
  if (twice.size === 0) return { names, warnings: [] };
  const some = [...twice].slice(0, 3).join(", ");
  return { names, warnings: [`${twice.size} names stand more than once (${some}); each sequence counts`] };
}
