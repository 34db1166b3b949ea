import type { Hash } from "../kernel/index.ts";
import type { JobRow, Store } from "../store/types.ts";

/** Outputs lie in a folder of the call that left them. */
const OUTPUT = /(?:^ligase:|\/)outputs\/([0-9a-f]{2})\/(\1[0-9a-f]{38})\//;

/** The call that left an output, by where it lies in a store, whichever that is; nothing for a file that lies elsewhere. */
export function callOfOutput(path: string): Hash | undefined {
  return OUTPUT.exec(path)?.[2];
}

/**
 * The job that made an output of the store, by where it lies; nothing for a file that lies elsewhere.
 *
 * @param path - as the record has it
 */
export async function makerOf(store: Store, path: string): Promise<JobRow | undefined> {
  const key = callOfOutput(path);
  const call = key === undefined ? undefined : await store.getCall(key);
  return call && store.getJob(call.job);
}
