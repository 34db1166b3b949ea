import { stripVTControlCharacters } from "node:util";
import { columnsOf as columnsOfPlain, takeColumns } from "../../kernel/index.ts";

/** Columns a text takes; colours take none, and Japanese letters two. */
export function columnsOf(text: string): number {
  return columnsOfPlain(stripVTControlCharacters(text));
}

/** Makes one line of a text and cuts it to a width, with an ellipsis. Only for text without colours. */
export function shorten(text: string, width: number): string {
  const line = text.replace(/\s+/g, " ").trim();
  return columnsOfPlain(line) <= width ? line : `${takeColumns(line, width - 1)}…`;
}

/** Fills a text up to a width; colours take none of it. */
export function pad(text: string, width: number, align: "left" | "right" = "left"): string {
  const fill = " ".repeat(Math.max(0, width - columnsOf(text)));
  return align === "left" ? text + fill : fill + text;
}

/** How {@link columns} lays out. */
export interface ColumnOptions {
  /** The columns whose cells stand to the right: numbers. */
  readonly right?: readonly number[];
  /** Where lines end; an ellipsis says that there was more. */
  readonly width?: number;
}

/** Lines in columns, each as wide as its widest cell. */
export function columns(
  rows: readonly (readonly string[])[],
  { right = [], width = Infinity }: ColumnOptions = {},
): string[] {
  const widths: number[] = [];
  for (const row of rows) row.forEach((cell, i) => (widths[i] = Math.max(widths[i] ?? 0, columnsOf(cell))));
  return rows.map((row) => {
    const cells = row.map((cell, i) => pad(cell, widths[i]!, right.includes(i) ? "right" : "left"));
    return cut(cells.join("  ").trimEnd(), width);
  });
}

/** Cuts a line to a width; colours take none of it and end with it. */
export function cut(line: string, width: number): string {
  if (columnsOf(line) <= width) return line;
  let room = Math.max(0, width - 1);
  let coloured = false;
  let text = "";
  // oxlint-disable-next-line no-control-regex -- colours are control sequences
  for (const [part] of line.matchAll(/\x1b\[[\d;]*m|[^\x1b]+|\x1b/g)) {
    if (part.startsWith("\x1b[")) {
      coloured = true;
      text += part;
    } else {
      const taken = takeColumns(part, room);
      text += taken;
      room -= columnsOfPlain(taken);
      if (taken !== part) break;
    }
  }
  return `${text}…${coloured ? "\x1b[0m" : ""}`;
}

/** Text in lines no longer than a width, paragraphs apart; a word that is longer stands alone. */
export function wrap(text: string, width: number): string[] {
  return text.split("\n").flatMap((paragraph) => {
    const lines: string[] = [];
    let line = "";
    for (const word of paragraph.split(/\s+/).filter(Boolean)) {
      if (line !== "" && columnsOf(line) + 1 + columnsOf(word) > width) {
        lines.push(line);
        line = word;
      } else line = line === "" ? word : `${line} ${word}`;
    }
    return [...lines, line];
  });
}

/** A sentence set to a width, or to 100 columns where there are more; lines that follow stand a little further in. */
export function sentence(text: string, indent: string, width: number): string[] {
  const room = Math.max(20, Math.min(width, 100) - indent.length - 2);
  return wrap(text, room).map((line, i) => `${indent}${i === 0 ? "" : "  "}${line}`);
}

/** Text in lines no longer than a width, its blanks kept as they are except where a line ends. Without colours. */
export function fold(text: string, width: number): string[] {
  const lines: string[] = [];
  let rest = text;
  while (columnsOfPlain(rest) > width) {
    const head = takeColumns(rest, width);
    const blank = rest[head.length] === " " ? head.length : head.lastIndexOf(" ");
    const end = blank > 0 ? blank : Math.max(1, head.length);
    lines.push(rest.slice(0, end).trimEnd());
    rest = rest.slice(end).replace(/^ +/, "");
  }
  return [...lines, rest];
}

/**
 * A line that a job wrote, as it may stand on the screen: of a progress bar its last state, and nothing that moves the
 * cursor, rings, or writes the title of the window.
 */
export function asShown(line: string): string {
  const states = line.split("\r").filter((state) => state !== "");
  const plain = stripVTControlCharacters(states.at(-1) ?? "");
  // oxlint-disable-next-line no-control-regex -- what controls the screen is what this takes out
  return plain.replaceAll(/[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g, "");
}
