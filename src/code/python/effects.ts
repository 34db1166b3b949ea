import type { PyModule, PyUnit } from "./module.ts";
import type { Call, Write } from "./changes.ts";
import type { PyOrigin, PythonSources } from "./source-tree.ts";
import { type Chain, chainOf } from "./tree.ts";

/** Which statements change what, while the modules are evaluated. */
export interface PyEffects {
  /** By unit, or by the name of a module that is not of the project. */
  readonly on: ReadonlyMap<PyUnit | string, readonly PyUnit[]>;
  /** Statements that change something of the process (`os.environ`, `random.seed(1)`): they count for their whole module. */
  readonly ambient: ReadonlyMap<PyModule, readonly PyUnit[]>;
}

/** Modules whose settings change no result. */
const QUIET = new Set(["logging", "warnings", "ligase"]);

/**
 * Finds the top-level statements that change a binding: `TABLE["x"] = 1`, `TABLE.update(…)`, `@register` over a definition,
 * a call that is made for its effect, directly or through the functions it calls.
 *
 * @param modules - those that are evaluated
 */
export function findEffects(sources: PythonSources, modules: readonly PyModule[]): PyEffects {
  const on = new Map<PyUnit | string, PyUnit[]>();
  const ambient = new Map<PyModule, PyUnit[]>();
  const writes = new ReachedWrites(sources);
  for (const module of modules) {
    for (const unit of module.units) {
      const changed = new Set<PyUnit | string>();
      const add = (from: PyModule, chain: Chain): void => {
        for (const what of changedBy(sources, from, chain)) changed.add(what);
      };
      const { changes } = sources.factsOf(unit);
      for (const { chain, depth } of changes.writes) if (depth === 0) add(module, chain);
      for (const call of changes.calls) {
        if (call.depth > 0) continue;
        for (const origin of sources.originsOf(module, call.callee)) {
          if (origin.kind === "external" && call.bare) changed.add(origin.name);
          if (origin.kind !== "unit") continue;
          const reached = writes.of(origin.unit, call.decorates === "plain");
          for (const [from, chain] of reached.writes) add(from, chain);
          if (reached.ofParameter) for (const argument of call.arguments) add(module, argument);
        }
        if (isForeign(sources, module, call) && call.bare) for (const argument of call.arguments) add(module, argument);
      }
      changed.delete(unit);
      for (const what of changed) push(on, what, unit);
      if ([...changed].some((what) => typeof what === "string" && !QUIET.has(what))) push(ambient, module, unit);
    }
  }
  return { on, ambient };
}

function push<K>(into: Map<K, PyUnit[]>, key: K, unit: PyUnit): void {
  const list = into.get(key);
  if (list) list.push(unit);
  else into.set(key, [unit]);
}

/** The units or foreign modules that a write to a name changes; of an alias also what it is one of. */
function changedBy(sources: PythonSources, module: PyModule, chain: Chain): (PyUnit | string)[] {
  const found: (PyUnit | string)[] = [];
  const queue: PyOrigin[] = [...sources.originsOf(module, chain)];
  const seen = new Set<PyUnit>();
  for (const origin of queue) {
    if (origin.kind === "external") found.push(origin.name);
    if (origin.kind !== "unit" || seen.has(origin.unit)) continue;
    seen.add(origin.unit);
    found.push(origin.unit);
    const alias = aliasOf(origin.unit);
    if (alias) queue.push(...sources.originsOf(origin.unit.module, alias));
  }
  return found;
}

/** `TABLES = lib.TABLES`: another name for the same. */
function aliasOf({ kind, nodes, module }: PyUnit): Chain | undefined {
  const [node] = nodes;
  return kind === "value" && node?.type === "AssignStatement"
    ? chainOf(node.children.at(-1)!, module.source)
    : undefined;
}

function isForeign(sources: PythonSources, module: PyModule, { callee }: Call): boolean {
  return sources.originsOf(module, callee).every(({ kind }) => kind === "external");
}

interface Reached {
  readonly writes: readonly (readonly [from: PyModule, chain: Chain])[];
  readonly ofParameter: boolean;
}

/** What calling a function may write to, in it or in what it calls. */
class ReachedWrites {
  readonly #sources: PythonSources;
  readonly #known = new Map<PyUnit, Reached>();

  constructor(sources: PythonSources) {
    this.#sources = sources;
  }

  /** @param shallow - a decorator's own body alone: the function that it returns runs later */
  of(unit: PyUnit, shallow: boolean): Reached {
    const { changes } = this.#sources.factsOf(unit);
    if (shallow && [...changes.writes, ...changes.calls].some(({ depth }) => depth > 1)) {
      const now = changes.writes.filter(({ depth }) => depth <= 1);
      return { writes: now.map(({ chain }: Write) => [unit.module, chain] as const), ofParameter: changes.ofParameter };
    }
    const known = this.#known.get(unit);
    if (known) return known;
    const writes: (readonly [PyModule, Chain])[] = [];
    let { ofParameter } = changes;
    const seen = new Set([unit]);
    for (const one of seen) {
      const facts = this.#sources.factsOf(one);
      for (const { chain, depth } of facts.changes.writes) if (depth > 0) writes.push([one.module, chain]);
      ofParameter ||= facts.changes.ofParameter;
      for (const { chain, refs } of facts.uses.values()) {
        for (const origin of this.#sources.originsOf(one.module, chain, refs)) {
          if (origin.kind === "unit" && (origin.unit.kind === "function" || origin.unit.kind === "class"))
            seen.add(origin.unit);
        }
      }
    }
    const reached = { writes, ofParameter };
    this.#known.set(unit, reached);
    return reached;
  }
}
