import { type Hash, hashText } from "../../kernel/index.ts";
import type { ModuleGraph } from "../modules/graph.ts";
import type { SourceModule } from "../modules/module.ts";
import { originOfExport, type Origin } from "../modules/origin.ts";
import { projectPath } from "../modules/root.ts";
import type { FoundTask } from "../tasks/found.ts";
import { type Changed, type Effects, findEffects } from "./effects.ts";
import { type Facts, type FactsContext, readFacts, type Use } from "./facts.ts";
import { ClosureHasher } from "./hash.ts";
import { splitUnits, type Unit, type Units } from "./units.ts";
import { leafIn, type Edge, type Vertex } from "./vertex.ts";

/** What a task's code is, as far as its results may depend on it. */
export interface Closure {
  readonly hash: Hash;
  /** What it is made of; see `TaskDefinition.closure`. */
  readonly record: Readonly<Record<string, string>>;
  /** Does it build scripts, itself or through its helpers? */
  readonly scripted: boolean;
}

/** The references between everything in a program that can be hashed. */
export class ReferenceGraph {
  readonly #graph: ModuleGraph;
  readonly #context: FactsContext;
  readonly #units = new Map<SourceModule, Units>();
  readonly #facts = new Map<Unit, Facts>();
  readonly #vertices = new Map<string | Unit | SourceModule, Vertex>();
  readonly #bodies = new Map<FoundTask, Unit>();
  readonly #stubs = new Map<FoundTask, Unit>();
  readonly #hasher = new ClosureHasher();
  readonly #ambient = new Map<SourceModule, Vertex | undefined>();
  #effects: Effects | undefined;

