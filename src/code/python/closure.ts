import { type Hash, hashText } from "../../kernel/index.ts";
import { ClosureHasher } from "../closure/hash.ts";
import { leafIn, type Edge, type Vertex } from "../closure/vertex.ts";
import { findEffects, type PyEffects } from "./effects.ts";
import { annotationNames, conversionsOf } from "./annotations.ts";
import { isTaskCall } from "./calls.ts";
import type { PyModule, PyUnit } from "./module.ts";
import type { ImportRef } from "./names.ts";
import { isStandardModule } from "./standard-modules.ts";
import { type PyOrigin, type PythonSources } from "./source-tree.ts";
import { isTask, taskName } from "./task-functions.ts";
import type { Chain } from "./tree.ts";

/** What a function's code is, as far as its results may depend on it. */
export interface PyClosure {
  readonly hash: Hash;
  /** What it is made of: `embed.py#kmer_counts` → hash, `py:numpy`, `task:clean`. */
  readonly record: Readonly<Record<string, string>>;
}

/** The references between everything that is evaluated when a module is imported. */
export class PythonReferences {
  readonly #sources: PythonSources;
  /** The module that is imported first, and all that it imports. */
  readonly #modules: readonly PyModule[];
  readonly #vertices = new Map<PyUnit | string, Vertex>();
  readonly #hasher = new ClosureHasher();
  #effects: PyEffects | undefined;

  constructor(sources: PythonSources, entry: PyModule) {
    this.#sources = sources;
    this.#modules = importedBy(sources, entry);
  }

  /** The modules that are evaluated when the first is imported. */
  get modules(): readonly PyModule[] {
    return this.#modules;
  }

  /** The closure of a function of one of the modules. */
  closureOf(unit: PyUnit): PyClosure {
    const start = this.#bodyVertex(unit);
    const record: [string, string][] = [];
    const seen = new Set([start]);
    for (const vertex of seen) {
      if (vertex.named) record.push([vertex.key, vertex.own]);
      for (const [, to] of vertex.edges()) seen.add(to);
    }
    record.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
    return { hash: this.#hasher.hash(start), record: Object.fromEntries(record) };
  }

  /** A function as a task: what its values are made into by its annotations counts for it too. */
  #bodyVertex(unit: PyUnit): Vertex {
    const vertex = this.#unitVertex(unit);
    const isOwnClass = (chain: Chain): boolean =>
      this.#sources.originsOf(unit.module, chain).some((one) => one.kind === "unit" && one.unit.kind === "class");
    const own = `body ${conversionsOf(unit, isOwnClass)}`;
    return this.#leaf(`body:${vertex.key}`, own, false, (into) => {
      into.push(["body", vertex]);
      for (const chain of annotationNames(unit)) {
        for (const origin of this.#sources.originsOf(unit.module, chain)) {
          if (origin.kind === "unit" && origin.unit.kind === "class") {
            into.push([`type:${origin.unit.name}`, this.#unitVertex(origin.unit)]);
          }
        }
      }
    });
  }

  #unitVertex(unit: PyUnit): Vertex {
    const known = this.#vertices.get(unit);
    if (known) return known;
    const facts = this.#sources.factsOf(unit);
    let edges: readonly Edge[] | undefined;
    const vertex: Vertex = {
      key: `${unit.module.id}#${unit.name}`,
      own: hashText(facts.text),
      named: true,
      edges: () => (edges ??= this.#unitEdges(unit)),
    };
    this.#vertices.set(unit, vertex);
    return vertex;
  }

  #unitEdges(unit: PyUnit): Edge[] {
    const edges: Edge[] = [];
    const { uses } = this.#sources.factsOf(unit);
    for (const [label, use] of [...uses].sort(([a], [b]) => (a < b ? -1 : 1))) {
      for (const origin of this.#sources.originsOf(unit.module, use.chain, use.refs)) {
        if (origin.kind === "unit" && origin.unit === unit) continue;
        edges.push(this.#edgeTo(label, origin));
      }
    }
    this.#effectsOn(unit, edges);
    const ambient = this.#ambientOf(unit.module);
    if (ambient && unit.kind !== "statement") edges.push(["module", ambient]);
    return edges;
  }

