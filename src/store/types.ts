/**
 * What is stored: the rows, and the interface behind which they lie. One implementation per
 * database, one contract suite for all (`test/unit/store`).
 *
 * Times are milliseconds since 1970 (UTC). Sizes are bytes. Fields named `…Value` hold the hash
 * of a value; see {@link ValueRow}. Booleans are booleans here, whatever the database has.
 *
 * @module
 */
import type { FingerprintRow } from "../files/fingerprint.ts";
import type { Hash } from "../kernel/index.ts";
import type { CallUse, DatabaseSize, Loose, Swept, ValueUse } from "./collecting.ts";

export type { FingerprintRow } from "../files/fingerprint.ts";

/** Where a run stands. `interrupted`: its process ended without a word (kill -9, a power cut). */
export type RunState = "running" | "done" | "failed" | "cancelled" | "interrupted";

/** Where a job stands. `cached`: its result was there already. */
export type JobState = "pending" | "running" | "done" | "cached" | "failed" | "cancelled";

/**
 * How a run evaluates: `normal`; `sample`: of every map only the first items; `stub`: stubs in place of
 * bodies. Only results of normal runs stand in the cache for others.
 */
export type RunMode = "normal" | "sample" | "stub";

/** One top-level evaluation. */
export interface RunRow {
  id: string;
  mode: RunMode;
  /** Kept, with all that it needs, whatever is collected. */
  pinned: boolean;
  /** The task asked for, or what a program's `run(…)` evaluated. */
  task: string;
  state: RunState;
  startedAt: number;
  endedAt: number | null;
  /** The snapshot of code it worked on; see {@link ProgramRow}. */
  program: Hash | null;
  /** Its arguments. */
  argsValue: Hash | null;
  resultValue: Hash | null;
  errorValue: Hash | null;
  host: string;
  user: string;
  pid: number;
  cwd: string;
  /** The command line, without secrets. */
  argv: readonly string[];
  gitCommit: string | null;
  gitDirty: boolean | null;
  ligaseVersion: string;
  nodeVersion: string;
  tags: Readonly<Record<string, string>>;
}

/** A snapshot of user code. */
export interface ProgramRow {
  id: Hash;
  /** The workflow file, as a path relative to the project. */
  entry: string;
  createdAt: number;
  /** Every module of the project in it, and the text files they import, each with the hash of the value that is its text. */
  modules: readonly { path: string; hash: Hash }[];
  /** Every npm package it uses. */
  packages: readonly { name: string; version: string }[];
}

/** One version of a task. */
export interface TaskRow {
  /** Hash of its name and closure (or `version`). */
  hash: Hash;
  name: string;
  /** Path of its module, relative to the project; empty for Ligase's own tasks. */
  file: string;
  line: number;
  /** The text of its definition. */
  code: string;
  doc: string;
  /** What its closure hash is made of: one row a declaration, `lib/trim.ts#trimAdapters` → hash, `npm:zod` → version. */
  closure: Readonly<Record<string, string>>;
  createdAt: number;
}

/** One evaluation of a call inside a run. */
export interface JobRow {
  id: string;
  run: string;
  /** The job whose body made the call; null for the run's own. */
  parent: string | null;
  /** The cache key of the call; see {@link CallRow}. */
  call: Hash;
  task: string;
  taskHash: Hash;
  argsValue: Hash;
  state: JobState;
  /** Why it ran or did not: a word such as `new`, `code`, `files`, `forced`, `uncached`, `hit`, `replay`. */
  reason: string;
  executor: string;
  createdAt: number;
  startedAt: number | null;
  endedAt: number | null;
  attempts: number;
  errorValue: Hash | null;
  tags: Readonly<Record<string, string>> | null;
}

