import { ownerOf } from "../../project/owner.ts";
import type { Store } from "../../store/types.ts";
import { errorOf } from "../error.ts";
import type { FailureGroup } from "./types.ts";

/** So many failed jobs of a run are looked at. */
const MOST_FAILED = 500;

/** What failed in a run, by task and message: the jobs in which errors arose, not those that waited for them. */
export async function failuresOf(store: Store, run: string): Promise<readonly FailureGroup[]> {
  const failed = await store.listJobs({ run, states: ["failed"], limit: MOST_FAILED });
  const passedOn = new Set(failed.map(({ parent, errorValue }) => `${parent} ${errorValue}`));
  const groups = new Map<string, FailureGroup & { count: number }>();
  for (const job of failed) {
    if (passedOn.has(`${job.id} ${job.errorValue}`)) continue;
    const error = await errorOf(store, job);
    const { task } = await ownerOf(store, job);
    const message = (error?.message ?? "").split("\n")[0]!;
    const group = groups.get(`${task}\n${message}`);
    if (group) group.count++;
    else groups.set(`${task}\n${message}`, { task, message, count: 1, job: job.id });
  }
  return [...groups.values()];
}
