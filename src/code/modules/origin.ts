import type { Node } from "oxc-parser";
import { unwrap } from "../syntax/shapes.ts";
import { noExport, type ModuleGraph } from "./graph.ts";
import type { Import, SourceModule } from "./module.ts";
import { findType } from "./types.ts";

/** What a name stands for, across modules. */
export type Origin =
  /** A top-level binding of a project module (`default` for an anonymous default export). */
  | { readonly kind: "binding"; readonly module: SourceModule; readonly name: string }
  /** All that a project module exports. */
  | { readonly kind: "namespace"; readonly module: SourceModule }
  | { readonly kind: "package"; readonly name: string; readonly version: string; readonly member: string }
  | { readonly kind: "builtin"; readonly name: string; readonly member: string }
  /** An export of Ligase; `*` for all of them. */
  | { readonly kind: "ligase"; readonly name: string }
  | { readonly kind: "asset"; readonly path: string; readonly member: string };

/** What a module exports under a name. */
export function originOfExport(
  graph: ModuleGraph,
  module: SourceModule,
  name: string,
  seen: Set<string> = new Set(),
): Origin | undefined {
  const mark = `${module.path}\0${name}`;
  if (seen.has(mark)) return undefined;
  seen.add(mark);
  const found = module.exports.get(name);
  if (found && "local" in found) return originOfLocal(graph, module, found.local, seen);
  if (found) return follow(graph, module, found, seen);
  if (name === "default") return undefined;
  for (const specifier of module.stars) {
    const origin = follow(graph, module, { specifier, name }, seen);
    // Any name may come from a package; those of the project are preferred.
    if (origin && origin.kind !== "package" && origin.kind !== "builtin") return origin;
  }
  for (const specifier of module.stars) {
    const origin = follow(graph, module, { specifier, name }, new Set(seen));
    if (origin) return origin;
  }
  return undefined;
}

/** What a top-level name of a module stands for. */
export function originOfLocal(
  graph: ModuleGraph,
  module: SourceModule,
  name: string,
  seen: Set<string> = new Set(),
): Origin | undefined {
  const imported = module.imports.get(name);
  if (imported) return follow(graph, module, imported, seen);
  if (name === "default" || module.scopes.module.bindings.has(name)) return { kind: "binding", module, name };
  return undefined;
}

function follow(
  graph: ModuleGraph,
  module: SourceModule,
  { specifier, name, type }: Omit<Import, "node">,
  seen: Set<string>,
): Origin | undefined {
  const target = module.targets.get(specifier);
  switch (target?.kind) {
    case "source": {
      const next = graph.modules.get(target.path);
      if (next === undefined) return undefined;
      return name === "*" ? { kind: "namespace", module: next } : originOfExport(graph, next, name, seen);
    }
    case "package":
      // `lodash/map` and `lodash/filter` are one package, and not the same.
      return { kind: "package", name: target.name, version: target.version, member: `${specifier}#${name}` };
    case "builtin":
      return { kind: "builtin", name: target.name, member: name };
    case "ligase":
      return { kind: "ligase", name };
    case "asset":
      return { kind: "asset", path: target.path, member: type ?? "" };
    default:
      return undefined;
  }
}

/** An identifier, or a chain of plain members: `ns.tools.align`. */
export function staticPath(
  node: Node,
): { readonly root: Node & { name: string }; readonly members: string[] } | undefined {
  const members: string[] = [];
  let inner = unwrap(node);
  while (inner.type === "MemberExpression") {
    const { property } = inner;
    if (!inner.computed && property.type === "Identifier") members.unshift(property.name);
    else if (property.type === "Literal" && typeof property.value === "string") members.unshift(property.value);
    else return undefined;
    inner = unwrap(inner.object);
  }
  return inner.type === "Identifier" ? { root: inner, members } : undefined;
}

/**
 * What an expression stands for if it is a name, or members of namespaces: `ns.align` reaches
 * `align` only. `rest` are the members that are left after the last namespace.
 */
export function originOf(
  graph: ModuleGraph,
  module: SourceModule,
  node: Node,
): { readonly origin: Origin; readonly rest: readonly string[] } | undefined {
  const path = staticPath(node);
  if (path === undefined) return undefined;
  const binding = module.scopes.bindingOf.get(path.root);
  if (binding === undefined || binding.scope !== module.scopes.module) return undefined;
  let origin = originOfLocal(graph, module, path.root.name);
  let used = 0;
  while (origin && used < path.members.length) {
    const member = path.members[used]!;
    if (origin.kind === "namespace") {
      const next: Origin | undefined = originOfExport(graph, origin.module, member);
      if (next === undefined) break;
      origin = next;
    } else if (origin.kind === "ligase" && origin.name === "*") origin = { kind: "ligase", name: member };
    else break;
    used++;
  }
  return origin && { origin, rest: path.members.slice(used) };
}

/**
 * Refuses the import of a name that its module does not have.
 *
 * @throws LIGASE_E_NO_EXPORT
 */
export function checkImports(graph: ModuleGraph): void {
  for (const module of graph.modules.values()) {
    for (const [local, imported] of module.imports) {
      const target = module.targets.get(imported.specifier);
      if (target?.kind !== "source" || imported.name === "*") continue;
      if ((module.scopes.module.bindings.get(local)?.references ?? 0) === 0) continue;
      const from = graph.modules.get(target.path);
      if (from === undefined || originOfExport(graph, from, imported.name)) continue;
      if (findType(graph, from, imported.name) === undefined)
        throw noExport(module, imported.node, from, imported.name);
    }
  }
}
