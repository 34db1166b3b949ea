import { makeExpr, nodeOf } from "../../expr/lazy.ts";
import { type GetNode, Lambda, type Node, type ParamNode } from "../../expr/node.ts";
import { lazyParts, replaceLazy } from "../structure.ts";

/** The nodes of a recorded callback that depend on its placeholders, each after those it depends on. */
const orders = new WeakMap<Lambda, readonly Node[]>();

/** The nodes that a node stands on directly. */
function parts(node: Node): Node[] {
  const into: Node[] = [];
  if (node.kind === "get") into.push(node.of);
  else if (node.kind !== "param") {
    for (const arg of node.args) {
      if (arg instanceof Lambda) lazyParts(arg.body, into);
      else lazyParts(arg, into);
    }
  }
  return into;
}

/** Finds that order, without recursion: a callback may record a long chain. */
function dependents(lambda: Lambda): readonly Node[] {
  const known = orders.get(lambda);
  if (known) return known;
  const depends = new Map<Node, boolean>(lambda.params.map((param) => [param, true]));
  const order: Node[] = [];
  const roots: Node[] = [];
  lazyParts(lambda.body, roots);
  const stack = roots.map((node) => ({ node, parts: parts(node), next: 0 }));
  const open = new Set<Node>();
  while (stack.length > 0) {
    const frame = stack.at(-1)!;
    if (depends.has(frame.node)) {
      stack.pop();
      continue;
    }
    open.add(frame.node);
    const part = frame.parts[frame.next++];
    if (part) {
      if (!depends.has(part) && !open.has(part)) stack.push({ node: part, parts: parts(part), next: 0 });
      continue;
    }
    const does = frame.parts.some((each) => depends.get(each));
    depends.set(frame.node, does);
    if (does) order.push(frame.node);
    stack.pop();
  }
  orders.set(lambda, order);
  return order;
}

/** A field of what took a placeholder's place. */
function project(whole: unknown, node: GetNode): unknown {
  if (whole !== null && typeof whole === "object" && !nodeOf(whole) && Object.hasOwn(whole, node.key)) {
    return (whole as Record<string | number, unknown>)[node.key];
  }
  const of = nodeOf(whole) ?? ({ kind: "op", op: "value", args: [whole] } as const);
  return makeExpr({ kind: "get", of, key: node.key });
}

/**
 * Puts values in the place of a recorded callback's placeholders. Nodes that do not depend on
 * them are shared by all instances, and so evaluated once.
 *
 * @returns the body, with new nodes where needed
 */
export function instantiate(lambda: Lambda, args: readonly unknown[]): unknown {
  const made = new Map<Node, unknown>();
  lambda.params.forEach((param: ParamNode, i) => made.set(param, args[i]));
  const swap = (node: Node, lazy: unknown): unknown => (made.has(node) ? made.get(node) : lazy);
  const inArgument = (arg: unknown): unknown => {
    if (!(arg instanceof Lambda)) return replaceLazy(arg, swap);
    const body = replaceLazy(arg.body, swap);
    return body === arg.body ? arg : new Lambda(arg.params, body);
  };
  for (const node of dependents(lambda)) {
    if (node.kind === "get") made.set(node, project(made.get(node.of), node));
    else if (node.kind !== "param") made.set(node, makeExpr({ ...node, args: node.args.map(inArgument) }));
  }
  return replaceLazy(lambda.body, swap);
}