  #edgeTo(label: string, origin: PyOrigin): Edge {
    switch (origin.kind) {
      case "unit": {
        const { unit, rest } = origin;
        if (isTaskCall(rest[0]) && isTask(this.#sources, unit)) {
          const name = taskName(this.#sources, unit);
          return [label, this.#leaf(`task:${name}`, name)];
        }
        return [label, this.#unitVertex(unit)];
      }
      case "module":
        return [label, this.#moduleVertex(origin.module)];
      case "external":
        return [`${label} ${origin.member}`, this.#externalVertex(origin.name)];
    }
  }

  #externalVertex(name: string): Vertex {
    // Python's own modules belong to the interpreter, and the decorators to how a function is run.
    const named = !isStandardModule(name) && name !== "ligase";
    return this.#leaf(`py:${name}`, name, named, (into) => this.#effectsOn(name, into));
  }

  #effectsOn(changed: PyUnit | string, into: Edge[]): void {
    for (const statement of this.#allEffects().on.get(changed) ?? []) {
      into.push([`effect:${into.length}`, this.#unitVertex(statement)]);
    }
  }

  #leaf(key: string, own: string, named = true, edges?: (into: Edge[]) => void): Vertex {
    return leafIn(this.#vertices, { key, own, named }, edges);
  }

  /** A module as a value: all that it binds, and its statements. */
  #moduleVertex(module: PyModule): Vertex {
    return this.#leaf(`all:${module.path}`, "all", false, (into) => {
      for (const name of [...module.bindings.keys()].sort()) {
        for (const origin of this.#sources.originsOf(module, { root: name, members: [] })) {
          if (origin.kind === "module") continue; // what it imports whole, it uses itself where it does
          const task = origin.kind === "unit" && isTask(this.#sources, origin.unit);
          if (task) into.push([name, this.#leaf(`task:${name}`, name)]);
          else into.push(this.#edgeTo(name, origin));
        }
      }
      for (const unit of module.units) {
        if (unit.kind === "statement") into.push([`effect:${into.length}`, this.#unitVertex(unit)]);
      }
      const ambient = this.#ambientOf(module);
      if (ambient) into.push(["module", ambient]);
    });
  }

  /** What every unit of a module counts: its statements about the process, and what it imports for its effect alone. */
  #ambientOf(module: PyModule): Vertex | undefined {
    const own = this.#allEffects().ambient.get(module) ?? [];
    const effects = this.#importedForEffect(module);
    if (own.length + effects.length === 0) return undefined;
    return this.#leaf(`module:${module.path}`, "module", false, (into) => {
      for (const unit of own) into.push([`global:${into.length}`, this.#unitVertex(unit)]);
      for (const other of effects) {
        for (const unit of other.units) {
          if (unit.kind === "statement") into.push([`import:${into.length}`, this.#unitVertex(unit)]);
        }
        const ambient = this.#ambientOf(other);
        if (ambient) into.push([`import:${into.length}`, ambient]);
      }
    });
  }

  readonly #forEffect = new Map<PyModule, readonly PyModule[]>();

  /** Packages on the way to what a module imports, and modules whose name it never says. */
  #importedForEffect(module: PyModule): readonly PyModule[] {
    const known = this.#forEffect.get(module);
    if (known) return known;
    this.#forEffect.set(module, []); // of a circle of imports, the first is under way
    const said = new Set(
      module.units.flatMap((unit) => [...this.#sources.factsOf(unit).uses.values()].map(({ chain }) => chain.root)),
    );
    const found = new Set<PyModule>();
    for (const { local, ref } of module.imports) {
      const route = this.#sources.route(module, ref);
      if (!route) continue;
      for (const [i, one] of route.entries()) {
        const onTheWay = i < route.length - 1 || said.has(local) || local === "*";
        const counts = onTheWay
          ? this.#hasAmbient(one)
          : one.units.some(({ kind }) => kind === "statement") || this.#hasAmbient(one);
        if (one !== module && counts) found.add(one);
      }
    }
    // Module by module, whatever the order of the imports.
    const sorted = [...found].sort((a, b) => (a.id < b.id ? -1 : 1));
    this.#forEffect.set(module, sorted);
    return sorted;
  }

  #hasAmbient(module: PyModule): boolean {
    return (this.#allEffects().ambient.get(module) ?? []).length > 0 || this.#importedForEffect(module).length > 0;
  }

  #allEffects(): PyEffects {
    return (this.#effects ??= findEffects(this.#sources, this.#modules));
  }
}

/** A module, and all that is evaluated when it is imported, in the order in which it is reached. */
function importedBy(sources: PythonSources, entry: PyModule): PyModule[] {
  const seen = new Set([entry]);
  const add = (from: PyModule, ref: ImportRef): void => {
    for (const module of sources.route(from, ref) ?? []) seen.add(module);
    // `from package import module`
    if (ref.name === undefined || ref.name === "*") return;
    for (const origin of sources.originsOf(from, { root: ref.name, members: [] }, [ref])) {
      if (origin.kind === "module") seen.add(origin.module);
      if (origin.kind === "unit") seen.add(origin.unit.module);
    }
  };
  for (const module of seen) for (const ref of module.requests) add(module, ref);
  return [...seen];
}
