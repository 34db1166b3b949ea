/** Batches that can be told whole from torn. */
import { strictEqual as equal } from "node:assert";
import { hashText } from "../../../src/kernel/hash.ts";
import type { Store, WriteBatch } from "../../../src/store/index.ts";
import * as rows from "./rows.ts";

const JOBS = 8;

/** The text of the large value that each batch holds: kept as a file. */
const largeText = (name: string, i: number): string => JSON.stringify(`${name} ${i} `.repeat(400));

/** The batch with a number, of the process with a name. */
export function batchOf(name: string, i: number): WriteBatch {
  const jobs = Array.from({ length: JOBS }, (_, j) => rows.trivial(`${name}-${i}-${j}`, { run: `${name}-${i}` }));
  return rows.together([
    { runs: [rows.run({ id: `${name}-${i}` })], values: [rows.value(largeText(name, i))] },
    ...jobs,
  ]);
}

/** Asserts that a batch is there with every one of its rows, or not at all; answers which. */
export async function isWhole(store: Store, name: string, i: number): Promise<boolean> {
  const [run, jobs] = await Promise.all([store.getRun(`${name}-${i}`), store.listJobs({ run: `${name}-${i}` })]);
  if (run === undefined) {
    equal(jobs.length, 0);
    return false;
  }
  equal(jobs.length, JOBS);
  const keys = jobs.map((job) => job.call);
  equal((await store.findCalls(keys)).size, JOBS);
  const siblings = new Set((await store.findChildren(hashText("call main"))).map((call) => call.key));
  for (const key of keys) {
    equal(siblings.has(key), true);
    equal((await store.listDataEdges(key)).length, 1);
  }
  const large = rows.value(largeText(name, i));
  equal((await store.findValues([large.hash])).get(large.hash), large.text);
  return true;
}
