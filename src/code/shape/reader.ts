import type { CallExpression, Node } from "oxc-parser";
import type { ModuleGraph } from "../modules/graph.ts";
import type { SourceModule } from "../modules/module.ts";
import { originOf, type Origin } from "../modules/origin.ts";
import { type Binding, isFunction } from "../syntax/scopes.ts";
import { field, isNode, unwrap } from "../syntax/shapes.ts";
import { ligaseCallee } from "../tasks/find.ts";
import type { FoundTask } from "../tasks/found.ts";
import { callGlobal, callMethod } from "./built-ins.ts";
import { callOfLigase } from "./combinators.ts";
import { listIn, objectOf, operands } from "./literals.ts";
import { bindPattern } from "./patterns.ts";
import { readStatement } from "./statements.ts";
import type { BodyShape, Reading, ShapeCall, ShapeFlow } from "./types.ts";
import {
  type Closure,
  derived,
  itemsOf,
  join,
  listOf,
  NOTHING,
  OPAQUE,
  project,
  sourcesOf,
  type Value,
} from "./value.ts";

/** A body of so many nodes, helpers counted each time they are called, is read no further. */
const MOST_NODES = 200_000;
/** Helpers are followed into helpers so deep. */
const DEEPEST = 12;

/** The tasks of a program, by what leads to them. */
export interface TaskIndex {
  readonly byCall: ReadonlyMap<Node, FoundTask>;
  readonly byName: ReadonlyMap<string, FoundTask>;
  /** By module and path: `…/steps.ts\0tools.align`. */
  readonly byPath: ReadonlyMap<string, FoundTask>;
}

/**
 * Reads the body of a task: goes through its code once, as if it ran, with what each value may be made of in its place
 * (an abstract interpretation). Helpers of the project are followed each time they are called.
 */
export function readBody(graph: ModuleGraph, tasks: TaskIndex, task: FoundTask): BodyShape {
  return new BodyReader(graph, tasks, task.module).read(task.fn);
}

class BodyReader implements Reading {
  readonly #graph: ModuleGraph;
  readonly #tasks: TaskIndex;
  /** What variables hold, by what declares them. */
  readonly #values = new Map<Node, Map<string, Value>>();
  readonly #calls = new Map<string, ShapeCall>();
  readonly #flows = new Map<string, ShapeFlow>();
  /** The functions, and the variables of modules, that are being read. */
  readonly #open: Node[] = [];
  #module: SourceModule;
  #each = 0;
  #maybe = 0;
  #left = MOST_NODES;

  constructor(graph: ModuleGraph, tasks: TaskIndex, module: SourceModule) {
    this.#graph = graph;
    this.#tasks = tasks;
    this.#module = module;
  }

