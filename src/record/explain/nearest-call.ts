import type { CallRow, JobRow, Store } from "../../store/types.ts";
import { type Difference, differences } from "./differences.ts";

/** How many earlier calls are looked through for the nearest. */
const LOOK_BACK = 300;
/** A file of the same name with another content is most likely a newer version of it. */
const NEWER_FILE = 0.2;
/** Of two calls that are equally near, the one by the same code is nearer. */
const OTHER_CODE = 0.1;

/**
 * The call of an earlier run that a person would compare with: the newest of the same task with the same arguments, or
 * else the one whose arguments are most alike. Calls of the same run are about other things.
 */
export async function nearestCall(store: Store, job: JobRow): Promise<CallRow | undefined> {
  const run = await store.getRun(job.run);
  const before = Math.min(job.createdAt, run?.startedAt ?? Infinity);
  const earlier = (await store.listCalls(job.task, { before, limit: LOOK_BACK })).filter(
    (call) => call.key !== job.call && call.run !== job.run,
  );
  const sameArguments = earlier.find((call) => call.argsValue === job.argsValue);
  if (sameArguments || earlier.length <= 1) return sameArguments ?? earlier[0];
  const texts = await store.findValues([job.argsValue, ...earlier.map((call) => call.argsValue)]);
  const own = texts.get(job.argsValue);
  let best = earlier[0];
  let least = Infinity;
  for (const call of earlier) {
    const text = texts.get(call.argsValue);
    if (own === undefined || text === undefined) continue;
    const distance = sum(differences(text, own, [])) + (call.taskHash === job.taskHash ? 0 : OTHER_CODE);
    if (distance < least) {
      least = distance;
      best = call;
    }
  }
  return best;
}

function sum(found: readonly Difference[]): number {
  return found.reduce((total, { files }) => total + (files && isNewer(files) ? NEWER_FILE : 1), 0);
}

function isNewer({ before, after }: NonNullable<Difference["files"]>): boolean {
  return nameOf(before.path) === nameOf(after.path);
}

const nameOf = (path: string): string => path.slice(path.lastIndexOf("/") + 1);
