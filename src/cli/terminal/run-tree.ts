import { formatDuration } from "../../kernel/index.ts";
import type { JobRow } from "../../store/types.ts";
import { markOf } from "./states.ts";
import type { Terminal } from "./terminal.ts";

/** So many children of one task stand each on a line; more are counted. */
const MOST_SIBLINGS = 10;
/** Deeper than this, what is below is counted. */
const DEEPEST = 12;

/** The jobs of a run as a tree: each under the one whose body made the call. */
export function runTree(jobs: readonly JobRow[], keep: (job: JobRow) => boolean, terminal: Pick<Terminal, "styleOut">): string[] {
  const paint = terminal.styleOut;
  const children = new Map<string | null, JobRow[]>();
  const wanted = new Set<string>();
  const byId = new Map(jobs.map((job) => [job.id, job]));
  for (const job of jobs) {
    if (!keep(job)) continue;
    // What leads to a job that is shown is shown.
    for (let at: JobRow | undefined = job; at && !wanted.has(at.id); at = byId.get(at.parent ?? "")) wanted.add(at.id);
  }
  for (const job of jobs) {
    if (!wanted.has(job.id) || job.task.startsWith("lift:")) continue;
    const parent = byId.has(job.parent ?? "") ? job.parent : null;
    const list = children.get(parent);
    if (list) list.push(job);
    else children.set(parent, [job]);
  }
  const lines: string[] = [];
  const line = (job: JobRow, indent: string): string => {
    const took = job.startedAt === null || job.endedAt === null ? "" : paint("dim", `  ${formatDuration(job.endedAt - job.startedAt)}`);
    const why = job.state === "cached" || job.reason === "new" ? "" : paint("dim", `  ${job.reason}`);
    return `${indent}${markOf(job.state, paint)} ${job.task}${took}${why}  ${paint("dim", job.id.slice(0, 8))}`;
  };
  const walk = (parent: string | null, indent: string, depth: number): void => {
    const all = (children.get(parent) ?? []).toSorted((a, b) => a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1));
    if (depth > DEEPEST) {
      if (all.length > 0) lines.push(`${indent}${paint("dim", "…")}`);
      return;
    }
    const byTask = Map.groupBy(all, (job) => job.task);
    for (const [task, siblings] of byTask) {
      // Those that tell something first: what failed, what ran, what was cached.
      const order = ["failed", "running", "pending", "cancelled", "done", "cached"];
      const shown =
        siblings.length <= MOST_SIBLINGS
          ? siblings
          : siblings.toSorted((a, b) => order.indexOf(a.state) - order.indexOf(b.state)).slice(0, MOST_SIBLINGS - 1);
      for (const job of shown) {
        lines.push(line(job, indent));
        walk(job.id, `${indent}  `, depth + 1);
      }
      const rest = siblings.length - shown.length;
      if (rest > 0) lines.push(`${indent}${paint("dim", `… and ${rest} more of ${task}`)}`);
    }
  };
  walk(null, "  ", 0);
  return lines;
}
