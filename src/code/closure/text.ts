import type { Node } from "oxc-parser";
import { field, shapeOf } from "../syntax/shapes.ts";
import type { NodeRole } from "../syntax/walk.ts";

/**
 * Writes a tree as text that says what it does and nothing else: no formatting, comments, types or
 * positions. `1_000` is `1000`, `'a'` is `"a"`, `{ a }` is `{ a: a }`.
 */
export class TextWriter {
  #parts: string[] = [];
  readonly #tagged = new WeakSet<Node>();

  enter(node: Node, role: NodeRole, parent: Node | undefined): void {
    switch (node.type) {
      case "Identifier":
        this.#parts.push(role === "name" ? "." : role === "bind" ? "!" : " ", node.name, "(");
        return;
      case "Literal":
        this.#parts.push(role === "name" ? `.${String(node.value)}` : literal(node), "(");
        return;
      case "TaggedTemplateExpression":
        this.#tagged.add(node.quasi);
        break;
      case "TemplateElement": {
        // A tag can see what was written; elsewhere only the value counts.
        const raw = parent !== undefined && this.#tagged.has(parent);
        this.#parts.push(JSON.stringify(raw ? node.value.raw : (node.value.cooked ?? node.value.raw)), "(");
        return;
      }
      default:
        break;
    }
    this.#parts.push(node.type);
    for (const name of shapeOf(node)?.scalars ?? []) {
      const value = field(node, name);
      if (value === true || typeof value === "string") this.#parts.push("=", name, ":", `${value}`);
    }
    this.#parts.push("(");
  }

  leave(): void {
    this.#parts.push(")");
  }

  field(name: string): void {
    this.#parts.push("|", name);
  }

  /** Stands for a whole expression: a task by its name, a member of a namespace. */
  atom(text: string): void {
    this.#parts.push("<", text, ">");
  }

  toString(): string {
    const text = this.#parts.join("");
    this.#parts = [text];
    return text;
  }
}

function literal(node: Node & { type: "Literal" }): string {
  if ("regex" in node) return `/${node.regex.pattern}/${node.regex.flags}`;
  if ("bigint" in node) return `${node.bigint}n`;
  return typeof node.value === "string" ? JSON.stringify(node.value) : String(node.value);
}
