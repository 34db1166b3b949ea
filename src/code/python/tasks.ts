import type { TaskDefinition } from "../../expr/definition.ts";
import type { PythonCode } from "./functions.ts";

/** The tasks of a Python file and of what it imports, as far as its source alone says: nothing is imported. */
export function definePythonTasks(code: PythonCode, path: string): readonly TaskDefinition[] {
  return code
    .read(path)
    .filter((module) => module.path.endsWith(".py"))
    .flatMap((module) =>
      code
        .functionsOf(module.path)
        .filter(({ decorated }) => decorated)
        .map(({ name }) => ({ ...code.define(module.path, name), exported: module.path === path })),
    );
}
