/**
 * What a store is: the interface behind which the rows lie. One implementation per database, one
 * contract suite for all (`test/unit/store`). `rows.ts` has what is stored, `questions.ts` what is
 * asked, `collecting.ts` what is about space.
 *
 * @module
 */
import type { FingerprintRow } from "../files/fingerprint.ts";
import type { Hash } from "../kernel/index.ts";
import type { Collecting } from "./collecting.ts";
import type { ServingStore } from "./serving.ts";
import type {
  FoundCall,
  FoundRecovery,
  FoundFile,
  RunFilter,
  JobFilter,
  ReasonCount,
  ChildCount,
  TaskTime,
  TaskFlow,
  CallCount,
  TaskCount,
} from "./questions.ts";
import type {
  RunState,
  RunMode,
  RunRow,
  ProgramRow,
  TaskRow,
  JobRow,
  AttemptRow,
  CallRow,
  TaskSetRow,
  CallEdgeRow,
  DataEdgeRow,
  RecoveryRow,
  ValueFile,
  WriteBatch,
  EngineRow,
  EngineChange,
  ImageRow,
  SecretRow,
} from "./rows.ts";

export type * from "./collecting.ts";
export type * from "./questions.ts";
export type * from "./rows.ts";
export type * from "./serving.ts";

/**
 * The record of everything: runs, jobs, calls, values. Methods are asynchronous because a team's
 * database is across a network; the local one answers at once.
 */
export interface Store extends Collecting, ServingStore {
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
  /** The newest run of these states that is of no endpoint. */
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

  // Environments and secrets.
  /** The newest environment of this digest, or of a definition of this identity. */
  getImage(digestOrIdentity: string): Promise<ImageRow | undefined>;
  /** The newest first. */
  listImages(): Promise<readonly ImageRow[]>;
  getSecret(name: string): Promise<SecretRow | undefined>;
  /** By name. */
  listSecrets(): Promise<readonly SecretRow[]>;
  /** Keeps a secret, in place of the one of that name: `createdAt` stays then. */
  putSecret(secret: SecretRow): Promise<void>;
  /** Tells whether it was there. */
  removeSecret(name: string): Promise<boolean>;

  close(): Promise<void>;
}
