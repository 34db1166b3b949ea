import type { Node } from "oxc-parser";
import { field, isNode, unwrap } from "../syntax/shapes.ts";
import type { Reading } from "./types.ts";
import { join, NOTHING, type Value } from "./value.ts";

/** What an object in braces holds. */
export function objectOf({ evaluate }: Reading, properties: readonly Node[]): Value {
  let value: Value = NOTHING;
  const fields = new Map<string, Value>();
  for (const property of properties) {
    if (property.type === "SpreadElement") value = join(value, evaluate(property.argument));
    if (property.type !== "Property") continue;
    const key = keyOf(property);
    const part = evaluate(property.value);
    if (key === undefined) value = join(value, { sources: [], items: part });
    else fields.set(key, part);
  }
  return join(value, { sources: [], fields });
}

/** What a list in brackets holds: each item at its place, up to the first that is spread. */
export function listIn({ evaluate }: Reading, elements: readonly (Node | null)[]): Value {
  const values = elements.map((element) => (element ? evaluate(element) : NOTHING));
  const spread = elements.findIndex((element) => element?.type === "SpreadElement");
  const known = spread === -1 ? values : values.slice(0, spread);
  return {
    sources: [],
    fields: new Map(known.map((value, i) => [String(i), value])),
    ...(spread !== -1 && { items: values.slice(spread).reduce(join, NOTHING) }),
  };
}

/** The name of a property, where the source says it. */
export function keyOf(property: Node): string | undefined {
  const key = field(property, "key");
  if (!isNode(key) || field(property, "computed") === true) return undefined;
  if (key.type === "Identifier") return key.name;
  return key.type === "Literal" ? String(key.value) : undefined;
}

/** The operands of a chain of operators: a sum of 20,000 terms is a tree 20,000 deep. */
export function operands(node: Node): Node[] {
  const found: Node[] = [];
  let inner = unwrap(node);
  while (inner.type === "BinaryExpression") {
    found.push(inner.right);
    inner = inner.left.type === "PrivateIdentifier" ? inner.right : unwrap(inner.left);
  }
  return [...found, inner];
}
