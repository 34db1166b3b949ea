/**
 * Lazy values: a node of the expression graph behind a proxy, so that it can be projected,
 * destructured and awaited like the value it stands for, and says clearly what cannot be done
 * with a value that is not there yet.
 *
 * @module
 */
import { inspect } from "node:util";
import { LigaseError } from "../kernel/index.ts";
import { currentEvaluator } from "./context.ts";
import { describe } from "./describe.ts";
import type { Node } from "./node.ts";
import type { Expr, ExprCore } from "./types.ts";

/** The one key that a lazy value answers with its node. Shared by all copies of this package in a process. */
const NODE = Symbol.for("ligase.node");

/** The most items that a lazy tuple can be destructured into. */
const LONGEST_TUPLE = 16;

/** What the proxy stands before. Not the node itself, so that printing a lazy value does not print the graph. */
class Holder {
  readonly node: Node;

  constructor(node: Node) {
    this.node = node;
  }

  [inspect.custom](): string {
    // The printer calls this on the proxy, whose field `node` would be a projection.
    return `Expr { ${describe(nodeOf(this)!)} }`;
  }
}

function refuse(node: Node, doing: string, mend: string): never {
  const name = describe(node);
  throw new LigaseError("LIGASE_E_LAZY", `${name} is a lazy value: ${doing}`, { facts: { expression: name }, mend });
}

const AWAIT = "pass it to a task or to lift(), or await it in an async body";

/** `list[3]` asks a proxy for "3": the same item as the 3 of a destructured tuple. */
function keyOf(key: string): string | number {
  const first = key.charCodeAt(0);
  return first >= 48 && first <= 57 && String(Number(key)) === key && Number.isSafeInteger(Number(key))
    ? Number(key)
    : key;
}

function* items(node: Node): Generator {
  for (let key = 0; key < LONGEST_TUPLE; key++) yield makeExpr({ kind: "get", of: node, key });
  refuse(
    node,
    "it cannot be iterated, because its length is not known yet",
    "use map(list, each) to work on each item, or await the list in an async body",
  );
}

/** `await expr`: evaluates it with the evaluator of the body that awaits. */
function thenOf(node: Node, expr: unknown): ExprCore<unknown>["then"] {
  // Taken now, not when called: now is certainly in the context of the body that awaits.
  const evaluator = currentEvaluator();
  return (fulfilled, rejected) => {
    if (evaluator) return evaluator.evaluate(expr).then(fulfilled, rejected);
    const name = describe(node);
    const error = new LigaseError("LIGASE_E_AWAIT_OUTSIDE", `${name} was awaited outside of a task`, {
      facts: { expression: name },
      mend: `evaluate it with: await run(${name})`,
    });
    return Promise.reject(error).then(fulfilled, rejected);
  };
}

/** One handler for all, so that a lazy value costs a proxy and a holder. */
const handler: ProxyHandler<Holder> = {
  get({ node }, key, self) {
    if (key === NODE) return node;
    if (typeof key === "string") {
      switch (key) {
        case "then":
          return thenOf(node, self);
        case "toString":
        case "valueOf":
        case "toLocaleString":
          return () => refuse(node, "it cannot be used as text or as a number", AWAIT);
        case "toJSON":
          return () => refuse(node, "it cannot be written as JSON", AWAIT);
        case "constructor":
          // What printers and matchers ask of any object.
          return undefined;
        default:
          return makeExpr({ kind: "get", of: node, key: keyOf(key) });
      }
    }
    switch (key) {
      case Symbol.iterator:
        return () => items(node);
      case Symbol.asyncIterator:
        return () => refuse(node, "it cannot be iterated", "use map(list, each), or await the list first");
      case Symbol.toPrimitive:
        return () => refuse(node, "it cannot be used as text or as a number", AWAIT);
      default:
        return undefined;
    }
  },
  has({ node }, key) {
    if (typeof key === "symbol") return key === NODE;
    return refuse(node, `whether it has ${JSON.stringify(key)} is not known yet`, AWAIT);
  },
  ownKeys({ node }) {
    return refuse(node, "its keys are not known yet, so that it cannot be spread or listed", AWAIT);
  },
  getOwnPropertyDescriptor({ node }, key) {
    if (typeof key === "symbol") return undefined;
    return refuse(node, `whether it has ${JSON.stringify(key)} is not known yet`, AWAIT);
  },
  set({ node }, key) {
    return refuse(node, `its field ${String(key)} cannot be set`, "make the value you want in a task or in lift()");
  },
  defineProperty({ node }, key) {
    return refuse(node, `its field ${String(key)} cannot be set`, "make the value you want in a task or in lift()");
  },
  deleteProperty({ node }, key) {
    return refuse(node, `its field ${String(key)} cannot be deleted`, "make the value you want in a task or in lift()");
  },
  setPrototypeOf({ node }) {
    return refuse(node, "it cannot be changed", "make the value you want in a task or in lift()");
  },
  preventExtensions({ node }) {
    return refuse(node, "it cannot be frozen", "it cannot be changed anyway: leave it as it is");
  },
};

/**
 * Makes the lazy value of a node.
 *
 * Costs a proxy and a holder of one field, no closure and no property of its own: with the call's
 * node and its list of one argument, 0.1 to 0.2 µs and 185 bytes.
 */
export function makeExpr<T = unknown>(node: Node): Expr<T> {
  // The one place where the two faces of a proxy meet: what it holds, and what it stands for.
  return new Proxy(new Holder(node), handler) as unknown as Expr<T>;
}

/** The node of a lazy value; nothing for any other value. One property read. */
export function nodeOf(value: unknown): Node | undefined {
  if (value === null || typeof value !== "object") return undefined;
  return (value as { [NODE]?: Node })[NODE];
}

/**
 * Is this a lazy value?
 *
 * @example
 * ```ts
 * isExpr(align(sample, reference)); // true
 * isExpr({ bam: align(sample, reference).bam }); // false: a plain object with a lazy part
 * ```
 */
export function isExpr(value: unknown): value is Expr<unknown> {
  return nodeOf(value) !== undefined;
}
