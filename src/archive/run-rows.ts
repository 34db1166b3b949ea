import { type Hash, LigaseError } from "../kernel/index.ts";
import { asTheyAre } from "../record/index.ts";
import type {
  AttemptRow,
  CallEdgeRow,
  CallRow,
  DataEdgeRow,
  ImageRow,
  JobRow,
  ProgramRow,
  RecoveryRow,
  RunRow,
  Store,
  TaskRow,
  TaskSetRow,
} from "../store/types.ts";

/** All rows that make up a run, but for the texts of its values: those are very many. */
export interface RunRows {
  readonly run: RunRow;
  readonly program: ProgramRow | undefined;
  readonly tasks: readonly TaskRow[];
  readonly taskSets: readonly TaskSetRow[];
  readonly recoveries: readonly RecoveryRow[];
  readonly calls: readonly CallRow[];
  readonly callEdges: readonly CallEdgeRow[];
  readonly dataEdges: readonly DataEdgeRow[];
  readonly jobs: readonly JobRow[];
  /** The environments that the attempts ran in. */
  readonly images: readonly ImageRow[];
  readonly attempts: readonly AttemptRow[];
  /** The hashes of all values that these name, sorted. */
  readonly values: readonly Hash[];
}

/** Sorts by keys, by UTF-16 code units: the same everywhere. */
function sortedBy<T>(rows: readonly T[], ...keys: readonly ((row: T) => string | number)[]): T[] {
  return rows.toSorted((a, b) => {
    for (const key of keys) {
      const [x, y] = [key(a), key(b)];
      if (x !== y) return x < y ? -1 : 1;
    }
    return 0;
  });
}

const present = <T>(items: readonly (T | null | undefined)[]): T[] =>
  items.filter((item) => item !== null && item !== undefined);

/**
 * Gathers a run from the store, in an order that depends on nothing but the rows: the same run gives the same lists on
 * every machine. Calls without anything that finished are not among them.
 */
export async function gatherRun(store: Store, id: string): Promise<RunRows | undefined> {
  const found = await store.getRun(id);
  if (!found) return undefined;
  const run = (await asTheyAre(store, [found]))[0]!;
  const jobs = sortedBy(
    await store.listJobs({ run: id }),
    (job) => job.createdAt,
    (job) => job.id,
  );
  const calls = sortedBy(
    await store.listRunCalls(id),
    (call) => call.createdAt,
    (call) => call.key,
  );
  const recoveries = await recoveriesOf(store, run, jobs, calls);
  const sets = new Set(present([...calls.map((call) => call.taskSet), ...recoveries.map((row) => row.taskSet)]));
  const taskSets = sortedBy(await store.findTaskSets([...sets]), (set) => set.hash);
  const hashes = new Set([...jobs, ...calls].map((row) => row.taskHash));
  for (const { tasks } of taskSets) for (const hash of Object.values(tasks)) hashes.add(hash);
  const tasks = await Promise.all([...hashes].map((hash) => store.getTask(hash)));
  const program = run.program === null ? undefined : await store.getProgram(run.program);
  const attempts = await store.listRunAttempts(id);
  const images = await imagesOf(store, calls, attempts);
  const values = new Set(
    present([
      run.argsValue,
      run.resultValue,
      run.errorValue,
      ...(program?.modules.map((module) => module.hash) ?? []),
      ...jobs.flatMap((job) => [job.argsValue, job.errorValue]),
      ...attempts.map((attempt) => attempt.errorValue),
      ...calls.flatMap((call) => [call.argsValue, call.bodyValue, call.resultValue]),
      ...recoveries.map((row) => row.errorValue),
    ]),
  );
  return {
    run,
    program,
    tasks: sortedBy(present(tasks), (task) => task.hash),
    taskSets,
    recoveries,
    calls,
    callEdges: sortedBy(
      await store.listRunCallEdges(id),
      (edge) => edge.parent,
      (edge) => edge.child,
    ),
    dataEdges: sortedBy(
      await store.listRunDataEdges(id),
      (edge) => edge.call,
      (edge) => edge.argument,
      (edge) => edge.from,
      (edge) => edge.part,
    ),
    jobs,
    images: sortedBy(
      images,
      (image) => image.digest,
      (image) => image.identity,
      (image) => image.engine,
    ),
    attempts: sortedBy(
      attempts,
      (attempt) => attempt.job,
      (attempt) => attempt.attempt,
    ),
    values: [...values].sort(),
  };
}

/**
 * The environments that the attempts of a run ran in, and those in which the results were made that it found; of the tools
 * of a machine what they stood for.
 */
async function imagesOf(
  store: Store,
  calls: readonly CallRow[],
  attempts: readonly AttemptRow[],
): Promise<readonly ImageRow[]> {
  const all = await store.listImages();
  if (all.length === 0) return [];
  const digests = new Set(attempts.map(({ image }) => image));
  const own = new Set(attempts.map(({ job }) => job));
  const hosted = new Set<string>();
  const imported = new Set<string>();
  for (const { image, job } of calls) {
    if (image === "") continue;
    const [identity = "", engine] = image.split("@");
    if (engine === "host") hosted.add(identity);
    else if (!own.has(job)) {
      const made = await store.listAttempts(job);
      for (const attempt of made) digests.add(attempt.image);
      // Imported: the jobs of the run that made it stayed where they were.
      if (made.length === 0 && !(await store.getJob(job))) imported.add(identity.split("+")[0]!);
    }
  }
  return all.filter(({ digest, identity, engine }) => (engine === "host" ? hosted.has(identity) : digests.has(digest)));
}

/**
 * The same of a run that has ended.
 *
 * @throws LigaseError `LIGASE_E_ID` where there is none; `LIGASE_E_STILL_RUNNING`
 */
export async function gatherEnded(store: Store, id: string): Promise<RunRows> {
  const rows = await gatherRun(store, id);
  if (!rows) throw new LigaseError("LIGASE_E_ID", `there is no run ${id}`, { facts: { id } });
  if (rows.run.state !== "running") return rows;
  throw new LigaseError("LIGASE_E_STILL_RUNNING", `run ${id} is still running`, {
    facts: { run: id },
    mend: "wait until it has ended, or stop it with ligase cancel",
  });
}

/**
 * The failures that the run recovered from, so that what failed is not tried again. In a run that found them recorded
 * nothing failed: it did in the runs that computed the calls which this one took.
 */
async function recoveriesOf(
  store: Store,
  run: RunRow,
  jobs: readonly JobRow[],
  calls: readonly CallRow[],
): Promise<RecoveryRow[]> {
  const runs = new Set(calls.map((call) => call.run)).add(run.id);
  const failed = await Promise.all([...runs].map((each) => store.listJobs({ run: each, states: ["failed"] })));
  const recoveries = await store.listRecoveries(present(failed.flat().map((job) => job.errorValue)));
  // Those of another run may be of tasks, or of versions of them, that this one does not know.
  const known = new Map([...jobs, ...calls].map((row) => [row.task, row.taskHash]));
  for (const { tasks } of await store.findTaskSets(present(calls.map((call) => call.taskSet)))) {
    for (const [task, hash] of Object.entries(tasks)) known.set(task, hash);
  }
  const sets = new Map(
    (await store.findTaskSets(recoveries.map((row) => row.taskSet))).map((set) => [set.hash, set.tasks]),
  );
  return sortedBy(
    recoveries.filter((row) =>
      Object.entries(sets.get(row.taskSet) ?? { "": "" }).every(([task, hash]) => known.get(task) === hash),
    ),
    (row) => row.key,
  );
}
