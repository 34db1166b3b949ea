import { ownerOf } from "../../project/owner.ts";
import type { CallRow, JobRow, Store } from "../../store/types.ts";
import { compareEnvironments, environmentOfJob } from "../environments/index.ts";
import type { ProjectRecord } from "../open.ts";
import { ProgramTexts } from "../program-texts.ts";
import { upstreamOf } from "./because.ts";
import { explainBriefly, isHit } from "./brief.ts";
import { codeChanges, definitionChanges, type TaskVersion } from "./code-changes.ts";
import { fileChange } from "./contents.ts";
import type { ArgumentChange, Change, DeclarationChange, Explanation, ImageChange } from "./types.ts";

/**
 * Explains a job by the nearest earlier call of its task (the one with the same arguments, or else the one whose
 * arguments differ least): what changed in its key, with the texts of declarations and the contents of files as far as
 * they are still there, and which jobs above it began it.
 *
 * @example
 * ```ts
 * const { summary, changes } = await explain(record, job);
 * // "its code changed since the nearest earlier call", [{ part: "code", name: "lib/trim.ts#trimAdapters", … }]
 * ```
 */
export async function explain(record: ProjectRecord, job: JobRow): Promise<Explanation> {
  const { store } = record;
  const brief = await explainBriefly(store, job);
  if (isHit(job)) return brief;
  const { previous, failedBefore } = brief;
  if (failedBefore) return brief;
  const because = await upstreamOf(store, job, brief.changes);
  if (!previous) return { ...brief, because };
  const programs = new ProgramTexts(store);
  const changes = await withTexts(record, job, previous, brief.changes, programs);
  const definition = await optionChanges(record, job, previous, changes, programs);
  return { ...brief, changes, definition, because };
}

/** A task as a run had it. */
async function versionIn(store: Store, taskHash: string, runId: string): Promise<TaskVersion | undefined> {
  const [task, run] = await Promise.all([store.getTask(taskHash), store.getRun(runId)]);
  return task && { task, program: run?.program ?? null };
}

/** Adds what changed in a file or folder. */
export async function withContents(record: ProjectRecord, change: ArgumentChange): Promise<ArgumentChange> {
  if (!change.files) return change;
  return { ...change, content: await fileChange(record, change.files.before, change.files.after) };
}

/** Adds what declarations and files were and are. */
async function withTexts(
  record: ProjectRecord,
  job: JobRow,
  previous: CallRow,
  changes: readonly Change[],
  programs: ProgramTexts,
): Promise<readonly Change[]> {
  const [before, after] = await Promise.all([
    versionIn(record.store, previous.taskHash, previous.run),
    versionIn(record.store, job.taskHash, job.run),
  ]);
  const differs = previous.taskHash !== job.taskHash;
  const code = differs && before && after ? await codeChanges(before, after, programs) : [];
  return Promise.all(
    changes.map(async (change): Promise<Change> => {
      if (change.part === "code") return code.find(({ name }) => name === change.name) ?? change;
      if (change.part === "image") return withEnvironments(record.store, job, previous, change);
      return change.part === "argument" ? withContents(record, change) : change;
    }),
  );
}

/** Adds what differs between the environments; a job that failed has no call that would tell of its own. */
async function withEnvironments(
  store: Store,
  job: JobRow,
  previous: CallRow,
  change: ImageChange,
): Promise<ImageChange> {
  const [before, after] = await Promise.all([
    environmentOfJob(store, previous.job, previous.image),
    environmentOfJob(store, job, change.after),
  ]);
  const known = change.after ?? after?.identity;
  const shown = known === undefined || known === "" ? change : { ...change, after: known };
  return before && after ? { ...shown, environment: compareEnvironments(before, after) } : shown;
}

/** What changed in the options of the task (of a script, of the one that built it), where an image or environment did. */
async function optionChanges(
  { store }: ProjectRecord,
  job: JobRow,
  previous: CallRow,
  changes: readonly Change[],
  programs: ProgramTexts,
): Promise<readonly DeclarationChange[]> {
  if (!changes.some(({ part }) => part === "image" || part === "environment")) return [];
  const [owner, earlier] = [await ownerOf(store, job), await store.getJob(previous.job)];
  const before = earlier && (await ownerOf(store, earlier));
  const [was, is] = await Promise.all([
    before && versionIn(store, before.taskHash, before.run),
    versionIn(store, owner.taskHash, owner.run),
  ]);
  if (!was || !is) return [];
  const told = new Set(changes.flatMap((change) => (change.part === "code" ? [change.texts?.after?.text] : [])));
  const found = await definitionChanges(was, is, programs);
  return found.filter(({ after }) => !told.has(after.text));
}
