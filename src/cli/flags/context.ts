import type { Slot } from "../../code/parameters/index.ts";
import type { Source } from "./source.ts";

/** Where a command line is read. */
export interface FlagContext {
  /** The folder that paths on the command line start from, absolute. */
  readonly cwd: string;
  /** Makes a file of an absolute path that exists, or of a URL. */
  readonly makeFile: (path: string) => unknown;
  /** Makes a directory of an absolute path that exists, or of a URL. */
  readonly makeDir: (path: string) => unknown;
  /** Flags of the command itself, without dashes: a parameter of such a name is given as `--params.NAME`. */
  readonly reserved?: readonly string[];
  /** What the command is called, for messages: `ligase run workflow.ts align`. */
  readonly command?: string;
}

/** One thing wrong with a command line. */
export interface FlagProblem {
  /** The flag, or the file and the place in it: `--sample.id`, `params.yaml:7: samples[2].id`. */
  readonly where: string;
  readonly message: string;
  readonly mend?: string | undefined;
  /** The slot that a mistyped flag most likely meant: it is then not reported missing too. */
  readonly meant?: Slot | undefined;
}

/** A value of JSON and where it was written. */
export interface Written {
  readonly value: unknown;
  readonly source: Source;
  readonly path: readonly (string | number)[];
  /** The folder that paths in it start from. */
  readonly base: string;
}

/** What was given for a slot or a part of it. */
export interface Given {
  /** What stood on the command line for it as a whole. */
  readonly words: string[];
  /** What stood there for its parts. */
  readonly fields: Map<string, Given>;
  /** What a params file says; words win over it, fields are laid over it. */
  written?: Written | undefined;
}

/** Nothing given yet. */
export function nothing(): Given {
  return { words: [], fields: new Map() };
}
