import type { Node } from "oxc-parser";
import { sourceError } from "../syntax/position.ts";
import { isFunction } from "../syntax/scopes.ts";
import { walk } from "../syntax/walk.ts";
import type { FoundTask } from "./found.ts";

/** Is a lift evaluated once, with its module, so that it may stay where it is? */
export function isAtModuleLevel(task: FoundTask): boolean {
  return task.ancestors.every((node) => !isFunction(node) && !LOCAL.has(node.type));
}

const LOCAL = new Set([
  "BlockStatement",
  "ForStatement",
  "ForInStatement",
  "ForOfStatement",
  "WhileStatement",
  "DoWhileStatement",
  "ClassBody",
]);

/**
 * A lift inside a function is moved to the top level of its module, so that an expression that was
 * stored can find it without running the function. It can only be if nothing in it belongs to that
 * function.
 *
 * @throws LIGASE_E_LIFT_CAPTURE
 */
export function checkLifts(tasks: readonly FoundTask[]): void {
  for (const task of tasks) {
    if (task.kind === "lift" && !isAtModuleLevel(task)) refuseCaptures(task);
  }
}

function refuseCaptures({ module, fn }: FoundTask): void {
  const { bindingOf, module: top } = module.scopes;
  const refuse = (node: Node, name: string): never => {
    const parameters = module.source.slice(fn.start, module.source.indexOf(")", fn.start) + 1);
    const now = fn.type === "ArrowFunctionExpression" && parameters.startsWith("(") ? parameters.slice(1, -1) : "…";
    const wider = `(${[now, name].filter(Boolean).join(", ")})`;
    throw sourceError(
      "LIGASE_E_LIFT_CAPTURE",
      `this lift uses "${name}" of the function around it`,
      module,
      node.start,
      {
        mend: `pass it as an argument: lift(${wider} => …)${wider}`,
        facts: { name },
      },
    );
  };
  let functions = 0;
  walk(fn, {
    enter(node, role) {
      if (isFunction(node) && node.type !== "ArrowFunctionExpression") functions++;
      if (functions === 0 && node.type === "ThisExpression") refuse(node, "this");
      if (node.type !== "Identifier" || (role !== "value" && role !== "assign")) return;
      const binding = bindingOf.get(node);
      if (binding === undefined) {
        if (node.name === "arguments" && functions === 0) refuse(node, "arguments");
        return;
      }
      const { node: owner } = binding.scope;
      const inside = owner.start >= fn.start && owner.end <= fn.end;
      if (binding.scope !== top && !inside) refuse(node, node.name);
    },
    leave(node) {
      if (isFunction(node) && node.type !== "ArrowFunctionExpression") functions--;
    },
  });
}
