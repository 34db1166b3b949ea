import type { Node } from "oxc-parser";
import type { ModuleGraph } from "../modules/graph.ts";
import type { SourceModule } from "../modules/module.ts";
import { originOf } from "../modules/origin.ts";
import type { ParameterSource } from "../parameters/index.ts";
import { isFunction } from "../syntax/scopes.ts";
import { unwrap } from "../syntax/shapes.ts";

/** A function, and the module it stands in. */
export interface FoundFunction {
  readonly fn: ParameterSource["fn"];
  readonly module: SourceModule;
}

/** The function that an expression is: written there, or a top-level function named there. */
export function functionOf(graph: ModuleGraph, from: SourceModule, node: Node): FoundFunction | undefined {
  if (isFunctionNode(node)) return { fn: node, module: from };
  const found = originOf(graph, from, node);
  if (found?.origin.kind !== "binding" || found.rest.length > 0) return undefined;
  const { module, name } = found.origin;
  const declaration = module.scopes.module.bindings.get(name)?.declaration;
  const value = declaration?.type === "VariableDeclarator" && declaration.init ? unwrap(declaration.init) : declaration;
  return value && isFunctionNode(value) ? { fn: value, module } : undefined;
}

function isFunctionNode(node: Node): node is ParameterSource["fn"] {
  return isFunction(node);
}

/** The doc comment that ends right before a definition. */
export function docCommentBefore(module: SourceModule, node: Node): string | undefined {
  const comment = module.comments.findLast((one) => one.end <= node.start);
  if (comment?.type !== "Block" || !comment.value.startsWith("*")) return undefined;
  // `@decorator`-free: nothing but space may stand between.
  return module.source.slice(comment.end, node.start).trim() === "" ? comment.value : undefined;
}
