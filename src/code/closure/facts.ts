import type { CallExpression, Node } from "oxc-parser";
import type { ModuleGraph } from "../modules/graph.ts";
import { originOf, type Origin, staticPath } from "../modules/origin.ts";
import { targetKey } from "../modules/inline.ts";
import { type Binding, isFunction, rootOf } from "../syntax/scopes.ts";
import { unwrap } from "../syntax/shapes.ts";
import { type NodeRole, walk } from "../syntax/walk.ts";
import { ligaseCallee } from "../tasks/find.ts";
import type { FoundTask } from "../tasks/found.ts";
import { TextWriter } from "./text.ts";
import type { Unit } from "./units.ts";
import { changesItsArgument, isMutator, isReader, mutatedArguments } from "./mutators.ts";

/** What a unit refers to. */
export type Use =
  | { readonly kind: "origin"; readonly origin: Origin }
  /** A task, by name. */
  | { readonly kind: "task"; readonly task: FoundTask }
  /** `local(task)`: its body. */
  | { readonly kind: "body"; readonly task: FoundTask }
  /** `import("./module.ts")`, or a file named by `new URL("…", import.meta.url)`. */
  | { readonly kind: "request"; readonly specifier: string };

/** What is written to. */
export type Root = Origin | "global" | "parameter" | "this";

/** What one reading of a unit finds. */
export interface Facts {
  /** See {@link TextWriter}. */
  readonly text: string;
  /** By the words that name them in the source. */
  readonly uses: ReadonlyMap<string, Use>;
  /** Those of them that are met while the module is evaluated, not only in functions that run later. */
  readonly evaluated: ReadonlySet<string>;
  readonly writes: readonly Write[];
  /** What it is another name for, or a part of: `const sorted = tools.list`. */
  readonly aliasOf: Origin | undefined;
  /** Calls made while the module is evaluated, with what they could change: their arguments. */
  readonly calls: readonly EvaluatedCall[];
}

/** A change of something. */
export interface Write {
  readonly root: Root;
  /** Is it made while the module is evaluated? */
  readonly now: boolean;
  /** Is it what `root` holds that is changed: `root.a.b = 1`, `root.a.push(1)`? */
  readonly deep: boolean;
}

/** A call made while a module is evaluated. */
export interface EvaluatedCall {
  /** What is called, or what the method called belongs to; unknown for a local function. */
  readonly callee: Origin | "global" | undefined;
  readonly arguments: readonly Origin[];
  /** Is a method of `callee` called? */
  readonly method: boolean;
  /** Is its value dropped, so that it must be made for its effect? */
  readonly bare: boolean;
}

/** What facts are read from. */
export interface FactsContext {
  readonly graph: ModuleGraph;
  readonly taskOf: (call: Node) => FoundTask | undefined;
  readonly taskAt: (module: string, path: string) => FoundTask | undefined;
}

/** Reads a unit: once, with everything that the closure hash needs. */
export function readFacts(unit: Unit, context: FactsContext): Facts {
  const reader = new FactsReader(unit, context);
  for (const node of unit.nodes) reader.read(node);
  return reader.facts();
}

class FactsReader {
  readonly #unit: Unit;
  readonly #context: FactsContext;
  readonly #text = new TextWriter();
  readonly #uses = new Map<string, Use>();
  readonly #evaluated = new Set<string>();
  readonly #writes: Write[] = [];
  #aliasOf: Origin | undefined;
  readonly #calls: EvaluatedCall[] = [];
  /** Functions that are called by what they are given to: callbacks. */
  readonly #immediate = new WeakSet<Node>();
  readonly #bare = new WeakSet<Node>();
  readonly #loopSources = new Map<Node, Node>();
  /** How many functions that run later we are in. */
  #later = 0;

  constructor(unit: Unit, context: FactsContext) {
    this.#unit = unit;
    this.#context = context;
  }

  facts(): Facts {
    return {
      text: this.#text.toString(),
      uses: this.#uses,
      evaluated: this.#evaluated,
      writes: this.#writes,
      aliasOf: this.#aliasOf,
      calls: this.#calls,
    };
  }

