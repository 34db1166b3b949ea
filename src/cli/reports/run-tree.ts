import { formatDuration } from "../../kernel/index.ts";
import type { JobRow } from "../../store/types.ts";
import type { OutlineGroup } from "../../record/outline.ts";
import { short } from "../../record/short.ts";
import { markOf } from "../terminal/states.ts";
import type { Paint } from "../terminal/terminal.ts";

/** The jobs of a run as a tree. */
export function runTree(groups: readonly OutlineGroup[], paint: Paint, indent = "  "): string[] {
  return groups.flatMap(({ task, jobs, more }) => [
    ...jobs.flatMap(({ job, groups: below, deeper }) => [
      jobLine(job, indent, paint),
      ...runTree(below, paint, `${indent}  `),
      ...(deeper ? [`${indent}  ${paint("dim", "…")}`] : []),
    ]),
    ...(more > 0 ? [`${indent}${paint("dim", `… and ${more} more of ${task}`)}`] : []),
  ]);
}

function jobLine(job: JobRow, indent: string, paint: Paint): string {
  const took =
    job.startedAt === null || job.endedAt === null
      ? ""
      : paint("dim", `  ${formatDuration(job.endedAt - job.startedAt)}`);
  const isUsual = job.state === "cached" || job.reason === "new" || job.reason === "hit";
  const why = isUsual ? "" : paint("dim", `  ${job.reason}`);
  return `${indent}${markOf(job.state, paint)} ${job.task}${took}${why}  ${paint("dim", short(job.id))}`;
}
