/**
 * Reading a sample sheet: text in, rows out, and an error that names the file and the line for
 * whatever is wrong with it. Knows nothing of workflows.
 *
 * @module
 */

/** A sample whose reads come from an alignment file (SAM, BAM or CRAM). */
export interface AlignmentsRow {
  /** Where it stands in the sheet, counted from 1. */
  readonly line: number;
  readonly sample: string;
  /** As the sheet has it: a path relative to the sheet, or an absolute one. */
  readonly alignments: string;
}

/** A lane of a sample: one FASTQ file, or two of pairs. Gzip is fine. */
export interface FastqRow {
  /** Where it stands in the sheet, counted from 1. */
  readonly line: number;
  readonly sample: string;
  readonly reads1: string;
  /** Absent for single-end reads. */
  readonly reads2?: string;
}

/** A sample sheet, in one of its two forms. Rows of one sample are merged. */
export type Sheet =
  | { readonly form: "alignments"; readonly rows: readonly AlignmentsRow[] }
  | { readonly form: "fastq"; readonly rows: readonly FastqRow[] };

/** Something is wrong with the sheet. The message starts with `file:line`. */
export class SheetError extends Error {
  override readonly name = "SheetError";
}

/** What a sample may be called: its name becomes a file's name and a column of the VCF. */
const SAMPLE_NAME = /^[\p{L}\p{N}_][\p{L}\p{N}_.+-]*$/u;

const FORMS = 'expected "sample,alignments" or "sample,fastq_1,fastq_2"';
const SEQUENCES = /\.(fa|fasta|fna|fq|fastq)(\.b?gz)?$/i;
const ALIGNMENTS = /\.(sam|bam|cram)(\.b?gz)?$/i;

/**
 * Reads a sheet with the columns `sample,alignments` or `sample,fastq_1,fastq_2`, in any order and
 * among any others. Commas or tabs; quotes as in RFC 4180; CRLF, a byte order mark, empty lines and
 * lines that start with `#` are fine.
 *
 * @param text The sheet.
 * @param name What to call it in messages.
 * @throws {SheetError} naming the line, what is wrong with it and what would be right.
 *
 * @example
 * parseSheet("sample,alignments\nNA12878,NA12878.cram\n", "samples.csv").rows[0]?.sample; // "NA12878"
 */
export function parseSheet(text: string, name: string): Sheet {
  const fail = (line: number, problem: string): never => {
    throw new SheetError(`${name}:${line}: ${problem}`);
  };
  const [header, ...rows] = parseRows(text, fail);
  if (header === undefined) return fail(1, "the sheet is empty; its first line names the columns");

  const column = readHeader(header, fail);
  if (rows.length === 0) return fail(header.line, "there is no sample below the header");

  const seen = new Map<string, number>();
  /** One field of a row that must not be empty, and, for a path, not stand in the sheet twice. */
  const required = (row: Row, field: string): string => {
    const value = row.fields[column.get(field) ?? -1] ?? "";
    return value === "" ? fail(row.line, `${field} is empty`) : value;
  };
  const path = (row: Row, field: string): string => {
    const value = required(row, field);
    const before = seen.get(value);
    if (before !== undefined) fail(row.line, `${value} stands on line ${before} already`);
    if (field === "alignments" && SEQUENCES.test(value)) fail(row.line, `${value} holds no alignments; ${FORMS}`);
    if (field !== "alignments" && ALIGNMENTS.test(value)) fail(row.line, `${value} is no FASTQ file; ${FORMS}`);
    seen.set(value, row.line);
    return value;
  };
  const sample = (row: Row): string => {
    if (row.fields.length > header.fields.length) {
      fail(row.line, `${row.fields.length} fields where the header names ${header.fields.length} columns`);
    }
    const value = required(row, "sample");
    return SAMPLE_NAME.test(value)
      ? value
      : fail(row.line, `"${value}" can't name a sample; use letters, digits and . _ + -`);
  };

  if (column.has("alignments")) {
    return {
      form: "alignments",
      rows: rows.map((row) => ({ line: row.line, sample: sample(row), alignments: path(row, "alignments") })),
    };
  }
  return {
    form: "fastq",
    rows: rows.map((row) => {
      const lane = { line: row.line, sample: sample(row), reads1: path(row, "fastq_1") };
      const second = row.fields[column.get("fastq_2") ?? -1] ?? "";
      return second === "" ? lane : { ...lane, reads2: path(row, "fastq_2") };
    }),
  };
}

/** A row of the sheet, split. */
interface Row {
  /** The line on which it starts. */
  readonly line: number;
  readonly fields: readonly string[];
}

type Fail = (line: number, problem: string) => never;

/** Which column stands where; refuses a header that is neither form, or both. */
function readHeader(header: Row, fail: Fail): Map<string, number> {
  const names = header.fields.map((field) => field.toLowerCase());
  const twice = names.find((field, index) => field !== "" && names.indexOf(field) !== index);
  if (twice !== undefined) fail(header.line, `the column ${twice} is named twice`);

  const column = new Map(names.map((field, index) => [field, index]));
  const found = `the columns are ${header.fields.map((field) => field || '""').join(", ")}`;
  if (!column.has("sample")) fail(header.line, `no column is named sample: ${found}; ${FORMS}`);
  if (!column.has("alignments") && !column.has("fastq_1")) {
    fail(header.line, `no column names the reads: ${found}; ${FORMS}`);
  }
  if (column.has("alignments") && column.has("fastq_1")) {
    fail(header.line, `both alignments and fastq_1 are named; ${FORMS}, not both`);
  }
  return column;
}

/** Splits the text into rows and fields; skips empty lines and comments. */
function parseRows(text: string, fail: Fail): Row[] {
  const body = `${text.replace(/^\uFEFF/, "")}\n`;
  const separator = firstLine(body).includes("\t") ? "\t" : ",";
  const comment = /[ \t]*#.*(?:\r\n?|\n)/y;
  const field = new RegExp(
    `[ ]*(?:"((?:[^"]|"")*)"[ ]*|([^"${separator}\r\n][^${separator}\r\n]*)?)(${separator}|\r\n?|\n)`,
    "y",
  );

  const rows: Row[] = [];
  let fields: string[] = [];
  let line = 1;
  let start = 1;
  for (let at = 0; at < body.length;) {
    comment.lastIndex = field.lastIndex = at;
    if (fields.length === 0 && comment.test(body)) {
      at = comment.lastIndex;
      start = ++line;
      continue;
    }
    const [all, quoted, plain, end] = field.exec(body) ?? fail(line, `the quotes don't match: ${excerpt(body, at)}`);
    fields.push(quoted?.replaceAll('""', '"') ?? plain?.trim() ?? "");
    line += all.split(/\r\n?|\n/).length - 1;
    at = field.lastIndex;
    if (end === separator) continue;
    if (fields.some((value) => value !== "")) rows.push({ line: start, fields });
    fields = [];
    start = line;
  }
  return rows;
}

/** What stands at a place, shortened to its line. */
function excerpt(text: string, at: number): string {
  return text.slice(at, at + 60).split(/[\r\n]/, 1)[0] ?? "";
}

/** The first line that is not a comment: the header. */
function firstLine(text: string): string {
  return text.split(/\r?\n|\r/).find((line) => line.trim() !== "" && !line.startsWith("#")) ?? "";
}
