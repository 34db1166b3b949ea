import { parse } from "node:path";
import type { CallExpression, Node } from "oxc-parser";
import { LigaseError } from "../../kernel/index.ts";
import type { ModuleGraph } from "../modules/graph.ts";
import type { SourceModule } from "../modules/module.ts";
import { originOf, staticPath } from "../modules/origin.ts";
import { literalText } from "../modules/inline.ts";
import { positionAt, sourceError } from "../syntax/position.ts";
import { isFunction } from "../syntax/scopes.ts";
import { unwrap } from "../syntax/shapes.ts";
import { walk } from "../syntax/walk.ts";
import type { FoundTask } from "./found.ts";
import { pythonOf } from "./python-place.ts";

/** What an expression calls, if that is an export of Ligase: `task`, `lift`, `map`, … */
export function ligaseCallee(graph: ModuleGraph, module: SourceModule, call: CallExpression): string | undefined {
  const found = originOf(graph, module, call.callee);
  return found?.origin.kind === "ligase" && found.rest.length === 0 ? found.origin.name : undefined;
}

/**
 * Finds every task and every lift of a program.
 *
 * @throws LIGASE_E_TASK_PLACE for a task in a function, a condition or a loop; LIGASE_E_TASK_NAME
 * for one without a name; LIGASE_E_DUPLICATE_TASK; LIGASE_E_TASK_ALIAS where `task` is used as a value
 */
export function findTasks(graph: ModuleGraph): FoundTask[] {
  const tasks: FoundTask[] = [];
  for (const module of graph.modules.values()) {
    // Most modules of a project are helpers; they need no walk.
    if (!mayUseLigase(module)) continue;
    for (const statement of module.program.body) findIn(graph, module, statement, tasks);
  }
  refuseDuplicates(tasks);
  return tasks;
}

function mayUseLigase(module: SourceModule): boolean {
  return [...module.targets.values()].some((target) => target.kind === "ligase" || target.kind === "source");
}

function findIn(graph: ModuleGraph, module: SourceModule, statement: Node, tasks: FoundTask[]): void {
  const ancestors: Node[] = [];
  walk(statement, {
    enter(node, role, parent) {
      if (node.type === "CallExpression") {
        const callee = ligaseCallee(graph, module, node);
        if (callee === "task" || callee === "lift" || callee === "python") {
          const lifted = tasks.some((one) => one.kind === "lift" && ancestors.includes(one.call));
          if (lifted) {
            throw sourceError("LIGASE_E_LIFT_NESTED", `a ${callee} inside a lift`, module, node.start, {
              mend: "the arguments of a lifted function are plain values: call plain functions in it",
            });
          }
          tasks.push(foundTask(graph, module, node, callee, statement, [...ancestors]));
        }
      } else if (node.type === "Identifier" && role === "value") {
        refuseAlias(graph, module, node, parent);
      }
      ancestors.push(node);
      return undefined;
    },
    leave() {
      ancestors.pop();
    },
  });
}

function refuseAlias(graph: ModuleGraph, module: SourceModule, node: Node, parent: Node | undefined): void {
  if (parent?.type === "ExportSpecifier" || parent?.type === "ExportDefaultDeclaration") return;
  if (parent?.type === "CallExpression" && unwrap(parent.callee) === node) return;
  const found = originOf(graph, module, node);
  if (found?.origin.kind !== "ligase") return;
  const { name } = found.origin;
  if (name !== "task" && name !== "lift" && name !== "python") return;
  throw sourceError(
    "LIGASE_E_TASK_ALIAS",
    `${name} used as a value: what it makes could not be found in the source`,
    module,
    node.start,
    {
      mend: `call it where it is used: const name = ${name}(…)`,
    },
  );
}

function foundTask(
  graph: ModuleGraph,
  module: SourceModule,
  call: CallExpression,
  made: "task" | "lift" | "python",
  statement: Node,
  ancestors: Node[],
): FoundTask {
  const fn = made === "python" ? call.arguments[1] : call.arguments.at(-1);
  const kind = made === "lift" ? made : "task";
  if (fn === undefined || fn.type === "SpreadElement" || call.arguments.some((one) => one.type === "SpreadElement")) {
    throw sourceError("LIGASE_E_TASK_BODY", `${made}() without a function`, module, call.start, {
      mend: made === "python" ? 'write python("./embed.py", "embed_chunk")' : `write ${made}((x) => …)`,
    });
  }
  const options = optionsOf(call, made);
  const stub = kind === "task" && options ? stubOf(options) : undefined;
  const python = made === "python" ? { python: pythonOf(module, call, graph.root) } : {};
  const base = { kind, module, call, fn: unwrap(fn), stub, statement, ancestors, ...python } as const;
  if (kind === "lift") {
    return { ...base, name: "", path: undefined };
  }
  refusePlace(module, call, ancestors);
  const path = pathOf(call, ancestors);
  const explicit = explicitName(module, options);
  const name = explicit ?? (path === undefined ? undefined : nameOf(module, path));
  if (name === undefined) {
    throw sourceError("LIGASE_E_TASK_NAME", "a task without a name", module, call.start, {
      mend: 'assign it to a variable, or name it: task({ name: "…" }, …)',
    });
  }
  // `withOptions(task(…), …)` is more than the task: who uses it counts the whole expression.
  const direct = ancestors.every((node) => node.type !== "CallExpression");
  return { ...base, name, path: direct ? path : undefined };
}

