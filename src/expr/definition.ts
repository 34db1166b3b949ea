import type { Hash } from "../kernel/index.ts";

/** A function in a Python file of the project. */
export interface PythonFunction {
  /** Path of the file, relative to the project. */
  readonly module: string;
  /** Its name in the module. */
  readonly function: string;
}

/** One parameter of a task, as read from its source. */
export interface Parameter {
  readonly name: string;
  readonly type: ParameterType;
  /** May it be left out (it has a default, or `?`)? */
  readonly optional: boolean;
  /** Its default where that is a literal. */
  readonly default?: unknown;
  /** From the doc comment (`@param name …`, or the comment on the field). */
  readonly doc: string;
  /** Does it gather the arguments that remain (`...reads`)? Its type is then an array. */
  readonly rest?: boolean;
  /**
   * Do its fields stand for it? A destructured object (`({ k = 31 }: Options)`) has no name of
   * its own: people write `--k 31` and `{ "k": 31 }`. Its type is then an object.
   */
  readonly spread?: boolean;
}

/** The type of a parameter, as far as flags and JSON Schema can say it. */
export type ParameterType =
  | { readonly kind: "string" | "number" | "integer" | "boolean" | "file" | "dir" | "date" | "bigint" }
  | { readonly kind: "enum"; readonly values: readonly (string | number)[] }
  | { readonly kind: "array"; readonly of: ParameterType }
  | { readonly kind: "tuple"; readonly of: readonly ParameterType[] }
  | { readonly kind: "object"; readonly fields: readonly Parameter[] }
  | { readonly kind: "record"; readonly of: ParameterType }
  | { readonly kind: "union"; readonly of: readonly ParameterType[] }
  | { readonly kind: "null" }
  /** Anything JSON can say: `unknown`, or a type too rich for flags, whose text is kept. */
  | { readonly kind: "json"; readonly text: string };

/** What is known of a task from its source. */
export interface TaskDefinition {
  readonly name: string;
  /** The closure hash; what `version` replaces. */
  readonly closureHash: Hash;
  /** What the hash is made of: `lib/trim.ts#trimAdapters` → hash, `npm:zod` → version. */
  readonly closure: Readonly<Record<string, string>>;
  /** Relative to the project. */
  readonly file: string;
  /** Of its definition, counted from 1. */
  readonly line: number;
  /** The text of its definition. */
  readonly code: string;
  /** The first paragraph of its doc comment and what follows, without the `@` tags. */
  readonly doc: string;
  /** Is it exported by the entry module (so that people may run it by name)? */
  readonly exported: boolean;
  readonly parameters: readonly Parameter[];
  /** Does its own code build a `script`? Then its options belong to the script, and the body runs inline. */
  readonly scripted?: boolean;
  /** Of a function in Python: where it stands. Its code, doc and parameters are then those of that function. */
  readonly python?: PythonFunction;
  /** The code of its stub, where it has one: what stands for it in the keys of runs of stubs. */
  readonly stub?: Pick<TaskDefinition, "closureHash" | "closure">;
}
