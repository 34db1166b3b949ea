import type { Node } from "oxc-parser";
import { unwrap } from "../syntax/shapes.ts";
import { keyOf } from "./literals.ts";
import type { Reading } from "./types.ts";
import { derived, join, project, type Value } from "./value.ts";

/**
 * Takes a value apart as a pattern does.
 *
 * @param set - gives a name its value
 */
export function bindPattern(
  reading: Reading,
  pattern: Node,
  value: Value,
  set: (name: Node & { name: string }, value: Value) => void,
): void {
  const bind = (part: Node, held: Value): void => bindPattern(reading, part, held, set);
  const target = unwrap(pattern);
  switch (target.type) {
    case "Identifier":
      set(target, value);
      break;
    case "AssignmentPattern": {
      const { right } = target;
      const otherwise = reading.maybe(() => reading.evaluate(right));
      bind(target.left, join(value, otherwise));
      break;
    }
    case "RestElement":
      bind(target.argument, value);
      break;
    case "ObjectPattern":
      for (const property of target.properties) {
        if (property.type === "RestElement") bind(property, value);
        else {
          const key = keyOf(property);
          bind(property.value, key === undefined ? derived(value) : project(value, key));
        }
      }
      break;
    case "ArrayPattern":
      target.elements.forEach((element, i) => {
        if (element) bind(element, project(value, String(i)));
      });
      break;
    case "MemberExpression": {
      // `results[id] = …`: what is put in is in the whole from now on.
      const root = unwrap(target.object);
      if (root.type === "Identifier") set(root, { sources: [], items: value });
      break;
    }
    default:
      break;
  }
}
