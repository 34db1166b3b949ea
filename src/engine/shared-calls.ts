import type { CallNode } from "../expr/node.ts";
import { adoptTasks } from "./calls.ts";
import type { Cell } from "./cell.ts";
import type { Evaluation } from "./context.ts";
import type { Job } from "./job.ts";

/**
 * Makes the calls that a body used count as its own where it did not make them: a lazy value that
 * a module made when it was loaded may stand in what many bodies return. It is evaluated once, for
 * the first of them; but a change below it has to be seen below all.
 */
export function countShared(run: Evaluation, owner: Job, calls: readonly CallNode[]): void {
  for (const node of calls) {
    // What the body made itself has no cell yet, or one with the body as its parent.
    const cell = run.reducer.find(node);
    if (!cell) continue;
    const job = jobOf(cell);
    if (job?.parent === owner) continue;
    if (job && !job.settled) {
      job.addOwner(owner);
      run.circles.link(job, owner, cell);
    }
    cell.whenDone(() => {
      const made = jobOf(cell);
      if (!made || made.parent === owner || made === owner) return;
      run.recorder.callEdge({ parent: owner.key, child: made.key });
      adoptTasks(run, owner, made);
    });
  }
}

function jobOf(cell: Cell<Job>): Job | undefined {
  for (let at: Cell<Job> | undefined = cell; at; at = at.alias) if (at.job) return at.job;
  return undefined;
}
