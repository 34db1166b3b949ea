import type { Node } from "oxc-parser";
import { field, isErased, isNode, type Role, shapeOf, unwrap } from "./shapes.ts";

/** The role of a node that has one: `same` and `key` are settled on the way down. */
export type NodeRole = "value" | "bind" | "assign" | "name";

/** What is done on the way through a tree. */
export interface Visitor {
  /** Before a node's children. `false` passes them by (and `leave`). `parent` is the nearest node that is not a cast or a parenthesis. */
  enter(node: Node, role: NodeRole, parent: Node | undefined): boolean | void;
  /** After its children. */
  leave?(node: Node, role: NodeRole): void;
  /** Before the children of a field, even when there are none, and at each hole of a list (`hole`). */
  field?(name: string): void;
  /** A node whose type the table does not know. */
  unknown?(node: Node): void;
}

/**
 * Walks what exists at run time of a tree, in the order of evaluation. The stack is our own: a sum
 * of 20,000 terms is a tree 20,000 deep.
 */
export function walk(root: Node, visitor: Visitor, role: NodeRole = "value"): void {
  const stack: (Frame | string)[] = [{ node: root, role, parent: undefined, entered: false }];
  while (stack.length > 0) {
    const top = stack.pop()!;
    if (typeof top === "string") {
      visitor.field?.(top);
      continue;
    }
    if (top.entered) {
      visitor.leave?.(top.node, top.role);
      continue;
    }
    const node = unwrap(top.node);
    if (isErased(node)) continue;
    const shape = shapeOf(node);
    if (shape === undefined) {
      visitor.unknown?.(node);
      continue;
    }
    if (visitor.enter(node, top.role, top.parent) === false) continue;
    top.node = node;
    top.entered = true;
    stack.push(top);
    for (let i = shape.children.length - 1; i >= 0; i--) {
      const [name, childRole] = shape.children[i]!;
      const child = field(node, name);
      const settled = settle(childRole, node, top.role);
      if (Array.isArray(child)) {
        for (let j = child.length - 1; j >= 0; j--) {
          const item: unknown = child[j];
          if (isNode(item)) stack.push({ node: item, role: settled, parent: node, entered: false });
          else if (visitor.field) stack.push("hole");
        }
      } else if (isNode(child)) stack.push({ node: child, role: settled, parent: node, entered: false });
      if (visitor.field) stack.push(name);
    }
  }
}

interface Frame {
  node: Node;
  readonly role: NodeRole;
  readonly parent: Node | undefined;
  entered: boolean;
}

/** What a child's role comes to below this node. */
function settle(role: Role, node: Node, own: NodeRole): NodeRole {
  if (role === "same") return own;
  if (role === "key") return field(node, "computed") === true ? "value" : "name";
  return role;
}