  read(fn: Node): BodyShape {
    for (const closure of this.evaluate(fn).functions ?? []) this.#enter(closure, undefined);
    return { calls: [...this.#calls.values()], flows: [...this.#flows.values()] };
  }

  // An arrow, so that it can be handed to `map`.
  readonly evaluate = (wrapped: Node): Value => {
    const node = unwrap(wrapped);
    if (this.#left-- <= 0) return NOTHING;
    switch (node.type) {
      case "Identifier":
        return this.#variable(node);
      case "MemberExpression":
        return this.#member(node);
      case "CallExpression":
        return this.#callExpression(node);
      case "ArrowFunctionExpression":
      case "FunctionExpression":
        return { sources: [], functions: [{ node, module: this.#module }] };
      case "ChainExpression":
        return this.evaluate(node.expression);
      case "AwaitExpression":
        return this.evaluate(node.argument);
      case "SpreadElement":
        return itemsOf(this.evaluate(node.argument));
      case "ConditionalExpression":
        this.evaluate(node.test);
        return join(
          this.maybe(() => this.evaluate(node.consequent)),
          this.maybe(() => this.evaluate(node.alternate)),
        );
      case "LogicalExpression":
        return join(
          this.evaluate(node.left),
          this.maybe(() => this.evaluate(node.right)),
        );
      case "AssignmentExpression": {
        const value = this.evaluate(node.right);
        this.bind(node.left, value);
        return value;
      }
      case "SequenceExpression":
        return node.expressions.map(this.evaluate).at(-1) ?? NOTHING;
      case "ObjectExpression":
        return objectOf(this, node.properties);
      case "ArrayExpression":
        return listIn(this, node.elements);
      case "TaggedTemplateExpression": {
        const parts = node.quasi.expressions.map(this.evaluate);
        // A script belongs to the task whose body builds it.
        return this.#isScript(node.tag) ? NOTHING : derived(this.evaluate(node.tag), ...parts);
      }
      case "TemplateLiteral":
        return derived(...node.expressions.map(this.evaluate));
      case "BinaryExpression":
        return derived(...operands(node).map(this.evaluate));
      case "UnaryExpression":
        return derived(this.evaluate(node.argument));
      case "NewExpression":
        return derived(...node.arguments.map(this.evaluate));
      default:
        return NOTHING;
    }
  };

  call(callee: Value, args: readonly Value[]): Value {
    const { tasks = [], functions = [], parameter } = callee;
    const one = tasks.length + functions.length === 1;
    let result = NOTHING;
    const add = (read: () => Value): void => void (result = join(result, one ? read() : this.maybe(read)));
    for (const name of tasks) add(() => this.#called(name, true, args));
    for (const closure of functions) add(() => this.#enter(closure, args));
    if (tasks.length + functions.length > 0) return result;
    return parameter === undefined ? derived(...args) : this.#called(`${parameter}(…)`, false, args);
  }

  #called(callee: string, known: boolean, args: readonly Value[]): Value {
    const before = this.#calls.get(callee);
    this.#calls.set(callee, {
      callee,
      known,
      each: this.#each > 0 || before?.each === true,
      maybe: this.#maybe > 0 && before?.maybe !== false,
    });
    args.forEach((arg, argument) => {
      for (const source of sourcesOf(arg)) {
        const flow = { from: source.task, to: callee, argument, part: source.part.join(".") };
        this.#flows.set(JSON.stringify(flow), flow);
      }
    });
    return { sources: [{ task: callee, part: [], exact: true }] };
  }

  /** Goes into a function. Without arguments it is the body itself: what its parameters hold is for a run to know. */
  #enter({ node, module }: Closure, args: readonly Value[] | undefined): Value {
    if (!isFunction(node) || this.#open.includes(node) || this.#open.length > DEEPEST) return NOTHING;
    const params = field(node, "params");
    const body = field(node, "body");
    if (!Array.isArray(params) || !isNode(body)) return NOTHING;
    return this.#inside(node, module, () => {
      params.filter(isNode).forEach((param, i) => {
        const rest = param.type === "RestElement";
        const name = param.type === "Identifier" ? param.name : "";
        const given = rest ? listOf((args ?? []).slice(i).reduce(join, NOTHING)) : (args?.[i] ?? NOTHING);
        this.bind(param, args || rest ? given : { sources: [], parameter: name }, param);
      });
      return body.type === "BlockStatement" ? readStatement(this, body) : this.evaluate(body);
    });
  }

  #inside(node: Node, module: SourceModule, read: () => Value): Value {
    const before = this.#module;
    this.#module = module;
    this.#open.push(node);
    try {
      return read();
    } finally {
      this.#open.pop();
      this.#module = before;
    }
  }

  bind(pattern: Node, value: Value, declaration?: Node): void {
    bindPattern(this, pattern, value, (name, held) => this.#set(name, held, declaration));
  }

  #set(node: Node & { name: string }, value: Value, declaration: Node | undefined): void {
    const owner = declaration ?? this.#module.scopes.bindingOf.get(node)?.declaration;
    if (!owner) return;
    const names = this.#values.get(owner) ?? new Map<string, Value>();
    this.#values.set(owner, names);
    // Without a declaration it may have been something else before.
    names.set(node.name, declaration ? value : join(names.get(node.name) ?? NOTHING, value));
  }

  each(read: () => Value): Value {
    this.#each++;
    const value = read();
    this.#each--;
    return value;
  }

  maybe(read: () => Value): Value {
    this.#maybe++;
    const value = read();
    this.#maybe--;
    return value;
  }

  bodiesOf(value: Value): Value {
    return (value.tasks ?? []).reduce((bodies: Value, name) => {
      const task = this.#tasks.byName.get(name);
      return task
        ? join(
            bodies,
            this.#inside(task.fn, task.module, () => this.evaluate(task.fn)),
          )
        : bodies;
    }, NOTHING);
  }

  #variable(node: Node & { name: string }): Value {
    const binding = this.#module.scopes.bindingOf.get(node);
    if (!binding) return NOTHING;
    const value = this.#values.get(binding.declaration)?.get(binding.name);
    if (value) return value;
    if (binding.scope === this.#module.scopes.module) {
      const found = originOf(this.#graph, this.#module, node);
      return found ? this.#origin(found.origin, []) : NOTHING;
    }
    return isFunction(binding.declaration) ? this.#function(binding, this.#module) : NOTHING;
  }

  #function({ declaration }: Binding, module: SourceModule): Value {
    return { sources: [], functions: [{ node: declaration, module }] };
  }

  /** What a name of a module holds: a task, a function, or what its declaration gives. */
  #origin(origin: Origin, members: readonly string[]): Value {
    if (origin.kind !== "binding") return NOTHING;
    const { module, name } = origin;
    const task = this.#tasks.byPath.get(`${module.path}\0${[name, ...members].join(".")}`);
    if (task?.kind === "task") return { sources: [], tasks: [task.name] };
    const binding = module.scopes.module.bindings.get(name);
    const declaration = binding?.declaration;
    if (!binding || !declaration || this.#open.includes(declaration)) return NOTHING;
    if (isFunction(declaration)) return this.#function(binding, module);
    if (declaration.type !== "VariableDeclarator" || !declaration.init) return NOTHING;
    const { init } = declaration;
    const whole = this.#inside(declaration, module, () => {
      this.bind(declaration.id, this.evaluate(init), declaration);
      const value = this.#values.get(declaration)?.get(name) ?? NOTHING;
      // Read anew for whoever asks next: what it calls is then called there.
      this.#values.delete(declaration);
      return value;
    });
    return members.reduce(project, whole);
  }

  #member(node: Node & { type: "MemberExpression" }): Value {
    const found = originOf(this.#graph, this.#module, node);
    if (found) return this.#origin(found.origin, found.rest);
    const { object, property } = node;
    const whole = this.evaluate(object);
    if (!node.computed && property.type === "Identifier") return project(whole, property.name);
    if (property.type === "Literal") return project(whole, String(property.value));
    if (property.type !== "PrivateIdentifier") this.evaluate(property);
    return itemsOf(whole);
  }

  #callExpression(node: CallExpression): Value {
    const task = this.#tasks.byCall.get(node);
    if (task?.kind === "task") return { sources: [], tasks: [task.name] };
    if (task) return OPAQUE;
    const ligase = ligaseCallee(this.#graph, this.#module, node);
    if (ligase !== undefined) return callOfLigase(this, ligase, node.arguments);
    const callee = unwrap(node.callee);
    if (callee.type === "MemberExpression") return this.#method(callee, node.arguments);
    const target = this.evaluate(callee);
    return this.call(target, node.arguments.map(this.evaluate));
  }

  /** `object.name(…)`: of a module, of a global object, of an object of functions, or of a plain value. */
  #method(callee: Node & { type: "MemberExpression" }, given: readonly Node[]): Value {
    const { object, property } = callee;
    const name = property.type === "Identifier" && !callee.computed ? property.name : "";
    const root = unwrap(object);
    if (root.type === "Identifier" && !this.#module.scopes.bindingOf.has(root)) {
      return callGlobal(this, `${root.name}.${name}`, given.map(this.evaluate));
    }
    const found = originOf(this.#graph, this.#module, callee);
    // Once: a chain of methods would be read twice as often with each link.
    const receiver = found ? NOTHING : this.evaluate(object);
    const target = found ? this.#origin(found.origin, found.rest) : project(receiver, name);
    const args = given.map(this.evaluate);
    if (target.tasks || target.functions) return this.call(target, args);
    if (name === "push" && root.type === "Identifier") {
      for (const arg of args) this.#set(root, { sources: [], items: arg }, undefined);
    }
    return callMethod(this, found ? this.evaluate(object) : receiver, name, args);
  }

  #isScript(tag: Node): boolean {
    const callee = unwrap(tag);
    const name = callee.type === "CallExpression" ? callee.callee : callee;
    const found = originOf(this.#graph, this.#module, name);
    return found?.origin.kind === "ligase" && found.origin.name === "script";
  }
}
