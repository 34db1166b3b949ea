import { existsSync } from "node:fs";
import { join } from "node:path";
import { clearOrphans } from "../engine/orphans.ts";
import { killOrphan } from "../executors/index.ts";
import { crashPoint, type Hash, LigaseError, silentLog } from "../kernel/index.ts";
import type { ProjectRecord } from "../record/index.ts";
import type { EngineRow, LooseCall, Store } from "../store/index.ts";
import { Beside } from "./beside.ts";
import { type Place, takeInventory } from "./inventory.ts";
import { namedIn } from "./named.ts";
import {
  countByTask,
  type Freed,
  type Kind,
  type Plan,
  plan,
  type PlanOptions,
  programsInUse,
  type TaskCalls,
} from "./plan.ts";
import { discard, removeTree } from "./remove.ts";

/** Who wants to hear what while a collection goes on. */
export interface CollectHooks {
  /** Another process must first record what it has, and takes long. */
  readonly onWait?: (engine: EngineRow) => void;
}

/** What a collection did. */
export interface Collected {
  /** The runs that are forgotten. */
  readonly runs: readonly string[];
  /** The calls that run again when they are asked for. */
  readonly calls: readonly TaskCalls[];
  readonly frees: readonly Freed[];
  /** Runs go on: what one of them may need although no row says so was left for another time. */
  readonly beside: boolean;
}

/** Calls that are taken out at a time: while they are, those who ask for them wait. */
const CALLS_AT_ONCE = 2000;
/** Jobs that are removed in one transaction, so that those who record wait no longer than a tenth of a second. */
const JOBS_AT_ONCE = 5000;
/** A database is written anew when so much of it is empty. */
const EMPTY = { share: 0.25, bytes: 1_000_000 };

/**
 * Frees what no recorded run needs, and what the runs that go have needed alone.
 *
 * The order is what makes it safe beside runs that go on, and at a kill: first rows that let something be found, then
 * the files, so that nothing is ever found whose files are gone. A call that is taken out is held, so that nobody begins
 * it; then all who work on the store record what they had found before, and what one of them needs is put back. A kill
 * leaves files that nothing names; the next collection finds them.
 *
 * @throws LigaseError what the store raises, such as `LIGASE_E_STORE_READ_ONLY`
 * @example
 * ```ts
 * await collect(record, { runs: await selectRuns(store, { states: ["failed"] }) });
 * ```
 */
export async function collect(
  record: ProjectRecord,
  options: PlanOptions = {},
  hooks: CollectHooks = {},
): Promise<Collected> {
  const { store, storeDir } = record;
  // Before anybody is waited for: what comes later is not looked at.
  const inventory = takeInventory(storeDir);
  const beside = await Beside.enter(store, hooks.onWait);
  const removal = new Removal(storeDir);
  try {
    await clearOrphans(store, killOrphan, silentLog);
    const planned = await plan(record, inventory, options);
    const runs = await store.removeRuns(planned.runs.map(({ id }) => id));
    crashPoint("retention.runs");
    const calls = await takeOut(store, beside);
    crashPoint("retention.calls");
    while ((await store.removeJobs(JOBS_AT_ONCE)) > 0) crashPoint("retention.jobs");
    const gone = new Set(calls.map(({ key }) => key));
    await removeOutputs(planned.outputs, { store, beside, gone, removal });
    await beside.release([...gone]);
    const stillThere = new Set((await store.listRuns()).map(({ id }) => id));
    for (const place of planned.logs) if (!stillThere.has(place.run)) removal.remove("logs", place);
    for (const place of planned.work) removal.remove("work", place);
    const swept = await beside.alone(() => sweep(record, planned, removal));
    for (const place of inventory.trash) removeTree(place.path);
    removal.finish();
    return { runs, calls: countByTask(calls), frees: removal.freed(), beside: swept === undefined };
  } finally {
    await beside.leave();
  }
}

