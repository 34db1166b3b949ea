import type { Progress, TimeLeft } from "../../engine/index.ts";
import { type Activities, ActivityBoard } from "../../files/index.ts";
import { formatDuration, type Log } from "../../kernel/index.ts";
import { activityText } from "../terminal/activity.ts";
import { divertOutput } from "../terminal/divert.ts";
import { leftText, progressLine, progressTable } from "../terminal/progress.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { shorten } from "../terminal/text.ts";

/** What people see of a run while it goes on. */
export interface RunView extends Log {
  /** Shows something; what is being redrawn makes room for it. */
  print(text: string): void;
  /** The same for lines that come often: what was drawn is drawn again at once, so that it does not flicker. */
  printLines(lines: readonly string[]): void;
  /** Hears of what goes on besides jobs. */
  readonly activities: Activities;
  /** From here on a run is shown, with the time that is left where that is known. */
  start(progress: Progress, timeLeft?: Pick<TimeLeft, "read">): void;
  /** The run is over: its last state stays on the screen. */
  stop(): void;
  /** Says what came of it, to whoever sits before it; a log has the table. */
  end(summary: () => readonly string[]): void;
  /** Leaves the terminal as it was. */
  close(): void;
}

/** How often the live table is drawn. */
const DRAW_MS = 100;
/** So many times as long as drawing took, nothing is drawn: at most a hundredth of a processor goes into it. */
const REST = 100;
/** How often a run without a terminal says where it is. */
const SAY_MS = 5000;
/** Less than this is left for too short a time to be read. */
const LEAST_LEFT_MS = 3000;
/** The last table has at most so many lines. */
const MOST_LINES = 40;

/** Shows a run: redrawn in place on a terminal, now and then a line elsewhere; nothing but messages when quiet. */
export function runView(terminal: Terminal, quiet: boolean): RunView {
  return new View(terminal, quiet);
}

class View implements RunView {
  readonly #terminal: Terminal;
  readonly #quiet: boolean;
  readonly #restore: () => void;
  readonly activities = new ActivityBoard();
  #progress: Progress | undefined;
  #timeLeft: Pick<TimeLeft, "read"> | undefined;
  #begun = 0;
  #timer: NodeJS.Timeout | undefined;
  #said = "";

  constructor(terminal: Terminal, quiet: boolean) {
    this.#terminal = terminal;
    this.#quiet = quiet;
    this.#restore = divertOutput((line) => this.print(line));
  }

  print(text: string): void {
    this.#terminal.note(text);
  }

  printLines(lines: readonly string[]): void {
    this.#terminal.note(lines.join("\n"));
    if (this.#progress && !this.#quiet && this.#terminal.live) this.#draw();
  }

  debug(): void {}

  info(message: string): void {
    if (!this.#quiet) this.print(this.#terminal.style("dim", message));
  }

  warn(message: string): void {
    this.print(`${this.#terminal.style("warn", "warning")} ${message}`);
  }

  start(progress: Progress, timeLeft?: Pick<TimeLeft, "read">): void {
    this.#progress = progress;
    this.#timeLeft = timeLeft;
    this.#begun = performance.now();
    if (this.#quiet) return;
    this.#next(this.#terminal.live ? DRAW_MS : SAY_MS);
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timeLeft = undefined;
    if (!this.#progress || this.#quiet) return;
    // The last one stays, and may scroll.
    if (this.#terminal.live) this.#terminal.draw(this.#table(MOST_LINES));
    else for (const line of this.#table(MOST_LINES)) this.#terminal.note(line);
    this.#progress = undefined;
    this.#terminal.keepDrawn();
  }

  end(summary: () => readonly string[]): void {
    const { live, note } = this.#terminal;
    if (live && !this.#quiet) for (const line of summary()) note(line);
  }

  close(): void {
    this.stop();
    this.#restore();
  }

  #next(ms: number): void {
    this.#timer = setTimeout(() => {
      if (this.#terminal.live) {
        const begun = performance.now();
        this.#draw();
        this.#next(Math.max(DRAW_MS, (performance.now() - begun) * REST));
      } else {
        this.#say();
        this.#next(SAY_MS);
      }
    }, ms);
    this.#timer.unref();
  }

  #table(height: number): string[] {
    if (!this.#progress || this.#progress.tasks.size === 0) return [];
    const { style: paint, width } = this.#terminal;
    const elapsedMs = performance.now() - this.#begun;
    return progressTable(this.#progress, { paint, width, height, elapsedMs, leftMs: this.#left() });
  }

  #draw(): void {
    const { rows, width, style } = this.#terminal;
    const doings = this.#doings();
    const lines = this.#table(Math.max(3, rows - 2 - doings.length));
    for (const doing of doings) lines.push(style("dim", shorten(doing, width)));
    this.#terminal.draw(lines);
  }

  #say(): void {
    if (!this.#progress) return;
    const text = [progressLine(this.#progress), ...this.#doings()].join("; ");
    const left = this.#left();
    if (text === this.#said) return;
    this.#said = text;
    const elapsed = formatDuration(performance.now() - this.#begun);
    this.#terminal.note(`[${elapsed}] ${text}${left === undefined ? "" : `; ${leftText(left)}`}`);
  }

  /** A few seconds need no telling. */
  #left(): number | undefined {
    const left = this.#timeLeft?.read();
    return left !== undefined && left >= LEAST_LEFT_MS ? left : undefined;
  }

  /** What goes on besides jobs. */
  #doings(): string[] {
    return this.activities.read().map(activityText);
  }
}
