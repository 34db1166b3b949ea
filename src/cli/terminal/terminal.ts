import { once } from "node:events";
import { styleText } from "node:util";

/** A colour or weight by what it says; `NO_COLOR` and pipes get plain text. */
export type Style = "good" | "bad" | "warn" | "dim" | "strong" | "accent";

/** Colours text. */
export type Paint = (style: Style, text: string) => string;

/** Where a command writes. */
export interface Terminal {
  /** Columns of the screen that stderr is; 100 where it is none. */
  readonly width: number;
  /** Columns of the screen that stdout is; without end where it is none, so that nothing is cut off for a program. */
  readonly widthOut: number;
  /** How wide text to be read is set, in columns. */
  readonly proseWidth: number;
  /** Rows of the screen. */
  readonly rows: number;
  /** May the screen be redrawn (it is a terminal, and not a dumb one)? */
  readonly live: boolean;
  /** The result: stdout, with a newline. */
  out(text: string): void;
  /** The same as it is, without a newline. */
  rawOut(text: string | Uint8Array): void;
  /** Waits until most of what was written to stdout has been taken. */
  drained(): Promise<void>;
  /** Everything else: stderr, with a newline. */
  note(text: string): void;
  /** The same as it is, without a newline. */
  raw(text: string | Uint8Array): void;
  /** Colours text for stderr. */
  readonly style: Paint;
  /** Colours text for stdout. */
  readonly styleOut: Paint;
}

const FORMATS = {
  good: "green",
  bad: "red",
  warn: "yellow",
  dim: "dim",
  strong: "bold",
  accent: "cyan",
} as const;

const USUAL_WIDTH = 100;
/** Bytes for stdout that may wait in memory. */
const MOST_WAITING = 2 ** 20;

/** The terminal of this process. */
export function createTerminal(): Terminal {
  const { stdout, stderr, env } = process;
  // As they are now: `divertOutput` puts others in their place.
  const out = stdout.write.bind(stdout);
  const note = stderr.write.bind(stderr);
  const paint =
    (stream: NodeJS.WriteStream): Paint =>
    (style, text) =>
      styleText(FORMATS[style], text, { stream });
  const given = Number(env["COLUMNS"]) || undefined;
  return {
    get width() {
      return stderr.columns || given || stdout.columns || USUAL_WIDTH;
    },
    get widthOut() {
      return stdout.columns || given || Infinity;
    },
    get proseWidth() {
      return Math.min(USUAL_WIDTH, stdout.columns || given || USUAL_WIDTH);
    },
    get rows() {
      return stderr.rows || 24;
    },
    live: stderr.isTTY && env["TERM"] !== "dumb" && !env["CI"],
    out: (text) => void out(`${text}\n`),
    rawOut: (text) => void out(text),
    async drained() {
      if (stdout.writableLength > MOST_WAITING) await once(stdout, "drain");
    },
    note: (text) => void note(`${text}\n`),
    raw: (text) => void note(text),
    style: paint(stderr),
    styleOut: paint(stdout),
  };
}