/** One try at running a job's body outside this process. */
export interface AttemptRow {
  job: string;
  /** Counted from 1. */
  attempt: number;
  executor: string;
  host: string;
  startedAt: number;
  endedAt: number | null;
  /** Null while it runs; `exit`, `signal`, `memory`, `timeout`, `disk`, `missing-output`, `lost`, `cancelled`, `error` when it failed; `done` when not. */
  outcome: string | null;
  exitCode: number | null;
  signal: string | null;
  /** What was asked for and what was used. */
  cpu: number | null;
  memory: number | null;
  gpu: number | null;
  disk: number | null;
  wallMs: number | null;
  cpuMs: number | null;
  peakMemory: number | null;
  bytesIn: number | null;
  bytesOut: number | null;
  workDir: string | null;
  stdout: string | null;
  stderr: string | null;
  /** The process group it runs as, and when that started by the kernel's clock: so that orphans are found. */
  pgid: number | null;
  pidStarted: string | null;
  errorValue: Hash | null;
  /** Versions of the tools it called, as found: `{ bwa: "0.7.17-r1188" }`. */
  tools: Readonly<Record<string, string>> | null;
}

/** How a finished body is stored: a value; an expression still to be reduced; the trace of an async body. */
export type BodyKind = "value" | "expr" | "trace";

/** What became of a call: the unit of the cache. */
export interface CallRow {
  /** The cache key. */
  key: Hash;
  task: string;
  taskHash: Hash;
  /** The image it ran in, by its definition and engine; empty for none. */
  image: string;
  argsValue: Hash;
  bodyKind: BodyKind;
  bodyValue: Hash;
  /** The final value; null while the expression its body left has not been reduced, or failed. */
  resultValue: Hash | null;
  /** The tasks of the whole subtree with their hashes; see {@link TaskSetRow}. Null until the result is there. */
  taskSet: Hash | null;
  createdAt: number;
  /** Who computed it. */
  job: string;
  run: string;
}

/** The tasks that a subtree of the call graph called, with the hashes they had. */
export interface TaskSetRow {
  hash: Hash;
  tasks: Readonly<Record<string, Hash>>;
}

/** Which call made which call. */
export interface CallEdgeRow {
  parent: Hash;
  child: Hash;
}

/** Which result flowed into which argument. */
export interface DataEdgeRow {
  /** The call that received it. */
  call: Hash;
  /** Where in its arguments: `0.reads1`. */
  argument: string;
  /** The call whose result it was. */
  from: Hash;
  /** Which part of that result: `bam`; empty for the whole. */
  part: string;
}

/** A failure that was recovered from: valid while none of the tasks in it changed. */
export interface RecoveryRow {
  /** The hash of the attempted expression. */
  key: Hash;
  errorValue: Hash;
  taskSet: Hash;
  createdAt: number;
}

/** A file in a value. */
export interface ValueFile {
  /** Of its content. */
  readonly hash: string;
  /** What it counts by, besides its content. */
  readonly name: string;
  readonly path: string;
}

/** A value by content. */
export interface ValueRow {
  hash: Hash;
  /** As the codec writes it. */
  text: string;
  /** Content hashes of the files in it, with their names: what `lineage` looks up. */
  files?: readonly ValueFile[];
}

/** Everything recorded in one transaction. Rows with a key that is there already are updated, except content-addressed ones, which stay. */
export interface WriteBatch {
  runs?: RunRow[];
  programs?: ProgramRow[];
  tasks?: TaskRow[];
  jobs?: JobRow[];
  attempts?: AttemptRow[];
  calls?: CallRow[];
  taskSets?: TaskSetRow[];
  callEdges?: CallEdgeRow[];
  dataEdges?: DataEdgeRow[];
  recoveries?: RecoveryRow[];
  /** A value that is there already has its text replaced only when the text differs (the same content in another place). */
  values?: ValueRow[];
  fingerprints?: FingerprintRow[];
}

/** What a lookup finds: the call with the texts of its values. */
export interface FoundCall extends CallRow {
  bodyText: string;
  resultText: string | null;
}

/** What a lookup of a failure finds: the recovery with the text of its error and its tasks. */
export interface FoundRecovery extends RecoveryRow {
  errorText: string;
  tasks: Readonly<Record<string, Hash>>;
}

