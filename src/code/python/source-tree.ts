import { readFileSync, statSync } from "node:fs";
import { projectPath } from "../modules/root.ts";
import { type Facts, type IsRunner, readFacts } from "./facts.ts";
import { type PyModule, type PyUnit, readModule } from "./module.ts";
import type { ImportRef } from "./names.ts";
import { PythonResolver, type Route } from "./resolve.ts";
import type { Chain } from "./tree.ts";

/** What a name stands for, across modules. */
export type PyOrigin =
  | { readonly kind: "unit"; readonly unit: PyUnit; readonly rest: readonly string[] }
  | { readonly kind: "module"; readonly module: PyModule }
  /** Not of the project: `numpy`, with what is used of it. */
  | { readonly kind: "external"; readonly name: string; readonly member: string };

/** The Python modules of a project, read when they are asked for, once. */
export class PythonSources {
  readonly root: string;
  readonly resolver: PythonResolver;
  readonly #modules = new Map<string, PyModule | undefined>();
  readonly #facts = new Map<PyUnit, Facts>();
  readonly #routes = new Map<string, Route>();

  /** @param root - the project's folder, absolute and real */
  constructor(root: string) {
    this.root = root;
    this.resolver = new PythonResolver(root);
  }

  /** The modules that were read. */
  get modules(): readonly PyModule[] {
    return [...this.#modules.values()].filter((module) => module !== undefined);
  }

  /** Where the imports led that were followed: importer, dots and name, and the module or nothing; see `fresh.ts`. */
  get resolutions(): readonly (readonly [importer: string, what: string, target: string])[] {
    return [...this.#routes].map(([key, route]) => {
      const [importer, what] = key.split("\0");
      const target = route?.at(-1);
      return [importer!, what!, target === undefined ? "" : projectPath(this.root, target)] as const;
    });
  }

  /** A module by its absolute path; nothing where it cannot be read. */
  module(path: string): PyModule | undefined {
    if (this.#modules.has(path)) return this.#modules.get(path);
    let module: PyModule | undefined;
    try {
      const source = statSync(path).isDirectory() ? "" : readFileSync(path, "utf8").replace(/^\uFEFF/, "");
      module = readModule(path, projectPath(this.root, path), source);
    } catch {
      module = undefined;
    }
    this.#modules.set(path, module);
    return module;
  }

  /** The modules that an import evaluates, the one that it names last; nothing where it is not of the project. */
  route(from: PyModule, ref: Pick<ImportRef, "module" | "level">): readonly PyModule[] | undefined {
    const key = `${from.id}\0${".".repeat(ref.level)}${ref.module}`;
    if (!this.#routes.has(key)) this.#routes.set(key, this.resolver.route(from.path, ref));
    const modules = this.#routes.get(key)?.map((path) => this.module(path));
    return modules?.every((module) => module !== undefined) ? modules : undefined;
  }

  /** What is known of a unit. */
  factsOf(unit: PyUnit): Facts {
    let facts = this.#facts.get(unit);
    if (!facts) {
      const isRunner: IsRunner = (chain) => isLigase(this.originsOf(unit.module, chain));
      this.#facts.set(unit, (facts = readFacts(unit, isRunner)));
    }
    return facts;
  }

  /** What a name with its members may stand for: nothing for Python's own names. */
  originsOf(module: PyModule, chain: Chain, refs?: readonly ImportRef[]): readonly PyOrigin[] {
    if (chain.root.startsWith("import ")) {
      return this.#imported(module, { module: chain.root.slice(7), level: 0, name: undefined, binds: "whole" }, []);
    }
    if (refs) return refs.flatMap((ref) => this.#imported(module, ref, chain.members));
    return this.#named(module, chain.root, chain.members, new Set());
  }

  #named(module: PyModule, name: string, members: readonly string[], seen: Set<string>): PyOrigin[] {
    const mark = `${module.path}\0${name}`;
    if (seen.has(mark)) return [];
    seen.add(mark);
    const definitions = module.bindings.get(name);
    if (definitions) {
      return definitions.flatMap((definition) =>
        "unit" in definition
          ? [{ kind: "unit" as const, unit: definition.unit, rest: members }]
          : this.#imported(module, definition.ref, members, seen),
      );
    }
    return module.stars.flatMap((star) => {
      const target = this.route(module, star)?.at(-1);
      if (target) return this.#named(target, name, members, seen);
      // Any name may come from there; Python's own are not looked for in it.
      return BUILT_IN.has(name) ? [] : [external(star, [name, ...members])];
    });
  }

  #imported(from: PyModule, ref: ImportRef, members: readonly string[], seen = new Set<string>()): PyOrigin[] {
    const route = this.route(from, ref);
    if (!route) return ref.level > 0 ? [] : [external(ref, ref.name === undefined ? members : [ref.name, ...members])];
    if (ref.binds === "first") return this.#member(route[0]!, members, seen);
    const target = route.at(-1)!;
    return ref.name === undefined
      ? this.#member(target, members, seen)
      : this.#member(target, [ref.name, ...members], seen);
  }

  /** Members of a module: something that it binds, or a module in it. */
  #member(module: PyModule, members: readonly string[], seen: Set<string>): PyOrigin[] {
    const [name, ...rest] = members;
    if (name === undefined) return [{ kind: "module", module }];
    const found = this.#named(module, name, rest, seen);
    if (found.length > 0) return found;
    const path = module.isPackage ? this.resolver.submodule(module.path, name) : undefined;
    const inner = path === undefined ? undefined : this.module(path);
    // A name that is made while the module is evaluated: all of it counts.
    return inner ? this.#member(inner, rest, seen) : [{ kind: "module", module }];
  }
}

function external({ module }: ImportRef, members: readonly string[]): PyOrigin {
  const [name, ...inner] = module.split(".");
  return { kind: "external", name: name!, member: [...inner, ...members].join(".") };
}

/** Is it `function` of this package, or another of its decorators? */
export function isLigase(origins: readonly PyOrigin[]): boolean {
  return origins.some((origin) => origin.kind === "external" && origin.name === "ligase");
}

/** Names that Python itself has, as far as they are used often. */
const BUILT_IN = new Set(
  "abs all any bool bytes callable chr dict dir divmod enumerate filter float format frozenset getattr hasattr hash hex id input int isinstance issubclass iter len list map max min next object oct open ord pow print property range repr reversed round set setattr slice sorted staticmethod classmethod str sum super tuple type vars zip Exception ValueError TypeError KeyError IndexError RuntimeError StopIteration FileNotFoundError OSError NotImplementedError AttributeError ImportError ModuleNotFoundError __name__ __file__ __doc__".split(
    " ",
  ),
);
