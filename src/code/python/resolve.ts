import { existsSync, readdirSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import type { ImportRef } from "./names.ts";

/** Where an import leads: files of the project, each a module that is evaluated on the way; nothing for what is not of it. */
export type Route = readonly string[] | undefined;

/** Finds modules as Python does. */
export class PythonResolver {
  readonly #root: string;
  readonly #kinds = new Map<string, "file" | "folder" | undefined>();

  /** @param root - the project's folder: what lies outside of it is not looked for */
  constructor(root: string) {
    this.#root = root;
  }

  /**
   * The folders in which a module of the project is looked for: the first one above the file that is no package, the
   * project's, and its `src`.
   */
  searchPath(file: string): string[] {
    let first = dirname(file);
    while (first !== this.#root && this.#kind(join(first, "__init__.py")) === "file" && first.startsWith(this.#root)) {
      first = dirname(first);
    }
    return [...new Set([first, this.#root, join(this.#root, "src")])];
  }

  /**
   * The modules that an import evaluates, outermost first: the packages, and what it names.
   *
   * @param file - the module that imports
   */
  route(file: string, { module, level }: Pick<ImportRef, "module" | "level">): Route {
    const names = module === "" ? [] : module.split(".");
    if (level === 0) {
      for (const folder of this.searchPath(file)) {
        const found = this.#follow(folder, names);
        if (found) return found;
      }
      return undefined;
    }
    // `.` is the folder of the file, `..` the one above it.
    let folder = dirname(file);
    for (let i = 1; i < level; i++) folder = dirname(folder);
    if (names.length > 0) return this.#follow(folder, names);
    const own = join(folder, "__init__.py");
    return [this.#kind(own) === "file" ? own : folder];
  }

  /** A module within a package: `trim` of `lib/__init__.py`. */
  submodule(path: string, name: string): string | undefined {
    const folder = path.endsWith(".py") ? dirname(path) : path;
    return this.#follow(folder, [name])?.at(-1);
  }

  #follow(folder: string, names: readonly string[]): Route {
    const found: string[] = [];
    let at = folder;
    for (const [i, name] of names.entries()) {
      const last = i === names.length - 1;
      const [init, file] = [join(at, name, "__init__.py"), join(at, `${name}.py`)];
      if (this.#kind(init) === "file") found.push(init);
      else if (this.#kind(file) === "file") {
        if (!last) return undefined;
        found.push(file);
      } else if (this.#kind(join(at, name)) === "folder" && (!last || holdsPython(join(at, name)))) {
        found.push(join(at, name));
      } else return undefined;
      at = join(at, name);
    }
    return found.length === 0 ? undefined : found;
  }

  #kind(path: string): "file" | "folder" | undefined {
    if (this.#kinds.has(path)) return this.#kinds.get(path);
    const stat = statSync(path, { throwIfNoEntry: false });
    const kind = stat?.isFile() ? "file" : stat?.isDirectory() ? "folder" : undefined;
    this.#kinds.set(path, kind);
    return kind;
  }
}

/** A folder without modules is no package, whatever its name. */
function holdsPython(folder: string): boolean {
  return existsSync(folder) && readdirSync(folder).some((name) => name.endsWith(".py"));
}
