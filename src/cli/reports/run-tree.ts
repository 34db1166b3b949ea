import { formatDuration } from "../../kernel/index.ts";
import type { JobRow, JobState } from "../../store/types.ts";
import { short } from "../../record/short.ts";
import { isLift, SCRIPT } from "../../project/owner.ts";
import { markOf } from "../terminal/states.ts";
import type { Paint } from "../terminal/terminal.ts";

/** So many children of one task stand each on a line; more are counted. */
const MOST_SIBLINGS = 10;
/** Deeper than this, what is below is counted. */
const DEEPEST = 12;
/** Those that tell something first. */
const ORDER: readonly JobState[] = ["failed", "running", "pending", "cancelled", "done", "cached"];

/** The jobs of a run, each under the one whose body made the call. */
class Tree {
  readonly lines: string[] = [];
  readonly #paint: Paint;
  readonly #children: ReadonlyMap<string | null, readonly JobRow[]>;

  constructor(children: ReadonlyMap<string | null, readonly JobRow[]>, paint: Paint) {
    this.#children = children;
    this.#paint = paint;
  }

  walk(parent: string | null, indent: string, depth: number): void {
    const paint = this.#paint;
    const all = this.#children.get(parent) ?? [];
    if (depth > DEEPEST) {
      if (all.length > 0) this.lines.push(`${indent}${paint("dim", "…")}`);
      return;
    }
    for (const [task, siblings] of Map.groupBy(all, (job) => job.task)) {
      const shown =
        siblings.length <= MOST_SIBLINGS
          ? siblings
          : siblings.toSorted((a, b) => ORDER.indexOf(a.state) - ORDER.indexOf(b.state)).slice(0, MOST_SIBLINGS - 1);
      for (const job of shown) {
        this.lines.push(this.#line(job, indent));
        this.walk(job.id, `${indent}  `, depth + 1);
      }
      const rest = siblings.length - shown.length;
      if (rest > 0) this.lines.push(`${indent}${paint("dim", `… and ${rest} more of ${task}`)}`);
    }
  }

  #line(job: JobRow, indent: string): string {
    const paint = this.#paint;
    const took =
      job.startedAt === null || job.endedAt === null
        ? ""
        : paint("dim", `  ${formatDuration(job.endedAt - job.startedAt)}`);
    const isUsual = job.state === "cached" || job.reason === "new" || job.reason === "hit";
    const why = isUsual ? "" : paint("dim", `  ${job.reason}`);
    return `${indent}${markOf(job.state, paint)} ${job.task}${took}${why}  ${paint("dim", short(job.id))}`;
  }
}

/**
 * The jobs of a run as a tree. A script that ended as the task did that built it goes without saying.
 *
 * @param keep - which jobs are wanted; what leads to them is shown too
 */
export function runTree(jobs: readonly JobRow[], keep: (job: JobRow) => boolean, paint: Paint): string[] {
  const byId = new Map(jobs.map((job) => [job.id, job]));
  const wanted = new Set<string>();
  for (const job of jobs) {
    if (!keep(job)) continue;
    for (let at: JobRow | undefined = job; at && !wanted.has(at.id); at = byId.get(at.parent ?? "")) wanted.add(at.id);
  }
  const shown = jobs.filter((job) => {
    if (!wanted.has(job.id) || isLift(job)) return false;
    return job.task !== SCRIPT || byId.get(job.parent ?? "")?.state !== job.state;
  });
  const inOrder = shown.toSorted((a, b) => a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1));
  const tree = new Tree(
    Map.groupBy(inOrder, (job) => (byId.has(job.parent ?? "") ? job.parent : null)),
    paint,
  );
  tree.walk(null, "  ", 0);
  return tree.lines;
}
