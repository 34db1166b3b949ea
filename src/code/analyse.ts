import type { TaskDefinition } from "../expr/definition.ts";
import { ReferenceGraph } from "./closure/closure.ts";
import { type ModuleGraph, readGraph } from "./modules/graph.ts";
import { checkImports } from "./modules/origin.ts";
import { defineTasks } from "./tasks/define.ts";
import { findTasks } from "./tasks/find.ts";
import type { FoundTask } from "./tasks/found.ts";
import { checkLifts } from "./tasks/lift.ts";
import { type PythonPart, readPython } from "./tasks/python.ts";

/** What the source of a program says, before any of it runs. */
export interface Analysis {
  readonly graph: ModuleGraph;
  /** Tasks and lifts, each with its definition at the same place of `definitions`. */
  readonly tasks: readonly FoundTask[];
  readonly definitions: readonly TaskDefinition[];
  readonly references: ReferenceGraph;
  /** The functions in Python among them. */
  readonly python: PythonPart | undefined;
}

/** Reads a program: modules, tasks, closure hashes. Both paths are absolute and real. */
export function analyse(entry: string, root: string): Analysis {
  return analyseGraph(readGraph(entry, root));
}

/** The same, for modules that were read before. */
export function analyseGraph(graph: ModuleGraph, python = readPython(graph)): Analysis {
  checkImports(graph);
  const tasks = findTasks(graph);
  checkLifts(tasks);
  const references = new ReferenceGraph(graph, tasks);
  return { graph, tasks, definitions: defineTasks(graph, references, tasks, python), references, python };
}
