import { LigaseError } from "../kernel/index.ts";
import type { Cell } from "./cell.ts";
import { describeJob, type Job } from "./job.ts";

/** A job that began to wait for one that another had made. */
interface Link {
  readonly job: Job;
  readonly owner: Job;
  /** Where the owner waits. */
  readonly cell: Cell<Job>;
}

/** A look may take this share of the time since the one before it. */
const SHARE = 0.05;

/**
 * Finds calls that wait for themselves, while others still run. Every circle holds a call that was
 * there already when the one that closes it was made, so only such links are looked at; and they
 * are looked at together, when the run has nothing better to do: a walk up from each as it is made
 * would take quadratic time in a deep recursion.
 */
export class Circles {
  #links: Link[] = [];
  #last = 0;
  #next = 0;

  /** A job waits for one that is under way. */
  link(job: Job, owner: Job, cell: Cell<Job>): void {
    this.#links.push({ job, owner, cell });
  }

  /**
   * Makes calls that close a circle fail.
   *
   * @param now - also when the last look was not long ago
   * @returns whether there were any
   */
  break(now: boolean): boolean {
    const begun = performance.now();
    if (this.#links.length === 0 || (begun < this.#next && !now)) return false;
    const links = this.#links;
    this.#links = [];
    let found = false;
    for (let circle = findCircle(links); circle; circle = findCircle(links)) {
      found = true;
      const edge = links.find(({ job, owner }) =>
        circle.some((each, i) => each === owner && circle[(i + 1) % circle.length] === job),
      );
      if (!edge) break;
      edge.job.removeOwner(edge.owner);
      edge.cell.fail(circleError(circle, edge.job), edge.owner);
    }
    this.#last = performance.now() - begun;
    this.#next = begun + this.#last / SHARE;
    return found;
  }
}

/** Jobs of which each waits for the next, and the last for the first. Without recursion: chains may be 100,000 long. */
function findCircle(links: readonly Link[]): readonly Job[] | undefined {
  const finished = new Set<Job>();
  for (const { job: start } of links) {
    if (start.settled || finished.has(start)) continue;
    const path = [{ job: start, next: 0 }];
    const onPath = new Set([start]);
    while (path.length > 0) {
      const frame = path.at(-1)!;
      const owner = frame.job.owners[frame.next++];
      if (!owner) {
        finished.add(frame.job);
        onPath.delete(frame.job);
        path.pop();
      } else if (onPath.has(owner)) {
        const from = path.findIndex(({ job }) => job === owner);
        return path
          .slice(from)
          .map(({ job }) => job)
          .reverse();
      } else if (!finished.has(owner)) {
        path.push({ job: owner, next: 0 });
        onPath.add(owner);
      }
    }
  }
  return undefined;
}

function circleError(circle: readonly Job[], first: Job): LigaseError {
  const at = circle.indexOf(first);
  const path = [...circle.slice(at), ...circle.slice(0, at), first].map(describeJob);
  const shown = path.length > 8 ? [...path.slice(0, 4), "…", ...path.slice(-3)] : path;
  return new LigaseError("LIGASE_E_CYCLE", `${describeJob(first)} waits for itself: ${shown.join(" → ")}`, {
    facts: { tasks: circle.map((job) => job.task.name) },
    mend: "a call whose arguments are the same is the same call: give the recursion an argument that changes",
  });
}
