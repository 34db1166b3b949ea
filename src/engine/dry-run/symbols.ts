import { nodeOf } from "../../expr/lazy.ts";
import type { CallNode, Node } from "../../expr/node.ts";
import { type Codec, hashText } from "../../kernel/index.ts";
import type { Reducer } from "../reducer.ts";

/**
 * Names for calls whose arguments are not known, such that equal calls have equal names: what is not known stands in them
 * by the name of the call it comes from.
 */
export class Symbols {
  readonly #codec: Codec;
  readonly #reducer: Reducer;
  readonly #known = new Map<Node, string>();

  constructor(codec: Codec, reducer: Reducer) {
    this.#codec = codec;
    this.#reducer = reducer;
  }

  /** The name of a call. Calls are asked about after those in their arguments, so that no chain of them grows the stack. */
  of(node: CallNode): string {
    let symbol = this.#known.get(node);
    if (symbol === undefined) this.#known.set(node, (symbol = this.#call(node)));
    return symbol;
  }

  #call(node: CallNode): string {
    const name = typeof node.task === "string" ? node.task : node.task.name;
    try {
      return hashText(`${name}\n${this.#codec.encode(node.args, (part) => this.#part(part)).text}`);
    } catch {
      // A file among its arguments that is not there, say: it is like no other.
      return this.#unique(node);
    }
  }

  #part(part: object): string | undefined {
    const node = nodeOf(part);
    return node && this.#value(node);
  }

  #value(node: Node): string {
    const known = this.#known.get(node);
    if (known !== undefined) return known;
    const cell = this.#reducer.find(node);
    if (cell?.state === "done") return this.#codec.encode(cell.value).text;
    if (node.kind !== "get") return this.#unique(node);
    return JSON.stringify([this.#value(node.of), node.key]);
  }

  #unique(node: Node): string {
    const symbol = JSON.stringify(`unknown ${this.#known.size}`);
    this.#known.set(node, symbol);
    return symbol;
  }
}