/** Takes the calls out that no recorded run needs. Those that went are held on. */
async function takeOut(store: Store, beside: Beside): Promise<LooseCall[]> {
  const gone: LooseCall[] = [];
  const { calls, mark } = await store.listLooseCalls();
  for (let from = 0; from < calls.length; from += CALLS_AT_ONCE) {
    const held = await beside.hold(calls.slice(from, from + CALLS_AT_ONCE).map(({ key }) => key));
    const taken = await store.removeCalls(held, mark);
    crashPoint("retention.calls.taken");
    // What was found before it was taken out is by now in use, and known to be.
    await beside.settled();
    const needed = new Set(await store.restoreCalls(taken, mark));
    const went = new Set(taken.map(({ key }) => key).filter((key) => !needed.has(key)));
    await beside.release(held.filter((key) => !went.has(key)));
    gone.push(...calls.slice(from, from + CALLS_AT_ONCE).filter(({ key }) => went.has(key)));
  }
  return gone;
}

/** Removes files of calls that went, and of calls that never were recorded. */
async function removeOutputs(
  outputs: Plan["outputs"],
  { store, beside, gone, removal }: { store: Store; beside: Beside; gone: ReadonlySet<Hash>; removal: Removal },
): Promise<void> {
  if (outputs.length === 0) return;
  const { outputs: named } = await namedIn(store);
  const orphans = outputs.filter(({ call, whole }) => !gone.has(call) || !whole).map(({ call }) => call);
  const held = new Set([...gone, ...(await beside.hold(orphans))]);
  for (const place of outputs) {
    if (!held.has(place.call)) continue;
    // Whoever made it anew has recorded that before it was let go.
    const inUse = place.whole && (named.has(place.call) || (await store.getCall(place.call)) !== undefined);
    if (!inUse) removal.discard("outputs", place);
    crashPoint("retention.outputs");
  }
}

/** What only nobody can need while nobody works on the store. */
async function sweep(
  { store, storeDir }: ProjectRecord,
  planned: Pick<Plan, "code" | "downloads">,
  removal: Removal,
): Promise<true> {
  const programs = programsInUse(takeInventory(storeDir), await store.listRuns());
  for (const place of planned.code) if (!programs.has(place.program)) removal.remove("code", place);
  const { downloads } = await namedIn(store);
  for (const place of planned.downloads) {
    if (!place.current || !downloads.has(place.url)) removal.remove("downloads", place);
  }
  const missing = (await store.listFingerprintPaths()).filter((path) => !existsSync(path));
  const { values, valueBytes } = await store.sweep({ programs: [...programs] }, missing);
  if (values > 0) removal.count("values", values, valueBytes);
  crashPoint("retention.sweep");
  const before = await store.databaseSize();
  if (before.free > EMPTY.bytes && before.free > before.bytes * EMPTY.share) {
    try {
      await store.compact();
      removal.count("database", 1, before.bytes - (await store.databaseSize()).bytes);
    } catch (error) {
      // It takes as much again for a moment. What is empty is written first, so nothing is lost.
      if (!(error instanceof LigaseError && error.code === "LIGASE_E_DISK_FULL")) throw error;
    }
  }
  return true;
}

/** Removes files, and counts them. */
class Removal {
  readonly #storeDir: string;
  readonly #freed = new Map<Kind, { things: number; bytes: number }>();
  #discarded = false;

  constructor(storeDir: string) {
    this.#storeDir = storeDir;
  }

  /** Removes what nobody uses; a kill may leave a part of it. */
  remove(kind: Kind, place: Place): void {
    if (removeTree(place.path)) this.count(kind, 1, place.bytes);
  }

  /** Removes something in one step. */
  discard(kind: Kind, place: Place): void {
    if (!discard(place, this.#storeDir)) return;
    this.#discarded = true;
    this.count(kind, 1, place.bytes);
  }

  count(kind: Kind, things: number, bytes: number): void {
    const before = this.#freed.get(kind) ?? { things: 0, bytes: 0 };
    this.#freed.set(kind, { things: before.things + things, bytes: before.bytes + bytes });
  }

  /** Empties the trash. */
  finish(): void {
    if (this.#discarded) removeTree(join(this.#storeDir, "trash"));
  }

  freed(): readonly Freed[] {
    return Array.from(this.#freed, ([kind, freed]) => ({ kind, ...freed }));
  }
}
