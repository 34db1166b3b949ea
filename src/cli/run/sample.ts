import type { Parameter } from "../../expr/definition.ts";
import { usageError } from "../usage-error.ts";

/** What `--sample` said. */
export interface Sample {
  /** How many items of every map are taken; nothing for all. */
  readonly size: number | undefined;
  /** The words of the task's own parameter. */
  readonly words: readonly string[];
}

/**
 * Reads `--sample`: a number is how many items are taken of every map. Many a task has a parameter of that name: anything
 * else is for that one.
 *
 * @throws LigaseError `LIGASE_E_FLAG`, exit status 2, for no number where the task has no such parameter
 */
export function readSample(text: string | undefined, parameters: readonly Parameter[]): Sample {
  if (text === undefined) return { size: undefined, words: [] };
  if (/^[1-9]\d{0,8}$/.test(text)) return { size: Number(text), words: [] };
  if (parameters.some(({ name }) => name === "sample")) return { size: undefined, words: ["--params.sample", text] };
  throw usageError(
    "LIGASE_E_FLAG",
    `--sample takes a whole number from 1, and got ${text}`,
    "it is how many items are taken of every map: --sample 2",
  );
}
