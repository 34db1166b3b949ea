import { checkLetters } from "./letters.ts";
import { AlignmentError, type Line, type Place, Row, type Table } from "./text.ts";

/** A stretch of an alignment: as many columns of every sequence as fit on a line. */
interface Block {
  readonly names: Set<string>;
  /** Where its first sequence stands, and how many columns that has; 0 until there is one. */
  first: string;
  columns: number;
}

/** Annotation by column, which has to have as many columns as the alignment: `#=GC`, and `#=GR` of a sequence. */
interface Markup {
  readonly row: Row;
  /** The sequence that a `#=GR` belongs to. */
  readonly of: string | undefined;
}

/**
 * Reads Stockholm: sequences in one block or several, parted by empty lines, with the same names in each; `#=GF`, `#=GS`,
 * `#=GC` and `#=GR` lines, which have to make sense and are else left alone; `//` at the end. Small letters are residues
 * like others: the format gives them no meaning of their own.
 */
export function readStockholm(lines: readonly Line[], file: string): Table {
  const fail = (at: Place, problem: string, mend?: string): never => {
    throw new AlignmentError(file, at, problem, mend);
  };
  const rows = new Map<string, Row>();
  const markup = new Map<string, Markup>();
  let block: Block | undefined;
  let before: Block | undefined;
  let end: number | undefined;

  const closeBlock = (line: number): void => {
    if (block === undefined) return;
    const missing = [...(before?.names ?? [])].find((name) => !block!.names.has(name));
    if (missing !== undefined) fail({ line, column: 1 }, `${missing} is missing in the block that ends here`);
    before = block;
    block = undefined;
  };

  for (const { number, text } of lines.slice(lines.findIndex(({ text: line }) => line.trim() !== "") + 1)) {
    if (end !== undefined) {
      if (text.trim() === "") continue;
      fail(
        { line: number, column: 1 },
        `something stands after the end (//) on line ${end}`,
        "a request is one alignment: give one, as `esl-afetch` takes it from a collection",
      );
    }
    if (text.trim() === "//") {
      closeBlock(number);
      end = number;
    } else if (text.trim() === "") {
      closeBlock(number);
    } else if (text.startsWith("#")) {
      readMarkup(number, text);
    } else {
      const [, name, blank, letters] = /^(\S+)(\s+)(\S+)\s*$/.exec(text) ?? [];
      if (name === undefined) fail({ line: number, column: 1 }, "this line is not a name and a sequence");
      readSequence(number, name!, name!.length + blank!.length + 1, letters!);
    }
  }
  const last = lines.at(-1)!;
  if (end === undefined) fail({ line: last.number, column: 1 }, "the alignment has no end (//)", "is the file whole?");
  if (rows.size === 0) fail({ line: end!, column: 1 }, "the alignment has no sequence");

  const columns = rows.values().next().value!.letters.length;
  for (const { row, of } of markup.values()) {
    if (of !== undefined && !rows.has(of)) fail(row.place, `#=GR is of ${of}, which is not in the alignment`);
    const { length } = row.letters;
    if (length !== columns) {
      fail(row.at(Math.min(length, columns)), `${row.name} has ${length} columns where the sequences have ${columns}`);
    }
  }
  return {
    format: "Stockholm",
    rows: [...rows.values()].map((row) => ({
      name: row.name,
      place: row.place,
      letters: checkLetters(row, file).toUpperCase().replaceAll(".", "-"),
    })),
    warnings: [],
  };

  function readSequence(line: number, name: string, column: number, letters: string): void {
    block ??= { names: new Set(), first: name, columns: letters.length };
    if (block.names.has(name)) {
      fail(
        { line, column: 1 },
        `${name} stands twice in one block`,
        "names differ in this format; blocks are parted by an empty line",
      );
    }
    if (before !== undefined && !before.names.has(name)) {
      fail({ line, column: 1 }, `${name} was not in the block before`, "every block has the same sequences");
    }
    if (letters.length !== block.columns) {
      fail(
        { line, column: column + Math.min(letters.length, block.columns) },
        `${name} has ${letters.length} columns where ${block.first} has ${block.columns}`,
        "is the file whole?",
      );
    }
    block.names.add(name);
    const row = rows.get(name) ?? new Row(name, { line, column: 1 });
    row.pieces.push({ line, column, text: letters });
    rows.set(name, row);
  }

  function readMarkup(line: number, text: string): void {
    const [, kind] = /^#=(\S*)/.exec(text) ?? [];
    if (kind === undefined) return;
    const pattern = {
      GF: /^#=GF\s+\S+/,
      GS: /^#=GS\s+\S+\s+\S+/,
      GC: /^#=GC\s+(?<tag>\S+)\s+(?<letters>\S+)\s*$/d,
      GR: /^#=GR\s+(?<of>\S+)\s+(?<tag>\S+)\s+(?<letters>\S+)\s*$/d,
    }[kind];
    if (pattern === undefined) {
      fail({ line, column: 1 }, `#=${kind} is no annotation of this format`, "it has #=GF, #=GS, #=GC and #=GR");
    }
    const match = pattern!.exec(text);
    if (match === null) fail({ line, column: 1 }, `this #=${kind} line has too little or too much on it`);
    const { of, tag, letters } = match!.groups ?? {};
    if (letters === undefined) return;
    const key = `#=${kind} ${of === undefined ? "" : `${of} `}${tag}`;
    const known = markup.get(key) ?? { row: new Row(key, { line, column: 1 }), of };
    known.row.pieces.push({ line, column: match!.indices!.groups!["letters"]![0] + 1, text: letters });
    markup.set(key, known);
  }
}
