/**
 * What people and the engine ask a store: how rows are chosen, what is counted, and what a look-up finds.
 *
 * @module
 */
import type { Hash } from "../kernel/index.ts";
import type { RunState, JobState, CallRow, RecoveryRow } from "./rows.ts";

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
  /** Only runs of jobs of this endpoint; null: only runs of no endpoint. */
  endpoint?: string | null;
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
  /** Null: without the handlers of endpoints. */
  endpoint?: null;
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
