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
  return new Map([...Map.groupBy(counts, ({ task }) => task)].map(([task, all]) => [task, sideOf(all)]));
}

function sideOf(counts: readonly TaskCount[]): TaskSide {
  const of = (state: TaskCount["state"]): number =>
    counts.filter((count) => count.state === state).reduce((sum, { jobs }) => sum + jobs, 0);
  // A job that was cached as a whole took no time of its own.
  const wallMs = counts.filter(({ state }) => state !== "cached").reduce((sum, count) => sum + count.wallMs, 0);
  return { ran: of("done"), cached: of("cached"), failed: of("failed"), wallMs };
}
