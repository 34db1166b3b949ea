import type { Hash } from "../kernel/index.ts";
import type { TaskImpl } from "../expr/task.ts";

/** Something noticed in the user's code that is no error. */
export interface Diagnostic {
  readonly code: string;
  readonly message: string;
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** A snapshot of user code, loaded: what a run works on. */
export interface Program {
  /** Content hash of everything in it. */
  readonly id: Hash;
  /** Absolute path of the project's folder. */
  readonly root: string;
  /** The workflow file, relative to the root. */
  readonly entry: string;
  /** The bundle on disk: an ES module that exports `tasks`. */
  readonly bundle: string;
  /** Every task in it by name, `lift`s included. */
  readonly tasks: ReadonlyMap<string, TaskImpl>;
  /** What the workflow file exports; nothing of a program that runs itself. */
  readonly exports: Readonly<Record<string, unknown>>;
  readonly modules: readonly { readonly path: string; readonly hash: Hash }[];
  /** Imported files that are no code. */
  readonly assets: readonly { readonly path: string; readonly hash: Hash }[];
  readonly packages: readonly { readonly name: string; readonly version: string }[];
  readonly diagnostics: readonly Diagnostic[];
}
