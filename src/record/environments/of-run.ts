import { SCRIPT } from "../../project/owner.ts";
import type { AttemptRow, CallRow, JobRow, Store } from "../../store/types.ts";
import { bareFacts, factsOf, rowFor } from "./facts.ts";
import { type ImageKey, readImageKey } from "./key.ts";
import type { EnvironmentFacts } from "./types.ts";

/** An environment in which tasks of a run ran, or from which their cached results came. */
export interface UsedEnvironment {
  readonly facts: EnvironmentFacts;
  /** By name. */
  readonly tasks: readonly string[];
}

/** What is known of a run by whoever has read it already. */
export interface RunParts {
  readonly jobs: readonly JobRow[];
  readonly attempts: readonly AttemptRow[];
  readonly calls?: readonly CallRow[];
}

/** Of so many cached calls of one task it is looked up where their results were made. */
const MOST_CACHED = 50;

/**
 * The environments of a run, in the order in which they were first used. A script counts with the task whose body built it.
 *
 * @example
 * ```ts
 * for (const { facts, tasks } of await environmentsOfRun(store, run.id)) print(facts.title, tasks);
 * ```
 */
export async function environmentsOfRun(
  store: Store,
  run: string,
  parts?: RunParts,
): Promise<readonly UsedEnvironment[]> {
  const rows = await store.listImages();
  const attempts = parts?.attempts ?? (await store.listRunAttempts(run));
  const digests = new Map<string, string>();
  for (const { job, image } of attempts) if (image !== null) digests.set(job, image);
  // Most projects have none, and need not read every call for that.
  if (rows.length === 0 && digests.size === 0) return [];
  const jobs = parts?.jobs ?? (await store.listJobs({ run }));
  const calls = parts?.calls ?? (await store.listRunCalls(run));
  const imaged = new Map(calls.filter((call) => call.image !== "").map((call) => [call.key, call]));
  if (imaged.size === 0 && digests.size === 0) return [];
  const byId = new Map(jobs.map((job) => [job.id, job]));
  const looked = new Map<string, number>();
  const uses: Use[] = [];
  for (const job of jobs) {
    const call = imaged.get(job.call);
    const key = call && readImageKey(call.image);
    let digest = digests.get(job.id);
    const owner = job.task === SCRIPT && job.parent !== null ? (byId.get(job.parent) ?? job) : job;
    if (digest === undefined && call && key && !key.host && call.job !== job.id) {
      const kind = `${owner.task} ${call.image}`;
      const before = looked.get(kind) ?? 0;
      looked.set(kind, before + 1);
      if (before < MOST_CACHED) digest = lastImage(await store.listAttempts(call.job));
    }
    if (key || digest !== undefined) uses.push({ at: uses.length, key, digest, task: owner.task });
  }
  return grouped(uses.toSorted(knownFirst), (key, digest) => {
    const row = rowFor(rows, key, digest);
    return row
      ? factsOf(row, key)
      : bareFacts(key ?? { identity: "", host: false, lock: null, resolved: null }, digest);
  });
}

/** One job in an environment. */
interface Use {
  readonly at: number;
  readonly key: ImageKey | undefined;
  readonly digest: string | undefined;
  readonly task: string;
}

/** A body that only built scripts has no environment of its own: theirs is told by their attempts. */
const knownFirst = (a: Use, b: Use): number => Number(a.digest === undefined) - Number(b.digest === undefined);

function grouped(
  uses: readonly Use[],
  read: (key: ImageKey | undefined, digest: string | undefined) => EnvironmentFacts,
): readonly UsedEnvironment[] {
  const found = new Map<string, { facts: EnvironmentFacts; tasks: Set<string>; at: number }>();
  const byKey = new Map<string, string>();
  const ids = new Map<string, string>();
  for (const { at, key, digest, task } of uses) {
    const of = key ? `${key.identity} ${key.host}` : "";
    // Contents may be the same where definitions differ in variables alone.
    const use = `${digest} ${of}`;
    let id = ids.get(use) ?? (digest === undefined ? byKey.get(of) : undefined);
    if (id === undefined) {
      const facts = read(key, digest);
      id = `${facts.identity} ${facts.engine} ${facts.digest}`;
      if (!found.has(id)) found.set(id, { facts, tasks: new Set<string>(), at });
    }
    ids.set(use, id);
    if (!byKey.has(of)) byKey.set(of, id);
    const entry = found.get(id)!;
    entry.tasks.add(task);
    entry.at = Math.min(entry.at, at);
  }
  return [...found.values()]
    .toSorted((a, b) => a.at - b.at)
    .map(({ facts, tasks }) => ({ facts, tasks: [...tasks].toSorted() }));
}

const lastImage = (attempts: readonly AttemptRow[]): string | undefined =>
  attempts.findLast(({ image }) => image !== null)?.image ?? undefined;
