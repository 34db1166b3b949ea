import type { ErrorFacts } from "../../kernel/index.ts";
import type { AttemptRow } from "../../store/types.ts";

/** What most likely made a job fail. */
export interface Cause {
  /** A word for programs: `missing-tool`, `empty-input`. */
  readonly kind: string;
  /** In a sentence. */
  readonly says: string;
  /** What to do about it. */
  readonly mend: string | undefined;
  /** The line of its output that shows it. */
  readonly line: string | undefined;
  /** Does the error itself say so already? */
  readonly told: boolean;
}

/** A file that a job was given. */
export interface InputFile {
  /** The parameter, and where in it: `sample.reads1`; empty for one that only its script names. */
  readonly at: string;
  readonly name: string;
  /** Does nothing stand in it, compressed or not? */
  readonly empty: boolean;
  /** The job whose result it is; of an empty one, the first above that made it empty. */
  readonly madeBy: { readonly job: string; readonly task: string } | undefined;
}

/** What is known of a failed job, for the rules to look at. */
export interface Evidence {
  /** What it wrote to stderr, then to stdout, and what its exception says: lines without what moves a cursor. */
  readonly lines: readonly string[];
  readonly error: ErrorFacts;
  readonly exitCode: number | null;
  readonly signal: string | null;
  readonly attempt: AttemptRow | undefined;
  readonly inputs: readonly InputFile[];
  /** Where in its arguments texts end in a carriage return: a sheet with Windows line ends. */
  readonly carriageReturns: readonly string[];
  /** The text of its script. */
  readonly script: string;
}

/** What a rule has found. */
export interface Found {
  readonly evidence: Evidence;
  /** The groups of its pattern; empty text for those that took no part. */
  readonly groups: readonly string[];
}

/** One cause of failures, with how it is known. */
export interface Rule {
  readonly kind: string;
  /** What a line says where this is the cause. */
  readonly line?: RegExp;
  /** What must hold besides, or alone. */
  readonly when?: (found: Found) => boolean;
  readonly says: (found: Found) => string;
  readonly mend?: (found: Found) => string | undefined;
  /** Does the error itself say so already? */
  readonly told?: (evidence: Evidence) => boolean;
}
