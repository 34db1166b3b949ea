import { SCRIPT } from "../../project/owner.ts";
import type { AttemptRow, JobRow, Store } from "../../store/types.ts";
import type { RunRows } from "./rows.ts";

/** Where the cached results of one task came from. */
export interface CachedTask {
  readonly task: string;
  /** Cached jobs from which no further job came: what it would have taken to compute them is time spared. */
  readonly jobs: number;
  /** So many of them were looked up, evenly spread. */
  readonly sampled: number;
  /** Those among them whose computing is still recorded: how long it took. */
  readonly wallMs: readonly number[];
  /** Versions of the tools that computed them. */
  readonly tools: readonly Readonly<Record<string, string>>[];
}

/** So many jobs of a task are looked up, at 50 µs each. */
const MOST_SAMPLED = 50;
/** Of a result that was trusted as a whole, so many of the calls under it are looked through for tools. */
const MOST_CALLS = 500;

/** Looks up who computed what a run took from the cache. */
export async function readCached({ record: { store }, jobs, book }: RunRows): Promise<CachedTask[]> {
  const leaves = jobs.filter((job) => job.state === "cached" && book.isLeaf(job) && book.ownerOf(job).task !== "");
  const answer: CachedTask[] = [];
  for (const [task, all] of Map.groupBy(leaves, (job) => book.ownerOf(job).task)) {
    const sample = evenly(all, MOST_SAMPLED);
    const wallMs: number[] = [];
    const tools: Readonly<Record<string, string>>[] = [];
    for (const job of sample) {
      const call = await store.getCall(job.call);
      const origin = call && (await store.getJob(call.job));
      if (!origin) continue;
      const attempts = await store.listAttempts(origin.id);
      const took = attempts.at(-1)?.wallMs ?? lengthOf(origin);
      if (took !== null) wallMs.push(took);
      tools.push(...toolsOf(attempts));
      if (attempts.length === 0) tools.push(...(await toolsUnder(store, call.key)));
    }
    answer.push({ task, jobs: all.length, sampled: sample.length, wallMs, tools });
  }
  return answer;
}

/** The tools of the scripts below a call whose subtree was trusted as a whole, so that this run has no jobs of them. */
async function toolsUnder(store: Store, call: string): Promise<Readonly<Record<string, string>>[]> {
  const tools: Readonly<Record<string, string>>[] = [];
  const seen = new Set([call]);
  // A set is gone through in the order in which it grows.
  for (const at of seen) {
    if (seen.size > MOST_CALLS) break;
    for (const child of await store.findChildren(at)) {
      seen.add(child.key);
      if (child.task === SCRIPT) tools.push(...toolsOf(await store.listAttempts(child.job)));
    }
  }
  return tools;
}

/** Only what succeeded had a part in the results. */
function toolsOf(attempts: readonly AttemptRow[]): Readonly<Record<string, string>>[] {
  return attempts.flatMap(({ outcome, tools }) => (outcome === "done" && tools ? [tools] : []));
}

function lengthOf({ startedAt, endedAt }: JobRow): number | null {
  return startedAt === null || endedAt === null ? null : endedAt - startedAt;
}

function evenly<T>(items: readonly T[], most: number): readonly T[] {
  if (items.length <= most) return items;
  return Array.from({ length: most }, (_, i) => items[Math.floor((i * items.length) / most)]!);
}
