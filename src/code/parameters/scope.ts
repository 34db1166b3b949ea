import type { Comment, Expression, Node, TSType } from "oxc-parser";
import type { ParameterType } from "../../expr/definition.ts";

/** A declaration found by its name, with the module it stands in. */
export interface ResolvedType {
  /** An interface, a type alias, an enum or a class; any other node is a type that flags cannot say. */
  readonly node: Node;
  readonly scope: TypeScope;
}

/** A name that a package exports: `import { File as Reads } from "ligase"` is `{ imported: "File" }`. */
export interface ImportedType {
  readonly imported: string;
}

/** A module, as far as reading types in it needs one. */
export interface TypeScope {
  /** Its text; positions in the tree count in it. */
  readonly source: string;
  /** Its comments, in order. */
  readonly comments: readonly Comment[];
  /** For messages. */
  readonly file: string;
  /**
   * Finds the declaration that a type's name means here, in this module or the one it is imported
   * from. A qualified name comes as text (`ns.Sample`). Nothing when it is no name of the
   * project: it is then taken for a type of the language or of Ligase (`Date`, `File`).
   */
  resolveType(name: string): ResolvedType | ImportedType | undefined;
  /** Finds the initial value of a constant: for `typeof MODES`, and for `(k = DEFAULT_K)`. */
  resolveValue?(name: string): { readonly node: Expression; readonly scope: TypeScope } | undefined;
}

/** What a type says of a value. */
export interface ReadType {
  readonly type: ParameterType;
  /** May it be `undefined`? */
  readonly optional: boolean;
}

/** What the name of a type parameter stands for: a type written somewhere, or one already read. */
export type Binding = { readonly node: TSType; readonly env: TypeEnv } | ReadType | undefined;

/** Where a type is read. */
export interface TypeEnv {
  readonly scope: TypeScope;
  /** The type parameters in reach. */
  readonly bindings: ReadonlyMap<string, Binding>;
  /** The declarations being read, outermost first: meeting one again is a recursion. */
  readonly above: readonly Node[];
  /** The type parameters being read: `<T extends Tree<T>>` meets itself. */
  readonly opened: readonly Binding[];
  /** How many more declarations may be opened for this parameter. */
  readonly budget: { left: number };
}

/** Reads any type. Helpers for one kind of type are given it, so that none imports the other. */
export type TypeReader = (node: TSType, env: TypeEnv) => ReadType;

/** A type that flags cannot say, with its text. */
export function asJson(node: { readonly start: number; readonly end: number }, env: TypeEnv): ReadType {
  const text = env.scope.source.slice(node.start, node.end).replaceAll(/\s+/g, " ");
  return { type: { kind: "json", text }, optional: false };
}

/** A type that must be given. */
export function exactly(type: ParameterType): ReadType {
  return { type, optional: false };
}
