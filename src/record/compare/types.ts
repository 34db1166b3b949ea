import type { RunMode, RunRow } from "../../store/types.ts";
import type { EnvironmentChange } from "../environments/index.ts";
import type { ArgumentChange, CodeChange } from "../explain/index.ts";

/** Something that is known of both runs, and is not the same. */
export interface FactChange {
  /** `commit`, `node`, `samtools`, `zod`. */
  readonly name: string;
  /** Nothing where it has none. */
  readonly before: string | undefined;
  readonly after: string | undefined;
}

/** A declaration that changed, with the tasks that reach it. */
export interface ReachedChange extends CodeChange {
  readonly tasks: readonly string[];
}

/** How many jobs of a task ran, were cached and failed, and how long those that ran took. */
export interface TaskSide {
  readonly ran: number;
  readonly cached: number;
  readonly failed: number;
  /** Summed, in milliseconds: of bodies outside the engine's process without the time that they waited for a processor. */
  readonly wallMs: number;
}

/** A task in both runs. */
export interface TaskComparison {
  readonly task: string;
  /** Nothing where the run had no such job. */
  readonly before: TaskSide | undefined;
  readonly after: TaskSide | undefined;
  /** How much longer a job took on average than before; nothing where it did not run in both. */
  readonly ratio: number | undefined;
}

/** Tasks of which the environments of two runs differ in the same way. */
export interface EnvironmentComparison extends EnvironmentChange {
  readonly tasks: readonly string[];
}

/** Jobs of one task that failed for one reason. */
export interface FailureGroup {
  readonly task: string;
  readonly message: string;
  readonly count: number;
  /** One of them. */
  readonly job: string;
}

/** One of the two runs. */
export interface RunSide {
  readonly run: string;
  readonly task: string;
  readonly state: RunRow["state"];
  readonly mode: RunMode;
  readonly startedAt: number;
  /** Milliseconds; nothing while it goes on. */
  readonly durationMs: number | undefined;
}

/** What differs between two runs. */
export interface RunComparison {
  readonly before: RunSide;
  readonly after: RunSide;
  /** Commit, machine, versions of Ligase and Node, tags, command line. */
  readonly facts: readonly FactChange[];
  readonly code: readonly ReachedChange[];
  /** npm packages. */
  readonly packages: readonly FactChange[];
  /** Versions of tools, as they were found by jobs that ran in both. */
  readonly tools: readonly FactChange[];
  /** Of tasks that had one in both runs, and not the same. */
  readonly environments: readonly EnvironmentComparison[];
  readonly arguments: readonly ArgumentChange[];
  /** Of what the runs gave; nothing where one gave none. */
  readonly results: readonly ArgumentChange[] | undefined;
  readonly tasks: readonly TaskComparison[];
  readonly failures: { readonly before: readonly FailureGroup[]; readonly after: readonly FailureGroup[] };
}
