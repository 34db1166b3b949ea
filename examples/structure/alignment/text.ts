/** An alignment that cannot be used. Its message begins with `file:line:column`, and ends with what to do about it. */
export class AlignmentError extends Error {
  override readonly name = "AlignmentError";
  /** Counted from 1. */
  readonly line: number;
  /** Counted from 1. */
  readonly column: number;
  readonly problem: string;
  /** What to do about it; empty where the problem says it. */
  readonly mend: string;

  constructor(file: string, at: Place, problem: string, mend = "") {
    super(`${file}:${at.line}:${at.column}: ${problem}${mend === "" ? "" : `; ${mend}`}`);
    this.line = at.line;
    this.column = at.column;
    this.problem = problem;
    this.mend = mend;
  }
}

/** A place in a file, counted from 1. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** A line of a file, without its end. */
export interface Line {
  readonly number: number;
  readonly text: string;
}

/** A stretch of a sequence, and where in the file it begins. */
interface Piece extends Place {
  readonly text: string;
}

/** A sequence as the file has it, in as many pieces as it stands there. */
export class Row {
  readonly name: string;
  /** Where its name is. */
  readonly place: Place;
  readonly pieces: Piece[] = [];

  constructor(name: string, place: Place) {
    this.name = name;
    this.place = place;
  }

  /** All of it: residues and gaps. */
  get letters(): string {
    return this.pieces.map(({ text }) => text).join("");
  }

  /** Where a letter of it stands; one too far is the end of the sequence. */
  at(index: number): Place {
    let rest = index;
    for (const { line, column, text } of this.pieces) {
      if (rest < text.length) return { line, column: column + rest };
      rest -= text.length;
    }
    const last = this.pieces.at(-1);
    return last ? { line: last.line, column: last.column + last.text.length } : this.place;
  }
}

/** Rows that were read from a file, all of the same length: capitals, and `-` for a gap. */
export interface Table {
  readonly format: "FASTA" | "A2M" | "A3M" | "Stockholm";
  readonly rows: readonly { readonly name: string; readonly letters: string; readonly place: Place }[];
  /** What was odd and could be put right. */
  readonly warnings: readonly string[];
}

/** Splits a text into lines, whatever ends them; a byte order mark is no part of the first. */
export function linesOf(text: string): Line[] {
  const lines = text.replace(/^\uFEFF/, "").split(/\r\n|\r|\n/);
  return lines.map((line, i) => ({ number: i + 1, text: line }));
}
