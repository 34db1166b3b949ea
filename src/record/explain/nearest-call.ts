import type { CallRow, JobRow, Store } from "../../store/types.ts";
import { differences } from "./differences.ts";

/** How many earlier calls are looked through for the nearest. */
const LOOK_BACK = 200;

/**
 * The earlier call of the same task that a person would compare with: the newest with the same arguments, or else the
 * one whose arguments differ in the fewest places.
 */
export async function nearestCall(store: Store, job: JobRow): Promise<CallRow | undefined> {
  const before = await store.listCalls(job.task, { before: job.createdAt, limit: LOOK_BACK });
  const earlier = before.filter((call) => call.key !== job.call);
  const sameArguments = earlier.find((call) => call.argsValue === job.argsValue);
  if (sameArguments || earlier.length <= 1) return sameArguments ?? earlier[0];
  const texts = await store.findValues([job.argsValue, ...earlier.map((call) => call.argsValue)]);
  const own = texts.get(job.argsValue);
  let best = earlier[0];
  let least = Infinity;
  for (const call of earlier) {
    const text = texts.get(call.argsValue);
    if (own === undefined || text === undefined) continue;
    const count = differences(text, own, []).length + (call.taskHash === job.taskHash ? 0 : 0.5);
    if (count < least) {
      least = count;
      best = call;
    }
  }
  return best;
}
