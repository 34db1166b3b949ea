import { dirname, join } from "node:path";
import type { TaskProgress } from "../../engine/index.ts";
import { Dir, File, knownOf } from "../../files/index.ts";
import { formatBytes, formatDuration } from "../../kernel/index.ts";
import { pathFrom } from "../../record/path.ts";
import { short } from "../../record/short.ts";
import type { RunRow } from "../../store/types.ts";
import type { Paint } from "../terminal/terminal.ts";
import { cut, sentence } from "../terminal/text.ts";

/** What a summary is made of. */
export interface Summarised {
  readonly row: Readonly<RunRow>;
  readonly total: TaskProgress;
  readonly value: unknown;
  readonly storeDir: string;
  /** Says of the files handed out where they are opened. */
  readonly outputs: { lines(value: unknown, paint: Paint): string[] };
  readonly paint: Paint;
  /** Columns. */
  readonly width: number;
}

/** So many folders are named. */
const MOST_FOLDERS = 2;

/** What people want to know when a run is done: what ran, where the files of its result are, and what to ask next. */
export function runSummary(
  { row, total, value, storeDir, outputs, paint, width }: Summarised,
  cwd = process.cwd(),
): string[] {
  const jobs = (count: number): string => `${count} ${count === 1 ? "job" : "jobs"}`;
  const { done, cached } = total;
  const what =
    done === 0
      ? `nothing had to run, ${jobs(cached)} from the cache`
      : `${jobs(done)} ran${cached > 0 ? `, ${cached} from the cache` : ""}`;
  const took = formatDuration((row.endedAt ?? Date.now()) - row.startedAt);
  const id = short(row.id);
  const files = filesLine(value, storeDir, cwd);
  const fit = (lines: readonly string[]): string[] => lines.map((line) => cut(line, width));
  return [
    ...fit(sentence(`${paint("good", "✓")} ${row.task} is done in ${took}: ${what}`, "", width)),
    ...(files === undefined ? [] : fit(sentence(files, "  ", width))),
    ...outputs.lines(value, paint),
    ...fit(sentence(`ligase report ${id} · ligase why ${id}`, "  ", width)).map((line) => paint("dim", line)),
  ];
}

function filesLine(value: unknown, storeDir: string, cwd: string): string | undefined {
  const found = new Set<File | Dir>();
  collect(value, found);
  if (found.size === 0) return undefined;
  const outputs = join(storeDir, "outputs");
  let bytes = 0;
  const folders = new Set<string>();
  for (const each of found) {
    bytes += knownOf(each)?.size ?? 0;
    const inside = each.path.startsWith(`${outputs}/`);
    folders.add(inside ? outputs : /^https?:/.test(each.path) ? new URL(each.path).host : dirname(each.path));
  }
  const named = [...folders].slice(0, MOST_FOLDERS).map((folder) => pathFrom(folder, cwd));
  const more = folders.size - named.length;
  if (more > 0) named.push(`${more} more ${more === 1 ? "folder" : "folders"}`);
  const count = found.size === 1 ? "1 file" : `${found.size} files`;
  return `${count}, ${formatBytes(bytes)}, in ${named.join(", ")}`;
}

function collect(value: unknown, found: Set<File | Dir>): void {
  if (value instanceof File || value instanceof Dir) found.add(value);
  else if (Array.isArray(value) || value instanceof Set) for (const item of value) collect(item, found);
  else if (value instanceof Map) for (const entry of value) collect(entry, found);
  else if (typeof value === "object" && value !== null) for (const part of Object.values(value)) collect(part, found);
}
