import type { CallExpression, Node } from "oxc-parser";
import { sourceError, type SourceText } from "../syntax/position.ts";
import type { Scopes } from "../syntax/scopes.ts";
import { unwrap } from "../syntax/shapes.ts";
import { walk } from "../syntax/walk.ts";
import type { Request } from "./module.ts";

/**
 * Finds what expressions load: `import("…")`, `new URL("…", import.meta.url)`, and a `require("…")`
 * made by `createRequire`. What is loaded must be written as a literal, or the closure hash could
 * not follow it.
 *
 * @throws LIGASE_E_COMPUTED_IMPORT, LIGASE_E_REQUIRE, LIGASE_E_EVAL, LIGASE_E_UNSUPPORTED_SYNTAX
 */
export function readInline(body: readonly Node[], scopes: Scopes, at: SourceText): Map<Node, Request> {
  const found = new Map<Node, Request>();
  const refuse = (code: string, message: string, node: Node, mend: string): never => {
    throw sourceError(code, message, at, node.start, { mend });
  };
  const isGlobal = (node: Node, name: string) =>
    node.type === "Identifier" && node.name === name && !scopes.bindingOf.has(node);
  const add = (node: Node, how: Request["how"], specifier: string) => {
    found.set(node, { specifier, node, how, locals: [], type: undefined });
  };
  for (const statement of body) {
    walk(statement, {
      enter(node, role) {
        switch (node.type) {
          case "ImportExpression": {
            const literal = literalText(node.source);
            if (literal !== undefined) return add(node, "dynamic", literal);
            const mend = 'write the name as a literal: import("./module.ts"), one for each case';
            return refuse("LIGASE_E_COMPUTED_IMPORT", `an import() of a computed name: ${UNSEEN}`, node, mend);
          }
          case "NewExpression": {
            const asset = assetSpecifier(node);
            if (asset !== undefined) add(node, "url", asset);
            if (isGlobal(node.callee, "Function"))
              refuse("LIGASE_E_EVAL", `code made from text: ${UNSEEN}`, node, FUNCTION);
            return;
          }
          case "CallExpression": {
            if (isGlobal(node.callee, "Function"))
              refuse("LIGASE_E_EVAL", `code made from text: ${UNSEEN}`, node, FUNCTION);
            if (isGlobal(node.callee, "require")) {
              refuse("LIGASE_E_REQUIRE", "require() in an ES module", node, 'write `import x from "…"`');
            }
            if (!isRequire(node, scopes)) return;
            const literal = node.arguments[0] && literalText(unwrap(node.arguments[0]));
            if (literal !== undefined) return add(node, "require", literal);
            return refuse(
              "LIGASE_E_REQUIRE",
              `a require() of a computed name: ${UNSEEN}`,
              node,
              "write the name as a literal",
            );
          }
          case "Identifier":
            if (role === "value" && isGlobal(node, "eval")) {
              refuse("LIGASE_E_EVAL", `code made from text: ${UNSEEN}`, node, FUNCTION);
            }
            return;
          default:
            return;
        }
      },
      unknown(node) {
        const what = node.type.startsWith("JSX") ? "JSX" : node.type;
        const mend = what === "JSX" ? "build the text with a template string, or in a package" : "write it another way";
        refuse("LIGASE_E_UNSUPPORTED_SYNTAX", `${what} is not supported in workflows`, node, mend);
      },
    });
  }
  return found;
}

const UNSEEN = "what it does cannot be part of the code's hash";
const FUNCTION = "write a function, or choose one from an object of functions";

/** Is it a call of what `createRequire(…)` made? */
function isRequire(call: CallExpression, scopes: Scopes): boolean {
  const called = unwrap(call.callee);
  const declaration = scopes.bindingOf.get(called)?.declaration;
  const made = declaration?.type === "VariableDeclarator" && declaration.init ? unwrap(declaration.init) : called;
  if (made?.type !== "CallExpression") return false;
  const callee = unwrap(made.callee);
  const name = callee.type === "MemberExpression" ? callee.property : callee;
  return name.type === "Identifier" && name.name === "createRequire";
}

/** `./panel.bed` of `new URL("./panel.bed", import.meta.url)`. */
function assetSpecifier(node: Node & { type: "NewExpression" }): string | undefined {
  if (node.callee.type !== "Identifier" || node.callee.name !== "URL") return undefined;
  const [first, second] = node.arguments;
  const base = second && unwrap(second);
  if (!first || base?.type !== "MemberExpression" || unwrap(base.object).type !== "MetaProperty") return undefined;
  const text = literalText(unwrap(first));
  return text !== undefined && /^\.{1,2}\//.test(text) ? text : undefined;
}

/** The text of a string literal, or of a template without gaps. */
export function literalText(node: Node): string | undefined {
  if (node.type === "Literal" && typeof node.value === "string") return node.value;
  if (node.type !== "TemplateLiteral" || node.expressions.length > 0) return undefined;
  return node.quasis[0]?.value.cooked ?? undefined;
}

/** The name under which a module keeps where a request leads. */
export function targetKey({ how, specifier }: Request): string {
  return how === "url" ? `url:${specifier}` : specifier;
}
