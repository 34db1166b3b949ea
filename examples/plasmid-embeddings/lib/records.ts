/**
 * GenBank and EMBL flat files, as far as a plasmid needs them: name, description, topology, features and sequence.
 * Which of the two a file is, is told from its first line. Knows nothing of workflows.
 *
 * @module
 */
import { type Location, parseLocation } from "./location.ts";

/** A sequence with its annotation. */
export interface Plasmid {
  /** Its accession; the name of its locus where it has none. */
  readonly id: string;
  readonly description: string;
  readonly circular: boolean;
  readonly features: readonly Feature[];
  /** In capitals. */
  readonly sequence: string;
}

/** Something on a plasmid. */
export interface Feature {
  /** `CDS`, `gene`, `rep_origin`, … */
  readonly kind: string;
  /** What people call it: its gene, label, product or locus tag. */
  readonly label: string;
  readonly location: Location;
}

/** A line of a record, cut into its parts. */
interface Line {
  /** `LOCUS`, `DEFINITION`; `ID`, `DE`; empty for one that goes on with the last. */
  readonly key: string;
  readonly text: string;
  /** All of it. */
  readonly whole: string;
  /** In the file, counted from 1. */
  readonly number: number;
}

/** One entry of a feature table. */
interface Entry {
  readonly kind: string;
  readonly number: number;
  /** The location, and then the qualifiers: with the slash, as they stand. */
  text: string;
}

/**
 * Reads all records of a file.
 *
 * @param name - of the file, for messages
 * @throws Error naming the file and the line of what cannot be read
 * @example
 * ```ts
 * const [plasmid] = parseRecords(await file.text(), file.name);
 * ```
 */
export function parseRecords(text: string, name: string): Plasmid[] {
  const lines = text.split(/\r?\n/);
  const first = lines.find((line) => line.trim() !== "") ?? "";
  const embl = first.startsWith("ID ");
  if (!embl && !first.startsWith("LOCUS")) {
    throw new Error(
      `${name}:1: this is neither GenBank (LOCUS …) nor EMBL (ID …): ${JSON.stringify(first.slice(0, 40))}`,
    );
  }
  const plasmids: Plasmid[] = [];
  let record: Line[] = [];
  lines.forEach((line, i) => {
    if (line.startsWith("//")) {
      if (record.length > 0) plasmids.push(readRecord(record, embl, name));
      record = [];
    } else if (line.trim() !== "") {
      const width = embl ? 5 : 12;
      record.push({ key: line.slice(0, width).trim(), text: line.slice(width).trimEnd(), whole: line, number: i + 1 });
    }
  });
  if (record.length > 0) throw new Error(`${name}:${lines.length}: the record has no end ("//"): is the file whole?`);
  return plasmids;
}

function readRecord(record: readonly Line[], embl: boolean, name: string): Plasmid {
  const head = record[0]!;
  const isSequence = ({ key }: Line): boolean => (embl ? key === "SQ" : key.startsWith("ORIGIN"));
  const at = record.findIndex(isSequence);
  if (at < 0) throw new Error(`${name}:${head.number}: the record has no sequence (${embl ? "SQ" : "ORIGIN"})`);
  const annotation = record.slice(0, at);
  const sequence = record
    .slice(at + 1)
    .map(({ whole }) => whole)
    .join("")
    .replaceAll(/[\s\d]/g, "")
    .toUpperCase();
  const alien = /[^ACGTUNRYSWKMBDHV]/.exec(sequence);
  if (alien) throw new Error(`${name}:${record[at]!.number}: ${JSON.stringify(alien[0])} is no base`);
  const said = Number(/(\d+) (?:bp|BP)\b/.exec(head.text)?.[1] ?? sequence.length);
  if (said !== sequence.length) {
    throw new Error(`${name}:${head.number}: it says ${said} bp, and has ${sequence.length}: is the file whole?`);
  }
  const locus = /^\S+/.exec(head.text)?.[0]?.replace(/;$/, "") ?? "";
  const accession = /^[^\s;]+/.exec(textOf(annotation, embl ? "AC" : "ACCESSION"))?.[0] ?? "";
  return {
    id: [accession, locus].find((each) => each !== "" && each !== "." && each !== "Exported") ?? stem(name),
    description: textOf(annotation, embl ? "DE" : "DEFINITION").replace(/\.$/, ""),
    circular: /\bcircular\b/i.test(head.text),
    features: readFeatures(embl ? annotation.filter(({ key }) => key === "FT") : featureLines(annotation), name).map(
      (feature) => ({ ...feature, location: acrossOrigin(feature.location, sequence.length) }),
    ),
    sequence,
  };
}

/** The text of a key, with the lines that go on with it. */
function textOf(lines: readonly Line[], key: string): string {
  const from = lines.findIndex((line) => line.key === key);
  if (from < 0) return "";
  const words: string[] = [];
  for (const line of lines.slice(from)) {
    if (line.key !== key && line.key !== "") break;
    words.push(line.text.trim());
  }
  return words.join(" ").replaceAll(/\s+/g, " ").trim();
}

/** `8569..276` on a plasmid of 8,596 bases: two stretches, up to its last base and on from its first. */
function acrossOrigin({ parts, strand }: Location, length: number): Location {
  const split = ({ start, end }: Location["parts"][number]) =>
    start <= end
      ? [{ start, end }]
      : [
          { start, end: length },
          { start: 1, end },
        ];
  return { parts: parts.flatMap(split), strand };
}

/** The name of a file without its ending: what an exported record that says nothing of itself is called. */
function stem(name: string): string {
  return name.replace(/\.[^.]*$/, "");
}

/** The lines of a GenBank feature table: those from `FEATURES` to the next key of the record, which stands in column 1. */
function featureLines(lines: readonly Line[]): Line[] {
  const table = lines.slice(lines.findIndex(({ key }) => key === "FEATURES") + 1 || lines.length);
  const end = table.findIndex(({ whole }) => /^\S/.test(whole));
  return end < 0 ? table : table.slice(0, end);
}

function readFeatures(lines: readonly Line[], name: string): Feature[] {
  const entries: Entry[] = [];
  for (const { whole, number } of lines) {
    // In both formats keys begin in column 6, and what belongs to them in column 22.
    const text = whole.slice(5).trimEnd();
    const [, kind, rest = ""] = /^(\S+)\s+(.*)$/.exec(text) ?? [];
    const last = entries.at(-1);
    if (kind !== undefined) entries.push({ kind, number, text: rest.trim() });
    else if (last) last.text += `\n${text.trim()}`;
  }
  return entries.map(({ kind, number, text }) => {
    const end = text.indexOf("\n/");
    const place = end < 0 ? text : text.slice(0, end);
    try {
      return { kind, label: labelOf(text, kind), location: parseLocation(place) };
    } catch (error) {
      throw new Error(`${name}:${number}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
    }
  });
}

function labelOf(text: string, kind: string): string {
  for (const qualifier of ["label", "gene", "product", "locus_tag", "note"]) {
    const [, quoted, bare] = new RegExp(`\\n/${qualifier}=(?:"((?:[^"]|"")*)"|(.*))`).exec(text) ?? [];
    const value = quoted?.replaceAll('""', '"') ?? bare;
    if (value) return value.replaceAll(/\s+/g, " ").trim();
  }
  return kind;
}
