import { readFasta } from "./fasta.ts";
import { GAP, stateOf } from "./letters.ts";
import { readStockholm } from "./stockholm.ts";
import { AlignmentError, linesOf, type Table } from "./text.ts";

/** An alignment as the rest works with it: columns are those in which the query has a residue. */
export interface Alignment {
  readonly format: Table["format"];
  /** The sequence whose structure is asked for: the first, unless another is named. */
  readonly query: string;
  /** The residues of the query, one for each column. */
  readonly residues: string;
  /** The number of each column's residue: counted from 1, or from where the name says (`PHOQ_ECOLI/374-480`). */
  readonly numbers: readonly number[];
  /** The query first. */
  readonly names: readonly string[];
  readonly columns: number;
  /** The states of all sequences, one after the other: {@link AMINO_ACIDS} and {@link GAP}. */
  readonly states: Uint8Array;
  readonly warnings: readonly string[];
}

/** What {@link readAlignment} may be told. */
export interface ReadOptions {
  /** What to call the alignment in messages. */
  readonly file?: string;
  /** The name of the sequence whose structure is asked for. Default: the first. */
  readonly query?: string;
}

/**
 * Reads an alignment of a protein family: FASTA, A2M, A3M or Stockholm, told apart by what is in it.
 *
 * @throws {AlignmentError} naming the line and the column of what cannot be read, and what to do about it
 * @example
 * readAlignment(">q\nMKV-L\n>a\nMRVGL\n").residues; // "MKVL"
 */
export function readAlignment(text: string, { file = "alignment", query }: ReadOptions = {}): Alignment {
  const lines = linesOf(text);
  const first = lines.find((line) => line.text.trim() !== "");
  if (first === undefined) throw new AlignmentError(file, { line: 1, column: 1 }, "the alignment is empty");
  if (/^#\s*STOCKHOLM/.test(first.text)) return choose(readStockholm(lines, file), file, query);
  if (/^[>;#]/.test(first.text)) return choose(readFasta(lines, file), file, query);
  throw new AlignmentError(
    file,
    { line: first.number, column: 1 },
    `this is neither FASTA or A3M (>name) nor Stockholm (# STOCKHOLM 1.0): ${JSON.stringify(first.text.slice(0, 30))}`,
  );
}

/** Takes the columns of the query out of a table. */
function choose({ format, rows, warnings }: Table, file: string, query: string | undefined): Alignment {
  const head = query === undefined ? rows[0] : rows.find(({ name }) => name === query);
  if (head === undefined) {
    const problem = query === undefined ? "there is no sequence" : `there is no sequence ${query}`;
    throw new AlignmentError(file, { line: 1, column: 1 }, problem, "the query is named as it stands in the alignment");
  }
  if (rows.length === 1) {
    throw new AlignmentError(
      file,
      head.place,
      "one sequence is no alignment",
      "couplings are seen in many: find its relatives first",
    );
  }
  checkProtein(rows, file);
  const kept = Array.from(head.letters, (letter, i) => (letter === "-" ? -1 : i)).filter((i) => i >= 0);
  if (kept.length < 10) {
    throw new AlignmentError(file, head.place, `${head.name} has ${kept.length} residues; a fold has at least 10`);
  }
  const ordered = [head, ...rows.filter((row) => row !== head)];
  const states = new Uint8Array(ordered.length * kept.length);
  ordered.forEach(({ letters }, m) => kept.forEach((at, i) => (states[m * kept.length + i] = stateOf(letters[at]!))));
  return {
    format,
    query: head.name,
    residues: kept.map((at) => head.letters[at]).join(""),
    numbers: numbersOf(head.name, kept.length),
    names: ordered.map(({ name }) => name),
    columns: kept.length,
    states,
    warnings: [...warnings, ...gapWarning(states, ordered.length, kept.length)],
  };
}

/** Refuses nucleotides, which are letters of proteins too. */
function checkProtein(rows: Table["rows"], file: string): void {
  const letters = rows.map((row) => row.letters.replaceAll("-", "")).join("");
  if (letters.length < 50 || /[^ACGTUN]/.test(letters)) return;
  throw new AlignmentError(file, rows[0]!.place, "this looks like nucleotides, not proteins", "translate it first");
}

/** Names of Pfam and UniProt say where the sequence begins. One that does not fit its sequence is not believed. */
function numbersOf(name: string, length: number): number[] {
  const [, from = "1", to = ""] = /\/(\d+)-(\d+)(?:#\d+)?$/.exec(name) ?? [];
  const fits = Number(to) - Number(from) + 1 === length && Number(to) <= 9999;
  return Array.from({ length }, (_, i) => i + (fits ? Number(from) : 1));
}

function gapWarning(states: Uint8Array, rows: number, columns: number): string[] {
  let sparse = 0;
  for (let i = 0; i < columns; i++) {
    let gaps = 0;
    for (let m = 0; m < rows; m++) if (states[m * columns + i] === GAP) gaps++;
    if (gaps > rows / 2) sparse++;
  }
  return sparse === 0 ? [] : [`${sparse} of ${columns} columns are mostly gaps: little is known of them`];
}
