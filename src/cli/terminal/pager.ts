import { spawn } from "node:child_process";
import { once } from "node:events";
import { onPath } from "./on-path.ts";
import type { Terminal } from "./terminal.ts";
import { columnsOf } from "./text.ts";

/** A terminal whose stdout goes through a pager when there is more than the screen holds. */
export interface Paged {
  readonly terminal: Terminal;
  /** Everything is written: waits until the reader is done with it. */
  close(): Promise<void>;
}

/** As git does: less ends by itself where the screen suffices, keeps colours, and leaves the text on the screen. */
const LESS = { LESS: "FRX", LV: "-c" };

/**
 * The pager that people want, as a command for a shell: `LIGASE_PAGER`, `PAGER`, or less. Nothing for none: an empty
 * one, `cat`, or one that is not there.
 */
export function pagerOf(env: NodeJS.ProcessEnv): string | undefined {
  const command = (env["LIGASE_PAGER"] ?? env["PAGER"] ?? "less").trim();
  const program = /^\S*/.exec(command)![0];
  return command === "" || command === "cat" || !onPath(program, env) ? undefined : command;
}

/** Puts a pager between a command and the screen. Where stdout is none, or no pager is wanted, it is the terminal itself. */
export function pagedTerminal(terminal: Terminal, env: NodeJS.ProcessEnv = process.env): Paged {
  const command = terminal.rowsOut === Infinity ? undefined : pagerOf(env);
  if (command === undefined) return { terminal, close: () => Promise.resolve() };
  const pager = new Pager(terminal, command, env);
  return {
    terminal: {
      ...terminal,
      out: (text) => pager.write(`${text}\n`),
      rawOut: (text) => pager.write(text),
      drained: () => pager.drained(),
      note: (text) => pager.note(text),
    },
    close: () => pager.close(),
  };
}

/** Holds text until it is more than a screen, and hands it to a process from then on. */
class Pager {
  readonly #terminal: Terminal;
  readonly #command: string;
  readonly #env: NodeJS.ProcessEnv;
  readonly #held: (string | Uint8Array)[] = [];
  /** Rows that the held text takes. */
  #rows = 0;
  /** What is said beside the text stands below it, not in it. */
  readonly #notes: string[] = [];
  #process: ReturnType<typeof start> | undefined;

  constructor(terminal: Terminal, command: string, env: NodeJS.ProcessEnv) {
    this.#terminal = terminal;
    this.#command = command;
    this.#env = env;
  }

  write(text: string | Uint8Array): void {
    if (this.#process) {
      this.#process.stdin.write(text);
      return;
    }
    this.#held.push(text);
    this.#rows += rowsOf(text, this.#terminal.widthOut);
    // The prompt of the shell takes a row.
    if (this.#rows < this.#terminal.rowsOut) return;
    this.#process = start(this.#command, this.#env);
    for (const each of this.#held.splice(0)) this.#process.stdin.write(each);
  }

  note(text: string): void {
    this.#notes.push(text);
  }

  async drained(): Promise<void> {
    if (this.#process?.stdin.writableNeedDrain) await once(this.#process.stdin, "drain");
  }

  async close(): Promise<void> {
    for (const each of this.#held.splice(0)) this.#terminal.rawOut(each);
    if (this.#process) {
      this.#process.stdin.end();
      await this.#process.ended;
    }
    for (const each of this.#notes.splice(0)) this.#terminal.note(each);
  }
}

/** Rows that a text takes on a screen, lines that are too long wrapped. */
function rowsOf(text: string | Uint8Array, width: number): number {
  const lines = Buffer.from(text).toString("utf8").split("\n");
  const last = lines.pop();
  return (
    lines.reduce((rows, line) => rows + Math.max(1, Math.ceil(columnsOf(line) / width)), 0) + (last === "" ? 0 : 1)
  );
}

function start(command: string, env: NodeJS.ProcessEnv) {
  const child = spawn("sh", ["-c", command], { stdio: ["pipe", "inherit", "inherit"], env: { ...LESS, ...env } });
  // Ctrl+C is for the pager, which outlives it: the terminal would be left to two readers.
  const ignore = (): void => {};
  process.on("SIGINT", ignore);
  // Who leaves the pager has seen enough, and what has not been written will not be.
  child.stdin.on("error", () => process.exit(0));
  const ended = once(child, "close").then(() => void process.off("SIGINT", ignore));
  return { stdin: child.stdin, ended };
}
