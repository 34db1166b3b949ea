import type { Origin } from "../modules/origin.ts";
import type { Facts, Root } from "./facts.ts";
import type { Unit } from "./units.ts";

/** What can be changed by a statement: a unit, a package, or (`undefined`) something global. */
export type Changed = Unit | string;

const UNCHANGEABLE: ReadonlySet<Unit["kind"]> = new Set(["function", "primitive"]);

/** What the search for effects asks of the reference graph. */
export interface EffectsContext {
  readonly units: readonly Unit[];
  readonly factsOf: (unit: Unit) => Facts;
  /** The unit or the package behind an origin; nothing for Node, Ligase and files. */
  readonly changedBy: (origin: Origin) => Changed | undefined;
  /** The units that a unit refers to; tasks are not among them. */
  readonly usedBy: (unit: Unit, evaluatedOnly: boolean) => readonly Unit[];
}

/** Which statements change what, while the modules are evaluated. */
export interface Effects {
  /** In the order of the modules and of their text. */
  readonly on: ReadonlyMap<Changed, readonly Unit[]>;
  /** Statements that change something global: they count for their whole module. */
  readonly ambient: readonly Unit[];
}

/**
 * Finds the top-level statements that change a binding: an assignment, `registry.set(…)`,
 * `Foo.prototype.x = …`, a call that is made for its effect, directly or through the functions it
 * calls.
 */
export function findEffects(context: EffectsContext): Effects {
  const { units, factsOf, changedBy, usedBy } = context;
  const reach = writesThroughCalls(context);
  const on = new Map<Changed, Unit[]>();
  const ambient: Unit[] = [];
  /** Has it methods that write to `this`, of its own or of its class? */
  const changesItself = (unit: Unit) =>
    reach.get(unit)?.has("this") === true || usedBy(unit, true).some((used) => reach.get(used)?.has("this"));
  for (const unit of units) {
    if (unit.kind === "function" || unit.kind === "primitive" || unit.kind === "body") continue;
    const facts = factsOf(unit);
    const changed = new Set<Changed>();
    let global = false;
    const note = (root: Root, deep = false) => {
      if (root === "global") global = true;
      if (typeof root === "string") return;
      const what = changedBy(root);
      if (what === undefined || changed.has(what)) return;
      changed.add(what);
      if (typeof what === "string") return;
      const { aliasOf } = factsOf(what);
      if (aliasOf) note(aliasOf, deep);
      // `all.registry.set(…)`: what `all` was made of.
      if (deep) for (const held of usedBy(what, true)) if (!UNCHANGEABLE.has(held.kind)) changed.add(held);
    };
    for (const write of facts.writes) if (write.now) note(write.root, write.deep);
    for (const used of usedBy(unit, true)) {
      for (const root of reach.get(used) ?? []) note(root);
    }
    for (const { callee, bare, method, arguments: passed } of facts.calls) {
      if (callee === "global") continue;
      const what = callee && changedBy(callee);
      if (bare && typeof what === "string") changed.add(what);
      if (callee?.kind === "builtin" || callee?.kind === "ligase") continue;
      const called = typeof what === "object" ? what : undefined;
      if (called && callee && method && changesItself(called)) note(callee);
      if (!bare && !(called && reach.get(called)?.has("parameter"))) continue;
      for (const argument of passed) {
        // Functions and numbers are not changed by being passed on.
        const target = changedBy(argument);
        if (typeof target !== "object" || !UNCHANGEABLE.has(target.kind)) note(argument);
      }
    }
    if (global) ambient.push(unit);
    changed.delete(unit);
    for (const what of changed) {
      const list = on.get(what);
      if (list) list.push(unit);
      else on.set(what, [unit]);
    }
  }
  return { on, ambient };
}

/** What calling a unit may write to, in it or in what it calls. */
function writesThroughCalls({ units, factsOf, usedBy }: EffectsContext): Map<Unit, Set<Root>> {
  const users = new Map<Unit, Unit[]>();
  const writers: Unit[] = [];
  for (const unit of units) {
    for (const used of usedBy(unit, false)) {
      const list = users.get(used);
      if (list) list.push(unit);
      else users.set(used, [unit]);
    }
    if (factsOf(unit).writes.length > 0) writers.push(unit);
  }
  const reach = new Map<Unit, Set<Root>>();
  for (const writer of writers) {
    const roots = factsOf(writer).writes.map((write) => write.root);
    const seen = new Set([writer]);
    for (const unit of seen) {
      let into = reach.get(unit);
      if (!into) reach.set(unit, (into = new Set()));
      for (const root of roots) into.add(root);
      for (const user of users.get(unit) ?? []) seen.add(user);
    }
  }
  return reach;
}
