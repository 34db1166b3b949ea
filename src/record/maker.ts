import type { JobRow, Store } from "../store/types.ts";

/** Outputs lie in a folder of the call that left them. */
const OUTPUT = /^ligase:outputs\/[0-9a-f]{2}\/([0-9a-f]{40})\//;

/**
 * The job that made an output of the store, by where it lies; nothing for a file that lies elsewhere.
 *
 * @param path - as the record has it
 */
export async function makerOf(store: Store, path: string): Promise<JobRow | undefined> {
  const key = OUTPUT.exec(path)?.[1];
  const call = key === undefined ? undefined : await store.getCall(key);
  return call && store.getJob(call.job);
}
