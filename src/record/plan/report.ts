import type { Program } from "../../code/types.ts";
import { labelOf, type Plan, type PlannedCall } from "../../engine/dry-run/index.ts";
import { errorFacts } from "../../kernel/index.ts";
import { SCRIPT } from "../../project/owner.ts";
import { snapshotOf } from "../../project/snapshot.ts";
import type { CallRow, JobRow, RunMode } from "../../store/types.ts";
import { explain, explainBriefly, type Explanation, NearestCalls, reasonText } from "../explain/index.ts";
import type { ProjectRecord } from "../open.ts";
import { callsBelow, namesIn } from "./last-time.ts";
import { PlannedRows } from "./planned-store.ts";
import type { PlannedGroup, PlannedTask, PlanReport } from "./types.ts";

/** So many calls of each task are explained; of the others it is only known that they would run. */
const MOST_EXPLAINED = 500;
/** For so many calls of each task it is looked what was below such ones last time. */
const MOST_FOLLOWED = 10;

/** What is asked of a plan. */
export interface PlanFacts {
  readonly program: Program;
  /** The task that is run. */
  readonly task: string;
  readonly argv: readonly string[];
}

/** Tells a plan by task, with the reasons why calls would run and how long they take by the past. */
export async function planReport(record: ProjectRecord, plan: Plan, facts: PlanFacts): Promise<PlanReport> {
  const { program, task, argv } = facts;
  const { mode, cut } = plan;
  const rows = new PlannedRows(record.store, plan, snapshotOf(program), { task, mode });
  const reporter = new Reporter({ ...record, store: rows.store }, rows, program, mode);
  const calls = Map.groupBy(withoutScripts(plan.calls), (call) => labelOf(call.task, call.owner));
  const found: Omit<PlannedTask, "meanMs" | "lastTimeMs">[] = [];
  for (const [label, its] of calls) found.push(await reporter.task(label, its));
  const names = new Set(found.flatMap(({ task, lastTime }) => [task, ...Object.keys(lastTime)]));
  const means = new Map((await record.store.taskTimes([...names])).map((time) => [time.task, time.meanMs]));
  const tasks = found.map((each) => ({
    ...each,
    meanMs: means.get(each.task) ?? null,
    lastTimeMs: timeOf(each.lastTime, means),
  }));
  const error = plan.error === undefined ? null : errorFacts(plan.error);
  return { at: Date.now(), workflow: program.entry, task, argv, mode, cut, tasks, error };
}

/** How long so many calls of tasks take; null where nobody knows of any. */
function timeOf(counts: Readonly<Record<string, number>>, means: ReadonlyMap<string, number>): number | null {
  const known = Object.entries(counts).flatMap(([name, count]) => {
    const mean = means.get(name);
    return mean === undefined ? [] : [mean * count];
  });
  return known.length === 0 ? null : known.reduce((a, b) => a + b);
}

/**
 * A script goes by the task whose body built it. Where the body is cached and the script is not, the script tells what
 * becomes of the two; otherwise it goes the way of its body.
 */
function withoutScripts(calls: readonly PlannedCall[]): PlannedCall[] {
  const owners = new Map(calls.flatMap((call) => (call.job ? [[call.job, call] as const] : [])));
  const replaced = new Map<PlannedCall, PlannedCall>();
  const scripts = new Set<PlannedCall>();
  for (const call of calls) {
    const owner = call.task.name === SCRIPT && call.owner ? owners.get(call.owner) : undefined;
    if (!owner) continue;
    scripts.add(call);
    if (owner.fate === "cached" && call.fate !== "cached" && !replaced.has(owner)) replaced.set(owner, call);
  }
  return calls.flatMap((call) => (scripts.has(call) ? [] : [replaced.get(call) ?? call]));
}

class Reporter {
  readonly #record: ProjectRecord;
  readonly #rows: PlannedRows;
  readonly #program: Program;
  readonly #mode: RunMode;
  readonly #nearest: NearestCalls;

