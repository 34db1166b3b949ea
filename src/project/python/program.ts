import { realpathSync } from "node:fs";
import { join } from "node:path";
import { projectPath } from "../../code/modules/root.ts";
import { PythonCode } from "../../code/python/index.ts";
import type { Program } from "../../code/types.ts";
import type { TaskDefinition } from "../../expr/definition.ts";
import type { TaskImpl } from "../../expr/task-impl.ts";
import { setProjectDir } from "../../files/location.ts";
import { hashText, LigaseError } from "../../kernel/index.ts";
import type { Described } from "./described.ts";
import { describeApp } from "./describe.ts";
import { readOptions } from "./options.ts";

/**
 * Loads a Python app: its functions with their names, hashes and parameters. What needs running to be known, their options, a
 * Python process tells; everything else is read from the source.
 *
 * @param entry - the app's file
 * @param root - the project's folder
 * @throws LigaseError what `describeApp` raises; `LIGASE_E_NO_PYTHON_FUNCTION`
 */
export async function loadPython(entry: string, root: string): Promise<Program> {
  const real = { entry: realpathSync(entry), root: realpathSync(root) };
  return pythonProgram(real.entry, real.root, await describeApp(real.entry, real.root));
}

/** The program of a Python app whose functions are known. Both paths are absolute and real. */
export function pythonProgram(entry: string, root: string, functions: readonly Described[]): Program {
  setProjectDir(root);
  const code = new PythonCode(root);
  code.read(entry);
  const id = projectPath(root, entry);
  const tasks = new Map(
    functions.map((described) => [described.name, taskOf(described, definitionOf(code, root, id, described))]),
  );
  const modules = code.modules.map((module) => ({ path: module.id, hash: module.hash }));
  const ingredients = [id, modules.map(({ path, hash }) => `${path} ${hash}`).sort()];
  return {
    id: hashText(JSON.stringify(["python", ...ingredients])),
    root,
    entry: id,
    bundle: "",
    tasks,
    exports: {},
    modules,
    assets: [],
    packages: [],
    diagnostics: [],
  };
}

function definitionOf(code: PythonCode, root: string, entry: string, described: Described): TaskDefinition {
  const { module, function: fn, name } = described;
  try {
    const definition = code.define(join(root, module), fn, name);
    return { ...definition, exported: module === entry };
  } catch (error) {
    if (!(error instanceof LigaseError) || error.code !== "LIGASE_E_NO_PYTHON_FUNCTION") throw error;
    throw new LigaseError(error.code, `${module} makes ${fn} in a way that its source does not show`, {
      facts: error.facts,
      mend: `write it at the top of the module: @function over def ${fn}(…):`,
    });
  }
}

function taskOf({ name, options }: Described, definition: TaskDefinition): TaskImpl {
  return {
    name,
    options: readOptions(options, name),
    fn: () => {
      throw new LigaseError(
        "LIGASE_E_PYTHON",
        `${name} is a function in Python: it cannot be called within this process`,
      );
    },
    definition,
    ...(definition.python && { python: definition.python }),
    lifted: false,
  };
}
