import { SCRIPT } from "../../project/owner.ts";
import type { AttemptRow, ImageRow, JobRow, Store } from "../../store/types.ts";
import { bareFacts, factsOf, rowFor } from "./facts.ts";
import { readImageKey } from "./key.ts";
import type { EnvironmentFacts } from "./types.ts";

/**
 * The environment that a job ran in, or that its result was made in; nothing for one without an image.
 *
 * @param job - or its id
 * @param image - what stands for it in the key of its call, where that is known
 */
export async function environmentOfJob(
  store: Store,
  job: JobRow | string,
  image?: string,
): Promise<EnvironmentFacts | undefined> {
  const row = typeof job === "string" ? await store.getJob(job) : job;
  const call = row && image === undefined ? await store.getCall(row.call) : undefined;
  const ran = row && (row.state === "cached" && call ? ((await store.getJob(call.job)) ?? row) : row);
  const known = image ?? call?.image ?? "";
  const digest = ran && (await digestOf(store, ran));
  return known === "" && digest === undefined ? undefined : environmentFor(await store.listImages(), known, digest);
}

/**
 * The environment behind what the key of a call and an attempt say.
 *
 * @param rows - all that are recorded, the newest first
 * @param image - what stands for it in the key; empty for none
 * @param digest - of the environment that the attempt ran in
 */
export function environmentFor(
  rows: readonly ImageRow[],
  image: string,
  digest: string | undefined,
): EnvironmentFacts | undefined {
  const key = readImageKey(image);
  if (!key && digest === undefined) return undefined;
  const found = rowFor(rows, key, digest);
  if (found) return factsOf(found, key);
  return bareFacts(key ?? { identity: "", host: false, lock: null, resolved: null }, digest);
}

/** The environment of an attempt. */
export async function environmentOfAttempt(
  store: Store,
  { image }: Pick<AttemptRow, "image">,
): Promise<EnvironmentFacts | undefined> {
  if (image === null) return undefined;
  const row = await store.getImage(image);
  if (row) return factsOf(row, undefined);
  return { ...bareFacts({ identity: "", host: false, lock: null, resolved: null }, image), title: "an environment" };
}

/** Of a body that built scripts, that of the last one. */
async function digestOf(store: Store, job: JobRow): Promise<string | undefined> {
  const own = digestIn(await store.listAttempts(job.id));
  if (own !== undefined || job.task === SCRIPT) return own;
  const filter = { run: job.run, parent: job.id, task: SCRIPT, order: "newest", limit: 1 } as const;
  const [script] = await store.listJobs(filter);
  return script && digestIn(await store.listAttempts(script.id));
}

const digestIn = (attempts: readonly AttemptRow[]): string | undefined =>
  attempts.findLast(({ image }) => image !== null)?.image ?? undefined;
