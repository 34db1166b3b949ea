import { chainOf, descendants, type PyNode } from "./tree.ts";

/** Names by which a piece of code knows something of another module. */
export interface ImportRef {
  /** `lib.trim`; empty for `from . import x`. */
  readonly module: string;
  /** How many dots stand before it; 0 for an absolute import. */
  readonly level: number;
  /** The name that is taken from the module, `*` for all; nothing where the module itself is meant. */
  readonly name: string | undefined;
  /** `import a.b` binds `a`, and makes `a.b` be there. */
  readonly binds: "first" | "whole";
}

/** One name that an import statement binds. */
export interface Imported {
  readonly local: string;
  readonly ref: ImportRef;
}

/** Reads `import a.b as c, d` and `from ..x import y as z, *`. */
export function readImport(statement: PyNode, source: string): Imported[] {
  const text = (node: PyNode): string => source.slice(node.from, node.to);
  const parts = statement.children.filter(({ type }) => type !== "(" && type !== ")");
  const found: Imported[] = [];
  let i = 0;
  /** `a.b.c`, from where the reader stands. */
  const dotted = (): string => {
    let name = "";
    for (; i < parts.length; i++) {
      const { type } = parts[i]!;
      if (type !== "VariableName" && type !== ".") break;
      name += text(parts[i]!);
    }
    return name;
  };
  const alias = (): string | undefined => {
    if (parts[i]?.type !== "as" || !parts[i + 1]) return undefined;
    i += 2;
    return text(parts[i - 1]!);
  };
  if (parts[0]?.type === "from") {
    i = 1;
    const written = dotted();
    const module = written.replace(/^\.+/, "");
    const level = written.length - module.length;
    i++; // import
    for (; i < parts.length; i++) {
      const part = parts[i]!;
      if (part.type === "*") found.push({ local: "*", ref: { module, level, name: "*", binds: "whole" } });
      if (part.type !== "VariableName") continue;
      const name = text(part);
      i++;
      found.push({ local: alias() ?? name, ref: { module, level, name, binds: "whole" } });
      i--;
    }
    return found;
  }
  for (i = 1; i < parts.length; i++) {
    const module = dotted();
    if (module === "") continue;
    const as = alias();
    const binds = as === undefined ? "first" : "whole";
    const local = as ?? module.split(".")[0]!;
    found.push({ local, ref: { module, level: 0, name: undefined, binds } });
  }
  return found;
}

/** The names that a block of code binds in its own scope. */
export interface Bound {
  readonly names: ReadonlySet<string>;
  /** Those that it binds by imports, with what they stand for. */
  readonly imports: ReadonlyMap<string, readonly ImportRef[]>;
  /** Those it says are of the module, though it may bind them. */
  readonly globals: ReadonlySet<string>;
}

/** Pieces with a scope of their own: what they bind is not bound around them. */
const SCOPES = new Set(["FunctionDefinition", "ClassDefinition", "LambdaExpression"]);

/** Is it a comprehension or a generator? Its targets are its own; what `:=` binds in it is not. */
export function isComprehension({ type, children }: PyNode): boolean {
  return (
    type.endsWith("ComprehensionExpression") || (type === "ArgList" && children.some((child) => child.type === "for"))
  );
}

