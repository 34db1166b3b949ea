import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import type { ProjectRecord } from "../record/index.ts";
import type { CallUse, RunRow } from "../store/index.ts";
import type { Inventory, Place } from "./inventory.ts";
import type { Kind } from "./plan.ts";

/** What takes space, by where it lies. */
export interface KindUsage {
  readonly kind: Kind | "volumes" | "other";
  readonly things: number;
  readonly bytes: number;
}

/** What a run takes. */
export interface RunUsage {
  readonly run: RunRow;
  /** The files that its calls made, or that it found made. */
  readonly outputs: number;
  readonly work: number;
  readonly logs: number;
  readonly bytes: number;
  /** What no other run needs: so much goes with it. */
  readonly own: number;
}

/** What the calls of a task take. Bytes; the values are in the database, or beside it where they are large. */
export interface TaskUsage {
  readonly task: string;
  readonly calls: number;
  readonly outputs: number;
  readonly work: number;
  readonly logs: number;
  readonly values: number;
  readonly bytes: number;
}

/** Tells what takes space by where it lies; all that is in the `.ligase` folder, most first. */
export async function usageByKind(
  { store }: Pick<ProjectRecord, "store">,
  inventory: Inventory,
): Promise<readonly KindUsage[]> {
  const { outputs, work, logs, code, downloads, volumes, trash, valueBytes, otherBytes } = inventory;
  const database = await store.databaseSize();
  const kinds: readonly (readonly [KindUsage["kind"], number, number])[] = [
    ["outputs", outputs.length, sum(outputs)],
    ["work", work.length, sum(work)],
    ["logs", logs.length, sum(logs)],
    ["code", code.length, sum(code)],
    ["downloads", downloads.length, sum(downloads)],
    ["volumes", volumes.length, sum(volumes)],
    ["values", valueBytes > 0 ? 1 : 0, valueBytes],
    ["database", 1, database.bytes],
    ["other", trash.length + (otherBytes > 0 ? 1 : 0), otherBytes + sum(trash)],
  ];
  return kinds
    .map(([kind, things, bytes]) => ({ kind, things, bytes }))
    .filter(({ bytes }) => bytes > 0)
    .sort((a, b) => b.bytes - a.bytes);
}

/** Tells what each run takes, the newest first. */
export async function usageByRun(
  { store }: Pick<ProjectRecord, "store">,
  inventory: Inventory,
): Promise<readonly RunUsage[]> {
  const bytesOf = new Map(inventory.outputs.map(({ call, bytes }) => [call, bytes]));
  const uses = await usesOf(store, inventory);
  const users = Map.groupBy(uses, ({ call }) => call);
  const usesByRun = Map.groupBy(uses, ({ run }) => run);
  const jobs = new Map((await store.findJobs(inventory.work.map(({ job }) => job))).map(({ id, run }) => [id, run]));
  const workByRun = Map.groupBy(inventory.work, ({ job }) => jobs.get(job) ?? "");
  const logsByRun = Map.groupBy(inventory.logs, ({ run }) => run);
  return (await store.listRuns()).map((run) => {
    const calls = new Set((usesByRun.get(run.id) ?? []).map(({ call }) => call));
    const alone = [...calls].filter((call) => users.get(call)!.every((use) => use.run === run.id));
    const outputs = total(calls, bytesOf);
    const work = sum(workByRun.get(run.id) ?? []);
    const logs = sum(logsByRun.get(run.id) ?? []);
    return {
      run,
      outputs,
      work,
      logs,
      bytes: outputs + work + logs,
      own: total(alone, bytesOf) + work + logs,
    };
  });
}

/**
 * Tells what the calls of each task take, most first.
 *
 * @param run - only what this run needs; without the values
 */
export async function usageByTask(
  { store }: Pick<ProjectRecord, "store">,
  inventory: Inventory,
  run?: string,
): Promise<readonly TaskUsage[]> {
  const tasks = new Map<string, { calls: number; outputs: number; work: number; logs: number; values: number }>();
  const of = (task: string) => {
    const known = tasks.get(task) ?? { calls: 0, outputs: 0, work: 0, logs: 0, values: 0 };
    tasks.set(task, known);
    return known;
  };
  const uses = (await usesOf(store, inventory)).filter((use) => run === undefined || use.run === run);
  const taskOf = new Map(uses.map(({ call, task }) => [call, task]));
  for (const { call, bytes } of inventory.outputs) {
    const task = taskOf.get(call);
    if (task !== undefined) of(task).outputs += bytes;
    else if (run === undefined) of(NOBODY).outputs += bytes;
  }
  const logs = inventory.logs.filter((place) => run === undefined || place.run === run).flatMap(logFiles);
  const owners = await ownersOf(
    store,
    [...inventory.work, ...logs].map(({ job }) => job),
  );
  for (const [kind, places] of [["work", inventory.work] as const, ["logs", logs] as const]) {
    for (const { job, bytes } of places) {
      const owner = owners.get(job);
      if (run === undefined || owner?.run === run) of(owner?.task ?? NOBODY)[kind] += bytes;
    }
  }
  if (run === undefined) {
    for (const { task, calls, bytes } of await store.listValueUses()) Object.assign(of(task), { calls, values: bytes });
  } else {
    for (const { task, jobs } of await store.countJobs(run)) if (tasks.has(task)) of(task).calls += jobs;
  }
  return Array.from(tasks, ([task, { calls, outputs, work, logs: log, values }]) => {
    return { task, calls, outputs, work, logs: log, values, bytes: outputs + work + log + values };
  }).sort((a, b) => b.bytes - a.bytes || (a.task < b.task ? -1 : 1));
}

/** What no recorded job has left. */
const NOBODY = "";

type Store = ProjectRecord["store"];

function usesOf(store: Store, { outputs }: Inventory): Promise<readonly CallUse[]> {
  return store.listCallUses([...new Set(outputs.map(({ call }) => call))]);
}

/** The runs of jobs, and the tasks that they go by. */
async function ownersOf(
  store: Store,
  ids: readonly string[],
): Promise<ReadonlyMap<string, { readonly run: string; readonly task: string }>> {
  const jobs = await store.findJobs([...new Set(ids)]);
  const uses = await store.listCallUses(jobs.map(({ call }) => call));
  const tasks = new Map(uses.map(({ call, run, task }) => [`${run} ${call}`, task]));
  return new Map(
    jobs.map(({ id, run, call, task }) => [id, { run, task: tasks.get(`${run} ${call}`) ?? task }] as const),
  );
}

/** The files in the logs of a run, by their jobs. */
function logFiles({ path }: Place): { job: string; bytes: number }[] {
  return readdirSync(path).flatMap((name) => {
    const [, job] = /^([^-]+)-\d+/.exec(name) ?? [];
    const bytes = statSync(join(path, name), { throwIfNoEntry: false })?.size ?? 0;
    return job === undefined ? [] : [{ job, bytes }];
  });
}

const sum = (places: readonly { readonly bytes: number }[]): number =>
  places.reduce((bytes, place) => bytes + place.bytes, 0);

function total(calls: Iterable<string>, bytesOf: ReadonlyMap<string, number>): number {
  let bytes = 0;
  for (const call of calls) bytes += bytesOf.get(call) ?? 0;
  return bytes;
}
