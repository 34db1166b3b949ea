import type { Node } from "oxc-parser";
import type { Reading } from "./types.ts";
import { itemsOf, join, NOTHING, type Value } from "./value.ts";

/**
 * Reads a statement.
 *
 * @returns what the function around it may return here
 */
export function readStatement(reading: Reading, node: Node): Value {
  const evaluate = (one: Node | null | undefined): Value => (one ? reading.evaluate(one) : NOTHING);
  const within = (one: Node | null | undefined): Value => (one ? readStatement(reading, one) : NOTHING);
  const all = (list: readonly Node[]): Value => list.reduce((value: Value, one) => join(value, within(one)), NOTHING);
  /** Twice: what one round leaves in a variable, the next one finds. */
  const loop = (round: () => Value): Value => reading.each(() => join(round(), round()));

  switch (node.type) {
    case "ReturnStatement":
      return evaluate(node.argument);
    case "ExpressionStatement":
      evaluate(node.expression);
      return NOTHING;
    case "VariableDeclaration":
      for (const declarator of node.declarations) {
        if (declarator.init) reading.bind(declarator.id, evaluate(declarator.init), declarator);
      }
      return NOTHING;
    case "BlockStatement":
      return all(node.body);
    case "IfStatement":
      evaluate(node.test);
      return join(
        reading.maybe(() => within(node.consequent)),
        reading.maybe(() => within(node.alternate)),
      );
    case "SwitchStatement":
      evaluate(node.discriminant);
      return node.cases.reduce(
        (value: Value, one) =>
          join(
            value,
            reading.maybe(() => all(one.consequent)),
          ),
        NOTHING,
      );
    case "ForOfStatement": {
      const item = itemsOf(evaluate(node.right));
      return loop(() => {
        if (node.left.type === "VariableDeclaration") {
          for (const declarator of node.left.declarations) reading.bind(declarator.id, item, declarator);
        } else reading.bind(node.left, item);
        return within(node.body);
      });
    }
    case "ForInStatement":
      evaluate(node.right);
      return loop(() => within(node.body));
    case "ForStatement":
      if (node.init) (node.init.type === "VariableDeclaration" ? within : evaluate)(node.init);
      return loop(() => {
        evaluate(node.test);
        const value = within(node.body);
        evaluate(node.update);
        return value;
      });
    case "WhileStatement":
    case "DoWhileStatement":
      return loop(() => {
        evaluate(node.test);
        return within(node.body);
      });
    case "TryStatement":
      return join(
        within(node.block),
        join(
          reading.maybe(() => within(node.handler?.body)),
          within(node.finalizer),
        ),
      );
    case "LabeledStatement":
      return within(node.body);
    case "ThrowStatement":
      evaluate(node.argument);
      return NOTHING;
    default:
      return NOTHING;
  }
}
