import type { Config } from "../config/index.ts";
import type { AnyTask, ExprCore, Resolved } from "../expr/types.ts";
import type { File } from "../files/index.ts";
import type { JobState } from "../store/types.ts";
import type { Snapshot } from "./snapshot.ts";

/** How a workflow is opened for a test. */
export interface TestOptions {
  /** Settings that win over the project's. */
  readonly config?: Config;
}

/** The exports of a workflow that are tasks, with a function of their resolved arguments for each. */
export type StubsOf<M> = {
  readonly [Name in keyof M as M[Name] extends AnyTask ? Name : never]?: M[Name] extends (
    ...args: infer Args
  ) => ExprCore<infer Result>
    ? (...args: Extract<Resolved<Args>, readonly unknown[]>) => Result | Promise<Result> | ExprCore<Result>
    : never;
};

/** How one run of a test goes. */
export interface TestRunOptions<M> {
  /** What stands in place of tasks, by their names: functions of the same arguments. Nothing of such a run enters the cache of other runs. */
  readonly stubs?: StubsOf<M>;
  /** Run the stubs that tasks bring in place of their bodies, as `ligase run --stub` does. */
  readonly stub?: boolean;
  /** Take nothing from the cache. */
  readonly noCache?: boolean;
}

/** One job of a run. */
export interface TestedJob {
  readonly task: string;
  readonly state: JobState;
  /** Why it ran, or did not. */
  readonly reason: string;
  /** Its arguments, as {@link TestWorkflow.snapshot} writes them. */
  readonly args: Snapshot;
}

/** What became of a run. */
export interface TestedRun<T> {
  /** As `ligase log` would show it. */
  readonly id: string;
  readonly value: T;
  /** How many jobs of each task ran: `{ align: 3 }`. Tasks that did not run are not there. */
  readonly ran: Readonly<Record<string, number>>;
  /** How many jobs of each task were taken from the cache. */
  readonly cached: Readonly<Record<string, number>>;
  /** How many jobs of each task failed; those that were recovered from count. */
  readonly failed: Readonly<Record<string, number>>;
  /** Every job, in the order in which they began. */
  jobs(): Promise<readonly TestedJob[]>;
}

/** A workflow in a temporary project of its own. */
export interface TestWorkflow<M> extends AsyncDisposable {
  /** What the workflow file exports, its tasks among it. */
  readonly exports: M;
  /** The temporary folder: fixtures, work directories and outputs lie in it. It goes when the workflow is closed. */
  readonly dir: string;
  /** A path in the temporary folder. */
  path(name: string): string;
  /** Writes a file into the temporary folder; writing it again makes another content of it. */
  file(name: string, content: string | Uint8Array): File;
  /** Copies a file, a fixture of the test perhaps, into the temporary folder. */
  copy(from: string | URL, name?: string): File;
  /** Evaluates a call, or a structure with calls in it. Rejects with the error of the task that failed. */
  run<T>(value: T, options?: TestRunOptions<M>): Promise<TestedRun<Resolved<T>>>;
  /** The newest run, also one that failed. */
  readonly lastRun: Omit<TestedRun<unknown>, "value"> | undefined;
  /** A value with its files as their names, sizes and hashes: the same on every machine, for snapshot tests. */
  snapshot(value: unknown): Promise<Snapshot>;
  /** Ends what runs, and removes the temporary folder. `await using` calls it. */
  close(): Promise<void>;
}
