import { type Changes, noteChanges } from "./changes.ts";
import type { PyUnit } from "./module.ts";
import {
  type Bound,
  boundNames,
  comprehensionNames,
  type ImportRef,
  isComprehension,
  parameterNames,
} from "./names.ts";
import { TextWriter } from "./text.ts";
import { type Chain, chainOf, chainText, childOf, descendants, type PyNode, visit } from "./tree.ts";
import { isDocstring, partsOf } from "./parts.ts";
import { plainText } from "./literals.ts";

/** What a piece of code refers to outside of itself, by the words it has for it. */
export interface Use {
  readonly chain: Chain;
  /** Where the name is bound by an import within the code: what is imported. */
  readonly refs: readonly ImportRef[] | undefined;
  /** Does the code call it? */
  readonly called: boolean;
}

/** What is known of a unit: its text as it counts, and what it refers to. */
export interface Facts {
  readonly text: string;
  readonly uses: ReadonlyMap<string, Use>;
  readonly changes: Changes;
}

interface Scope {
  readonly kind: "module" | "function" | "class" | "inner";
  readonly bound: Bound | undefined;
  readonly parent: Scope | undefined;
}

const MODULE: Scope = { kind: "module", bound: undefined, parent: undefined };

/** Which decorators of a unit have no part in it: `@function(…)`, which says how it is run. */
export type IsRunner = (chain: Chain) => boolean;

/** Reads a unit. */
export function readFacts(unit: PyUnit, isRunner: IsRunner): Facts {
  const { source } = unit.module;
  const uses = new Map<string, Use>();
  const writer = new TextWriter(source);
  const changes: Changes = { writes: [], calls: [], ofParameter: false };
  let scope = MODULE;
  const open = new Map<PyNode, Scope>();
  const push = (node: PyNode, next: Scope): void => {
    open.set(node, scope);
    scope = next;
  };
  /** `imports` where it is the code's own name for a module; nothing where the name is its own in another way. */
  const outside = (name: string): { readonly refs: readonly ImportRef[] | undefined } | undefined => {
    for (let at: Scope | undefined = scope; at; at = at.parent) {
      if (at.kind === "class" && at !== scope) continue;
      if (at.bound?.globals.has(name)) return { refs: undefined };
      if (!at.bound?.names.has(name)) continue;
      const refs = at.bound.imports.get(name);
      return refs && { refs };
    }
    return { refs: undefined };
  };
  const use = (chain: Chain, called: boolean): void => {
    const found = outside(chain.root);
    if (!found) return;
    const label = found.refs ? `${chainText(chain)}@${JSON.stringify(found.refs)}` : chainText(chain);
    const known = uses.get(label);
    uses.set(label, { chain, refs: found.refs, called: called || (known?.called ?? false) });
  };
  /** How deep in functions the code stands: what stands in none is evaluated when the module is imported. */
  const depth = (): number => {
    let count = 0;
    for (let at: Scope | undefined = scope; at; at = at.parent) if (at.kind === "function") count++;
    return count;
  };
  const enterScope = (node: PyNode, parent: PyNode | undefined): void => {
    if (node.type === "Body" && parent?.type === "FunctionDefinition") {
      const { names, imports, globals } = boundNames([node], source);
      const own = new Set([...names, ...parameterNames(childOf(parent, "ParamList"), source)]);
      push(node, { kind: "function", bound: { names: own, imports, globals }, parent: scope });
    } else if (node.type === "Body" && parent?.type === "ClassDefinition") {
      // What a class body reads before it binds it is the module's.
      const { names, imports, globals } = boundNames([node], source);
      const own = new Set([...names].filter((name) => !unit.module.bindings.has(name)));
      push(node, { kind: "class", bound: { names: own, imports, globals }, parent: scope });
    } else if (parent?.type === "LambdaExpression" && node.type !== "ParamList" && node === parent.children.at(-1)) {
      push(node, inner("function", parameterNames(childOf(parent, "ParamList"), source), scope));
    } else if (isComprehension(node)) {
      push(node, inner("inner", comprehensionNames(node, source), scope));
    }
    if (parent && isComprehension(parent) && isFirstIterable(node, parent)) {
      push(node, scope.parent ?? MODULE);
    }
  };
  const own = new Set(unit.nodes);
  visit(
    unit.nodes,
    {
      enter(node, parent) {
        if (skipped(node, parent, source, scope.kind === "class")) return false;
        const decorator = node.type === "Decorator" ? decoratorChain(node, source) : undefined;
        if (decorator && parent && own.has(parent) && isRunner(decorator)) return false;
        enterScope(node, parent);
        noteChanges(node, parent, { source, changes, depth: depth(), isLocal: (name) => outside(name) === undefined });
        const chain = chainOf(node, source);
        if (chain && !isName(node, parent)) {
          use(chain, parent?.type === "CallExpression" && parent.children[0] === node);
          writer.atom(chainText(chain));
          restore(node);
          return false;
        }
        if (decorator) {
          use(decorator, true);
          writer.atom(`@${chainText(decorator)}`);
        }
        if (node.type === "CallExpression") useOfLoader(node, source, use);
        return writer.enter(node, parent);
      },
      leave(node) {
        writer.leave(node);
        restore(node);
      },
    },
    partsOf,
  );
  function restore(node: PyNode): void {
    const before = open.get(node);
    if (!before) return;
    scope = before;
    open.delete(node);
  }
  // Where the parser went astray, any word may be a name of the module.
  if (unit.broken) {
    for (const node of descendants(unit.nodes)) {
      for (const root of source
        .slice(node.from, node.children.length === 0 ? node.to : node.from)
        .match(/[^\W\d]\w*/g) ?? []) {
        if (!uses.has(root) && unit.module.bindings.has(root)) {
          uses.set(root, { chain: { root, members: [] }, refs: undefined, called: true });
        }
      }
    }
  }
  return { text: writer.toString(), uses, changes };
}

