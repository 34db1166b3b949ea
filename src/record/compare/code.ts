import type { Hash } from "../../kernel/index.ts";
import { isLift, SCRIPT } from "../../project/owner.ts";
import type { RunRow, Store, TaskRow } from "../../store/types.ts";
import { codeChanges } from "../explain/index.ts";
import { ProgramTexts } from "../program-texts.ts";
import type { FactChange, ReachedChange } from "./types.ts";

/** The declarations that changed between two runs, each with the tasks of either that reach it. */
export async function compareCode(store: Store, before: RunRow, after: RunRow): Promise<readonly ReachedChange[]> {
  const programs = new ProgramTexts(store);
  const [was, is] = await Promise.all([tasksOf(store, before), tasksOf(store, after)]);
  const changes = new Map<string, ReachedChange & { tasks: string[] }>();
  for (const [name, task] of is) {
    const earlier = was.get(name);
    if (!earlier || earlier.hash === task.hash) continue;
    const then = { task: earlier, program: before.program };
    for (const change of await codeChanges(then, { task, program: after.program }, programs)) {
      // Versions belong to their task.
      const key = change.name === "version" ? `version ${name}` : change.name;
      const known = changes.get(key);
      if (known) known.tasks.push(name);
      else changes.set(key, { ...change, tasks: [name] });
    }
  }
  return [...changes.values()].filter(({ name }) => !name.startsWith("npm:"));
}

/** The tasks of a run by name; lifts and scripts have no name of their own. */
async function tasksOf(store: Store, run: RunRow): Promise<ReadonlyMap<string, TaskRow>> {
  const hashes: readonly Hash[] = await store.listRunTasks(run.id);
  const tasks = await Promise.all(hashes.map((hash) => store.getTask(hash)));
  const named = tasks.filter((task) => task !== undefined && task.name !== SCRIPT && !isLift({ task: task.name }));
  return new Map(named.flatMap((task) => (task ? [[task.name, task]] : [])));
}

/** The npm packages that differ between the programs of two runs. */
export async function comparePackages(store: Store, before: RunRow, after: RunRow): Promise<readonly FactChange[]> {
  const [was, is] = await Promise.all([packagesOf(store, before), packagesOf(store, after)]);
  return changesOf(was, is);
}

async function packagesOf(store: Store, { program }: RunRow): Promise<ReadonlyMap<string, string>> {
  const packages = (program === null ? undefined : await store.getProgram(program))?.packages ?? [];
  const versions = Map.groupBy(packages, ({ name }) => name);
  return new Map(
    [...versions].map(([name, all]) => [
      name,
      all
        .map(({ version }) => version)
        .toSorted()
        .join(", "),
    ]),
  );
}

/** What differs between two sets of facts, by name. */
export function changesOf(
  before: ReadonlyMap<string, string>,
  after: ReadonlyMap<string, string>,
): readonly FactChange[] {
  return [...new Set([...before.keys(), ...after.keys()])]
    .toSorted()
    .map((name) => ({ name, before: before.get(name), after: after.get(name) }))
    .filter((change) => change.before !== change.after);
}
