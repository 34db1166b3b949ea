import { isLift } from "../project/owner.ts";
import type { RunRows } from "./read/rows.ts";

/** Which code ran. */
export interface Code {
  /** The snapshot that the run worked on; `null` where it is not recorded. */
  readonly program: string | null;
  /** The workflow file, relative to the project. */
  readonly entry: string | null;
  readonly gitCommit: string | null;
  readonly gitDirty: boolean | null;
  /** The tasks of the project that had jobs, by file and line. */
  readonly tasks: readonly TaskVersion[];
  /** The modules of the project in the snapshot, each with the hash of its text. */
  readonly modules: readonly { readonly path: string; readonly hash: string }[];
}

/** A task as it was. */
export interface TaskVersion {
  readonly name: string;
  readonly file: string;
  readonly line: number;
  /** Hash of its code and of all that it reaches. */
  readonly hash: string;
  /** The first sentence of its comment. */
  readonly doc: string;
}

/** Lists the code that a run worked on. */
export function readCode({ run, tasks, program }: RunRows): Code {
  return {
    program: run.program,
    entry: program?.entry ?? null,
    gitCommit: run.gitCommit,
    gitDirty: run.gitDirty,
    tasks: [...tasks.values()]
      .filter((task) => task.file !== "" && !isLift({ task: task.name }))
      .map(({ name, file, line, hash, doc }) => ({ name, file, line, hash, doc: firstSentence(doc) }))
      .toSorted((a, b) => (a.file === b.file ? a.line - b.line : a.file < b.file ? -1 : 1)),
    modules: program?.modules ?? [],
  };
}

function firstSentence(doc: string): string {
  const paragraph = doc
    .split(/\n\s*\n|\n@/)[0]!
    .replace(/\s+/g, " ")
    .trim();
  return /^.*?[.!?](?= |$)/.exec(paragraph)?.[0] ?? paragraph;
}
