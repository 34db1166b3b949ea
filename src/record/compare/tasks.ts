import { isLift, SCRIPT } from "../../project/owner.ts";
import type { Store, TaskCount } from "../../store/types.ts";
import type { TaskComparison, TaskSide } from "./types.ts";

/** Compares what ran, task by task, in the order in which the names come. */
export async function compareTasks(store: Store, before: string, after: string): Promise<readonly TaskComparison[]> {
  const [a, b] = await Promise.all([sidesOf(store, before), sidesOf(store, after)]);
  return [...new Set([...a.keys(), ...b.keys()])].toSorted().map((task) => {
    const [was, is] = [a.get(task), b.get(task)];
    const ratio = was && is && was.ran > 0 && is.ran > 0 && was.wallMs > 0 ? mean(is) / mean(was) : undefined;
    return { task, before: was, after: is, ratio };
  });
}

const mean = ({ wallMs, ran }: TaskSide): number => wallMs / ran;

async function sidesOf(store: Store, run: string): Promise<ReadonlyMap<string, TaskSide>> {
  const counts = (await store.countJobs(run)).filter((count) => count.task !== SCRIPT && !isLift(count));
  const outside = await outsideMs(store, run);
  return new Map(
    [...Map.groupBy(counts, ({ task }) => task)].map(([task, all]) => [task, sideOf(all, outside.get(task))]),
  );
}

/** How long the bodies of tasks took outside the engine's process; the jobs themselves also waited for a processor. */
async function outsideMs(store: Store, run: string): Promise<ReadonlyMap<string, number>> {
  const times = new Map<string, number>();
  const attempts = await store.listRunAttempts(run);
  if (attempts.length === 0) return times;
  const jobs = new Map((await store.listJobs({ run })).map((job) => [job.id, job]));
  for (const { job: id, wallMs } of attempts) {
    const job = jobs.get(id);
    const owner = job?.task === SCRIPT && job.parent !== null ? jobs.get(job.parent) : job;
    if (owner) times.set(owner.task, (times.get(owner.task) ?? 0) + (wallMs ?? 0));
  }
  return times;
}

function sideOf(counts: readonly TaskCount[], outside: number | undefined): TaskSide {
  const of = (state: TaskCount["state"]): number =>
    counts.filter((count) => count.state === state).reduce((sum, { jobs }) => sum + jobs, 0);
  // A job that was cached as a whole took no time of its own.
  const ran = counts.filter(({ state }) => state !== "cached").reduce((sum, count) => sum + count.wallMs, 0);
  return { ran: of("done"), cached: of("cached"), failed: of("failed"), wallMs: outside ?? ran };
}