  read(root: Node): void {
    if (root.type === "VariableDeclarator" && root.init) {
      const source = this.#root(rootOf(root.init));
      if (typeof source === "object" && source.kind === "binding") this.#aliasOf = source;
    }
    walk(root, {
      enter: (node, role, parent) => this.#enter(node, role, parent),
      leave: (node) => {
        this.#text.leave();
        if (this.#runsLater(node)) this.#later--;
      },
      field: (name) => this.#text.field(name),
    });
  }

  #enter(node: Node, role: NodeRole, parent: Node | undefined): boolean | void {
    if (role === "value" || role === "assign") {
      if (role === "assign") this.#write(node);
      if (node.type === "CallExpression") {
        const task = this.#context.taskOf(node);
        if (task?.kind === "task") return this.#use(`task:${task.name}`, { kind: "task", task });
      }
      if (node.type === "Identifier" || node.type === "MemberExpression") {
        if (!this.#reference(node)) return false;
      }
    }
    this.#note(node);
    this.#text.enter(node, role, parent);
    if (this.#runsLater(node)) this.#later++;
    return undefined;
  }

  #runsLater(node: Node): boolean {
    if (node.type === "PropertyDefinition") return !node.static;
    return isFunction(node) && !this.#immediate.has(node);
  }

  /** A whole expression that stands for something of another unit. */
  #use(label: string, use: Use): false {
    this.#uses.set(label, use);
    if (this.#later === 0) this.#evaluated.add(label);
    this.#text.atom(label);
    return false;
  }

  #reference(node: Node): boolean {
    const { graph, taskAt } = this.#context;
    const found = originOf(graph, this.#unit.module, node);
    if (found === undefined) return true;
    const { origin, rest } = found;
    const label = pathText(node);
    if (origin.kind === "binding") {
      const task = taskAt(origin.module.path, [origin.name, ...rest].join("."));
      if (task) return this.#use(label, { kind: "task", task });
    }
    // `ns.helper.cache`: the walk comes to `ns.helper` next.
    if (rest.length > 0) return true;
    return this.#use(label, { kind: "origin", origin });
  }

  /** What a node changes or calls. */
  #note(node: Node): void {
    const request = this.#unit.module.inline.get(node);
    if (request) this.#request(targetKey(request));
    switch (node.type) {
      case "ExpressionStatement": {
        let inner = unwrap(node.expression);
        while (inner.type === "AwaitExpression" || inner.type === "ChainExpression" || isVoid(inner)) {
          inner = unwrap(inner.type === "ChainExpression" ? inner.expression : (inner as { argument: Node }).argument);
        }
        this.#bare.add(inner);
        return;
      }
      case "UnaryExpression":
        if (node.operator === "delete") this.#write(node.argument);
        return;
      case "ForOfStatement":
      case "ForInStatement":
        if (node.left.type === "VariableDeclaration") this.#loopSources.set(node.left.declarations[0]!, node.right);
        return;
      case "NewExpression": {
        if (this.#later === 0) this.#call(node.callee, node.arguments, false);
        return;
      }
      case "CallExpression":
        this.#noteCall(node);
        return;
      default:
        return;
    }
  }

  #request(specifier: string): void {
    if (!this.#unit.module.targets.has(specifier)) return;
    const label = `import:${specifier}`;
    this.#uses.set(label, { kind: "request", specifier });
    if (this.#later === 0) this.#evaluated.add(label);
  }

  #noteCall(node: CallExpression): void {
    const { graph, taskOf } = this.#context;
    const ligase = ligaseCallee(graph, this.#unit.module, node);
    if (ligase === "local") this.#local(node);
    const lifted = taskOf(node) !== undefined;
    if (!lifted) {
      for (const argument of [node.callee, ...node.arguments]) {
        const inner = unwrap(argument);
        if (isFunction(inner)) this.#immediate.add(inner);
      }
    }
    if (ligase !== undefined) return;
    const callee = unwrap(node.callee);
    const bare = this.#bare.has(node);
    if (callee.type === "MemberExpression") {
      const method = callee.property.type === "Identifier" && !callee.computed ? callee.property.name : "";
      const object = unwrap(callee.object);
      const receiver = object.type === "Identifier" && !this.#binding(object) ? object.name : undefined;
      for (const index of mutatedArguments(receiver, method)) {
        const target = node.arguments[index];
        if (target) this.#write(target, true);
      }
      if (receiver === "process" && method === "chdir") this.#record("global", false);
      if (receiver === undefined && (isMutator(method) || (bare && !isReader(method))))
        this.#write(callee.object, true);
    } else if (callee.type === "Identifier") {
      const root = this.#root(callee);
      // What a callback is given, it may change.
      if (root === "parameter") for (const argument of node.arguments) this.#write(argument, true);
      if (typeof root === "object" && root.kind === "package" && changesItsArgument(callee.name) && node.arguments[0]) {
        this.#write(node.arguments[0], true);
      }
    }
    if (this.#later === 0) this.#call(node.callee, node.arguments, bare);
  }

  #call(callee: Node, args: readonly Node[], bare: boolean): void {
    const origins: Origin[] = [];
    for (const argument of args) this.#argumentOrigins(argument, origins);
    const root = this.#root(rootOf(callee));
    const known = root === "parameter" || root === "this" ? undefined : root;
    const inner = unwrap(callee);
    const method =
      inner.type === "MemberExpression" && !(inner.property.type === "Identifier" && isReader(inner.property.name));
    this.#calls.push({ callee: known, arguments: origins, bare, method });
  }

  #argumentOrigins(argument: Node, into: Origin[]): void {
    walk(argument, {
      enter: (node, role) => {
        if (isFunction(node) || node.type === "CallExpression") return false;
        if (node.type === "Identifier" && role === "value") {
          const root = this.#root(node);
          if (typeof root === "object") into.push(root);
        }
        return undefined;
      },
    });
  }

  #local(node: CallExpression): void {
    const argument = node.arguments[0];
    const found = argument && originOf(this.#context.graph, this.#unit.module, argument);
    if (found?.origin.kind !== "binding") return;
    const task = this.#context.taskAt(found.origin.module.path, [found.origin.name, ...found.rest].join("."));
    if (task) this.#uses.set(`local:${task.name}`, { kind: "body", task });
  }

  /** `contents`: it is not assigned to, but what it holds is changed. */
  #write(target: Node, contents = false): void {
    const node = unwrap(target);
    if (node.type === "ArrayPattern" || node.type === "ObjectPattern" || node.type === "AssignmentPattern") return;
    if (node.type === "MemberExpression" && pathText(node) === "process.exitCode") return;
    const root = this.#root(rootOf(node), node.type === "Identifier" && !contents);
    const held = node.type === "MemberExpression" && unwrap(node.object).type !== "Identifier";
    if (root !== undefined) this.#record(root, held || (contents && node.type !== "Identifier"));
  }

