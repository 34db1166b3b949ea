import { isLift } from "../project/owner.ts";
import type { ReasonCount, RunRow } from "../store/types.ts";
import { explainBriefly, NearestCalls, reasonText } from "./explain/index.ts";
import type { ProjectRecord } from "./open.ts";

/** Jobs of one task that ran for one reason. */
export interface ReasonGroup {
  readonly task: string;
  /** In a few words; nothing for jobs that were too many to look at. */
  readonly reason: string | undefined;
  readonly count: number;
  /** Their ids: all of them, except of those that were not looked at. */
  readonly jobs: readonly string[];
}

/** What a run did, and why. */
export interface RunReasons {
  readonly ran: readonly ReasonGroup[];
  /** How many jobs of each task were cached. */
  readonly cached: Readonly<Record<string, number>>;
  /** How many jobs of each task failed. */
  readonly failed: Readonly<Record<string, number>>;
}

/**
 * So many jobs that ran are explained of each task and cause (its code or arguments are new, a file is gone, …), at
 * half a millisecond each; of the others it is only known that they ran.
 */
const MOST_EXPLAINED = 50;

/**
 * Groups the jobs of a run that ran by task and reason, in the order in which they came. Scripts go with the task
 * that built them, unless that was cached and only its script ran again. A run of 100,000 jobs takes a tenth of a second.
 */
export async function runReasons({ store }: ProjectRecord, run: RunRow): Promise<RunReasons> {
  const counts = (await store.countReasons(run.id, MOST_EXPLAINED)).filter((count) => !isLift(count));
  const nearest = new NearestCalls(store);
  const cached: Record<string, number> = {};
  const failed: Record<string, number> = {};
  const ran: ReasonGroup[] = [];
  for (const [task, groups] of Map.groupBy(counts, nameOf)) {
    const hits = total(groups.filter(({ state }) => state === "cached"));
    if (hits > 0) cached[task] = hits;
    const failures = total(groups.filter(({ state, reason }) => state === "failed" && reason !== "hit"));
    if (failures > 0) failed[task] = failures;
    const fresh = groups.filter(({ state, reason, begun }) => state !== "cached" && reason !== "hit" && begun > 0);
    const byReason = new Map<string, string[]>();
    let rest = 0;
    for (const { examples, begun } of fresh) {
      const looked = examples.slice(0, begun);
      for (const id of looked) {
        const job = await store.getJob(id);
        if (!job) continue; // collected just now
        const reason = reasonText(await explainBriefly(store, job, nearest));
        byReason.set(reason, [...(byReason.get(reason) ?? []), id]);
      }
      rest += begun - looked.length;
    }
    for (const [reason, jobs] of byReason) ran.push({ task, reason, count: jobs.length, jobs });
    if (rest > 0) ran.push({ task, reason: undefined, count: rest, jobs: [] });
  }
  return { ran, cached, failed };
}

const nameOf = ({ task, script }: ReasonCount): string => (script ? `${task} (its script)` : task);

const total = (groups: readonly ReasonCount[]): number => groups.reduce((sum, { jobs }) => sum + jobs, 0);
