import { once } from "node:events";
import { colourDepth, type Paint, paintFor } from "./colours.ts";
import { columnsOf } from "./text.ts";

export type { Paint, Style } from "./colours.ts";

/** Where a command writes. */
export interface Terminal {
  /** Columns of the screen that stderr is; 100 where it is none. */
  readonly width: number;
  /** Columns of the screen that stdout is; without end where it is none, so that nothing is cut off for a program. */
  readonly widthOut: number;
  /** How wide text to be read is set, in columns. */
  readonly proseWidth: number;
  /** Rows of the screen that stderr is. */
  readonly rows: number;
  /** Rows of the screen that stdout is; without end where it is none. */
  readonly rowsOut: number;
  /** May the screen be redrawn (it is a terminal, and not a dumb one)? */
  readonly live: boolean;
  /** The result: stdout, with a newline. */
  out(text: string): void;
  /** The same as it is, without a newline. */
  rawOut(text: string | Uint8Array): void;
  /** Waits until most of what was written to stdout has been taken. */
  drained(): Promise<void>;
  /** Everything else: stderr, with a newline. What is drawn makes room for it. */
  note(text: string): void;
  /** The same as it is, without a newline. */
  raw(text: string | Uint8Array): void;
  /** Shows lines on the screen that stderr is, below all else and in place of those that were drawn before. */
  draw(lines: readonly string[]): void;
  /** What is drawn stays as it is, and the next lines are drawn below it. */
  keepDrawn(): void;
  /** Colours text for stderr. */
  readonly style: Paint;
  /** Colours text for stdout. */
  readonly styleOut: Paint;
}

const USUAL_WIDTH = 100;
/** Bytes for stdout that may wait in memory. */
const MOST_WAITING = 2 ** 20;

/** What a terminal is made of: that of this process, or a test's. */
export type Streams = Pick<NodeJS.Process, "stdout" | "stderr" | "env">;

/** The terminal of this process. */
export function createTerminal({ stdout, stderr, env }: Streams = process): Terminal {
  // As they are now: `divertOutput` puts others in their place.
  const out = stdout.write.bind(stdout);
  const write = stderr.write.bind(stderr);
  /** Lines on the screen that will be drawn over, and its columns when they were drawn. */
  let drawn: readonly string[] = [];
  let drawnWidth = 0;
  /** Moves to where they begin. A screen that was made narrower shows a line in several rows. */
  const toTop = (): string => {
    const { columns } = stderr;
    const isNarrower = columns > 0 && columns < drawnWidth;
    const rowsOf = (line: string): number => (isNarrower ? Math.max(1, Math.ceil(columnsOf(line) / columns)) : 1);
    const rows = drawn.reduce((sum, line) => sum + rowsOf(line), 0);
    return rows > 0 ? `\x1b[${rows}A` : "";
  };
  const note = (text: string | Uint8Array): void => {
    if (drawn.length > 0) write(`${toTop()}\x1b[J`);
    drawn = [];
    write(text);
  };
  const isDumb = env["TERM"] === "dumb";
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
    get rowsOut() {
      return (!isDumb && stdout.rows) || Infinity;
    },
    live: stderr.isTTY && !isDumb && !env["CI"],
    out: (text) => void out(`${text}\n`),
    rawOut: (text) => void out(text),
    async drained() {
      if (stdout.writableLength > MOST_WAITING) await once(stdout, "drain");
    },
    note: (text) => note(`${text}\n`),
    raw: note,
    draw(lines) {
      if (lines.length === 0 && drawn.length === 0) return;
      // One write a frame, each line over the one before it, so that nothing flickers. A line is erased before it is
      // written: behind one that fills the screen the cursor stands on its last letter. Without wrapping (?7l): a line
      // that is too long, or a screen made narrower, would be miscounted. Every frame leaves the screen as a shell
      // wants it, whenever the process ends.
      write(`${toTop()}\x1b[?7l${lines.map((line) => `\x1b[K${line}\n`).join("")}\x1b[J\x1b[?7h`);
      drawn = lines;
      drawnWidth = stderr.columns;
    },
    keepDrawn() {
      drawn = [];
    },
    style: paintFor(colourDepth(stderr, env)),
    styleOut: paintFor(colourDepth(stdout, env)),
  };
}