/** The names that some statements bind, those in nested blocks included. */
export function boundNames(nodes: readonly PyNode[], source: string): Bound {
  const names = new Set<string>();
  const globals = new Set<string>();
  const imports = new Map<string, ImportRef[]>();
  const foreign = new Set<string>();
  const text = (node: PyNode): string => source.slice(node.from, node.to);
  const bind = (target: PyNode): void => {
    for (const name of targetNames(target, source)) names.add(name);
  };
  const inComprehensions = new Set<PyNode>();
  for (const node of descendants(nodes, ({ type }) => !SCOPES.has(type))) {
    if (isComprehension(node) || inComprehensions.has(node)) {
      for (const child of node.children) inComprehensions.add(child);
      if (node.type !== "NamedExpression") continue;
    }
    switch (node.type) {
      case "FunctionDefinition":
      case "ClassDefinition":
      case "TypeDefinition": {
        const name = node.children.find(({ type }) => type === "VariableName");
        if (name) names.add(text(name));
        break;
      }
      case "AssignStatement":
        if (!node.children.some(({ type }) => type === "AssignOp")) break;
        for (const target of assignTargets(node)) bind(target);
        break;
      case "UpdateStatement":
      case "NamedExpression":
        bind(node.children[0]!);
        break;
      case "ForStatement":
        for (const target of between(node, "for", "in")) bind(target);
        break;
      case "DeleteStatement":
        for (const target of node.children.slice(1)) bind(target);
        break;
      case "WithStatement":
      case "TryStatement":
      case "AsPattern":
        for (const [i, child] of node.children.entries()) if (node.children[i - 1]?.type === "as") bind(child);
        break;
      case "CapturePattern":
        for (const child of node.children) bind(child);
        break;
      case "ImportStatement":
        for (const { local, ref } of readImport(node, source)) {
          if (local === "*") continue;
          names.add(local);
          const known = imports.get(local);
          if (known) known.push(ref);
          else imports.set(local, [ref]);
        }
        break;
      case "ScopeStatement": {
        const into = node.children[0]?.type === "global" ? globals : foreign;
        for (const child of node.children) if (child.type === "VariableName") into.add(text(child));
        break;
      }
      default:
        break;
    }
  }
  for (const name of [...globals, ...foreign]) names.delete(name);
  return { names, imports, globals };
}

/** The names that a target binds: `a`, `(a, *b)`; of `a.b` and `a[0]` none. */
export function targetNames(target: PyNode, source: string): string[] {
  const found: string[] = [];
  for (const node of descendants([target], ({ type }) => type !== "MemberExpression" && type !== "TypeDef")) {
    if (node.type !== "VariableName") continue;
    const written = source.slice(node.from, node.to);
    // A repaired target; what has members binds nothing.
    if (/^[\w\u0080-\uffff]+$/.test(written)) found.push(written);
    else if (!written.includes(".") || written.startsWith("("))
      found.push(...(written.match(/[\w\u0080-\uffff]+/g) ?? []));
  }
  return found;
}

/** What stands left of an `=`, of each where there are several. */
export function assignTargets(node: PyNode): PyNode[] {
  const last = node.children.findLastIndex(({ type }) => type === "AssignOp");
  return node.children.slice(0, last).filter(({ type }) => type !== "AssignOp" && type !== "TypeDef" && type !== ",");
}

/** The children between two keywords. */
export function between(node: PyNode, from: string, to: string): PyNode[] {
  const start = node.children.findIndex(({ type }) => type === from);
  const end = node.children.findIndex(({ type }, i) => i > start && type === to);
  return node.children.slice(start + 1, end < 0 ? undefined : end).filter(({ type }) => type !== ",");
}

/** The names of the parameters of a function or a lambda. */
export function parameterNames(list: PyNode | undefined, source: string): string[] {
  if (!list) return [];
  return list.children
    .filter(({ type }, i) => type === "VariableName" && list.children[i - 1]?.type !== "AssignOp")
    .map(({ from, to }) => source.slice(from, to));
}

/** The targets of a comprehension, of all its `for`s. */
export function comprehensionNames(node: PyNode, source: string): string[] {
  const found: string[] = [];
  let target = false;
  for (const child of node.children) {
    if (child.type === "for") target = true;
    else if (child.type === "in") target = false;
    else if (target) found.push(...targetNames(child, source));
  }
  return found;
}

/** The name at the left end of a target or a receiver: `a` of `a.b[0].c`. */
export function rootName(node: PyNode, source: string): string | undefined {
  let at = node;
  while (at.type === "MemberExpression") at = at.children[0]!;
  return chainOf(at, source)?.root;
}