/** A process that works on this store. */
export interface EngineRow {
  id: string;
  run: string;
  pid: number;
  /** When that process started, by the kernel's clock, so that a reused pid is told apart. */
  pidStarted: string;
  host: string;
  startedAt: number;
  heartbeatAt: number;
  /** The newest engine (by `startedAt`) that this one has made its claims known to. */
  seen: string | null;
}

/** What may change of an engine. */
export interface EngineChange {
  heartbeatAt?: number;
  seen?: string | null;
  run?: string;
}

/** A call that has to do with a file. */
export interface FoundFile {
  call: Hash;
  /** Whether the call received the file or made it. */
  role: "argument" | "result";
  name: string;
  path: string;
}

/** How runs are chosen for a listing. */
export interface RunFilter {
  states?: readonly RunState[];
  task?: string;
  tags?: Readonly<Record<string, string>>;
  /** A part of the text of its arguments: a sample's name, a file's path. Long texts, kept as files, are not looked into. */
  input?: string;
  /** Only runs that have a job like this. */
  with?: Pick<JobFilter, "task" | "states" | "input">;
  since?: number;
  limit?: number;
  /** So many of the newest are left out: a later page. */
  offset?: number;
}

/** How jobs are chosen for a listing. */
export interface JobFilter {
  run?: string;
  parent?: string | null;
  states?: readonly JobState[];
  task?: string;
  call?: Hash;
  /**
   * Only jobs as people know them: no lifts, and no scripts, which go with the job that built them. One whose body was
   * cached while its script ran counts as done.
   */
  known?: true;
  /** Only those whose bodies run, or ran, outside the engine's process: they have attempts. */
  outside?: true;
  /** Tags of the job itself or of its run. */
  tags?: Readonly<Record<string, string>>;
  /** As in {@link RunFilter}. */
  input?: string;
  since?: number;
  limit?: number;
  offset?: number;
  /** Default: oldest first. */
  order?: "oldest" | "newest";
}

/**
 * Jobs of a run that ran, or did not, for the same reason. A script that went the way of the body that built it is
 * that job, and not counted beside it: scripts are counted where only they ran, or failed.
 */
export interface ReasonCount {
  /** The task; of a script the one whose body built it. */
  task: string;
  /** True for the scripts of that task. */
  script: boolean;
  state: JobState;
  reason: string;
  jobs: number;
  /** How many of them began: a failure may come before. */
  begun: number;
  /** Some of them, the first that began first. */
  examples: readonly string[];
}

/** Jobs of a task in a state whose calls one body made. */
export interface ChildCount {
  task: string;
  state: JobState;
  jobs: number;
  /** Some of them, oldest first. */
  examples: readonly string[];
}

/** How long a task's jobs took in the past, outside of the process: without what they waited for. */
export interface TaskTime {
  /** Of scripts, the one whose body built them. */
  task: string;
  /** So many attempts that succeeded, the newest ones. */
  jobs: number;
  /** The mean of their wall times, in milliseconds. */
  meanMs: number;
}

/** How often results of one task flowed into arguments of another within a run. */
export interface TaskFlow {
  from: string;
  to: string;
  /** The parameter, by its position: `0`. */
  argument: string;
  /** Which part of the results, as in {@link DataEdgeRow}, with a `*` for any place in a list: `*.bam`. */
  part: string;
  count: number;
}

/** How many jobs of a task were called by jobs of another within a run. */
export interface CallCount {
  /** Whose bodies made the calls, and what became of these; null for the run's own call. */
  parent: string | null;
  parentState: JobState | null;
  task: string;
  state: JobState;
  jobs: number;
}

/** Counts of jobs by task and state. */
export interface TaskCount {
  task: string;
  state: JobState;
  jobs: number;
  /** Summed wall time of the jobs that ran. */
  wallMs: number;
}

/**
 * The part of a store that is about space: what takes it, and how what nobody needs goes. What may go is decided by who
 * asks; see `src/retention`. A call that is gone runs again when it is asked for.
 */
