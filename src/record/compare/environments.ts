import type { Store } from "../../store/types.ts";
import { compareEnvironments, type EnvironmentFacts, environmentsOfRun } from "../environments/index.ts";
import type { EnvironmentComparison } from "./types.ts";

/** How the environments of the tasks that ran in both runs differ: those that differ alike stand together. */
export async function compareEnvironmentsOf(
  store: Store,
  before: string,
  after: string,
): Promise<readonly EnvironmentComparison[]> {
  const [was, is] = await Promise.all([byTask(store, before), byTask(store, after)]);
  const found = new Map<string, EnvironmentComparison & { tasks: string[] }>();
  for (const [task, now] of is) {
    const then = was.get(task);
    if (!then || keyOf(then) === keyOf(now)) continue;
    const key = `${keyOf(then)} ${keyOf(now)}`;
    const known = found.get(key);
    if (known) known.tasks.push(task);
    else found.set(key, { ...compareEnvironments(then, now), tasks: [task] });
  }
  return [...found.values()];
}

/** A task that had several in one run has the last of them. */
async function byTask(store: Store, run: string): Promise<ReadonlyMap<string, EnvironmentFacts>> {
  const used = await environmentsOfRun(store, run);
  return new Map(used.flatMap(({ facts, tasks }) => tasks.map((task) => [task, facts])));
}

/** The same contents made by another engine are another environment: its kernel and its limits may be others. */
const keyOf = ({ identity, engine, digest, lock }: EnvironmentFacts): string =>
  [identity, engine, digest, lock].join(" ");
