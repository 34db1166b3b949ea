import { isString, numberText, stringValue } from "./literals.ts";
import { slashAfter } from "./parts.ts";
import { childOf, type PyNode } from "./tree.ts";

/** What is only there for the sake of brackets and lines. */
const TRANSPARENT = new Set(["ParenthesizedExpression", "StatementGroup"]);

/**
 * Writes a tree as text that says what it does and nothing else: no formatting, comments, annotations or places. `1_000` is
 * `1000`, `'a'` is `"a"`, `return (a, b)` is `return a, b`.
 */
export class TextWriter {
  readonly #source: string;
  #parts: string[] = [];

  constructor(source: string) {
    this.#source = source;
  }

  /** @returns whether its children are to be told */
  enter(node: PyNode, parent: PyNode | undefined): boolean {
    if (TRANSPARENT.has(node.type)) return true;
    const source = this.#source;
    if (isString(node)) return this.#string(node, parent);
    if (node.children.length === 0) {
      this.#parts.push(" ", this.#leaf(node));
      return false;
    }
    this.#parts.push(" ", node.type, "(");
    if (node.type === "ParamList") {
      const slash = slashAfter(node, source);
      if (slash !== undefined)
        this.#parts.push("/", `${node.children.slice(0, slash).filter(({ type }) => type === ",").length}`);
    }
    if (node.type === "FormatReplacement" && childOf(node, "FormatSelfDoc")) {
      this.#parts.push(JSON.stringify(source.slice(node.from, node.to)));
    }
    if (node.type === "FormatSpec") {
      let at = node.from;
      for (const child of node.children) {
        this.#parts.push(JSON.stringify(source.slice(at, child.from)));
        at = child.to;
      }
      this.#parts.push(JSON.stringify(source.slice(at, node.to)));
    }
    return true;
  }

  leave(node: PyNode): void {
    if (!TRANSPARENT.has(node.type)) this.#parts.push(")");
  }

  /** Stands for a whole expression: a name with its members. */
  atom(text: string): void {
    this.#parts.push(" <", text, ">");
  }

  toString(): string {
    return this.#parts.join("");
  }

  #leaf({ type, from, to }: PyNode): string {
    const text = this.#source.slice(from, to);
    if (type === "Number") return numberText(text);
    // `not  in` and what was repaired: as it is written, without its spaces.
    return text.replace(/\s+/g, " ");
  }

  #string(node: PyNode, parent: PyNode | undefined): boolean {
    // A part of a continued string was told with the whole.
    if (parent?.type === "ContinuedString") return true;
    const { pieces, bytes } = stringValue(node, this.#source);
    const told = pieces.map((piece) => ("text" in piece ? piece.text : null));
    const whole = told.every((text) => text !== null);
    this.#parts.push(" ", bytes ? "b" : "", JSON.stringify(whole ? told.join("") : told));
    if (whole) return false;
    this.#parts.push("(");
    return true;
  }
}
