import type { ErrorFacts } from "../../kernel/index.ts";
import type { CallRow, JobRow } from "../../store/types.ts";
import type { EnvironmentChange } from "../environments/index.ts";
import type { Declaration } from "../program-texts.ts";
import type { CodeChange } from "./code-changes.ts";
import type { FileChange } from "./contents.ts";
import type { Difference } from "./differences.ts";

/** An argument that is not what it was; of a script its text, a value in it, or an option. */
export interface ArgumentChange extends Difference {
  readonly part: "argument";
  /** Of a file or folder: what changed in it. */
  readonly content?: FileChange;
}

/** An image that is not what it was, by what stands for it in the cache key: its definition, lock, tag and engine. */
export interface ImageChange {
  readonly part: "image";
  /** Empty for none. */
  readonly before: string;
  /** Nothing where it is not known. */
  readonly after: string | undefined;
  /** What differs in the environments, where both are recorded. */
  readonly environment?: EnvironmentChange;
}

/** One part of the cache key that is not what it was. */
export type Change =
  | CodeChange
  | ArgumentChange
  | ImageChange
  /** The environment of a script, of which the key holds a hash alone. */
  | { readonly part: "environment" };

/** A job that explains the one before it. */
export interface Because {
  /** `result`: its result went into an argument there. `caller`: it called that one, and handed its own argument on. `below`: that one called it. */
  readonly how: "result" | "caller" | "below";
  /** Its id; empty in a dry run for one that there is not yet. */
  readonly job: string;
  readonly task: string;
  /** The argument that it made, or handed on. */
  readonly argument: string | undefined;
  readonly state: JobRow["state"];
  /** Why that one ran, in a few words. */
  readonly reason: string;
}

/** Two versions of a declaration. */
export interface DeclarationChange {
  readonly before: Declaration;
  readonly after: Declaration;
}

/** Why a job did what it did. */
export interface Explanation {
  readonly job: JobRow;
  /** In one sentence. */
  readonly summary: string;
  /** What changed since {@link Explanation.previous}. */
  readonly changes: readonly Change[];
  /** The nearest earlier call of the same task; of a hit, the recorded call. */
  readonly previous: CallRow | undefined;
  /** The earlier job of the same call that failed or never ended, where no result was recorded since. */
  readonly failedBefore: JobRow | undefined;
  /** What changed in the options of the task, and in what they name, where it is they that count. */
  readonly definition: readonly DeclarationChange[];
  /** Where the changed arguments came from, nearest first: the last one tells what began it. */
  readonly because: readonly Because[];
  /** Of a job that failed. */
  readonly error: ErrorFacts | undefined;
}
