import type { Node } from "oxc-parser";
import type { Analysis } from "../analyse.ts";
import type { SourceModule } from "../modules/module.ts";
import { originOf } from "../modules/origin.ts";
import { positionAt } from "../syntax/position.ts";
import { rootOf } from "../syntax/scopes.ts";
import { unwrap } from "../syntax/shapes.ts";
import { walk } from "../syntax/walk.ts";
import type { Diagnostic } from "../types.ts";
import { ligaseCallee } from "./find.ts";

/** What Ligase exports that gives a lazy value when called. */
const LAZY = new Set("map cond seq all attempt attemptAll fail reduce zip flatten groupBy get".split(" "));
const COMPARISONS = new Set(["===", "!==", "==", "!=", "<", ">", "<=", ">="]);

/** Finds what is allowed and most likely wrong: deciding on a value that is not there yet, calls that nobody uses. */
export function diagnose({ graph, tasks }: Analysis): Diagnostic[] {
  const paths = new Set(tasks.map((task) => `${task.module.path}\0${task.path}`));
  const found: Diagnostic[] = [];
  for (const module of graph.modules.values()) {
    const isCall = (node: Node): boolean => {
      const inner = unwrap(node);
      if (inner.type === "MemberExpression") return isCall(rootOfMember(inner));
      if (inner.type !== "CallExpression") return false;
      const ligase = ligaseCallee(graph, module, inner);
      if (ligase !== undefined) return LAZY.has(ligase);
      const callee = unwrap(inner.callee);
      if (callee.type === "CallExpression") return ligaseCallee(graph, module, callee) === "lift";
      const origin = originOf(graph, module, callee);
      if (origin?.origin.kind !== "binding") return false;
      return paths.has(`${origin.origin.module.path}\0${[origin.origin.name, ...origin.rest].join(".")}`);
    };
    for (const statement of module.program.body) diagnoseIn(module, statement, isCall, found);
  }
  return found;
}

function rootOfMember(node: Node): Node {
  let inner = unwrap(node);
  while (inner.type === "MemberExpression") inner = unwrap(inner.object);
  return inner;
}

function diagnoseIn(module: SourceModule, statement: Node, isCall: (node: Node) => boolean, into: Diagnostic[]): void {
  const { bindingOf } = module.scopes;
  const used = new Set([...bindingOf.values()].map((binding) => binding.declaration));
  const exported = statement.type === "ExportNamedDeclaration";
  const isUsed = (declarator: Node, name: string) =>
    used.has(declarator) || (exported && module.scopes.module.bindings.get(name)?.declaration === declarator);
  const report = (code: string, message: string, node: Node) => {
    into.push({ code, message, file: module.id, ...positionAt(module.source, node.start) });
  };
  /** Does a variable plainly hold a call? Directly, or as a field of one. */
  const holdsCall = (node: Node): boolean => {
    const root = rootOfMember(node);
    if (root.type === "CallExpression") return isCall(root);
    const declaration = root.type === "Identifier" ? bindingOf.get(root)?.declaration : undefined;
    return (
      declaration?.type === "VariableDeclarator" &&
      declaration.init !== null &&
      isCall(declaration.init) &&
      (declaration.id.type === "Identifier" || unwrap(node) === root)
    );
  };
  const decide = (node: Node, how: string, mend: string) => {
    if (!holdsCall(node)) return;
    const name = module.source.slice(node.start, node.end).replace(/\s+/g, " ").slice(0, 40);
    report("LIGASE_W_LAZY_TEST", `\`${name}\` is not computed yet: ${how}; ${mend}`, node);
  };
  const always = "it is always true here";
  const cond = "use cond(test, yes, no), or `await` it in an async body";
  walk(statement, {
    enter(node) {
      switch (node.type) {
        case "IfStatement":
        case "WhileStatement":
        case "DoWhileStatement":
        case "ConditionalExpression":
          decide(node.test, always, cond);
          break;
        case "UnaryExpression":
          if (node.operator === "!") decide(node.argument, always, cond);
          break;
        case "LogicalExpression":
          decide(node.left, always, cond);
          break;
        case "BinaryExpression":
          if (COMPARISONS.has(node.operator) && node.left.type !== "PrivateIdentifier") {
            for (const side of [node.left, node.right]) {
              decide(
                side,
                "a comparison cannot see its value",
                "use lift((a, b) => …)(…), or `await` it in an async body",
              );
            }
          }
          break;
        case "ExpressionStatement":
          if (isCall(node.expression) && rootOf(node.expression).type === "Identifier") {
            report("LIGASE_W_UNUSED_CALL", "the value of this call is never used, so it never runs", node);
          }
          break;
        case "VariableDeclarator": {
          if (node.id.type !== "Identifier" || node.init === null || !isCall(node.init)) break;
          if (!isUsed(node, node.id.name))
            report("LIGASE_W_UNUSED_CALL", `\`${node.id.name}\` is never used, so its call never runs`, node);
          break;
        }
        default:
          break;
      }
    },
  });
}
