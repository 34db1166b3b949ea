import { realpathSync } from "node:fs";
import type { TaskDefinition } from "../../expr/definition.ts";
import { LigaseError, nearest } from "../../kernel/index.ts";
import { projectPath } from "../modules/root.ts";
import { positionAt } from "../syntax/position.ts";
import { callsOf, type PythonCall } from "./calls.ts";
import { PythonReferences } from "./closure.ts";
import { readDocstring } from "./docstring.ts";
import { plainText } from "./literals.ts";
import { type PyModule, type PyUnit, undecorated } from "./module.ts";
import { readParameters } from "./parameters.ts";
import { bodyOf, isDocstring } from "./parts.ts";
import { PythonSources } from "./source-tree.ts";
import { isTask, taskName } from "./task-functions.ts";

/** A function at the top of a Python module. */
export interface PythonFunctionInfo {
  readonly name: string;
  /** What it is called as a task. */
  readonly task: string;
  /** Is it under `@function`? */
  readonly decorated: boolean;
  /** Of its `def`, or of the first of its decorators; counted from 1. */
  readonly line: number;
}

/**
 * The Python of a project as its source says it, without Python: which functions there are, what they take, and what their
 * results depend on. Files are read once.
 *
 * @example
 * ```ts
 * const python = new PythonCode("/home/ada/plasmids");
 * python.define("/home/ada/plasmids/embed.py", "embed_chunk", "embed").closureHash;
 * ```
 */
export class PythonCode {
  readonly #sources: PythonSources;
  readonly #references = new Map<PyModule, PythonReferences>();

  /** @param root - the project's folder, absolute and real */
  constructor(root: string) {
    this.#sources = new PythonSources(root);
  }

  /** Absolute paths of the files that were read so far, with the modules in them. */
  get modules(): readonly PyModule[] {
    return this.#sources.modules.filter(({ path }) => path.endsWith(".py"));
  }

  /** Where imports led; see `fresh.ts`. */
  get resolutions(): PythonSources["resolutions"] {
    return this.#sources.resolutions;
  }

  /** Reads a file with all that it imports. */
  read(path: string): readonly PyModule[] {
    return this.#referencesOf(this.#moduleAt(path)).modules;
  }

  /** The functions at the top of a file. */
  functionsOf(path: string): readonly PythonFunctionInfo[] {
    const module = this.#moduleAt(path);
    return module.units
      .filter((unit) => unit.kind === "function" && unit.binds.length > 0)
      .map((unit) => ({
        name: unit.binds[0]!,
        task: taskName(this.#sources, unit),
        decorated: isTask(this.#sources, unit),
        line: positionAt(module.source, unit.nodes[0]!.from).line,
      }));
  }

  /**
   * What is known of a function as a task.
   *
   * @param path - absolute
   * @param name - what the task is called; by default what the function is
   * @throws LigaseError `LIGASE_E_NO_FILE`; `LIGASE_E_NO_PYTHON_FUNCTION` with the nearest that is there
   */
  define(path: string, fn: string, name?: string): TaskDefinition {
    const module = this.#moduleAt(path);
    const unit = this.#unitOf(module, fn);
    const references = this.#referencesOf(this.#moduleAt(path));
    const { hash, record } = references.closureOf(unit);
    const node = unit.nodes[0]!;
    const { text, params } = readDocstring(docstringOf(unit));
    return {
      name: name ?? taskName(this.#sources, unit),
      closureHash: hash,
      closure: record,
      file: unit.module.id,
      line: positionAt(unit.module.source, node.from).line,
      code: unit.module.source.slice(node.from, unit.nodes.at(-1)!.to).trimEnd(),
      doc: text,
      exported: isTask(this.#sources, unit),
      parameters: readParameters(this.#sources, unit, params),
      python: { module: unit.module.id, function: unit.binds[0]! },
    };
  }

  /** The tasks that a function calls, itself or through the helpers it reaches. */
  callsOf(path: string, fn: string): readonly PythonCall[] {
    return callsOf(this.#sources, this.#unitOf(this.#moduleAt(path), fn));
  }

  #moduleAt(path: string): PyModule {
    let real: string;
    try {
      real = realpathSync(path);
    } catch (cause) {
      throw new LigaseError("LIGASE_E_NO_FILE", `${projectPath(this.#sources.root, path)} does not exist`, {
        facts: { path },
        mend: "check the path of the Python file",
        cause,
      });
    }
    const module = this.#sources.module(real);
    if (module) return module;
    throw new LigaseError("LIGASE_E_NO_FILE", `${projectPath(this.#sources.root, path)} cannot be read`, {
      facts: { path },
      mend: "check the path and the rights of the Python file",
    });
  }

  /** A function of a module, its own or one that it imports. */
  #unitOf(module: PyModule, name: string): PyUnit {
    const origins = this.#sources.originsOf(module, { root: name, members: [] });
    const unit = origins.findLast((origin) => origin.kind === "unit" && origin.unit.kind === "function");
    if (unit?.kind === "unit") return unit.unit;
    const names = module.units.filter(({ kind }) => kind === "function").flatMap(({ binds }) => binds);
    const near = nearest(name, names);
    const wrong =
      origins.length > 0 ? `${name} in ${module.id} is no function` : `${module.id} has no function ${name}`;
    throw new LigaseError("LIGASE_E_NO_PYTHON_FUNCTION", wrong, {
      facts: { module: module.id, function: name, known: names },
      mend:
        near !== undefined
          ? `did you mean ${near}?`
          : names.length === 0
            ? "define one at the top of the module: def main(…):"
            : `there are ${names.join(", ")}`,
    });
  }

  #referencesOf(module: PyModule): PythonReferences {
    let references = this.#references.get(module);
    if (!references) this.#references.set(module, (references = new PythonReferences(this.#sources, module)));
    return references;
  }
}

function docstringOf(unit: PyUnit): string {
  const { source } = unit.module;
  const definition = unit.nodes.map(undecorated).find(({ type }) => type === "FunctionDefinition");
  const [first] = definition ? bodyOf(definition) : [];
  return (first && isDocstring(first, source) && plainText(first.children[0], source)) || "";
}