  constructor(record: ProjectRecord, rows: PlannedRows, program: Program, mode: RunMode) {
    this.#record = record;
    this.#rows = rows;
    this.#program = program;
    this.#mode = mode;
    this.#nearest = new NearestCalls(record.store);
  }

  async task(label: string, calls: readonly PlannedCall[]): Promise<Omit<PlannedTask, "meanMs" | "lastTimeMs">> {
    const [first] = calls;
    const count = (fate: PlannedCall["fate"]): number => calls.filter((call) => call.fate === fate).length;
    const fresh = calls.filter((call) => call.fate !== "cached");
    // The same for all of them whose arguments are not known.
    const newest = fresh.length > 0 ? await this.#newest(fresh[0]!.task.name) : undefined;
    const known = fresh.some((call) => call.expanded);
    const lastTime = known ? {} : await this.#lastTime(fresh, newest);
    const neverRan = fresh.length > 0 && !known && !newest;
    return {
      task: label,
      lift: first?.task.lifted ?? false,
      run: count("run"),
      may: count("may"),
      cached: count("cached"),
      groups: await this.#groups(fresh, newest),
      lastTime,
      names: neverRan && first ? namesIn(this.#program.tasks, first.task) : [],
    };
  }

  /** The newest recorded call of a task. */
  async #newest(task: string): Promise<CallRow | undefined> {
    const [newest] = await this.#record.store.listCalls(task, { limit: 1, mode: this.#mode });
    return newest;
  }

  async #groups(calls: readonly PlannedCall[], newest: CallRow | undefined): Promise<PlannedGroup[]> {
    const groups = new Map<string, PlannedGroup & { calls: number }>();
    let explained = 0;
    for (const call of calls) {
      const { fate, estimate, dependsOn } = call;
      if (fate === "cached") continue;
      const row = this.#rows.rowOf(call, newest);
      let reason: string | null = null;
      if (fate === "may") reason = `depends on ${dependsOn.join(", ")}`;
      else if (explained++ < MOST_EXPLAINED) {
        reason = reasonText(await explainBriefly(this.#record.store, row, this.#nearest));
      }
      const key = JSON.stringify([fate, estimate, reason]);
      const group = groups.get(key);
      if (group) group.calls++;
      else {
        const told = fate === "run" && reason !== null;
        const explanation = told ? await this.#explain(row) : null;
        groups.set(key, { fate, estimate, reason, calls: 1, dependsOn: fate === "may" ? dependsOn : [], explanation });
      }
    }
    return [...groups.values()];
  }

  async #explain(row: JobRow): Promise<Explanation> {
    const explanation = await explain(this.#record, row);
    const because = explanation.because.map(async (each) => ({ ...each, job: await this.#rows.recordedJob(each.job) }));
    return { ...explanation, because: await Promise.all(because) };
  }

  /** What was below the earlier calls that these are most like. */
  async #lastTime(calls: readonly PlannedCall[], newest: CallRow | undefined): Promise<Record<string, number>> {
    const looked = calls.filter(({ task }) => !task.lifted && task.name !== SCRIPT).slice(0, MOST_FOLLOWED);
    const sums = new Map<string, number>();
    for (const call of looked) {
      const previous = call.job
        ? ((await this.#rows.recordedCall(call.job.key)) ?? (await this.#nearest.of(this.#rows.rowOf(call))))
        : newest;
      if (!previous) continue;
      for (const [task, count] of await this.#below(previous.key)) sums.set(task, (sums.get(task) ?? 0) + count);
    }
    return Object.fromEntries(
      Array.from(sums, ([task, count]) => [task, Math.round((count * calls.length) / looked.length)]),
    );
  }

  readonly #counted = new Map<string, Promise<ReadonlyMap<string, number>>>();

  #below(key: string): Promise<ReadonlyMap<string, number>> {
    let counts = this.#counted.get(key);
    if (!counts) this.#counted.set(key, (counts = callsBelow(this.#record.store, key)));
    return counts;
  }
}
