import type { Progress } from "../../engine/progress.ts";
import { formatBytes, formatDuration, type Log } from "../../kernel/index.ts";
import { divertOutput } from "../terminal/divert.ts";
import { progressLine, progressTable } from "../terminal/progress.ts";
import type { Terminal } from "../terminal/terminal.ts";

/** What people see of a run while it goes on. */
export interface RunView extends Log {
  /** Shows something; what is being redrawn makes room for it. */
  print(text: string): void;
  /** So many more bytes of inputs were hashed. */
  hashed(bytes: number): void;
  /** From here on a run is shown. */
  start(progress: Progress): void;
  /** The run is over: its last state stays on the screen. */
  stop(): void;
  /** Leaves the terminal as it was. */
  close(): void;
}

/** How often the live table is drawn: at most a hundredth of a processor goes into it, whatever the run's size. */
const DRAW_MS = 100;
/** How often a run without a terminal says where it is. */
const SAY_MS = 5000;
/** Hashing less than this needs no telling. */
const MUCH = 256 * 2 ** 20;
/** So long after the last block that was hashed, it is taken to be over. */
const HASHING_MS = 1000;
/** A run without a terminal prints at most so many lines of its last table. */
const MOST_LINES = 40;

/** Shows a run: redrawn in place on a terminal, now and then a line elsewhere; nothing but messages when quiet. */
export function runView(terminal: Terminal, quiet: boolean): RunView {
  return new View(terminal, quiet);
}

class View implements RunView {
  readonly #terminal: Terminal;
  readonly #quiet: boolean;
  readonly #restore: () => void;
  #progress: Progress | undefined;
  #begun = 0;
  #timer: NodeJS.Timeout | undefined;
  #said = "";
  #hashed = 0;
  #hashedAt = 0;

  constructor(terminal: Terminal, quiet: boolean) {
    this.#terminal = terminal;
    this.#quiet = quiet;
    this.#restore = divertOutput((line) => this.print(line));
  }

  print(text: string): void {
    this.#terminal.note(text);
  }

  debug(): void {}

  info(message: string): void {
    if (!this.#quiet) this.print(this.#terminal.style("dim", message));
  }

  warn(message: string): void {
    this.print(`${this.#terminal.style("warn", "warning")} ${message}`);
  }

  hashed(bytes: number): void {
    this.#hashed += bytes;
    this.#hashedAt = performance.now();
  }

  start(progress: Progress): void {
    this.#progress = progress;
    this.#begun = performance.now();
    if (this.#quiet) return;
    const { live } = this.#terminal;
    this.#timer = setInterval(() => (live ? this.#draw() : this.#say()), live ? DRAW_MS : SAY_MS);
    this.#timer.unref();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#hashedAt = 0;
    if (!this.#progress || this.#quiet) return;
    if (this.#terminal.live) this.#draw();
    else for (const line of this.#table(MOST_LINES)) this.#terminal.note(line);
    this.#progress = undefined;
    this.#terminal.keepDrawn();
  }

  close(): void {
    this.stop();
    this.#restore();
  }

  #table(height: number): string[] {
    if (!this.#progress || this.#progress.tasks.size === 0) return [];
    const { style: paint, width } = this.#terminal;
    return progressTable(this.#progress, { paint, width, height, elapsedMs: performance.now() - this.#begun });
  }

  #draw(): void {
    const hashing = this.#hashing();
    const lines = this.#table(Math.max(3, this.#terminal.rows - 2));
    if (hashing !== undefined) lines.push(this.#terminal.style("dim", hashing));
    this.#terminal.draw(lines);
  }

  #say(): void {
    if (!this.#progress) return;
    const text = [progressLine(this.#progress), this.#hashing()].filter(Boolean).join("; ");
    if (text === this.#said) return;
    this.#said = text;
    this.#terminal.note(`[${formatDuration(performance.now() - this.#begun)}] ${text}`);
  }

  #hashing(): string | undefined {
    const isOn = this.#hashed >= MUCH && performance.now() - this.#hashedAt < HASHING_MS;
    return isOn ? `hashing inputs: ${formatBytes(this.#hashed)} so far` : undefined;
  }
}