export interface Collecting {
  /**
   * Forgets runs, except those that are pinned or said to be running. Their jobs stay for {@link Collecting.removeJobs}.
   *
   * @returns those it forgot
   */
  removeRuns(runs: readonly string[]): Promise<readonly string[]>;
  /**
   * The calls that no recorded run needs: none of its jobs stands for them, and none stands for a call above them that
   * was trusted as a whole.
   *
   * @param without - as if these runs were gone
   */
  listLooseCalls(without?: readonly string[]): Promise<Loose>;
  /**
   * Takes calls out of the cache, except those for which there is a job newer than the mark.
   *
   * @returns what they were
   */
  removeCalls(keys: readonly Hash[], mark: number): Promise<readonly CallRow[]>;
  /**
   * Puts back those of the removed calls for which there is a job newer than the mark, unless they were made anew.
   *
   * @returns the keys of those that are needed
   */
  restoreCalls(calls: readonly CallRow[], mark: number): Promise<readonly Hash[]>;
  /** Removes up to so many jobs of forgotten runs, with their attempts. Answers how many went. */
  removeJobs(most: number): Promise<number>;
  /** The texts in which this stands, of the values that a row of a run, job or call names. */
  eachText(part: string): AsyncIterable<string>;
  /**
   * Removes every row that nothing leads to: values, versions of tasks, programs but for `programs`, edges; and
   * fingerprints of these paths. Nobody else may work on the store meanwhile.
   */
  sweep(keep: { readonly programs: readonly Hash[] }, paths: readonly string[]): Promise<Swept>;
  /** The paths of all fingerprints. */
  listFingerprintPaths(): Promise<readonly string[]>;
  /** Gives empty pages of the database back to the disk. Others wait meanwhile. */
  compact(): Promise<void>;

  /** The jobs with these ids; those that are not there are absent. */
  findJobs(ids: readonly string[]): Promise<readonly JobRow[]>;
  /** Which runs have jobs for these calls, once each. */
  listCallUses(keys: readonly Hash[]): Promise<readonly CallUse[]>;
  /** What values take, task by task. */
  listValueUses(): Promise<readonly ValueUse[]>;
  databaseSize(): Promise<DatabaseSize>;
}

/**
 * The record of everything: runs, jobs, calls, values. Methods are asynchronous because a team's
 * database is across a network; the local one answers at once.
 */
export interface Store extends Collecting {
  /** Where it is, for messages. */
  readonly location: string;
  /** Records a batch; it is durable when the promise resolves. */
  commit(batch: WriteBatch): Promise<void>;

  // The cache.
  /** Finds calls by key. Keys that are not there are absent from the answer. */
  findCalls(keys: readonly Hash[]): Promise<Map<Hash, FoundCall>>;
  findRecovery(key: Hash): Promise<FoundRecovery | undefined>;
  /** Every place where the files in a value were ever seen. */
  listPlaces(value: Hash): Promise<readonly ValueFile[]>;
  findTaskSet(hash: Hash): Promise<Readonly<Record<string, Hash>> | undefined>;
  findValues(hashes: readonly Hash[]): Promise<Map<Hash, string>>;
  findFingerprint(path: string): Promise<FingerprintRow | undefined>;
  /** The calls that a call made, nearest first; used to trust a subtree as a whole. */
  findChildren(call: Hash): Promise<readonly CallRow[]>;

  // Processes that share the store (behaviour table, case 24).
  /** Makes an engine known; answers the others that are known. */
  registerEngine(engine: EngineRow): Promise<readonly EngineRow[]>;
  listEngines(): Promise<readonly EngineRow[]>;
  updateEngine(id: string, change: EngineChange): Promise<void>;
  /** Forgets an engine and its claims. */
  removeEngine(id: string): Promise<void>;
  /** True when another process may have written since this was last asked. Cheap: asked once a tick. */
  changedElsewhere(): boolean;
  /** Takes calls for an engine; answers the holders of those that another live one has. */
  claim(engine: string, calls: readonly Hash[]): Promise<Map<Hash, string>>;
  release(engine: string, calls: readonly Hash[]): Promise<void>;
  /** Asks a run to stop; its engine sees it at its next tick. */
  requestCancel(run: string): Promise<void>;
  cancelRequested(run: string): Promise<boolean>;

