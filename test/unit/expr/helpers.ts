import { expect } from "vitest";
import { nodeOf, type Node } from "../../../src/expr/index.ts";
import { LigaseError } from "../../../src/kernel/index.ts";

/** What a function throws, which must be an error of ours. */
export function errorOf(throwing: () => unknown): LigaseError {
  try {
    throwing();
  } catch (error) {
    expect(error).toBeInstanceOf(LigaseError);
    return error as LigaseError;
  }
  throw new Error("it did not throw");
}

/** The node of what must be a lazy value. */
export function node<K extends Node["kind"]>(value: unknown, kind: K): Extract<Node, { kind: K }> {
  const found = nodeOf(value);
  expect(found?.kind).toBe(kind);
  return found as Extract<Node, { kind: K }>;
}
