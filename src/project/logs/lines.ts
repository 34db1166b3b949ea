import { StringDecoder } from "node:string_decoder";

/** A line that never ends is given in pieces of this many characters. */
const LONGEST_LINE = 64 * 1024;

/** Cuts what one source writes into lines. A letter may come in two pieces; what follows the last newline is its last line. */
export class LineCutter {
  readonly #decoder = new StringDecoder("utf8");
  #open = "";

  /** The lines that are complete now. */
  cut(bytes: Buffer): string[] {
    const lines = (this.#open + this.#decoder.write(bytes)).split("\n");
    this.#open = lines.pop()!;
    if (this.#open.length > LONGEST_LINE) {
      lines.push(this.#open);
      this.#open = "";
    }
    return lines;
  }

  /** The last line, which has no end; nothing where there is none. There will be no more. */
  end(): string | undefined {
    const rest = this.#open + this.#decoder.end();
    this.#open = "";
    return rest === "" ? undefined : rest;
  }
}