  constructor(graph: ModuleGraph, tasks: readonly FoundTask[]) {
    const byCall = new Map(tasks.map((task) => [task.call, task]));
    const byPath = new Map<string, FoundTask>();
    for (const task of tasks) {
      if (task.kind === "task" && task.path !== undefined) byPath.set(`${task.module.path}\0${task.path}`, task);
    }
    this.#graph = graph;
    this.#context = {
      graph,
      taskOf: (call) => (call.type === "CallExpression" ? byCall.get(call) : undefined),
      taskAt: (module, path) => byPath.get(`${module}\0${path}`),
    };
    for (const module of graph.modules.values()) this.#units.set(module, splitUnits(module));
  }

  /** The closure of a task or a lift. */
  closureOf(task: FoundTask): Closure {
    return this.#closureOf(this.#bodyOf(task));
  }

  /** The closure of a task's stub, which has no part in that of the task. */
  stubClosureOf(task: FoundTask): Closure | undefined {
    const unit = this.#stubOf(task);
    return unit && this.#closureOf(unit);
  }

  #closureOf(unit: Unit): Closure {
    const start = this.#unitVertex(unit);
    const record: [string, string][] = [];
    const seen = new Set([start]);
    let scripted = false;
    for (const vertex of seen) {
      if (vertex.key === "ligase:script") scripted = true;
      if (vertex.named) record.push([vertex.key, vertex.own]);
      for (const [, to] of vertex.edges()) seen.add(to);
    }
    record.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
    return { hash: this.#hasher.hash(start), record: Object.fromEntries(record), scripted };
  }

  /** The top-level units that at least one of the tasks reaches: with its body, or with its options. */
  reachedUnits(tasks: readonly FoundTask[]): ReadonlySet<Unit> {
    const definitions = tasks.map(({ module, name, call }): Unit => ({
      module,
      name,
      nodes: call.arguments,
      kind: "body",
    }));
    const seen = new Set<Vertex>(definitions.map((unit) => this.#unitVertex(unit)));
    for (const vertex of seen) for (const [, to] of vertex.edges()) seen.add(to);
    return new Set([...this.#vertices].flatMap(([key, vertex]) => (seen.has(vertex) && isUnit(key) ? [key] : [])));
  }

  /** The units of a module. */
  unitsOf(module: SourceModule): Units {
    return this.#units.get(module)!;
  }

  #bodyOf(task: FoundTask): Unit {
    let unit = this.#bodies.get(task);
    if (!unit) {
      const name = task.kind === "lift" ? "lift" : (task.path ?? task.name);
      unit = { module: task.module, name, nodes: [task.fn], kind: "body" };
      this.#bodies.set(task, unit);
    }
    return unit;
  }

  #stubOf(task: FoundTask): Unit | undefined {
    if (!task.stub) return undefined;
    let unit = this.#stubs.get(task);
    if (!unit) {
      unit = { module: task.module, name: `${task.path ?? task.name} (stub)`, nodes: [task.stub], kind: "body" };
      this.#stubs.set(task, unit);
    }
    return unit;
  }

  #factsOf(unit: Unit): Facts {
    let facts = this.#facts.get(unit);
    if (!facts) this.#facts.set(unit, (facts = readFacts(unit, this.#context)));
    return facts;
  }

  #unitVertex(unit: Unit): Vertex {
    const known = this.#vertices.get(unit);
    if (known) return known;
    let edges: readonly Edge[] | undefined;
    const facts = this.#factsOf(unit);
    const vertex: Vertex = {
      key: `${unit.module.id}#${unit.name}`,
      own: hashText(facts.text),
      named: true,
      edges: () => (edges ??= this.#unitEdges(unit, facts)),
    };
    this.#vertices.set(unit, vertex);
    return vertex;
  }

  #unitEdges(unit: Unit, facts: Facts): Edge[] {
    const edges: Edge[] = [];
    for (const [label, use] of [...facts.uses].sort(([a], [b]) => (a < b ? -1 : 1))) {
      const to = this.#useVertex(unit.module, use);
      // What is imported, where only its package or file has a hash.
      const member = use.kind === "origin" && "member" in use.origin ? ` ${use.origin.member}` : "";
      if (to) edges.push([`${label}${member}`, to]);
    }
    this.#effectsOn(unit, edges);
    const ambient = this.#ambientOf(unit.module);
    if (ambient && unit.kind !== "statement") edges.push(["module", ambient]);
    return edges;
  }

  #effectsOn(changed: Changed, into: Edge[]): void {
    for (const statement of this.#allEffects().on.get(changed) ?? []) {
      into.push([`effect:${into.length}`, this.#unitVertex(statement)]);
    }
  }

  #useVertex(module: SourceModule, use: Use): Vertex | undefined {
    switch (use.kind) {
      case "origin":
        return this.#originVertex(use.origin);
      case "task":
        return this.#leaf(`task:${use.task.name}`, use.task.name);
      case "body":
        return this.#unitVertex(this.#bodyOf(use.task));
      case "request": {
        const target = module.targets.get(use.specifier);
        if (target?.kind === "source") return this.#moduleVertex(this.#graph.modules.get(target.path)!, "all");
        if (target?.kind === "package") return this.#packageVertex(target.name, target.version);
        if (target?.kind === "asset") return this.#assetVertex(target.path);
        return undefined; // Node and Ligase: the specifier is in the text
      }
    }
  }

  #originVertex(origin: Origin): Vertex | undefined {
    switch (origin.kind) {
      case "binding": {
        const unit = this.#unitOf(origin);
        return unit && this.#unitVertex(unit);
      }
      case "namespace":
        return this.#moduleVertex(origin.module, "all");
      case "package":
        return this.#packageVertex(origin.name, origin.version);
      case "asset":
        return this.#assetVertex(origin.path);
      case "builtin":
        return this.#leaf(`node:${origin.name}`, origin.name, false);
      case "ligase":
        return this.#leaf(`ligase:${origin.name}`, origin.name, false);
    }
  }

  #unitOf(origin: Origin & { kind: "binding" }): Unit | undefined {
    return this.#units.get(origin.module)?.byBinding.get(origin.name);
  }

  #leaf(key: string, own: string, named = true, edges?: (into: Edge[]) => void): Vertex {
    return leafIn(this.#vertices, { key, own, named }, edges);
  }

  #packageVertex(name: string, version: string): Vertex {
    const key = `npm:${name}`;
    // Two versions of one package in one program: each counts by itself.
    const known = this.#vertices.get(key);
    const unique = known && known.own !== version ? `${key}@${version}` : key;
    return this.#leaf(unique, version, true, (into) => this.#effectsOn(key, into));
  }

  #assetVertex(path: string): Vertex {
    return this.#leaf(`asset:${projectPath(this.#graph.root, path)}`, this.#graph.assets.get(path) ?? "");
  }

  /** All that a module exports, or its statements alone, for `import "./setup.ts"`. */
  #moduleVertex(module: SourceModule, what: "all" | "effects"): Vertex {
    return this.#leaf(`${what}:${module.path}`, what, false, (into) => {
      if (what === "all") {
        for (const name of exportedNames(this.#graph, module)) {
          const origin = originOfExport(this.#graph, module, name);
          if (origin === undefined) continue;
          const task = origin.kind === "binding" && this.#context.taskAt(origin.module.path, origin.name);
          const to = task ? this.#leaf(`task:${task.name}`, task.name) : this.#originVertex(origin);
          if (to) into.push(["member" in origin ? `${name} ${origin.member}` : name, to]);
        }
      }
      for (const unit of this.unitsOf(module).all) {
        if (unit.kind === "statement") into.push([`effect:${into.length}`, this.#unitVertex(unit)]);
      }
      const ambient = this.#ambientOf(module);
      if (ambient) into.push(["module", ambient]);
    });
  }

  /** What every unit of a module counts: its global statements and its `import "./setup.ts"`. */
  #ambientOf(module: SourceModule): Vertex | undefined {
    if (this.#ambient.has(module)) return this.#ambient.get(module);
    const own = this.#allEffects().ambient.filter((unit) => unit.module === module);
    const imports = module.requests.filter((request) => request.how === "effect");
    const vertex =
      own.length + imports.length === 0
        ? undefined
        : this.#leaf(`module:${module.path}`, "module", false, (into) => {
            for (const unit of own) into.push([`global:${into.length}`, this.#unitVertex(unit)]);
            for (const { specifier } of imports) {
              const target = module.targets.get(specifier);
              const to =
                target?.kind === "source"
                  ? this.#moduleVertex(this.#graph.modules.get(target.path)!, "effects")
                  : this.#useVertex(module, { kind: "request", specifier });
              if (to) into.push([`import:${into.length}`, to]);
            }
          });
    this.#ambient.set(module, vertex);
    return vertex;
  }

  #allEffects(): Effects {
    if (this.#effects) return this.#effects;
    const units = [...this.#units.values()].flatMap((one) => one.all);
    const changedBy = (origin: Origin): Changed | undefined => {
      if (origin.kind === "binding") {
        if (this.#context.taskAt(origin.module.path, origin.name)) return undefined;
        return this.#unitOf(origin);
      }
      return origin.kind === "package" ? `npm:${origin.name}` : undefined;
    };
    const usedBy = (unit: Unit, evaluatedOnly: boolean): Unit[] => {
      const facts = this.#factsOf(unit);
      const used: Unit[] = [];
      for (const [label, use] of facts.uses) {
        if (use.kind !== "origin" || use.origin.kind !== "binding") continue;
        if (evaluatedOnly && !facts.evaluated.has(label)) continue;
        const one = this.#unitOf(use.origin);
        if (one) used.push(one);
      }
      return used;
    };
    this.#effects = findEffects({ units, factsOf: (unit) => this.#factsOf(unit), changedBy, usedBy });
    return this.#effects;
  }
}

function isUnit(key: string | Unit | SourceModule): key is Unit {
  return typeof key === "object" && "nodes" in key;
}

/** The names a module exports, those of `export *` included. */
function exportedNames(graph: ModuleGraph, module: SourceModule): string[] {
  const names = new Set<string>();
  const seen = new Set([module]);
  for (const one of seen) {
    for (const name of one.exports.keys()) if (one === module || name !== "default") names.add(name);
    for (const specifier of one.stars) {
      const target = one.targets.get(specifier);
      const next = target?.kind === "source" ? graph.modules.get(target.path) : undefined;
      if (next) seen.add(next);
    }
  }
  return [...names].sort();
}
