import type { Hash } from "../kernel/index.ts";
import type { JobRow, CallRow } from "./rows.ts";

/** A call that no recorded run needs any more. */
export interface LooseCall {
  readonly key: Hash;
  /** Of a script the task whose body built it. */
  readonly task: string;
  /** Of a script the call whose body built it. */
  readonly builtBy: Hash | null;
}

/** What no recorded run needs any more. */
export interface Loose {
  readonly calls: readonly LooseCall[];
  /** The newest job that was looked at, for {@link Collecting.removeCalls}. */
  readonly mark: number;
}

/** How many rows went, and the bytes of their texts. */
export interface Swept {
  readonly values: number;
  readonly valueBytes: number;
  readonly tasks: number;
  readonly programs: number;
  readonly fingerprints: number;
}

/** Which run has a job that stands for a call. */
export interface CallUse {
  readonly call: Hash;
  readonly run: string;
  /** Of a script the task whose body built it. */
  readonly task: string;
}

/** What the values of a task's calls take. */
export interface ValueUse {
  /** With the scripts that its bodies built. */
  readonly task: string;
  /** Without these. */
  readonly calls: number;
  /** Of their arguments, bodies and results, each text once. */
  readonly bytes: number;
}

/** What the database takes on disk, in bytes. */
export interface DatabaseSize {
  readonly bytes: number;
  /** Of that, what is empty and will be written first. */
  readonly free: number;
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
