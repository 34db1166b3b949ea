import type { Hash } from "../../kernel/index.ts";
import type { CallRow, Store } from "../../store/types.ts";
import { callOfOutput } from "../maker.ts";
import type { ProjectRecord } from "../open.ts";

/** So many places of one content are looked at. */
const MOST_PLACES = 200;

/**
 * The call that made a file: the one in whose folder of outputs the content lies, or lay; the last one where several
 * made the same.
 *
 * @param path - as the record has it, or absolute: where it lies in the store, that decides
 */
export async function makerOfFile(
  { store }: ProjectRecord,
  hash: string | undefined,
  path: string,
): Promise<Hash | undefined> {
  const own = callOfOutput(path);
  if (own !== undefined && (await store.getCall(own))) return own;
  if (hash === undefined) return undefined;
  // Of one content in several places the place with the same name comes first.
  const places = await store.findPlaces({ hash }, MOST_PLACES);
  const name = path.slice(path.lastIndexOf("/") + 1);
  const seen = new Set<Hash>();
  let inTrial: Hash | undefined;
  for (const place of places.toSorted((a, b) => Number(b.name === name) - Number(a.name === name))) {
    const key = callOfOutput(place.path);
    if (key === undefined || seen.has(key)) continue;
    seen.add(key);
    const call = await store.getCall(key);
    // What was given a content did not make it: it copied it.
    if (!call || (await wasGiven(store, call.argsValue, hash))) continue;
    if (await isOfTrial(store, call)) inTrial ??= key;
    else return key;
  }
  return inTrial;
}

/** Was it made by a run of a sample or of stubs? What a real run made too is the real run's. */
async function isOfTrial(store: Store, { run }: CallRow): Promise<boolean> {
  return ((await store.getRun(run))?.mode ?? "normal") !== "normal";
}

async function wasGiven(store: Store, argsValue: Hash, hash: string): Promise<boolean> {
  return (await store.listPlaces(argsValue)).some((file) => file.hash === hash);
}

/**
 * The call that made a file which lies nowhere in the store: of those whose results hold it, the innermost that was not
 * given it.
 */
export async function makerByResult({ store }: ProjectRecord, hash: string): Promise<Hash | undefined> {
  const found = await store.findByFile(hash);
  const given = new Set(found.filter(({ role }) => role === "argument").map(({ call }) => call));
  const made = new Set(found.filter(({ role }) => role === "result").map(({ call }) => call));
  let inTrial: Hash | undefined;
  for (const key of await innermost({ store }, [...made])) {
    if (given.has(key)) continue;
    const call = await store.getCall(key);
    if (call && (await isOfTrial(store, call))) inTrial ??= key;
    else return key;
  }
  return inTrial;
}

/** Those of some calls that made none of the others. */
export async function innermost({ store }: Pick<ProjectRecord, "store">, keys: readonly Hash[]): Promise<Hash[]> {
  const all = new Set(keys);
  const outer = new Set<Hash>();
  for (const key of keys) {
    const row = await store.getCall(key);
    const job = row && (await store.getJob(row.job));
    const parent = job?.parent ? await store.getJob(job.parent) : undefined;
    if (parent) outer.add(parent.call);
  }
  const left = keys.filter((key) => !outer.has(key));
  if (left.length <= 1) return left;
  // A call that was computed again for another caller is not known by its job to be made by this one.
  const inner: Hash[] = [];
  for (const key of left) {
    const children = await store.findChildren(key);
    if (!children.some((child) => child.key !== key && all.has(child.key))) inner.push(key);
  }
  return inner;
}
