import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { errorFacts, LigaseError, type Log, reviveError } from "../../kernel/index.ts";
import { DRIVER_SETTINGS, type DriverSettings, type FromDriver, type ToDriver } from "./driver/protocol.ts";
import { nodeCommand } from "./start-process.ts";
import type { Evaluated } from "./types.ts";

/** A question without its number. */
export type Question =
  | Omit<Extract<ToDriver, { op: "evaluate" | "reduce" }>, "asked">
  | Omit<Extract<ToDriver, { op: "end" }>, "asked">;

/** What a driver is started with. */
export interface DriverProcessOptions {
  readonly settings: DriverSettings;
  /** What it is of, for messages: `app.ts, version 3`. */
  readonly name: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly log: Log;
  /** How long it stays with nothing to do, in milliseconds. */
  readonly idleMs: number;
  /** It takes no questions any more. */
  readonly onOver: () => void;
}

interface Asked {
  readonly message: ToDriver;
  resolve(evaluated: Evaluated): void;
}

/** How long it may take to record what is open, once it is to end, in milliseconds. */
const GRACE_MS = 5000;

/** A driver, as the server sees it: a process that answers questions until it is idle, closed, or dies. */
export class DriverProcess {
  readonly #options: DriverProcessOptions;
  readonly #child: ChildProcess;
  readonly #exited: Promise<void>;
  readonly #asked = new Map<number, Asked>();
  readonly #idle: NodeJS.Timeout;
  /** Jobs whose runs are open in it. */
  readonly #jobs = new Set<string>();
  #ready = false;
  #over = false;
  #next = 1;
  #refused: Error | undefined;

  constructor(options: DriverProcessOptions) {
    this.#options = options;
    const { command, args } = nodeCommand(import.meta.url, "./driver/main");
    this.#child = spawn(command, args, {
      // A session of its own: Ctrl+C at the terminal reaches the server alone, who decides what ends.
      detached: true,
      env: { ...options.env, [DRIVER_SETTINGS]: JSON.stringify(options.settings) },
      stdio: ["ignore", "pipe", "pipe", "ipc"],
    });
    this.#exited = new Promise((resolve) => {
      this.#child.once("error", (error) => this.#end(error.message, resolve));
      this.#child.once("exit", (code, signal) => this.#end(signal ?? `exit status ${code}`, resolve));
    });
    this.#child.on("message", (message: FromDriver) => this.#hear(message));
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      if (stream) createInterface({ input: stream }).on("line", (line) => options.log.info(`${options.name}: ${line}`));
    }
    this.#idle = setTimeout(() => this.#idleOver(), options.idleMs).unref();
  }

  /** Does it answer? */
  get alive(): boolean {
    return !this.#over;
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** Has it a run of this job? */
  has(job: string): boolean {
    return this.#jobs.has(job);
  }

  /** Asks, and answers what it answers; when it dies, an error that says so. */
  ask(question: Question): Promise<Evaluated> {
    const asked = this.#next++;
    const message: ToDriver = { ...question, asked };
    if (message.op === "end") this.#jobs.delete(message.job);
    else this.#jobs.add(message.job.id);
    return new Promise((resolve) => {
      this.#asked.set(asked, { message, resolve });
      if (this.#over) this.#fail("it was ended");
      // What is asked before it is open waits here: a channel that nobody reads would lose it.
      else if (this.#ready) this.#send(message);
    });
  }

  /** Ends it: its runs are cancelled. */
  async close(): Promise<void> {
    this.#stop();
    if (this.#child.connected) this.#child.disconnect();
    const timer = setTimeout(() => this.kill(), GRACE_MS);
    await this.#exited;
    clearTimeout(timer);
  }

  /** Ends it at once. */
  kill(): void {
    this.#child.kill("SIGKILL");
  }

  #send(message: ToDriver): void {
    this.#child.send(message, (error) => {
      if (error) this.#options.log.debug(`${this.#options.name}: ${error.message}`);
    });
  }

  #hear(message: FromDriver): void {
    if (message.ev === "ready") {
      this.#ready = true;
      for (const { message: waiting } of this.#asked.values()) this.#send(waiting);
    } else if (message.ev === "refused") this.#refused = reviveError(message.error);
    else {
      this.#asked.get(message.asked)?.resolve(message.evaluated);
      this.#asked.delete(message.asked);
      this.#idle.refresh();
    }
  }

  /** With nothing to do for a while it goes. */
  #idleOver(): void {
    if (this.#jobs.size + this.#asked.size > 0) this.#idle.refresh();
    else void this.close();
  }

  #stop(): void {
    if (this.#over) return;
    this.#over = true;
    clearTimeout(this.#idle);
    this.#options.onOver();
  }

  #end(how: string, resolve: () => void): void {
    const lost = !this.#over && this.#asked.size + this.#jobs.size > 0;
    this.#stop();
    if (lost && !this.#refused) {
      this.#options.log.warn(`the process that runs what ${this.#options.name} calls ended (${how})`);
    }
    this.#fail(how);
    resolve();
  }

  #fail(how: string): void {
    const { name } = this.#options;
    const waiting = [...this.#asked.values()];
    this.#asked.clear();
    const error =
      this.#refused ??
      new LigaseError("LIGASE_E_DRIVER", `the process that runs what ${name} calls ended: ${how}`, {
        facts: { app: name, how },
        mend: "call again: another one starts; what had finished is taken from the cache",
      });
    for (const { resolve } of waiting) resolve({ error: errorFacts(error) });
  }
}
