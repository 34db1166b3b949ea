import type { Comment, Node, Program } from "oxc-parser";
import type { Hash } from "../../kernel/index.ts";
import type { Scopes } from "../syntax/scopes.ts";

/** Where an import leads. */
export type Target =
  /** A module of the project (or of a workspace package): read, hashed and bundled. */
  | { readonly kind: "source"; readonly path: string }
  /** Any other file of the project: counts by its content. */
  | { readonly kind: "asset"; readonly path: string }
  /** An npm package: counts by its version. */
  | { readonly kind: "package"; readonly name: string; readonly version: string; readonly path: string }
  | { readonly kind: "builtin"; readonly name: string }
  /** Ligase itself. */
  | { readonly kind: "ligase"; readonly specifier: string };

/** One import, re-export or `import()` in a module. */
export interface Request {
  readonly specifier: string;
  /** The specifier in the source; the whole expression for `import()` and `new URL()`. */
  readonly node: Node;
  readonly how: "names" | "effect" | "reexport" | "dynamic" | "require" | "url";
  /** The names of an `import` statement. */
  readonly locals: readonly string[];
  /** `with { type: "text" }`. */
  readonly type: string | undefined;
}

/** A name that comes from another module. */
export interface Import {
  readonly specifier: string;
  /** The exported name, or `*` for all of them as a namespace. */
  readonly name: string;
  readonly node: Node;
  /** `with { type: "text" }`. */
  readonly type?: string | undefined;
}

/** What a module exports under a name: something of its own, or of another module. */
export type Export = { readonly local: string } | Import;

/** A module of the project. */
export interface SourceModule {
  /** Absolute. */
  readonly path: string;
  /** Relative to the project, with `/`. */
  readonly id: string;
  readonly source: string;
  /** Of its content. */
  readonly hash: Hash;
  readonly program: Program;
  readonly comments: readonly Comment[];
  readonly scopes: Scopes;
  readonly requests: readonly Request[];
  /** Those of them that are expressions. */
  readonly inline: ReadonlyMap<Node, Request>;
  /** By local name. */
  readonly imports: ReadonlyMap<string, Import>;
  /** By exported name; `default` among them. */
  readonly exports: ReadonlyMap<string, Export>;
  /** The specifiers of `export * from`. */
  readonly stars: readonly string[];
  /** By specifier (`url:…` for a `new URL()`), filled by the graph. */
  readonly targets: Map<string, Target>;
}
