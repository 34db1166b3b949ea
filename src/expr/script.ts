import { LigaseError } from "../kernel/index.ts";
import type { Atom } from "./atom.ts";
import { builtIn } from "./built-in.ts";
import { nodeOf } from "./lazy.ts";
import type { TaskImpl } from "./task-impl.ts";
import type { ExprCore, Lazy } from "./types.ts";

/** A script with what goes into its gaps: plain data once its lazy parts are there. */
export interface ScriptSpec {
  /** The text around the values, without common indentation: one part more than there are values. */
  readonly parts: readonly string[];
  /** What is interpolated: text, numbers, booleans, files, directories, lists of them, {@link Raw}. */
  readonly values: readonly unknown[];
  /** What it must produce; see {@link OutputSpec}. Absent: its stdout, as text. */
  readonly outputs?: OutputSpec;
  /** The program that runs it: `bash` by default. */
  readonly interpreter: string;
  /** Added to its environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** Inputs staged without being named in the text. */
  readonly inputs?: readonly unknown[];
}

/** The files a script must produce: a pattern, or a record or list of them. */
export type OutputSpec = string | object;

/** Text that goes into a script as it is. Plain data: it is stored with the script. */
export interface Raw {
  readonly "!": Lazy<string>;
}

/**
 * Text that goes into a script without being quoted: a piece of shell code, or something inside
 * quotes of the script's own. Never use it on text that comes from elsewhere.
 *
 * @example
 * ```ts
 * script`samtools view ${raw(flags)} ${bam} | wc -l`;
 * ```
 */
export function raw(text: Lazy<string>): Raw {
  return { "!": text };
}

/** Is this what {@link raw} made? */
export function isRaw(value: unknown): value is Raw {
  if (value === null || typeof value !== "object" || nodeOf(value)) return false;
  return Object.hasOwn(value, "!") && Object.keys(value).length === 1;
}

/** One word of a script. */
type Word = string | number | bigint | boolean | Atom;

/** What can be interpolated: words, files, and lists of them, any of which may be lazy. */
export type Interpolation =
  | Word
  | Raw
  | ExprCore<Word | readonly Word[]>
  | readonly (Word | Raw | ExprCore<Word | readonly Word[]>)[];

/** How a script is run. */
export interface ScriptOptions<S extends OutputSpec = OutputSpec> {
  /**
   * The files it must leave in its work directory: a name for a file, a pattern (`*.bam`) for a list
   * of files, a trailing slash for a directory, `{ file, sidecars }` for a file with others beside
   * it, `optional(…)` for what may be missing; or a record or list of these. Without it the value of
   * the script is what it wrote to stdout.
   */
  readonly outputs?: S;
  /** The program that runs it, with its arguments: `python3`, `Rscript --vanilla`. Default: `bash`. */
  readonly interpreter?: string;
  /** Added to its environment. */
  readonly env?: Readonly<Record<string, Lazy<string>>>;
  /** Files it reads without naming them in its text: they are staged too. */
  readonly inputs?: readonly unknown[];
}

/**
 * The task that every script is a call of. Its one argument is a {@link ScriptSpec}; it has no body
 * here, because the engine hands it to an executor.
 */
export const scriptTask: TaskImpl = builtIn("script", "1", "Runs a script.", () => {
  throw new LigaseError("LIGASE_E_SCRIPT", "a script has no body of its own: it is run by an executor");
});
