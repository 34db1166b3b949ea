import { LigaseError } from "../kernel/index.ts";
import { builtIn } from "./built-in.ts";
import type { TaskImpl } from "./task.ts";

/** A script with what goes into its gaps: plain data once its lazy parts are there. */
export interface ScriptSpec {
  /** The text around the values: one part more than there are values. */
  readonly parts: readonly string[];
  /** What is interpolated: text, numbers, files, lists of them, {@link Raw}. */
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

/**
 * The task that every script is a call of. Its one argument is a {@link ScriptSpec}; it has no body
 * here, because the engine hands it to an executor.
 */
export const scriptTask: TaskImpl = builtIn("script", "1", "Runs a script.", () => {
  throw new LigaseError("LIGASE_E_SCRIPT", "a script has no body of its own: it is run by an executor");
});