const CONDITIONAL: Readonly<Record<string, string>> = {
  ConditionalExpression: "in a condition",
  LogicalExpression: "in a condition",
  IfStatement: "in a condition",
  SwitchStatement: "in a condition",
  TryStatement: "in a try",
  ForStatement: "in a loop",
  ForInStatement: "in a loop",
  ForOfStatement: "in a loop",
  WhileStatement: "in a loop",
  DoWhileStatement: "in a loop",
};

function refusePlace(module: SourceModule, call: CallExpression, ancestors: readonly Node[]): void {
  const refuse = (where: string, mend: string): never => {
    throw sourceError("LIGASE_E_TASK_PLACE", `a task defined ${where}`, module, call.start, { mend });
  };
  for (const node of ancestors) {
    if (isFunction(node)) {
      refuse("inside a function", "define it at the top level of the module, and pass what it needs as arguments");
    }
    if ((node.type === "PropertyDefinition" && !node.static) || node.type === "StaticBlock") {
      refuse("inside a class", "define it at the top level of the module, or as a static field");
    }
    const where = CONDITIONAL[node.type];
    if (where !== undefined) refuse(where, "define it at the top level of the module, and choose which one to call");
  }
}

/** How the value of a call is reached from the module's top level. */
function pathOf(call: Node, ancestors: readonly Node[]): string | undefined {
  const path: string[] = [];
  let child: Node = call;
  for (let i = ancestors.length - 1; i >= 0; i--) {
    const node = ancestors[i]!;
    switch (node.type) {
      case "Property":
      case "PropertyDefinition": {
        if (node.computed) return undefined;
        const key = node.key;
        if (key.type === "Identifier") path.unshift(key.name);
        else if (key.type === "Literal") path.unshift(String(key.value));
        else return undefined;
        break;
      }
      case "ClassDeclaration":
        if (node.id === null) return undefined;
        return [node.id.name, ...path].join(".");
      case "VariableDeclarator":
        return node.id.type === "Identifier" ? [node.id.name, ...path].join(".") : undefined;
      case "AssignmentExpression": {
        const left = unwrap(node.right) === child ? staticPath(node.left) : undefined;
        return left && [left.root.name, ...left.members, ...path].join(".");
      }
      case "ExportDefaultDeclaration":
        return ["default", ...path].join(".");
      case "CallExpression":
      case "ObjectExpression":
      case "ClassBody":
      case "AwaitExpression":
        break;
      default:
        return undefined;
    }
    child = node;
  }
  return undefined;
}

/** The registered name: a default export is called after its file. */
function nameOf(module: SourceModule, path: string): string {
  return path.replace(/^default(?=$|\.)/, parse(module.path).name);
}

/** The options of a task as they are written. */
function optionsOf(call: CallExpression, made: "task" | "lift" | "python"): Node | undefined {
  if (made === "python") return call.arguments[2] && unwrap(call.arguments[2]);
  return call.arguments.length > 1 ? unwrap(call.arguments[0]!) : undefined;
}

function stubOf(options: Node): Node | undefined {
  if (options.type !== "ObjectExpression") return options;
  // What is spread or computed may be a stub too.
  if (options.properties.some((property) => property.type !== "Property" || property.computed)) return options;
  const found = options.properties.find((property) => property.type === "Property" && keyOf(property.key) === "stub");
  return found?.type === "Property" ? unwrap(found.value) : undefined;
}

const keyOf = (key: Node): string | undefined => (key.type === "Identifier" ? key.name : literalText(key));

function explicitName(module: SourceModule, options: Node | undefined): string | undefined {
  if (options?.type !== "ObjectExpression") return undefined;
  for (const property of options.properties) {
    if (property.type !== "Property" || property.computed) continue;
    if (keyOf(property.key) !== "name") continue;
    const text = literalText(unwrap(property.value));
    if (text === undefined || text === "") {
      throw sourceError("LIGASE_E_TASK_NAME", "a task's name must be in the source", module, property.start, {
        mend: 'write it as a literal: name: "align"',
      });
    }
    return text;
  }
  return undefined;
}

function refuseDuplicates(tasks: readonly FoundTask[]): void {
  const first = new Map<string, FoundTask>();
  for (const found of tasks) {
    if (found.kind === "lift") continue;
    const other = first.get(found.name);
    first.set(found.name, found);
    if (other === undefined) continue;
    const place = (one: FoundTask) => `${one.module.id}:${positionAt(one.module.source, one.call.start).line}`;
    throw new LigaseError(
      "LIGASE_E_DUPLICATE_TASK",
      `two tasks are called "${found.name}": ${place(other)} and ${place(found)}`,
      {
        facts: { name: found.name, places: [place(other), place(found)] },
        mend: `name one of them otherwise: task({ name: "…" }, …)`,
      },
    );
  }
}
