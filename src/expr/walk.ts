import { nodeOf } from "./lazy.ts";
import { Lambda, type Node } from "./node.ts";

/** Is this an object whose fields may be lazy? Atoms, dates and maps are not looked into. */
export function isPlainRecord(value: object): value is Record<string, unknown> {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/**
 * Finds the lazy parts of a value: itself, or those in arrays, plain objects and recorded
 * callbacks at any depth. The order is that of the value's canonical form: keys in order of their
 * names, whatever the order they were set in.
 *
 * @param above - what the value stands in: a value that contains itself is not followed round, but
 * left to the codec to refuse
 */
export function lazyPartsInOrder(value: unknown, into: Node[], above: object[] = []): void {
  if (value === null || typeof value !== "object") return;
  const node = nodeOf(value);
  if (node) {
    into.push(node);
    return;
  }
  if (above.includes(value)) return;
  above.push(value);
  if (Array.isArray(value)) for (const part of value) lazyPartsInOrder(part, into, above);
  else if (value instanceof Lambda) {
    into.push(...value.params);
    lazyPartsInOrder(value.body, into, above);
  } else if (isPlainRecord(value)) {
    const keys = Object.keys(value);
    if (keys.length > 1) keys.sort();
    for (const key of keys) lazyPartsInOrder(value[key], into, above);
  }
  above.pop();
}
