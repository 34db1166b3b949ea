import { LigaseError, nearest } from "../kernel/index.ts";
import type { JobRow, JobState, RunRow, Store } from "../store/types.ts";
import { ago } from "./terminal/when.ts";
import { jobFilter, type Selection } from "../record/select.ts";
import { short } from "../record/short.ts";
import { checkTask, isSelective } from "./selection.ts";
import { usageError } from "./usage-error.ts";

/** What an id that people typed stands for. */
export type Found = { readonly kind: "run"; readonly run: RunRow } | { readonly kind: "job"; readonly job: JobRow };

/** The newest run, or one so many before it: `@`, `last`, `@~1`. */
const NEWEST = /^(?:@|last)(?:~(\d+))?$/;
/** So many recent runs are looked through for what was meant. */
const RECENT = 50;
/** So many candidates of an ambiguous id are listed. */
const CANDIDATES = 8;

/**
 * Finds a run or a job by its id, or by a prefix of it that no other has; `@` (or `last`) is the newest run, `@~1` the
 * one before it.
 *
 * @throws LigaseError `LIGASE_E_ID`, exit status 2, with the nearest id, or the candidates
 */
export async function findById(store: Store, id: string): Promise<Found> {
  return (await lookUp(store, id)) ?? (await nothing(store, id, "run or job"));
}

async function nothing(store: Store, id: string, what: string): Promise<never> {
  const recent = await store.listRuns({ endpoint: null, limit: RECENT });
  const near = nearest(
    short(id),
    recent.map((run) => short(run.id)),
  );
  throw usageError(
    "LIGASE_E_ID",
    `there is no ${what} ${id}`,
    near === undefined ? "ligase log lists the runs" : `did you mean ${near}?`,
    { id },
  );
}

/**
 * The same where the name of a task is allowed too: it stands for a job of it in the newest run that has one.
 *
 * @param what - may be named, for messages
 */
export async function findByIdOrTask(store: Store, word: string, what = "run, job or task"): Promise<Found> {
  const names = await taskNames(store);
  const job = names.has(word) ? await newestJob(store, word) : undefined;
  if (job) return { kind: "job", job };
  const found = await lookUp(store, word);
  if (found) return found;
  const near = nearest(word, names);
  if (near !== undefined && !near.startsWith("lift:")) {
    throw usageError("LIGASE_E_ID", `there is no ${what} ${word}`, `did you mean ${near}?`, { id: word });
  }
  return nothing(store, word, what);
}

/**
 * What a word and a selection stand for: without a word the newest job that is like that, or the newest run where nothing
 * was selected; with the name of a task the newest such job of it; otherwise what {@link findByIdOrTask} finds.
 *
 * @throws LigaseError `LIGASE_E_ID`, `LIGASE_E_NO_TASK`, exit status 2
 */
export async function findSelected(
  store: Store,
  word: string | undefined,
  selection: Selection,
  what?: string,
): Promise<Found> {
  const isOfTask = word === undefined || (await taskNames(store)).has(word);
  if (isOfTask && isSelective(selection)) {
    return {
      kind: "job",
      job: await newestSelected(store, word === undefined ? selection : { ...selection, task: word }),
    };
  }
  return word === undefined ? { kind: "run", run: await newestRun(store) } : findByIdOrTask(store, word, what);
}

/**
 * The newest job that is like that, of a run or of all.
 *
 * @throws LigaseError `LIGASE_E_ID` where there is none; `LIGASE_E_NO_TASK` for a task that never ran; exit status 2
 */
export async function newestSelected(store: Store, selection: Selection, run?: string): Promise<JobRow> {
  const [job] = await store.listJobs({
    ...jobFilter(selection),
    ...(run !== undefined && { run }),
    order: "newest",
    limit: 1,
  });
  if (job) return job;
  await checkTask(store, selection);
  throw usageError("LIGASE_E_ID", "no job is like that", "ligase log --jobs lists the jobs");
}

async function taskNames(store: Store): Promise<ReadonlySet<string>> {
  return new Set((await store.listTasks()).map((task) => task.name));
}

/** The newest run, where none was named. */
export async function newestRun(store: Store): Promise<RunRow> {
  const run = await store.latestRun();
  if (run) return run;
  throw new LigaseError("LIGASE_E_NO_RUN", "nothing has run here yet", { mend: "ligase run <file> runs a workflow" });
}

async function lookUp(store: Store, id: string): Promise<Found | undefined> {
  const newest = NEWEST.exec(id);
  if (newest) {
    const [run] = await store.listRuns({ endpoint: null, limit: 1, offset: Number(newest[1] ?? 0) });
    if (run) return { kind: "run", run };
    await newestRun(store);
    throw usageError("LIGASE_E_ID", `there is no run ${id}: not so many have run here`, "ligase log lists the runs", {
      id,
    });
  }
  const { runs, jobs } = await store.findIds(id, CANDIDATES + 1);
  const all = [...runs, ...jobs];
  const only = all.find((each) => each === id) ?? (all.length === 1 ? all[0] : undefined);
  if (only !== undefined) {
    const run = runs.includes(only) ? await store.getRun(only) : undefined;
    if (run) return { kind: "run", run };
    const job = await store.getJob(only);
    if (job) return { kind: "job", job };
  }
  if (all.length > 1) throw await ambiguous(store, id, runs, jobs);
  return undefined;
}

async function ambiguous(
  store: Store,
  id: string,
  runs: readonly string[],
  jobs: readonly string[],
): Promise<LigaseError> {
  const lines: string[] = [];
  for (const each of runs) {
    const run = await store.getRun(each);
    if (run) lines.push(`${each}  run of ${run.task}, ${ago(run.startedAt)}`);
  }
  for (const each of jobs) {
    const job = await store.getJob(each);
    if (job) lines.push(`${each}  job of ${job.task} in run ${short(job.run)}`);
  }
  const shown = lines.slice(0, CANDIDATES);
  const more = lines.length > shown.length ? ["…"] : [];
  return usageError(
    "LIGASE_E_ID",
    [`several ids begin with ${id}:`, ...shown, ...more].join("\n"),
    "write more of it",
    {
      ids: [...runs, ...jobs],
    },
  );
}

/** What people most likely mean: of several jobs one that failed, or else one that ran. */
const INTEREST: readonly JobState[] = ["failed", "running", "done", "cancelled", "pending", "cached"];

/** A job of a task: of a recent run if there is one, for there may be very many. */
async function newestJob(store: Store, task: string): Promise<JobRow | undefined> {
  for (const { id: run } of await store.listRuns({ endpoint: null, limit: RECENT })) {
    for (const state of INTEREST) {
      const [job] = await store.listJobs({ run, task, states: [state], order: "newest", limit: 1 });
      if (job) return job;
    }
  }
  return (await store.listJobs({ task, order: "newest", limit: 1 }))[0];
}
