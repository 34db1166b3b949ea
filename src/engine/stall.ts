import { LigaseError } from "../kernel/index.ts";
import type { Job } from "./job.ts";

/** How a job reads in a message. */
const display = (job: Job): string => {
  const args = job.argsText.slice(1, -1);
  return `${job.task.name}(${args.length > 40 ? `${args.slice(0, 39)}…` : args})`;
};

/**
 * Explains why a run can go no further though nothing runs: finds a call that waits, through
 * others, for itself. A job waits for those it is an owner of.
 */
export function stallError(jobs: Iterable<Job>): LigaseError {
  const waitsFor = new Map<Job, Job[]>();
  const open: Job[] = [];
  for (const job of jobs) {
    if (job.settled) continue;
    open.push(job);
    for (const owner of job.owners) {
      const list = waitsFor.get(owner);
      if (list) list.push(job);
      else waitsFor.set(owner, [job]);
    }
  }
  const cycle = findCycle(open, waitsFor);
  if (cycle) {
    const path = [...cycle, cycle[0]!].map(display);
    const shown = path.length > 8 ? [...path.slice(0, 4), "…", ...path.slice(-3)] : path;
    return new LigaseError("LIGASE_E_CYCLE", `${display(cycle[0]!)} waits for itself: ${shown.join(" → ")}`, {
      facts: { tasks: cycle.map((job) => job.task.name) },
      mend: "a call whose arguments are the same is the same call: give the recursion an argument that changes",
    });
  }
  const names = [...new Set(open.map((job) => job.task.name))].join(", ");
  return new LigaseError("LIGASE_E_STALLED", `nothing can go on: ${names || "the expression"} waits for what never comes`, {
    mend: "jobs that hold GPUs or limits may be waiting for others that need the same: ask for less, or give more",
  });
}

/** Depth-first, without recursion: chains may be 100,000 long. */
function findCycle(open: readonly Job[], waitsFor: ReadonlyMap<Job, readonly Job[]>): readonly Job[] | undefined {
  const finished = new Set<Job>();
  for (const start of open) {
    if (finished.has(start)) continue;
    const path: { job: Job; next: number }[] = [{ job: start, next: 0 }];
    const onPath = new Set([start]);
    while (path.length > 0) {
      const frame = path.at(-1)!;
      const child = waitsFor.get(frame.job)?.[frame.next++];
      if (!child) {
        finished.add(frame.job);
        onPath.delete(frame.job);
        path.pop();
      } else if (onPath.has(child)) {
        const from = path.findIndex((each) => each.job === child);
        return path.slice(from).map((each) => each.job);
      } else if (!finished.has(child)) {
        path.push({ job: child, next: 0 });
        onPath.add(child);
      }
    }
  }
  return undefined;
}
