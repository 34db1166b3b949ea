import type {
  Class,
  ModuleExportName,
  TSEnumDeclaration,
  TSInterfaceDeclaration,
  TSTypeAliasDeclaration,
} from "oxc-parser";
import type { ModuleGraph } from "./graph.ts";
import type { SourceModule } from "./module.ts";

/** What a type name may stand for. */
export type TypeDeclaration = TSInterfaceDeclaration | TSTypeAliasDeclaration | TSEnumDeclaration | Class;

/** A declared type and the module that declares it. */
export interface FoundType {
  readonly declaration: TypeDeclaration;
  readonly module: SourceModule;
}

/**
 * Finds the declaration of a type by the name a module knows it by, through its imports and the
 * re-exports of other modules of the project. Types of packages are not followed.
 */
export function findType(
  graph: ModuleGraph,
  module: SourceModule,
  name: string,
  seen: Set<string> = new Set(),
): FoundType | undefined {
  const mark = `${module.path}\0${name}`;
  if (seen.has(mark)) return undefined;
  seen.add(mark);
  const elsewhere = (specifier: string, exported: string): FoundType | undefined => {
    const target = graph.resolver.resolve(module.path, specifier);
    const next = target.kind === "source" ? graph.typesOf(target.path) : undefined;
    return next && findType(graph, next, exported, seen);
  };
  for (const statement of module.program.body) {
    const declared =
      (statement.type === "ExportNamedDeclaration" || statement.type === "ExportDefaultDeclaration") &&
      statement.declaration
        ? statement.declaration
        : statement;
    if (
      declared.type === "TSInterfaceDeclaration" ||
      declared.type === "TSTypeAliasDeclaration" ||
      declared.type === "TSEnumDeclaration" ||
      declared.type === "ClassDeclaration"
    ) {
      const isDefault = statement.type === "ExportDefaultDeclaration" && name === "default";
      if (isDefault || declared.id?.name === name) return { declaration: declared, module };
    }
  }
  for (const statement of module.program.body) {
    if (statement.type === "ImportDeclaration") {
      for (const one of statement.specifiers) {
        if (one.local.name !== name || one.type === "ImportNamespaceSpecifier") continue;
        return elsewhere(statement.source.value, one.type === "ImportSpecifier" ? textOf(one.imported) : "default");
      }
    } else if (statement.type === "ExportNamedDeclaration") {
      for (const one of statement.specifiers) {
        if (textOf(one.exported) !== name) continue;
        const local = textOf(one.local);
        if (statement.source) return elsewhere(statement.source.value, local);
        if (local !== name) return findType(graph, module, local, seen);
      }
    }
  }
  for (const statement of module.program.body) {
    if (statement.type !== "ExportAllDeclaration" || statement.exported) continue;
    const found = elsewhere(statement.source.value, name);
    if (found) return found;
  }
  return undefined;
}

/** Finds what a module imports under a name: for a type that lies in a package. */
export function importedName(module: SourceModule, name: string): string | undefined {
  for (const statement of module.program.body) {
    if (statement.type !== "ImportDeclaration") continue;
    for (const one of statement.specifiers) {
      if (one.local.name !== name) continue;
      return one.type === "ImportSpecifier" ? textOf(one.imported) : undefined;
    }
  }
  return undefined;
}

/** Finds the module behind a namespace import, types included. */
export function namespaceModule(graph: ModuleGraph, module: SourceModule, name: string): SourceModule | undefined {
  for (const statement of module.program.body) {
    if (statement.type !== "ImportDeclaration") continue;
    if (!statement.specifiers.some((one) => one.type === "ImportNamespaceSpecifier" && one.local.name === name))
      continue;
    const target = graph.resolver.resolve(module.path, statement.source.value);
    return target.kind === "source" ? graph.typesOf(target.path) : undefined;
  }
  return undefined;
}

function textOf(name: ModuleExportName): string {
  return name.type === "Literal" ? name.value : name.name;
}
