import { styleText } from "node:util";

/** A colour or weight by what it says; `NO_COLOR` and pipes get plain text. */
export type Style = "good" | "bad" | "warn" | "dim" | "strong" | "accent";

/** Where a command writes. */
export interface Terminal {
  /** Columns of the screen; 100 where there is none. */
  readonly width: number;
  /** May the screen be redrawn (it is a terminal, and not a dumb one)? */
  readonly live: boolean;
  /** The result: stdout, with a newline. */
  out(text: string): void;
  /** Everything else: stderr, with a newline. */
  note(text: string): void;
  /** As it is, to stderr. */
  raw(text: string): void;
  /** Colours text for stderr. */
  style(style: Style, text: string): string;
  /** Colours text for stdout. */
  styleOut(style: Style, text: string): string;
}

const FORMATS = {
  good: "green",
  bad: "red",
  warn: "yellow",
  dim: "dim",
  strong: "bold",
  accent: "cyan",
} as const;

/** The terminal of this process. */
export function createTerminal(): Terminal {
  const paint = (stream: NodeJS.WriteStream, style: Style, text: string): string =>
    styleText(FORMATS[style], text, { stream, validateStream: true });
  return {
    get width() {
      return process.stderr.columns || process.stdout.columns || Number(process.env["COLUMNS"]) || 100;
    },
    live: process.stderr.isTTY === true && process.env["TERM"] !== "dumb" && !process.env["CI"],
    out: (text) => void process.stdout.write(`${text}\n`),
    note: (text) => void process.stderr.write(`${text}\n`),
    raw: (text) => void process.stderr.write(text),
    style: (style, text) => paint(process.stderr, style, text),
    styleOut: (style, text) => paint(process.stdout, style, text),
  };
}
