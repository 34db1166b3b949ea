import type { Node } from "oxc-parser";
import type { Parameter } from "../../expr/definition.ts";
import type { ModuleGraph } from "../modules/graph.ts";
import type { SourceModule } from "../modules/module.ts";
import { originOfExport } from "../modules/origin.ts";
import { readDoc, readParameters } from "../parameters/index.ts";
import { unwrap } from "../syntax/shapes.ts";
import { docCommentBefore, functionOf } from "./body.ts";
import { ligaseCallee } from "./find.ts";
import { typeScope } from "./type-scope.ts";

/** What the source says of an export that is an endpoint or a web app. */
export interface FoundHandler {
  /** Of the declaration, or else of the function. */
  readonly doc: string;
  /** Of the function that answers; nothing where the source does not show one. */
  readonly parameters: readonly Parameter[] | undefined;
}

/** What the source says of the endpoints and web apps that an app exports, by the name of the export, in order. */
export function findHandlers(graph: ModuleGraph): ReadonlyMap<string, FoundHandler> {
  const found = new Map<string, FoundHandler>();
  for (const name of exportedNames(graph, graph.entry)) {
    const origin = originOfExport(graph, graph.entry, name);
    const made = origin?.kind === "binding" ? declared(origin.module, origin.name) : undefined;
    if (!made || made.call.type !== "CallExpression") continue;
    const callee = ligaseCallee(graph, made.module, made.call);
    if (callee !== "endpoint" && callee !== "web") continue;
    const [first] = made.call.arguments;
    const fn = first && first.type !== "SpreadElement" ? functionOf(graph, made.module, unwrap(first)) : undefined;
    const own = docCommentBefore(made.module, made.statement);
    const comment = own ?? (fn && docOf(fn.module, fn.fn));
    found.set(name, {
      doc: readDoc(comment).text,
      parameters: fn && readParameters({ ...typeScope(graph, fn.module), fn: fn.fn, docComment: comment }),
    });
  }
  return found;
}

/** The names that a module exports, in the order of its text, those of `export *` last. */
function exportedNames(graph: ModuleGraph, module: SourceModule, seen = new Set<SourceModule>()): string[] {
  if (seen.has(module)) return [];
  seen.add(module);
  const behind = module.stars.flatMap((specifier) => {
    const target = module.targets.get(specifier);
    const next = target?.kind === "source" ? graph.modules.get(target.path) : undefined;
    return next ? exportedNames(graph, next, seen).filter((name) => name !== "default") : [];
  });
  return [...new Set([...module.exports.keys(), ...behind])];
}

/** What a top-level name is declared as, and the statement it is declared in. */
function declared(
  module: SourceModule,
  name: string,
): { readonly call: Node; readonly statement: Node; readonly module: SourceModule } | undefined {
  for (const statement of module.program.body) {
    if (name === "default" && statement.type === "ExportDefaultDeclaration") {
      return { call: unwrap(statement.declaration), statement, module };
    }
    const inner = statement.type === "ExportNamedDeclaration" ? statement.declaration : statement;
    if (inner?.type !== "VariableDeclaration") continue;
    const declarator = inner.declarations.find(({ id }) => id.type === "Identifier" && id.name === name);
    if (declarator?.init) return { call: unwrap(declarator.init), statement, module };
  }
  return undefined;
}

/** The doc comment of a function: before the statement that declares it. */
function docOf(module: SourceModule, fn: Node): string | undefined {
  const statement = module.program.body.find((one) => one.start <= fn.start && fn.end <= one.end);
  return statement && docCommentBefore(module, statement);
}
