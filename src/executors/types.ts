/**
 * The contract between the engine and the places where jobs run: submit, an outcome, cancel.
 * One folder an executor, with the same file names in each; one contract suite for all.
 *
 * @module
 */
import type { ScriptSpec } from "../expr/script.ts";
import type { Environment } from "../images/types.ts";
import type { ErrorFacts, Hash } from "../kernel/index.ts";
import type { VolumeMount } from "../volumes/types.ts";

export type { VolumeMount } from "../volumes/types.ts";

/** What one attempt asks for. */
export interface Resources {
  /** Processors; may be a fraction. */
  readonly cpu: number;
  /** Bytes; 0 for no statement. */
  readonly memory: number;
  /** How many GPUs. */
  readonly gpu: number;
  /** Bytes of scratch; 0 for no statement. */
  readonly disk: number;
}

/** What one attempt used. Null where it could not be measured. */
export interface Usage {
  wallMs: number;
  cpuMs: number | null;
  peakMemory: number | null;
  bytesIn: number | null;
  bytesOut: number | null;
}

/** Why an attempt failed, as a class that people and retry rules can tell apart. */
export type FailureCause =
  | "exit"
  | "signal"
  | "memory"
  | "timeout"
  | "disk"
  | "missing-output"
  | "bad-output"
  | "changed-input"
  | "lost"
  | "cancelled"
  | "error";

/** One attempt of one job, with everything its executor needs. */
export interface Attempt {
  readonly job: string;
  readonly run: string;
  /** The task's name, for messages and process titles. */
  readonly task: string;
  /** The cache key of the call: the same in every run. */
  readonly call: Hash;
  /** Counted from 1. */
  readonly attempt: number;
  readonly resources: Resources;
  /** The GPUs it may use, by index. */
  readonly gpus: readonly number[];
  /** Milliseconds; 0 for none. */
  readonly timeoutMs: number;
  /** Added to the environment. */
  readonly env: Readonly<Record<string, string>>;
  /** Where it runs: an environment that is built; null for this machine as it is. */
  readonly environment: Environment | null;
  /** May it reach the network? Counts in an environment that can keep it from it. */
  readonly network: boolean;
  /** The most processes it may have at once; 0 for no statement. */
  readonly processes: number;
  readonly volumes: readonly VolumeMount[];
  /** Values of secrets by the name of the variable that holds them: never written anywhere. */
  readonly secrets: Readonly<Record<string, string>>;
  readonly work: Work;
  /** A fresh directory of this attempt alone; the executor makes it. */
  readonly workDir: string;
  /** Where the files it leaves are moved when it has succeeded: one directory a call. */
  readonly outputDir: string;
  /** Where its stdout and stderr are kept afterwards: `<logs>.out` and `<logs>.err`. */
  readonly logs: string;
  /** Keep the work directory also when it succeeds. */
  readonly keepWork: boolean;
}

/** What is to be done. */
export type Work =
  | {
      readonly kind: "task";
      /** The bundle that holds the task, and the task's name in it. */
      readonly bundle: string;
      readonly task: string;
      /** The arguments, a list, as the codec writes it. */
      readonly args: string;
    }
  | {
      readonly kind: "python";
      /** The folder that holds the project's files as they were when the run began. */
      readonly code: string;
      /** The module, as a path relative to that folder, and the function in it: `pipeline/embed.py`, `embed_chunk`. */
      readonly module: string;
      readonly function: string;
      /** The arguments, a list, as the codec writes it. */
      readonly args: string;
    }
  | {
      readonly kind: "script";
      /** All its values are there: no lazy parts. */
      readonly script: ScriptSpec;
    };

/** How an attempt ended. */
export type Outcome =
  | {
      readonly state: "done";
      /** The value, or for a task's body perhaps an expression, as `expr/encode` writes it. */
      readonly text: string;
      readonly usage: Usage;
      readonly stdout: string | null;
      readonly stderr: string | null;
      /** Versions of the tools a script called. */
      readonly tools: Readonly<Record<string, string>> | null;
      /** Trace of an async body's awaits, when it made any; see `engine/trace`. */
      readonly trace: string | null;
      /** Which of the limits that it had were enforced: `memory cpu processes`; null where it had none. */
      readonly limits?: string | null;
    }
  | {
      readonly state: "failed";
      readonly cause: FailureCause;
      readonly error: ErrorFacts;
      readonly exitCode: number | null;
      readonly signal: string | null;
      readonly usage: Usage;
      readonly stdout: string | null;
      readonly stderr: string | null;
      readonly workDir: string | null;
      readonly tools: Readonly<Record<string, string>> | null;
      readonly limits?: string | null;
    };

/** What the engine does for a body that runs elsewhere. */
export interface Head {
  /** The body awaits an expression: evaluates it and answers its value as text; rejects with its error. */
  evaluate(expression: string): Promise<string>;
  /** The attempt's process is known: recorded at once, so that a crash can find it. */
  started(process: { pgid: number; pidStarted: string }): void;
}

/** An attempt under way. */
export interface Running {
  /** Never rejects. */
  readonly outcome: Promise<Outcome>;
  /** Ends it: politely, then after a grace by force. The outcome is `cancelled` (or what came first). */
  cancel(reason: "cancelled" | "timeout"): void;
}

/** A GPU that jobs may be given. */
export interface Gpu {
  /** As the driver counts: what {@link Attempt.gpus} names it by. */
  readonly index: number;
  /** `NVIDIA A100-SXM4-80GB`. */
  readonly name: string;
  /** Bytes; 0 where it is not known. */
  readonly memory: number;
}

/** A place where jobs run. */
export interface Executor {
  /** Its name in the config. */
  readonly name: string;
  /** What it has in all; the scheduler packs attempts into it. */
  readonly capacity: Resources;
  /** Its GPUs, where they are known: as many as its capacity says, or fewer. */
  readonly gpus?: readonly Gpu[];
  submit(attempt: Attempt, head: Head): Running;
  /** Ends everything and waits for it. */
  close(): Promise<void>;
}
