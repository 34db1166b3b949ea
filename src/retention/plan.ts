import type { ProjectRecord } from "../record/index.ts";
import { isLift } from "../project/owner.ts";
import type { LooseCall, RunRow } from "../store/index.ts";
import type { Inventory, Place } from "./inventory.ts";
import { namedIn } from "./named.ts";

/** What is freed, by where it lies. */
export type Kind = "outputs" | "work" | "logs" | "code" | "downloads" | "values" | "database";

/** So many things of a kind, and their bytes. */
export interface Freed {
  readonly kind: Kind;
  readonly things: number;
  readonly bytes: number;
}

/** So many calls of a task. */
export interface TaskCalls {
  readonly task: string;
  readonly calls: number;
}

/** What goes besides what no recorded run needs. */
export interface PlanOptions {
  /** Runs to be forgotten; those that are pinned or go on stay. */
  readonly runs?: readonly RunRow[];
  /** The work directories of all runs that have ended: what failed is looked into there. */
  readonly work?: boolean;
  /**
   * What no row leads to may be of a run that is only just beginning, or of an archive that is being taken in: it is
   * left alone for so long, in milliseconds. Default: an hour.
   */
  readonly graceMs?: number;
}

/** What a collection would do. */
export interface Plan {
  /** The runs that go. */
  readonly runs: readonly RunRow[];
  /** Runs that were chosen and stay all the same, because they are pinned or go on. */
  readonly stay: readonly RunRow[];
  /** The calls whose results go: when they are asked for again, they run again. */
  readonly calls: readonly TaskCalls[];
  /** What is freed on the disk. Values and rows of the database come on top; they are counted when they are gone. */
  readonly frees: readonly Freed[];
  /** What may go; what is named by a value that stays does not. */
  readonly outputs: Inventory["outputs"];
  readonly work: Inventory["work"];
  readonly logs: Inventory["logs"];
  readonly code: Inventory["code"];
  readonly downloads: Inventory["downloads"];
}

const GRACE_MS = 3_600_000;

/**
 * Finds what can go. Nothing is changed.
 *
 * @example
 * ```ts
 * const old = await selectRuns(store, { states: ["failed"] });
 * const { frees, calls } = await plan(record, takeInventory(storeDir), { runs: old });
 * ```
 */
export async function plan(
  { store }: Pick<ProjectRecord, "store">,
  inventory: Inventory,
  { runs: chosen = [], work: allWork = false, graceMs = GRACE_MS }: PlanOptions = {},
): Promise<Plan> {
  const recorded = await store.listRuns();
  const byId = new Map(recorded.map((run) => [run.id, run]));
  const runs = chosen.filter(({ id, pinned, state }) => byId.has(id) && !pinned && state !== "running");
  const going = new Set(runs.map(({ id }) => id));
  const loose = await store.listLooseCalls([...going]);
  const keys = new Set(loose.calls.map(({ key }) => key));
  const named = await namedIn(store);
  const isOld = ({ changedAt }: Place): boolean => changedAt <= Date.now() - graceMs;
  const stays = (run: string): boolean => byId.has(run) && !going.has(run);
  const uses = await store.listCallUses(inventory.outputs.map(({ call }) => call));
  const used = new Set(uses.filter(({ run }) => stays(run)).map(({ call }) => call));
  const jobs = new Map((await store.findJobs(inventory.work.map(({ job }) => job))).map((job) => [job.id, job]));
  const programs = programsInUse(
    inventory,
    recorded.filter(({ id }) => stays(id)),
  );

  const outputs = inventory.outputs.filter((place) => {
    if (!place.whole) return isOld(place);
    return keys.has(place.call) || (!used.has(place.call) && isOld(place));
  });
  const work = inventory.work.filter((place) => {
    const run = byId.get(jobs.get(place.job)?.run ?? "");
    return run ? going.has(run.id) || (allWork && run.state !== "running") : isOld(place);
  });
  const logs = inventory.logs.filter((place) => going.has(place.run) || (!byId.has(place.run) && isOld(place)));
  const code = inventory.code.filter((place) => !place.pointer && !programs.has(place.program) && isOld(place));
  const downloads = inventory.downloads.filter(
    (place) => isOld(place) && !(place.current && named.downloads.has(place.url)),
  );
  return {
    runs,
    stay: chosen.filter(({ id }) => !going.has(id)),
    calls: countByTask(loose.calls),
    frees: [
      freed(
        "outputs",
        outputs.filter(({ call, whole }) => !whole || keys.has(call) || !named.outputs.has(call)),
      ),
      freed("work", work),
      freed("logs", logs),
      freed("code", code),
      freed("downloads", downloads),
    ].filter(({ things }) => things > 0),
    outputs,
    work,
    logs,
    code,
    downloads,
  };
}

/** The programs of runs that stay, and those that entries have now. */
export function programsInUse({ code }: Pick<Inventory, "code">, runs: readonly RunRow[]): ReadonlySet<string> {
  return new Set([
    ...runs.flatMap(({ program }) => program ?? []),
    ...code.flatMap(({ pointer, program }) => (pointer ? program : [])),
  ]);
}

function freed(kind: Kind, places: readonly Place[]): Freed {
  return { kind, things: places.length, bytes: places.reduce((sum, { bytes }) => sum + bytes, 0) };
}

/**
 * How many calls of each task people will see run again, the most first: a script goes with the call that built it, and
 * the small computations between tasks are no calls to them.
 */
export function countByTask(calls: readonly LooseCall[]): readonly TaskCalls[] {
  const keys = new Set(calls.map(({ key }) => key));
  const known = calls.filter((call) => !isLift(call) && !(call.builtBy !== null && keys.has(call.builtBy)));
  const groups = Map.groupBy(known, ({ task }) => task);
  return Array.from(groups, ([task, all]) => ({ task, calls: all.length })).sort((a, b) => b.calls - a.calls);
}