function inner(kind: Scope["kind"], names: readonly string[], parent: Scope): Scope {
  return { kind, bound: { names: new Set(names), imports: new Map(), globals: new Set() }, parent };
}

/** What has no part in what code does: docstrings, `pass`, annotations of parameters and variables, type parameters. */
function skipped(node: PyNode, parent: PyNode | undefined, source: string, inClass: boolean): boolean {
  switch (node.type) {
    case "PassStatement":
    case "TypeParamList":
      return true;
    case "TypeDef":
      // Fields of a class are made of what is annotated.
      return parent?.type !== "AssignStatement" || !inClass;
    case "AssignStatement":
      return childOf(node, "AssignOp") === undefined && !inClass;
    case "ExpressionStatement":
      return isDocstring(node, source);
    default:
      return false;
  }
}

/** A name that stands for nothing: of a keyword argument, of what is bound by `def`, in an import. */
function isName(node: PyNode, parent: PyNode | undefined): boolean {
  if (node.type !== "VariableName" || !parent) return false;
  const { children, type } = parent;
  const next = children[children.indexOf(node) + 1];
  switch (type) {
    case "ArgList":
      return next?.type === "AssignOp";
    case "ParamList":
      return children[children.indexOf(node) - 1]?.type !== "AssignOp";
    case "FunctionDefinition":
    case "ClassDefinition":
    case "ImportStatement":
    case "ScopeStatement":
    case "CapturePattern":
      return true;
    case "KeywordPattern":
      return children[0] === node;
    default:
      return false;
  }
}

/** `importlib.import_module("lib.trim")` uses the module that it names. */
function useOfLoader(node: PyNode, source: string, use: (chain: Chain, called: boolean) => void): void {
  const callee = chainOf(node.children[0]!, source);
  const name = callee?.members.at(-1) ?? callee?.root;
  if (name !== "import_module" && name !== "__import__") return;
  const module = plainText(childOf(node, "ArgList")?.children[1], source);
  if (module === undefined || module.startsWith(".") || !/^[\w.]+$/.test(module)) return;
  use({ root: `import ${module}`, members: [] }, false);
}

function isFirstIterable(node: PyNode, parent: PyNode): boolean {
  const at = parent.children.findIndex(({ type }) => type === "in");
  return at >= 0 && parent.children[at + 1] === node;
}

/** What a decorator is, without the arguments it may be given. */
export function decoratorChain(node: PyNode, source: string): Chain | undefined {
  const names: string[] = [];
  for (const child of node.children) {
    if (child.type === "VariableName" || child.type === "PropertyName") names.push(source.slice(child.from, child.to));
    else if (child.type === "CallExpression" || child.type === "MemberExpression") {
      const inside = child.type === "CallExpression" ? child.children[0]! : child;
      return chainOf(inside, source);
    } else if (child.type !== "At" && child.type !== "." && child.type !== "ArgList") return undefined;
  }
  const [root, ...members] = names;
  return root === undefined ? undefined : { root, members };
}
