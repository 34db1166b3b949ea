import { stripVTControlCharacters } from "node:util";

/** Columns a text takes; colours take none. */
export function columnsOf(text: string): number {
  return stripVTControlCharacters(text).length;
}

/** Cuts a line to a width, with an ellipsis. Only for text without colours. */
export function shorten(text: string, width: number): string {
  const line = text.replace(/\s+/g, " ").trim();
  return line.length <= width ? line : `${line.slice(0, Math.max(0, width - 1))}…`;
}

/** Fills a text up to a width; colours take none of it. */
export function pad(text: string, width: number, align: "left" | "right" = "left"): string {
  const fill = " ".repeat(Math.max(0, width - columnsOf(text)));
  return align === "left" ? text + fill : fill + text;
}

/** Lines in columns: each as wide as its widest cell, numbers to the right. The last is cut where the screen ends. */
export function columns(rows: readonly (readonly string[])[], options: { right?: readonly number[]; width?: number } = {}): string[] {
  const widths: number[] = [];
  for (const row of rows) row.forEach((cell, i) => (widths[i] = Math.max(widths[i] ?? 0, columnsOf(cell))));
  return rows.map((row) => {
    const line = row
      .map((cell, i) => (i === row.length - 1 && !options.right?.includes(i) ? cell : pad(cell, widths[i]!, options.right?.includes(i) ? "right" : "left")))
      .join("  ")
      .trimEnd();
    return options.width !== undefined && columnsOf(line) > options.width && columnsOf(line) === line.length
      ? shortenEnd(line, options.width)
      : line;
  });
}

function shortenEnd(line: string, width: number): string {
  return `${line.slice(0, Math.max(0, width - 1))}…`;
}
