import { readFileSync } from "node:fs";
import type { TaskDefinition } from "../../expr/definition.ts";
import { hashText, LigaseError, type Hash } from "../../kernel/index.ts";
import type { Closure } from "../closure/closure.ts";
import type { ModuleGraph } from "../modules/graph.ts";
import { PythonCode } from "../python/index.ts";
import { sourceError } from "../syntax/position.ts";
import { findTasks } from "./find.ts";
import type { FoundTask } from "./found.ts";

/** The Python that a program reaches. */
export interface PythonPart {
  readonly code: PythonCode;
  /** Content hashes of its files, by absolute path. */
  readonly files: ReadonlyMap<string, Hash>;
}

/** Reads the Python files that the tasks of a program stand in, with what they import; nothing where there are none. */
export function readPython(graph: ModuleGraph): PythonPart | undefined {
  const named = [...graph.modules.values()].some((module) =>
    [...module.imports.values()].some(
      ({ name, specifier }) => (name === "python" || name === "*") && module.targets.get(specifier)?.kind === "ligase",
    ),
  );
  const tasks = named ? findTasks(graph).flatMap((task) => task.python ?? []) : [];
  if (tasks.length === 0) return undefined;
  const code = new PythonCode(graph.root);
  for (const { path } of tasks) code.read(path);
  return { code, files: pythonFiles(code) };
}

/** The files that were read, as assets count. */
export function pythonFiles(code: PythonCode): ReadonlyMap<string, Hash> {
  return new Map(code.modules.map(({ path }) => [path, hashText(readFileSync(path, "latin1"))]));
}

/** What is known of a function in Python as a task. */
export function definePython(
  code: PythonCode,
  { module, call, name, python }: FoundTask & { readonly python: NonNullable<FoundTask["python"]> },
  exported: boolean,
  stub: Closure | undefined,
): TaskDefinition {
  try {
    const definition = code.define(python.path, python.function, name);
    return { ...definition, exported, ...(stub && { stub: { closureHash: stub.hash, closure: stub.record } }) };
  } catch (error) {
    if (!(error instanceof LigaseError)) throw error;
    throw sourceError(error.code, error.message, module, call.arguments[1]!.start, {
      ...(error.mend !== undefined && { mend: error.mend }),
      facts: error.facts,
    });
  }
}
