import { hashText, type Hash } from "../../kernel/index.ts";
import { boundNames, type ImportRef, readImport } from "./names.ts";
import { plainText } from "./literals.ts";
import { childOf, descendants, parsePython, type PyNode } from "./tree.ts";

/** A piece of a module that is hashed by itself: a function, a class, an assignment, a statement. */
export interface PyUnit {
  readonly module: PyModule;
  /** `kmer_counts`; for a statement its first words. Unique in the module. */
  readonly name: string;
  readonly kind: "function" | "class" | "value" | "statement";
  /** Its parts: the parser may have cut in several what it did not understand. */
  readonly nodes: readonly PyNode[];
  /** The names it binds. */
  readonly binds: readonly string[];
  /** Is there something in it that the parser did not understand? */
  readonly broken: boolean;
}

/** What a name of a module may stand for. */
export type Definition = { readonly unit: PyUnit } | { readonly ref: ImportRef };

/** A module of the project. */
export interface PyModule {
  /** Absolute; a folder for a package without an `__init__.py`. */
  readonly path: string;
  /** Relative to the project, with `/`. */
  readonly id: string;
  readonly source: string;
  /** Of its content. */
  readonly hash: Hash;
  /** Is it a package, so that `.` means its own folder? */
  readonly isPackage: boolean;
  readonly units: readonly PyUnit[];
  /** All that a name may stand for: more than one where it depends on a condition. */
  readonly bindings: ReadonlyMap<string, readonly Definition[]>;
  /** `from x import *`. */
  readonly stars: readonly ImportRef[];
  /** Every import outside of functions, with the name it binds. */
  readonly imports: readonly { readonly local: string; readonly ref: ImportRef }[];
  /** Every import, those within functions included. */
  readonly requests: readonly ImportRef[];
  /** The text at the top of the module. */
  readonly doc: string;
}

/** Reads a module. Never fails: what is not understood is counted as it is written. */
export function readModule(path: string, id: string, source: string): PyModule {
  const { body, broken } = parsePython(source);
  const statements = broken ? byIndentation(body, source) : body.flatMap(flat).map((node) => [node]);
  const units: PyUnit[] = [];
  const bindings = new Map<string, Definition[]>();
  const stars: ImportRef[] = [];
  const imports: { local: string; ref: ImportRef }[] = [];
  const taken = new Set<string>();
  const define = (name: string, definition: Definition): void => {
    const known = bindings.get(name);
    if (known) known.push(definition);
    else bindings.set(name, [definition]);
  };
  const take = (local: string, ref: ImportRef): void => {
    if (local === "*") stars.push(ref);
    else define(local, { ref });
    imports.push({ local, ref });
  };
  const module: PyModule = {
    path,
    id,
    source,
    hash: hashText(source),
    isPackage: /(?:^|\/)__init__\.py$/.test(path) || !path.endsWith(".py"),
    units,
    bindings,
    stars,
    imports,
    requests: [...descendants(body)].flatMap((node) =>
      node.type === "ImportStatement" ? readImport(node, source).map(({ ref }) => ref) : [],
    ),
    doc: plainText(statements[0]?.[0]?.children[0], source) ?? "",
  };
  const add = (nodes: readonly PyNode[]): void => {
    const [first] = nodes;
    const unitBroken = broken && [...descendants(nodes)].some(({ type }) => type === "⚠");
    if (first === undefined || isIdle(first, source)) return;
    if (first.type === "ImportStatement" && nodes.length === 1) {
      for (const { local, ref } of readImport(first, source)) take(local, ref);
      return;
    }
    const { names, imports: inner } = boundNames(nodes, source);
    const { kind, label } = describe(first, [...names], source);
    let name = label;
    for (let n = 2; taken.has(name); n++) name = `${label} (${n})`;
    taken.add(name);
    const unit: PyUnit = { module, name, kind, nodes, binds: [...names], broken: unitBroken };
    units.push(unit);
    for (const bound of names) define(bound, { unit });
    for (const [local, refs] of inner) for (const ref of refs) take(local, ref);
    for (const node of descendants(nodes, ({ type }) => type !== "FunctionDefinition" && type !== "ClassDefinition")) {
      if (node.type !== "ImportStatement") continue;
      for (const { local, ref } of readImport(node, source)) if (local === "*") take(local, ref);
    }
  };
  for (const statement of statements) for (const nodes of live(statement, source)) add(nodes);
  return module;
}

