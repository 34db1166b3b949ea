import { formatDuration, shortenMiddle } from "../../kernel/index.ts";
import type { JobRow } from "../../store/types.ts";
import type { OutlineGroup } from "../../record/outline.ts";
import { short } from "../../record/short.ts";
import { markOf } from "../terminal/states.ts";
import type { Paint } from "../terminal/terminal.ts";
import { columnsOf, cut } from "../terminal/text.ts";

/** The jobs of a run as a tree, in lines no longer than a width. */
export function runTree(groups: readonly OutlineGroup[], paint: Paint, width: number, indent = "  "): string[] {
  return groups.flatMap(({ task, jobs, more }) => [
    ...jobs.flatMap(({ job, groups: below, deeper }) => [
      jobLine(job, indent, paint, width),
      ...runTree(below, paint, width, `${indent}  `),
      ...(deeper ? [`${indent}  ${paint("dim", "…")}`] : []),
    ]),
    ...(more > 0 ? [cut(`${indent}${paint("dim", `… and ${more} more of ${task}`)}`, width)] : []),
  ]);
}

/** A name is not made shorter than this. */
const SHORTEST_NAME = 8;

function jobLine(job: JobRow, indent: string, paint: Paint, width: number): string {
  const took =
    job.startedAt === null || job.endedAt === null
      ? ""
      : paint("dim", `  ${formatDuration(job.endedAt - job.startedAt)}`);
  const isUsual = job.state === "cached" || job.reason === "new" || job.reason === "hit";
  const why = isUsual ? "" : paint("dim", `  ${job.reason}`);
  const start = `${indent}${markOf(job.state, paint)} `;
  const rest = `${took}${why}  ${paint("dim", short(job.id))}`;
  const room = Math.max(SHORTEST_NAME, width - columnsOf(start) - columnsOf(rest));
  return cut(`${start}${shortenMiddle(job.task, room)}${rest}`, width);
}
