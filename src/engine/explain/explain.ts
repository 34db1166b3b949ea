import type { ErrorFacts } from "../../kernel/index.ts";
import type { CallRow, JobRow, Store, TaskRow } from "../../store/types.ts";
import { type Difference, differences } from "./differences.ts";

/** One part of the cache key that is not what it was. */
export type Change =
  | {
      readonly part: "code";
      /** `lib/trim.ts#trimAdapters`, `npm:zod`. */
      readonly name: string;
      readonly how: "edited" | "added" | "removed" | "version";
      /** Versions of a package, or of the task. */
      readonly before?: string;
      readonly after?: string;
    }
  | ({ readonly part: "argument" } & Difference)
  | { readonly part: "image"; readonly before: string; readonly after: string };

/** Why a job did what it did. */
export interface Explanation {
  readonly job: JobRow;
  /** In one sentence. */
  readonly summary: string;
  /** What changed since {@link Explanation.previous}. */
  readonly changes: readonly Change[];
  /** The nearest earlier call of the same task. */
  readonly previous: CallRow | undefined;
  /** The task's code then and now, where it differs. */
  readonly code: { readonly before: TaskRow; readonly after: TaskRow } | undefined;
  /** Of a job that failed. */
  readonly error: ErrorFacts | undefined;
}

/** How many earlier calls are looked through for the nearest. */
const LOOK_BACK = 200;

/**
 * Explains a job by the nearest earlier call of its task: the one with the same arguments, or else
 * the one whose arguments differ least.
 *
 * @param names - of the task's parameters
 */
export async function explainJob(store: Store, job: JobRow, names: readonly string[] = []): Promise<Explanation> {
  const error = await errorOf(store, job);
  const earlier = (await store.listCalls(job.task, { before: job.createdAt, limit: LOOK_BACK })).filter(
    (call) => call.key !== job.call,
  );
  const own = await store.getCall(job.call);
  const previous = await nearestCall(store, job, earlier);
  const changes = previous ? await changesSince(store, job, own, previous, names) : [];
  const [before, after] = previous
    ? await Promise.all([store.getTask(previous.taskHash), store.getTask(job.taskHash)])
    : [undefined, undefined];
  const code = before && after && before.hash !== after.hash ? { before, after } : undefined;
  return { job, summary: summarise(job, own, previous, changes), changes, previous, code, error };
}

function summarise(
  job: JobRow,
  own: CallRow | undefined,
  previous: CallRow | undefined,
  changes: readonly Change[],
): string {
  if (job.state === "cached" || job.reason === "hit") {
    const when = own ? ` (run ${own.run.slice(0, 8)})` : "";
    return `the same call was recorded before${when}: code and arguments are what they were`;
  }
  switch (job.reason) {
    case "forced":
      return "it was told to run again (--force or --no-cache)";
    case "uncached":
      return "its task is never taken from the cache (cache: false)";
    case "files":
      return "a file that its recorded result consists of is no longer what it was, or is gone";
    case "trace":
      return "something that its body awaited has another value now";
    case "subtree":
      return "a task below it has changed";
  }
  if (!previous) return "no call of this task was recorded before";
  const parts = [
    changes.some((change) => change.part === "code") && "its code",
    changes.some((change) => change.part === "argument") && "its arguments",
    changes.some((change) => change.part === "image") && "its image",
  ].filter(Boolean);
  if (parts.length === 0) return "an equal call failed or was interrupted before it was recorded";
  return `${parts.join(" and ")} changed since the nearest earlier call`;
}

/** The earlier call that a person would compare with. */
async function nearestCall(store: Store, job: JobRow, earlier: readonly CallRow[]): Promise<CallRow | undefined> {
  const sameArguments = earlier.find((call) => call.argsValue === job.argsValue);
  if (sameArguments || earlier.length === 0) return sameArguments;
  const texts = await store.findValues([job.argsValue, ...earlier.map((call) => call.argsValue)]);
  const own = texts.get(job.argsValue);
  let best = earlier[0];
  let least = Infinity;
  for (const call of earlier) {
    const text = texts.get(call.argsValue);
    if (own === undefined || text === undefined) continue;
    const count = differences(text, own).length + (call.taskHash === job.taskHash ? 0 : 0.5);
    if (count < least) {
      least = count;
      best = call;
    }
  }
  return best;
}

async function changesSince(
  store: Store,
  job: JobRow,
  own: CallRow | undefined,
  previous: CallRow,
  names: readonly string[],
): Promise<readonly Change[]> {
  const changes: Change[] = [];
  if (previous.taskHash !== job.taskHash) {
    const [before, after] = await Promise.all([store.getTask(previous.taskHash), store.getTask(job.taskHash)]);
    if (before && after) changes.push(...codeChanges(before, after));
  }
  if (previous.argsValue !== job.argsValue) {
    const texts = await store.findValues([previous.argsValue, job.argsValue]);
    const [before, after] = [texts.get(previous.argsValue), texts.get(job.argsValue)];
    if (before !== undefined && after !== undefined) {
      changes.push(...differences(before, after, names).map((each) => ({ part: "argument" as const, ...each })));
    }
  }
  if (own && own.image !== previous.image) changes.push({ part: "image", before: previous.image, after: own.image });
  return changes;
}

function codeChanges(before: TaskRow, after: TaskRow): Change[] {
  const changes: Change[] = [];
  for (const name of new Set([...Object.keys(before.closure), ...Object.keys(after.closure)])) {
    const [a, b] = [before.closure[name], after.closure[name]];
    if (a === b) continue;
    const how =
      a === undefined ? "added" : b === undefined ? "removed" : /^(npm:|version$)/.test(name) ? "version" : "edited";
    changes.push({
      part: "code",
      name,
      how,
      ...(how === "version" && a !== undefined && b !== undefined && { before: a, after: b }),
    });
  }
  return changes;
}

async function errorOf(store: Store, job: JobRow): Promise<ErrorFacts | undefined> {
  if (job.errorValue === null) return undefined;
  const text = (await store.findValues([job.errorValue])).get(job.errorValue);
  return text === undefined ? undefined : ((JSON.parse(text) as { v: ErrorFacts }).v ?? undefined);
}
