import type { Node, Program } from "oxc-parser";
import { unwrap } from "./shapes.ts";
import { type NodeRole, walk } from "./walk.ts";

/** A region of the source in which names are bound. */
export interface Scope {
  readonly node: Node;
  readonly parent: Scope | undefined;
  /** Does a `var` in it end up here? */
  readonly hoists: boolean;
  readonly bindings: Map<string, Binding>;
}

/** A name bound in a scope. */
export interface Binding {
  readonly name: string;
  readonly scope: Scope;
  readonly kind: "import" | "variable" | "function" | "class" | "parameter" | "enum" | "namespace";
  /** What declares it: a declarator, a function, an import specifier. */
  readonly declaration: Node;
  /** How often it is read or written as a value. */
  references: number;
}

/** The scopes of a module. */
export interface Scopes {
  readonly module: Scope;
  /** What an identifier refers to; absent for a global. */
  readonly bindingOf: ReadonlyMap<Node, Binding>;
}

/** The identifiers that a pattern binds (or assigns to). */
export function patternNames(pattern: Node): { readonly name: string; readonly node: Node }[] {
  const names: { name: string; node: Node }[] = [];
  walk(
    pattern,
    {
      enter(node, role) {
        if (role === "value") return false; // defaults, computed keys, decorators
        if (node.type === "Identifier" && role === "bind") names.push({ name: node.name, node });
        return undefined;
      },
    },
    "bind",
  );
  return names;
}

/** Finds what every identifier of a module refers to. */
export function analyseScopes(program: Program): Scopes {
  const module: Scope = { node: program, parent: undefined, hoists: true, bindings: new Map() };
  const references: { node: Node; name: string; scope: Scope }[] = [];
  let scope = module;
  const open = (node: Node, hoists: boolean) => {
    scope = { node, parent: scope, hoists, bindings: new Map() };
  };
  const declare = (name: string, kind: Binding["kind"], declaration: Node, into: Scope = scope) => {
    const known = into.bindings.get(name);
    // A function and a namespace (or two enums) of one name are one binding.
    if (known === undefined) into.bindings.set(name, { name, scope: into, kind, declaration, references: 0 });
  };
  const declarePattern = (pattern: Node, kind: Binding["kind"], declaration: Node, into: Scope = scope) => {
    for (const { name } of patternNames(pattern)) declare(name, kind, declaration, into);
  };

  for (const statement of program.body) {
    if (statement.type === "ImportDeclaration" && statement.importKind !== "type") {
      for (const specifier of statement.specifiers) {
        if (specifier.type === "ImportSpecifier" && specifier.importKind === "type") continue;
        declare(specifier.local.name, "import", specifier);
      }
    }
  }

  const enter = (node: Node, role: NodeRole, parent: Node | undefined): void => {
    switch (node.type) {
      case "Identifier":
        if (role === "value" || role === "assign") references.push({ node, name: node.name, scope });
        return;
      case "VariableDeclaration": {
        let into = scope;
        if (node.kind === "var") while (!into.hoists) into = into.parent!;
        for (const declarator of node.declarations) declarePattern(declarator.id, "variable", declarator, into);
        return;
      }
      case "FunctionDeclaration":
      case "FunctionExpression":
        if (node.type === "FunctionDeclaration" && node.id) declare(node.id.name, "function", node);
        open(node, false);
        if (node.type === "FunctionExpression" && node.id) declare(node.id.name, "function", node);
        for (const param of node.params) declarePattern(param, "parameter", param);
        return;
      case "ArrowFunctionExpression":
        open(node, false);
        for (const param of node.params) declarePattern(param, "parameter", param);
        return;
      case "ClassDeclaration":
      case "ClassExpression":
        if (node.type === "ClassDeclaration" && node.id) declare(node.id.name, "class", node);
        open(node, false);
        if (node.type === "ClassExpression" && node.id) declare(node.id.name, "class", node);
        return;
      case "BlockStatement":
        open(node, parent !== undefined && isFunction(parent));
        return;
      case "StaticBlock":
      case "TSModuleBlock":
        open(node, true);
        return;
      case "CatchClause":
        open(node, false);
        if (node.param) declarePattern(node.param, "parameter", node);
        return;
      case "ForStatement":
      case "ForInStatement":
      case "ForOfStatement":
      case "SwitchStatement":
        open(node, false);
        return;
      case "TSEnumDeclaration":
        declare(node.id.name, "enum", node);
        open(node, false);
        for (const member of node.body.members) {
          if (member.id.type === "Identifier") declare(member.id.name, "variable", member);
          else if (member.id.type === "Literal") declare(member.id.value, "variable", member);
        }
        return;
      case "TSModuleDeclaration":
        if (node.id.type === "Identifier") declare(node.id.name, "namespace", node);
        return;
      case "TSImportEqualsDeclaration":
        return;
      default:
        return;
    }
  };
  walk(program, {
    enter,
    leave(node) {
      if (scope.node === node && scope.parent) scope = scope.parent;
    },
  });

  const bindingOf = new Map<Node, Binding>();
  for (const { node, name, scope: from } of references) {
    const binding = lookup(from, name);
    if (binding === undefined) continue;
    binding.references++;
    bindingOf.set(node, binding);
  }
  return { module, bindingOf };
}

function lookup(from: Scope, name: string): Binding | undefined {
  for (let scope: Scope | undefined = from; scope; scope = scope.parent) {
    const binding = scope.bindings.get(name);
    if (binding) return binding;
  }
  return undefined;
}

/** Is it a function, of any form? */
export function isFunction(node: Node): boolean {
  return (
    node.type === "FunctionDeclaration" || node.type === "FunctionExpression" || node.type === "ArrowFunctionExpression"
  );
}

/** The innermost object of a chain of members and calls: `a` of `a.b.get(c).d`. */
export function rootOf(node: Node): Node {
  let inner = unwrap(node);
  for (;;) {
    let next: Node | undefined;
    if (inner.type === "MemberExpression") next = inner.object;
    else if (inner.type === "CallExpression") next = inner.callee;
    else if (inner.type === "ChainExpression") next = inner.expression;
    else if (inner.type === "AwaitExpression") next = inner.argument;
    if (next === undefined) return inner;
    inner = unwrap(next);
  }
}