  #record(root: Root, deep: boolean): void {
    this.#writes.push({ root, now: this.#later === 0, deep });
  }

  #binding(node: Node): Binding | undefined {
    return this.#unit.module.scopes.bindingOf.get(node);
  }

  /** What a name stands for, through local variables that are set to a part of it. */
  #root(start: Node, itself = false): Root | undefined {
    const { graph } = this.#context;
    const { module } = this.#unit;
    let node = start;
    for (let hops = 0; hops < 32; hops++) {
      if (node.type === "ThisExpression") return "this";
      if (node.type !== "Identifier") return undefined;
      const binding = this.#binding(node);
      if (binding === undefined) return "global";
      if (binding.scope === module.scopes.module) return originOf(graph, module, node)?.origin;
      if (itself) return undefined; // a local variable is assigned: nobody else sees it
      if (binding.kind === "parameter") return "parameter";
      const { declaration } = binding;
      if (declaration.type !== "VariableDeclarator") return undefined;
      const source = declaration.init ?? this.#loopSources.get(declaration);
      if (source === undefined || source === null) return undefined;
      node = rootOf(source);
    }
    return undefined;
  }
}

function isVoid(node: Node): boolean {
  return node.type === "UnaryExpression" && node.operator === "void";
}

/** A static path as text; for anything else its root alone. */
function pathText(node: Node): string {
  const path = staticPath(node);
  return path ? [path.root.name, ...path.members].join(".") : "";
}
