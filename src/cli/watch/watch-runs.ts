import { type ChildProcess, spawn } from "node:child_process";
import { dirname, relative, resolve } from "node:path";
import type { Terminal } from "../terminal/terminal.ts";
import { columnsOf, shorten } from "../terminal/text.ts";
import { moment } from "../terminal/when.ts";
import { type FromRun, STOP, WATCHED } from "./supervisor.ts";
import { Watcher } from "./watcher.ts";

/** So long a run that is asked to stop may take for it; a body that computes cannot hear. */
const PATIENCE_MS = 10_000;
/** So many changed files are named. */
const MOST_NAMED = 3;
const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/**
 * Runs this command line again and again: when the code or the inputs of the run change. A run that goes on is then
 * stopped; what it has finished is recorded. Ends with Ctrl+C.
 *
 * @param file - the workflow file
 * @param quiet - say nothing but what the runs themselves say
 * @returns the exit status: of the run that Ctrl+C ended; 0 when none went on
 */
export async function watchRuns(file: string, quiet: boolean, terminal: Terminal): Promise<number> {
  const session = new Session(resolve(file), quiet, terminal);
  try {
    return await session.run();
  } finally {
    session.close();
  }
}

class Session {
  readonly #entry: string;
  readonly #quiet: boolean;
  readonly #terminal: Terminal;
  readonly #watcher: Watcher;
  readonly #onSignal: (signal: NodeJS.Signals) => void;
  #child: ChildProcess | undefined;
  #changed: readonly string[] = [];
  #ending = false;
  #wake: (() => void) | undefined;
  #patience: NodeJS.Timeout | undefined;

  constructor(entry: string, quiet: boolean, terminal: Terminal) {
    this.#entry = entry;
    this.#quiet = quiet;
    this.#terminal = terminal;
    this.#watcher = new Watcher({ onChange: (paths) => this.#onChange(paths) });
    this.#onSignal = (signal) => {
      this.#ending = true;
      // It takes one press of the keys, which it may have had already, for one.
      this.#child?.kill(signal);
      this.#wake?.();
    };
    for (const signal of SIGNALS) process.on(signal, this.#onSignal);
  }

  async run(): Promise<number> {
    for (;;) {
      const code = await this.#once();
      if (this.#ending) return code;
      if (this.#changed.length === 0) {
        const files = this.#watcher.size === 1 ? "1 file" : `${this.#watcher.size} files`;
        this.#say(`watching ${files}; Ctrl+C ends it`);
        await new Promise<void>((wake) => (this.#wake = wake));
        if (this.#ending) return 0;
      }
      this.#separate(this.#changed);
      this.#changed = [];
    }
  }

  close(): void {
    this.#watcher.close();
    clearTimeout(this.#patience);
    for (const signal of SIGNALS) process.off(signal, this.#onSignal);
  }

  /** One run, to its end. */
  async #once(): Promise<number> {
    const began = Date.now();
    const paths = new Set([this.#entry]);
    let started = false;
    let adding = this.#watcher.add(paths, began);
    const child = spawn(process.execPath, [...process.execArgv, ...process.argv.slice(1)], {
      stdio: ["inherit", "inherit", "inherit", "ipc"],
      env: { ...process.env, [WATCHED]: "1" },
    });
    this.#child = child;
    child.on("message", (message: FromRun) => {
      if (message.ligase === "started") started = true;
      else {
        for (const path of message.paths) paths.add(path);
        // A run may write what it reads; its code it does not.
        const since = message.ligase === "code" ? began : Infinity;
        adding = adding.then(() => this.#watcher.add(message.paths, since));
      }
    });
    const code = await new Promise<number>((end) => {
      child.once("error", () => end(1));
      child.once("close", (status, signal) => end(status ?? (signal === "SIGKILL" ? 137 : 130)));
    });
    clearTimeout(this.#patience);
    this.#patience = undefined;
    this.#child = undefined;
    await adding;
    if (started) this.#watcher.keep(paths);
    // Something is wrong with the code, and not all of it is known: what mends it may be a new file.
    else this.#watcher.addFolders(new Set([...paths].map(dirname)));
    return code;
  }

  #onChange(paths: readonly string[]): void {
    this.#changed = [...new Set([...this.#changed, ...paths])];
    const child = this.#child;
    if (!child) this.#wake?.();
    else if (child.connected && this.#patience === undefined) {
      child.send(STOP, () => {});
      this.#patience = setTimeout(() => child.kill("SIGKILL"), PATIENCE_MS);
    }
  }

  /** A line with what changed, before what comes of it. */
  #separate(paths: readonly string[]): void {
    const { width } = this.#terminal;
    const names = paths.slice(0, MOST_NAMED).map((path) => relative(process.cwd(), path));
    if (paths.length > MOST_NAMED) names.push(`${paths.length - MOST_NAMED} more`);
    const time = moment(Date.now()).slice(11);
    const what = shorten(`${names.join(", ")} changed`, Math.max(8, width - time.length - 8));
    const rule = "─".repeat(Math.max(2, width - columnsOf(what) - time.length - 6));
    this.#say(`\n── ${what} ${rule} ${time}`);
  }

  #say(text: string): void {
    if (!this.#quiet) this.#terminal.note(this.#terminal.style("dim", text));
  }
}
