import { nearest, shortenMiddle } from "../../kernel/index.ts";
import type { OptionSpecs, OptionValues } from "../options.ts";
import type { Paint, Terminal } from "../terminal/terminal.ts";
import { columns as layOut, columnsOf } from "../terminal/text.ts";
import { ago, isoTime } from "../terminal/when.ts";
import { usageError } from "../usage-error.ts";

/** How cells are written. */
export interface CellStyle {
  readonly paint: Paint;
  /** A moment: how long ago it was, or the time itself. */
  readonly time: (time: number) => string;
}

/** One column of a table. */
export interface Column<Row> {
  /** What it tells. */
  readonly doc: string;
  /** Numbers stand to the right. */
  readonly right?: true;
  /** Names without colours, which may be shortened in their middle where there is no room. */
  readonly shrinks?: true;
  /** The cell for a program; null where it is not known. */
  value(row: Row): unknown;
  /** The cell for people. By default the value itself. */
  text?(row: Row, style: CellStyle): string | Promise<string>;
}

/** The columns that a table may have, by name. */
export type Columns<Row> = Readonly<Record<string, Column<Row>>>;

/** How times are written. */
export const TIMES = {
  iso: { type: "boolean", doc: "times in full, by the local clock" },
  utc: { type: "boolean", doc: "times in full, in UTC" },
} as const satisfies OptionSpecs;

/** Reads {@link TIMES}. */
export function cellStyle(
  { iso, utc }: OptionValues<typeof TIMES>,
  { styleOut }: Pick<Terminal, "styleOut">,
): CellStyle {
  return { paint: styleOut, time: (time) => (iso || utc ? isoTime(time, utc) : ago(time)) };
}

/**
 * The columns that people named: `id,task,memory`.
 *
 * @throws LigaseError `LIGASE_E_FLAG`, exit status 2, with the nearest right one
 */
export function readColumns(given: string, columns: Columns<never>): readonly string[] {
  const known = Object.keys(columns);
  const names = given
    .split(",")
    .map((name) => name.trim().toLowerCase())
    .filter((name) => name !== "");
  for (const name of names) {
    if (known.includes(name)) continue;
    const near = nearest(name, known);
    throw usageError(
      "LIGASE_E_FLAG",
      `there is no column ${name}`,
      near === undefined ? `there are ${known.join(", ")}` : `did you mean ${near}? There are ${known.join(", ")}`,
    );
  }
  if (names.length === 0) throw usageError("LIGASE_E_FLAG", "--columns names none", `there are ${known.join(", ")}`);
  return names;
}

/** How a table is laid out. */
export interface TableShape {
  readonly width: number;
  /** Are there names above the columns? */
  readonly heads: boolean;
  /** Columns that are left out, the first first, where there is no room for all. */
  readonly dispensable?: readonly string[];
}

/** A last column that is longer than this is cut before others are left out. */
const LAST = 16;

/** A name is not made shorter than this. */
const SHORTEST_NAME = 8;

/** A table, cut to a width. */
export async function tableLines<Row>(
  rows: readonly Row[],
  names: readonly string[],
  columns: Columns<Row>,
  style: CellStyle,
  { width, heads, dispensable = [] }: TableShape,
): Promise<string[]> {
  const cells = await Promise.all(
    rows.map((row) => Promise.all(names.map((name) => textOf(columns[name]!, row, style)))),
  );
  const all = heads ? [names.map((name) => style.paint("dim", name)), ...cells] : cells;
  const widths = names.map((_, i) => all.reduce((most, line) => Math.max(most, columnsOf(line[i]!)), 0));
  let shown = names.map((_, i) => i);
  const least = (): number =>
    shown.reduce((sum, i, at) => sum + (at === shown.length - 1 ? Math.min(LAST, widths[i]!) : widths[i]! + 2), 0);
  for (const name of dispensable) {
    if (least() <= width) break;
    shown = shown.filter((i) => names[i] !== name);
  }
  for (const i of shown.filter((each) => columns[names[each]!]!.shrinks)) {
    const over = least() - width;
    if (over <= 0) break;
    const room = Math.max(SHORTEST_NAME, widths[i]! - over);
    for (const line of cells) line[i] = shortenMiddle(line[i]!, room);
  }
  const right = shown.flatMap((i, at) => (columns[names[i]!]!.right ? [at] : []));
  return layOut(
    all.map((line) => shown.map((i) => line[i]!)),
    { right, width },
  );
}

async function textOf<Row>(column: Column<Row>, row: Row, style: CellStyle): Promise<string> {
  if (column.text) return column.text(row, style);
  const value = await column.value(row);
  if (value === null || value === undefined) return "";
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** The same for a program: an object a row. */
export function tableValues<Row>(
  rows: readonly Row[],
  names: readonly string[],
  columns: Columns<Row>,
): Promise<Record<string, unknown>[]> {
  return Promise.all(
    rows.map(async (row) => {
      const cells = names.map(async (name) => [name, (await columns[name]!.value(row)) ?? null] as const);
      return Object.fromEntries(await Promise.all(cells));
    }),
  );
}

/** `batch=7 lane=2` */
export function tagsText(tags: Readonly<Record<string, string>>): string {
  return Object.entries(tags)
    .map((tag) => tag.join("="))
    .join(" ");
}
