import { SCRIPT } from "../../project/owner.ts";
import type { CallRow, JobRow, Store } from "../../store/types.ts";
import { errorOf } from "../error.ts";
import { parameterNames } from "../parameter-names.ts";
import { short } from "../short.ts";
import { closureChanges } from "./code-changes.ts";
import { differences } from "./differences.ts";
import { NearestCalls } from "./nearest-call.ts";
import { scriptDifferences } from "./script-changes.ts";
import type { Change, Explanation } from "./types.ts";

/** Was its result there already? */
export function isHit(job: Pick<JobRow, "state" | "reason">): boolean {
  return job.state === "cached" || job.reason === "hit";
}

/**
 * Explains a job by the nearest earlier call of its task, from the store alone and without texts.
 *
 * @param nearest - given where many jobs are explained: what it has read serves them all
 */
export async function explainBriefly(
  store: Store,
  job: JobRow,
  nearest: NearestCalls = new NearestCalls(store),
): Promise<Explanation> {
  const [error, own] = await Promise.all([errorOf(store, job), store.getCall(job.call)]);
  const none = { job, changes: [], failedBefore: undefined, definition: [], because: [], error };
  // A hit is a call like one before: that others were different says nothing.
  if (isHit(job)) return { ...none, previous: own, summary: summarise(job, own, []) };
  const previous = await nearest.of(job);
  // With other code the same arguments did well since: it is the code that counts.
  const since = previous?.argsValue === job.argsValue ? previous.createdAt : 0;
  const failedBefore = job.reason === "new" ? await nearest.failedBefore(job, since) : undefined;
  if (failedBefore) {
    const summary = `the same call ${wordFor(failedBefore)} in run ${short(failedBefore.run)}: failures are not cached`;
    return { ...none, previous: undefined, failedBefore, summary };
  }
  const changes = previous ? await changesSince(store, job, own, previous) : [];
  return { ...none, previous, changes, summary: summarise(job, previous, changes) };
}

/** What became of a try that came to nothing. */
export const wordFor = ({ state }: Pick<JobRow, "state">): string => (state === "failed" ? "failed" : "did not finish");

const REASONS: Readonly<Record<string, string>> = {
  forced: "it was told to run again (--force, --no-cache or rerun)",
  uncached: "its task is never taken from the cache (cache: false)",
  files: "a file that it names or made is no longer what it was, or is gone",
  trace: "something that its body awaited has another value now",
  subtree: "a task below it has changed",
};

const PARTS: readonly (readonly [Change["part"], string])[] = [
  ["code", "its code"],
  ["argument", "its arguments"],
  ["image", "its image"],
  ["environment", "its environment"],
];

function summarise(job: JobRow, previous: CallRow | undefined, changes: readonly Change[]): string {
  if (isHit(job)) {
    const when = previous ? ` (run ${previous.run.slice(0, 8)})` : "";
    return `the same call was recorded before${when}: code and arguments are what they were`;
  }
  const told = REASONS[job.reason];
  if (told !== undefined) return told;
  if (!previous) return "no call of this task was recorded before";
  const parts = PARTS.filter(([part]) => changes.some((change) => change.part === part)).map(([, text]) => text);
  return `${parts.join(" and ")} changed since the nearest earlier call`;
}

async function changesSince(
  store: Store,
  job: JobRow,
  own: CallRow | undefined,
  previous: CallRow,
): Promise<readonly Change[]> {
  const changes: Change[] = [];
  const [before, after] = await Promise.all([store.getTask(previous.taskHash), store.getTask(job.taskHash)]);
  if (previous.taskHash !== job.taskHash && before && after) changes.push(...closureChanges(before, after));
  if (previous.argsValue !== job.argsValue) {
    const texts = await store.findValues([previous.argsValue, job.argsValue]);
    const [then, now] = [texts.get(previous.argsValue), texts.get(job.argsValue)];
    if (then !== undefined && now !== undefined) {
      const found =
        job.task === SCRIPT
          ? scriptDifferences(then, now)
          : differences(then, now, await parameterNames(after?.code ?? ""));
      changes.push(...found.map((each) => ({ part: "argument" as const, ...each })));
    }
  }
  const image = { part: "image" as const, before: previous.image, after: own?.image };
  if (own ? own.image !== previous.image : false) changes.push(image);
  // The keys differ, so something does: what is left is what the record does not hold.
  if (changes.length > 0) return changes;
  return job.task === SCRIPT ? [{ part: "environment" }] : [image];
}
