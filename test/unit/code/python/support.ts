import { join } from "node:path";
import { PythonCode } from "../../../../src/code/python/index.ts";
import { type Files, project } from "../support/project.ts";
import type { TaskDefinition } from "../../../../src/expr/definition.ts";

/** The tasks of `app.py` in a fresh project, by name. */
export function definitions(files: Files): Record<string, TaskDefinition> {
  const root = project(files);
  const code = new PythonCode(root);
  const path = join(root, "app.py");
  const tasks = code.functionsOf(path).filter(({ decorated }) => decorated);
  return Object.fromEntries(tasks.map(({ name, task }) => [task, code.define(path, name)]));
}

/** Their closure hashes. */
export function hashes(files: Files): Record<string, string> {
  return Object.fromEntries(Object.entries(definitions(files)).map(([name, { closureHash }]) => [name, closureHash]));
}

/** The tasks whose closure hash an edit changes; a task that is new or gone counts. */
export function changed(before: Files, after: Files): string[] {
  const a = hashes(before);
  const b = hashes({ ...before, ...after });
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].filter((name) => a[name] !== b[name]).sort();
}
