import { nodeOf } from "../expr/lazy.ts";
import type { Node } from "../expr/node.ts";

/** Is this an object whose fields may be lazy? Atoms, dates and maps are not looked into. */
function isRecord(value: object): value is Record<string, unknown> {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/**
 * Finds the lazy parts of a value: itself, or those in arrays and plain objects at any depth.
 *
 * @returns how many were added
 */
export function lazyParts(value: unknown, into: Node[]): number {
  if (value === null || (typeof value !== "object" && typeof value !== "function")) return 0;
  const node = nodeOf(value);
  if (node) {
    into.push(node);
    return 1;
  }
  let found = 0;
  if (Array.isArray(value)) for (const item of value) found += lazyParts(item, into);
  else if (typeof value === "object" && isRecord(value)) {
    for (const key in value) found += lazyParts(value[key], into);
  }
  return found;
}

/**
 * A copy of a value with its lazy parts replaced. Parts without any are shared with the original.
 */
export function replaceLazy(value: unknown, replace: (node: Node, lazy: unknown) => unknown): unknown {
  if (value === null || (typeof value !== "object" && typeof value !== "function")) return value;
  const node = nodeOf(value);
  if (node) return replace(node, value);
  if (Array.isArray(value)) {
    let copy: unknown[] | undefined;
    for (let i = 0; i < value.length; i++) {
      const item: unknown = value[i];
      const replaced = replaceLazy(item, replace);
      if (replaced !== item) (copy ??= value.slice())[i] = replaced;
    }
    return copy ?? value;
  }
  if (typeof value === "object" && isRecord(value)) {
    let copy: Record<string, unknown> | undefined;
    for (const key of Object.keys(value)) {
      const replaced = replaceLazy(value[key], replace);
      if (replaced !== value[key]) (copy ??= { ...value })[key] = replaced;
    }
    return copy ?? value;
  }
  return value;
}

/** Calls back for every lazy part with its place: `["0", "reads1"]`. */
export function eachLazy(
  value: unknown,
  visit: (node: Node, path: readonly string[]) => void,
  path: string[] = [],
): void {
  if (value === null || (typeof value !== "object" && typeof value !== "function")) return;
  const node = nodeOf(value);
  if (node) {
    visit(node, path);
    return;
  }
  if (Array.isArray(value) || (typeof value === "object" && isRecord(value))) {
    for (const [key, part] of Object.entries(value)) eachLazy(part, visit, [...path, key]);
  }
}
