import type { Hash } from "../kernel/index.ts";

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