/** `a = 1; b = 2` are two. */
function flat(node: PyNode): readonly PyNode[] {
  return node.type === "StatementGroup" ? node.children.filter(({ type }) => type !== ";") : [node];
}

/** Where the parser went astray, lines that begin at the margin begin a statement, and no others. */
function byIndentation(body: readonly PyNode[], source: string): PyNode[][] {
  const statements: PyNode[][] = [];
  for (const node of body.flatMap(flat)) {
    const atMargin = node.from === 0 || source[node.from - 1] === "\n" || source.slice(0, node.from).trim() === "";
    const follows = /^(?:else|elif|except|finally|case)\b|^[)\]}]/.test(source.slice(node.from, node.from + 8));
    if (statements.length > 0 && (!atMargin || follows || node.from === node.to)) statements.at(-1)!.push(node);
    else statements.push([node]);
  }
  return statements;
}

/** Text that stands alone, and `pass`: neither does anything. */
function isIdle(node: PyNode, source: string): boolean {
  if (node.type === "PassStatement") return true;
  // `limit: int`
  if (node.type === "AssignStatement") return childOf(node, "AssignOp") === undefined;
  if (node.type !== "ExpressionStatement") return false;
  const [only] = node.children;
  return only !== undefined && (only.type === "Ellipsis" || plainText(only, source) !== undefined);
}

/**
 * What of a statement is evaluated when the module is imported: of `if __name__ == "__main__":` and `if TYPE_CHECKING:`
 * what stands behind `else`.
 */
function live(nodes: readonly PyNode[], source: string): readonly (readonly PyNode[])[] {
  const [node] = nodes;
  if (node?.type !== "IfStatement" || nodes.length > 1) return [nodes];
  const test = node.children[1];
  const text = test ? source.slice(test.from, test.to).replace(/\s+/g, "") : "";
  if (!/^\(?(?:__name__==["']__main__["']|["']__main__["']==__name__|(?:\w+\.)?TYPE_CHECKING)\)?$/.test(text))
    return [nodes];
  const other = node.children.findIndex(({ type }) => type === "else");
  const body = node.children[other + 1];
  if (other < 0 || node.children.some(({ type }) => type === "elif") || body?.type !== "Body") return [];
  return body.children
    .filter(({ type }) => type !== ":")
    .flatMap(flat)
    .map((one) => [one]);
}

/** The definition behind the decorators of a statement. */
export function undecorated(node: PyNode): PyNode {
  if (node.type !== "DecoratedStatement") return node;
  return node.children.find(({ type }) => type === "FunctionDefinition" || type === "ClassDefinition") ?? node;
}

function describe(node: PyNode, names: readonly string[], source: string): { kind: PyUnit["kind"]; label: string } {
  const definition = undecorated(node);
  if (definition.type === "FunctionDefinition" || definition.type === "ClassDefinition") {
    const name = childOf(definition, "VariableName");
    const kind = definition.type === "FunctionDefinition" ? "function" : "class";
    return { kind, label: name ? source.slice(name.from, name.to) : excerpt(node, source) };
  }
  if (names.length === 0) return { kind: "statement", label: excerpt(node, source) };
  const label = names.length > 4 ? `${names.slice(0, 3).join(", ")}, …` : names.join(", ");
  return { kind: "value", label };
}

/** The first words of a statement, to know it by. */
function excerpt(node: PyNode, source: string): string {
  const text = source.slice(node.from, Math.min(node.to, node.from + 200)).replace(/\s+/g, " ");
  return text.length > 48 ? `${text.slice(0, 47)}…` : text;
}
