import type { Paint } from "../terminal/terminal.ts";
import { fold } from "../terminal/text.ts";

/** How rows are laid out. */
export interface RowsShape {
  readonly indent?: string;
  /** Columns of the screen; without end where it is none. */
  readonly screen: number;
}

/** Columns of the labels. */
const LABEL = 9;
/** A screen that leaves less than this beside the labels is taken to be wider. */
const LEAST = 16;

/** Lines of facts, each with its label before it. */
export class Rows {
  readonly lines: string[] = [];
  readonly #paint: Paint;
  readonly #indent: string;
  readonly #room: number;

  constructor(paint: Paint, { indent = "  ", screen }: RowsShape) {
    this.#paint = paint;
    this.#indent = indent;
    this.#room = Math.max(LEAST, screen - indent.length - LABEL - 1);
  }

  /** Adds a fact; nothing where it is not known. */
  add(label: string, text: string | undefined | null): this {
    if (text === undefined || text === null || text === "") return this;
    const [first = "", ...rest] = text.split("\n").flatMap((line) => fold(line, this.#room));
    this.lines.push(`${this.#indent}${this.#paint("dim", label.padEnd(LABEL))} ${first}`);
    for (const line of rest) this.lines.push(`${this.#indent}${" ".repeat(LABEL)} ${line}`);
    return this;
  }
}
