import { isLift, SCRIPT } from "../project/owner.ts";
import type { JobFilter, JobRow, JobState, Store } from "../store/types.ts";
import { asRan } from "./select.ts";

/** A job with what is shown below it. */
export interface OutlineJob {
  readonly job: JobRow;
  readonly groups: readonly OutlineGroup[];
  /** There is more below, too deep to be shown. */
  readonly deeper: boolean;
}

/** The jobs of one task below one job. */
export interface OutlineGroup {
  readonly task: string;
  /** Of very many those that tell something. */
  readonly jobs: readonly OutlineJob[];
  /** So many are not shown. */
  readonly more: number;
}

/** How much is shown. */
export interface OutlineOptions {
  /** Only these, and what leads to them. */
  readonly filter?: Omit<JobFilter, "run" | "parent">;
  /** So many jobs of one task below one job are shown; of more than that, one less. Default 10. */
  readonly siblings?: number;
  /** How many levels. Default 13. */
  readonly depth?: number;
}

/** Those that tell something first. */
const ORDER: readonly JobState[] = ["failed", "running", "pending", "cancelled", "done", "cached"];

/** So many jobs of a task are in a state; the first of them. */
interface Siblings {
  readonly task: string;
  readonly state: JobState;
  readonly jobs: number;
  readonly examples: readonly string[];
}

/** Answers what is below a job: by task and state, in order. */
type Below = (parent: string | null) => Promise<readonly Siblings[]> | readonly Siblings[];

/**
 * The jobs of a run, each under the one whose body made the call, and of many of a task only a few: a run of 100,000
 * takes a tenth of a second. A script goes without saying: it ended as the task did that built it, or ran for one whose
 * body was cached, which then has run.
 *
 * @example
 * ```ts
 * const top = await outline(store, run.id, { filter: { states: ["failed"] } });
 * ```
 */
export async function outline(
  store: Store,
  run: string,
  { filter, siblings = 10, depth = 13 }: OutlineOptions = {},
): Promise<readonly OutlineGroup[]> {
  const below: Below = filter
    ? await chosen(store, run, filter)
    : (parent) => store.countChildren(run, parent, siblings);

  const groupsBelow = async (parent: JobRow | undefined, level: number): Promise<readonly OutlineGroup[]> => {
    const all = (await below(parent?.id ?? null)).filter(
      (each) => !isLift(each) && !(each.task === SCRIPT && each.state === parent?.state),
    );
    const groups: OutlineGroup[] = [];
    for (const [task, states] of Map.groupBy(all, (each) => each.task)) {
      const total = states.reduce((sum, each) => sum + each.jobs, 0);
      const shown = await Promise.all(
        idsOf(states, total <= siblings ? total : siblings - 1).map((id) => store.getJob(id)),
      );
      const rows = shown.filter((job) => job !== undefined);
      // Few stand in the order in which they were called, of many those first that tell something.
      if (total <= siblings) rows.sort((a, b) => a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1));
      const jobs: OutlineJob[] = [];
      for (const job of rows) jobs.push(await withBelow(job, level));
      groups.push({ task, jobs, more: total - jobs.length });
    }
    return groups;
  };

  const withBelow = async (job: JobRow, level: number): Promise<OutlineJob> => {
    if (level + 1 < depth) return withScriptRan({ job, groups: await groupsBelow(job, level + 1), deeper: false });
    return { job, groups: [], deeper: (await below(job.id)).length > 0 };
  };

  return groupsBelow(undefined, 0);
}

/** Of a job whose body was cached its script may have run all the same: then that is what people call it. */
function withScriptRan(one: OutlineJob): OutlineJob {
  const script = one.groups.find(({ task }) => task === SCRIPT)?.jobs.find(({ job }) => job.state === "done");
  if (one.job.state !== "cached" || !script) return one;
  return { ...one, job: asRan(one.job, script.job), groups: one.groups.filter(({ task }) => task !== SCRIPT) };
}

function idsOf(states: readonly Siblings[], most: number): readonly string[] {
  const inOrder = states.toSorted((a, b) => ORDER.indexOf(a.state) - ORDER.indexOf(b.state));
  return inOrder.flatMap(({ examples }) => examples).slice(0, most);
}

/** The jobs of a run that are wanted, and those above them. */
async function chosen(store: Store, run: string, filter: JobFilter): Promise<Below> {
  const known = new Map<string, JobRow>();
  for (const wanted of await store.listJobs({ ...filter, run })) {
    let at: JobRow | undefined = wanted;
    while (at && !known.has(at.id)) {
      known.set(at.id, at);
      at = at.parent === null ? undefined : (known.get(at.parent) ?? (await store.getJob(at.parent)));
    }
  }
  const byParent = Map.groupBy(known.values(), (job) => job.parent);
  return (parent) => {
    const groups = Map.groupBy(byParent.get(parent) ?? [], (job) => JSON.stringify([job.task, job.state]));
    return Array.from(groups.values(), (jobs) => ({
      task: jobs[0]!.task,
      state: jobs[0]!.state,
      jobs: jobs.length,
      examples: jobs.map(({ id }) => id),
    }));
  };
}