  // Questions people ask.
  getRun(id: string): Promise<RunRow | undefined>;
  /** Ids that start so, of runs and jobs, at most `limit` of each. */
  findIds(prefix: string, limit?: number): Promise<{ runs: readonly string[]; jobs: readonly string[] }>;
  listRuns(filter?: RunFilter): Promise<readonly RunRow[]>;
  /** The newest run of these states. */
  latestRun(states?: readonly RunState[]): Promise<RunRow | undefined>;
  getJob(id: string): Promise<JobRow | undefined>;
  listJobs(filter: JobFilter): Promise<readonly JobRow[]>;
  countJobs(run: string): Promise<readonly TaskCount[]>;
  /** The versions of tasks that the jobs of a run are of. */
  listRunTasks(run: string): Promise<readonly Hash[]>;
  /** The same for any jobs: by default all that there are. */
  countTasks(filter?: JobFilter): Promise<readonly TaskCount[]>;
  /** The same by the task that called them, in the order in which they first did: the call graph in short. */
  countCalls(run: string): Promise<readonly CallCount[]>;
  /** The jobs below a job of a run, or those on top (null), by task and state, at most so many ids of each group. */
  countChildren(run: string, parent: string | null, examples: number): Promise<readonly ChildCount[]>;
  /** Jobs of a run by task, state and reason, in the order in which they came; at most so many ids of each group. */
  countReasons(run: string, examples: number): Promise<readonly ReasonCount[]>;
  /** Mean wall times of the newest attempts of each task that succeeded; tasks whose bodies only ever ran inline are absent. */
  taskTimes(tasks: readonly string[]): Promise<readonly TaskTime[]>;
  listAttempts(job: string): Promise<readonly AttemptRow[]>;
  /** The attempts of all jobs of a run, oldest first. */
  listRunAttempts(run: string): Promise<readonly AttemptRow[]>;
  /** Attempts without an end, of runs other than those given: what a crash left behind. */
  openAttempts(exceptRuns: readonly string[]): Promise<readonly AttemptRow[]>;
  getCall(key: Hash): Promise<CallRow | undefined>;
  /** Earlier calls of a task, newest first; those of runs that were deleted count as made by normal ones. */
  listCalls(task: string, options?: { before?: number; limit?: number; mode?: RunMode }): Promise<readonly CallRow[]>;
  listDataEdges(call: Hash): Promise<readonly DataEdgeRow[]>;
  /** The calls that the jobs of a run stand for: those it made, and those it found. */
  listRunCalls(run: string): Promise<readonly CallRow[]>;
  /** The data edges among the calls of a run. */
  listRunDataEdges(run: string): Promise<readonly DataEdgeRow[]>;
  /** The call edges among the calls of a run. */
  listRunCallEdges(run: string): Promise<readonly CallEdgeRow[]>;
  /** The data edges of a run, counted by task: what a picture of 10,000 jobs is made of. */
  countFlows(run: string): Promise<readonly TaskFlow[]>;
  /** Task sets, for an archive. Those that are not there are absent. */
  findTaskSets(hashes: readonly Hash[]): Promise<readonly TaskSetRow[]>;
  /** The recoveries from some errors. */
  listRecoveries(errors: readonly Hash[]): Promise<readonly RecoveryRow[]>;
  /** Keeps a run from being collected, or no longer. */
  pinRun(id: string, pinned: boolean): Promise<void>;
  getTask(hash: Hash): Promise<TaskRow | undefined>;
  listTasks(): Promise<readonly TaskRow[]>;
  getProgram(id: Hash): Promise<ProgramRow | undefined>;
  /** Calls whose result or arguments hold a file with this content. */
  findByFile(hash: string): Promise<readonly FoundFile[]>;
  /** Places where files with this content, or of this name, were ever seen: at most so many, those seen last first. */
  findPlaces(of: { readonly hash: string } | { readonly name: string }, limit: number): Promise<readonly ValueFile[]>;

  close(): Promise<void>;
}
