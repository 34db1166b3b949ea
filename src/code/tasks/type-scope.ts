import type { Expression } from "oxc-parser";
import type { ModuleGraph } from "../modules/graph.ts";
import type { SourceModule } from "../modules/module.ts";
import { originOfExport, originOfLocal } from "../modules/origin.ts";
import { findType, importedName, namespaceModule } from "../modules/types.ts";
import type { TypeScope } from "../parameters/index.ts";

/** How the types in a module are found, for reading a task's parameters. */
export function typeScope(graph: ModuleGraph, module: SourceModule): TypeScope {
  return {
    source: module.source,
    comments: module.comments,
    file: module.id,
    resolveType(name) {
      const dot = name.indexOf(".");
      if (dot > 0) {
        const target = namespaceModule(graph, module, name.slice(0, dot));
        return target ? typeScope(graph, target).resolveType(name.slice(dot + 1)) : qualified(module, name);
      }
      const found = findType(graph, module, name);
      if (found) return { node: found.declaration, scope: typeScope(graph, found.module) };
      const imported = importedName(module, name);
      return imported === undefined ? undefined : { imported };
    },
    resolveValue(name) {
      const origin = originOfLocal(graph, module, name) ?? originOfExport(graph, module, name);
      if (origin?.kind !== "binding") return undefined;
      const node = constantValue(origin.module, origin.name);
      return node && { node, scope: typeScope(graph, origin.module) };
    },
  };
}

/** `ligase.File`, where `ligase` is a package. */
function qualified(module: SourceModule, name: string): { imported: string } | undefined {
  const namespace = name.slice(0, name.indexOf("."));
  const isImport = module.program.body.some(
    (one) => one.type === "ImportDeclaration" && one.specifiers.some((specifier) => specifier.local.name === namespace),
  );
  return isImport ? { imported: name.slice(name.indexOf(".") + 1) } : undefined;
}

function constantValue(module: SourceModule, name: string): Expression | undefined {
  const declaration = module.scopes.module.bindings.get(name)?.declaration;
  if (declaration?.type !== "VariableDeclarator" || declaration.id.type !== "Identifier") return undefined;
  return declaration.init ?? undefined;
}
