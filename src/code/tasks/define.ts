import type { Node } from "oxc-parser";
import type { TaskDefinition } from "../../expr/definition.ts";
import type { ReferenceGraph } from "../closure/closure.ts";
import type { ModuleGraph } from "../modules/graph.ts";
import type { SourceModule } from "../modules/module.ts";
import { originOfExport } from "../modules/origin.ts";
import { readDoc, readParameters } from "../parameters/index.ts";
import { positionAt } from "../syntax/position.ts";
import { docCommentBefore, functionOf } from "./body.ts";
import type { FoundTask } from "./found.ts";
import { definePython, type PythonPart } from "./python.ts";
import { typeScope } from "./type-scope.ts";

/** Gathers what is known of each task from its source, in the order of the tasks. */
export function defineTasks(
  graph: ModuleGraph,
  references: ReferenceGraph,
  tasks: readonly FoundTask[],
  python?: PythonPart,
): TaskDefinition[] {
  const exported = exportedTasks(graph, tasks);
  return tasks.map((task) => {
    const { module } = task;
    if (task.python && python) {
      return definePython(
        python.code,
        { ...task, python: task.python },
        exported.has(task),
        references.stubClosureOf(task),
      );
    }
    const { hash, record, scripted } = references.closureOf(task);
    const line = positionAt(module.source, task.call.start).line;
    const base = { closureHash: hash, closure: record, file: module.id, line };
    if (task.kind === "lift") {
      return {
        ...base,
        name: `lift:${hash.slice(0, 12)}`,
        code: textOf(module, task.call),
        doc: `a lift in ${enclosingName(task)}`,
        exported: false,
        parameters: [],
      };
    }
    const comment = docCommentBefore(module, definitionNode(task));
    const stub = references.stubClosureOf(task);
    return {
      ...base,
      name: task.name,
      code: textOf(module, definitionNode(task)),
      doc: readDoc(comment).text,
      exported: exported.has(task),
      parameters: parametersOf(graph, task, comment),
      ...(scripted && { scripted }),
      ...(stub && { stub: { closureHash: stub.hash, closure: stub.record } }),
    };
  });
}

function textOf(module: SourceModule, node: Node): string {
  return module.source.slice(node.start, node.end);
}

/** The statement that defines a task; in an object of tasks, its property. */
function definitionNode(task: FoundTask): Node {
  const property = task.ancestors.findLast((node) => node.type === "Property" || node.type === "PropertyDefinition");
  if (property) return property;
  const declaration = task.ancestors.find((node) => node.type === "VariableDeclaration");
  if (declaration?.type === "VariableDeclaration" && declaration.declarations.length > 1) {
    return task.ancestors.find((node) => node.type === "VariableDeclarator") ?? task.statement;
  }
  return task.statement;
}

/** The function or the task a lift is written in, for display. */
function enclosingName(task: FoundTask): string {
  for (const node of task.ancestors.toReversed()) {
    if (node.type === "VariableDeclarator" && node.id.type === "Identifier") return node.id.name;
    if ((node.type === "FunctionDeclaration" || node.type === "ClassDeclaration") && node.id) return node.id.name;
  }
  return task.module.id;
}

/** The tasks that the entry module exports, alone or in an object. */
function exportedTasks(graph: ModuleGraph, tasks: readonly FoundTask[]): ReadonlySet<FoundTask> {
  const bindings = new Set<string>();
  const add = (module: SourceModule, seen: Set<SourceModule>) => {
    if (seen.has(module)) return;
    seen.add(module);
    for (const name of module.exports.keys()) {
      const origin = originOfExport(graph, module, name);
      if (origin?.kind === "binding") bindings.add(`${origin.module.path}\0${origin.name}`);
    }
    for (const specifier of module.stars) {
      const target = module.targets.get(specifier);
      const next = target?.kind === "source" ? graph.modules.get(target.path) : undefined;
      if (next) add(next, seen);
    }
  };
  add(graph.entry, new Set());
  return new Set(
    tasks.filter((task) => {
      if (task.kind === "lift") return false;
      if (task.statement.type === "ExportDefaultDeclaration") return bindings.has(`${task.module.path}\0default`);
      const declarator = task.ancestors.find(
        (node) => node.type === "VariableDeclarator" || node.type === "ClassDeclaration",
      );
      const id = declarator && "id" in declarator ? declarator.id : undefined;
      return id?.type === "Identifier" && bindings.has(`${task.module.path}\0${id.name}`);
    }),
  );
}

function parametersOf(graph: ModuleGraph, task: FoundTask, comment: string | undefined): TaskDefinition["parameters"] {
  const found = functionOf(graph, task.module, task.fn);
  if (!found) return [];
  return readParameters({ ...typeScope(graph, found.module), fn: found.fn, docComment: comment });
}
