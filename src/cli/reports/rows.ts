import type { Paint } from "../terminal/terminal.ts";

/** Lines of facts, each with its label before it. */
export class Rows {
  readonly lines: string[] = [];
  readonly #paint: Paint;
  readonly #indent: string;
  readonly #width: number;

  /** @param width - of the labels, in columns */
  constructor(paint: Paint, indent = "  ", width = 9) {
    this.#paint = paint;
    this.#indent = indent;
    this.#width = width;
  }

  /** Adds a fact; nothing where it is not known. */
  add(label: string, text: string | undefined | null): this {
    if (text !== undefined && text !== null && text !== "") {
      this.lines.push(`${this.#indent}${this.#paint("dim", label.padEnd(this.#width))} ${text}`);
    }
    return this;
  }
}
