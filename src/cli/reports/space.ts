import { formatBytes } from "../../kernel/index.ts";
import type { Freed, KindUsage, TaskCalls } from "../../retention/index.ts";
import { count } from "../terminal/count.ts";
import type { Paint } from "../terminal/terminal.ts";
import { columns } from "../terminal/text.ts";

/** What people call what lies in a `.ligase`, and what is counted of it. */
const KINDS: Readonly<Record<KindUsage["kind"], readonly [name: string, noun: string]>> = {
  outputs: ["files of results", "call"],
  work: ["work directories", "attempt"],
  logs: ["logs", "run"],
  code: ["bundled code", "file"],
  downloads: ["downloads", "file"],
  values: ["values", "value"],
  volumes: ["volumes", "volume"],
  database: ["database", ""],
  other: ["other", ""],
};

/** So many tasks are named. */
const MOST_TASKS = 6;

/** What takes space, or is freed: a line a kind. */
export function kindLines(kinds: readonly (KindUsage | Freed)[], paint: Paint, width: number): string[] {
  const rows = kinds.map(({ kind, things, bytes }) => {
    const [name, noun] = KINDS[kind];
    return [`  ${name}`, formatBytes(bytes), noun === "" ? "" : paint("dim", count(things, noun))];
  });
  return columns(rows, { right: [1], width });
}

/** `align ×12, sort ×3, and 2 other tasks` */
export function callsText(calls: readonly TaskCalls[]): string {
  const shown = calls.slice(0, MOST_TASKS).map(({ task, calls: n }) => (n === 1 ? task : `${task} ×${n}`));
  const rest = calls.length - shown.length;
  return [...shown, ...(rest > 0 ? [`and ${count(rest, "other task")}`] : [])].join(", ");
}

/** All bytes. */
export function bytesOf(kinds: readonly (KindUsage | Freed)[]): number {
  return kinds.reduce((sum, { bytes }) => sum + bytes, 0);
}
