import { isLift, SCRIPT } from "../project/owner.ts";
import type { JobRow } from "../store/types.ts";
import { explainBriefly, reasonText } from "./explain/index.ts";
import type { ProjectRecord } from "./open.ts";

/** Jobs of one task that ran for one reason. */
export interface ReasonGroup {
  readonly task: string;
  /** In a few words; nothing for jobs that were too many to look at. */
  readonly reason: string | undefined;
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

/** So many jobs of a task are explained, at about a millisecond each; of the others it is only known that they ran. */
const MOST_EXPLAINED = 50;

/**
 * Groups the jobs of a run that ran by task and reason. Scripts go with the task that built them,
 * unless that was cached and only its script ran again.
 */
export async function runReasons(record: ProjectRecord, jobs: readonly JobRow[]): Promise<RunReasons> {
  const byId = new Map(jobs.map((job) => [job.id, job]));
  const known = jobs.filter((job) => {
    if (isLift(job)) return false;
    return job.task !== SCRIPT || byId.get(job.parent ?? "")?.state !== job.state;
  });
  const nameOf = (job: JobRow): string =>
    job.task === SCRIPT && job.parent !== null ? `${byId.get(job.parent)?.task ?? SCRIPT} (its script)` : job.task;
  const cached: Record<string, number> = {};
  const failed: Record<string, number> = {};
  const ran: ReasonGroup[] = [];
  for (const [task, all] of Map.groupBy(known, nameOf)) {
    const fresh = all.filter((job) => job.state !== "cached" && job.startedAt !== null && job.reason !== "hit");
    const hits = all.filter((job) => job.state === "cached").length;
    if (hits > 0) cached[task] = hits;
    const failures = all.filter((job) => job.state === "failed" && job.reason !== "hit").length;
    if (failures > 0) failed[task] = failures;
    const groups = new Map<string, string[]>();
    for (const job of fresh.slice(0, MOST_EXPLAINED)) {
      const reason = reasonText(await explainBriefly(record.store, job));
      const group = groups.get(reason);
      if (group) group.push(job.id);
      else groups.set(reason, [job.id]);
    }
    for (const [reason, ids] of groups) ran.push({ task, reason, jobs: ids });
    const rest = fresh.slice(MOST_EXPLAINED).map((job) => job.id);
    if (rest.length > 0) ran.push({ task, reason: undefined, jobs: rest });
  }
  return { ran, cached, failed };
}
