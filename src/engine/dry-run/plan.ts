import type { TaskImpl } from "../../expr/task.ts";
import type { Hash } from "../../kernel/index.ts";
import type { RunMode } from "../../store/types.ts";
import type { Job } from "../job.ts";
import type { DryRecord } from "./record.ts";

/**
 * What would become of a call. `run`: its body runs. `may`: it depends on what is not known before something else has
 * run. `cached`: its body does not run.
 */
export type Fate = "run" | "may" | "cached";

/** One call that a run would make, as far as that is known. */
export interface PlannedCall {
  readonly task: TaskImpl;
  /** The call in whose result it stands. */
  readonly owner: Job | undefined;
  /** The call with its arguments and key; absent where these are not known. */
  readonly job: Job | undefined;
  readonly fate: Fate;
  /** Of one that runs: why, in the word that the record has for it; see `JobRow`. */
  readonly reason: string;
  /** The part of its key that stands for the task's code. */
  readonly taskHash: Hash;
  /** Is it made only if a body that would run calls what it called last time? */
  readonly estimate: boolean;
  /** What people call the tasks on whose results it depends. */
  readonly dependsOn: readonly string[];
  /** Was it found what its body left last time, of a call that would run? Then what it calls is planned as well. */
  readonly expanded: boolean;
}

/** What a run would do. */
export interface Plan {
  readonly mode: RunMode;
  /** Is a recursion deeper than was followed? Then more calls would run than are listed. */
  readonly cut: boolean;
  /** In the order in which they were met. Equal calls are one. */
  readonly calls: readonly PlannedCall[];
  /** What the run would fail with, whatever its bodies do. */
  readonly error: unknown;
  /** What explains the calls. */
  readonly record: DryRecord;
}
