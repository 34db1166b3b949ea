import { type ChildProcess, fork } from "node:child_process";
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";
import type { RunSettings } from "../../src/engine/index.ts";
import type { ErrorFacts } from "../../src/kernel/index.ts";
import type { FileArgument, JobFacts, PlannedFacts, Reply, Request } from "./protocol.ts";

/** What every workflow here begins with: `note` is how a body says that it runs. */
export const HEAD = `
import { all, attempt, attemptAll, cond, Dir, fail, File, flatten, get, groupBy, Image, lift, local, map, raw, reduce, script, seq, task, withOptions, zip } from "ligase";
import { note, noted, until } from "./lib/ledger.ts";
`;

/**
 * The ledger: a file outside of Ligase that bodies append to, in one system call each, so that
 * what ran is known whatever Ligase says. \`until\` is how a body waits for another to have come so far.
 */
const LEDGER = `
import { appendFileSync, readFileSync } from "node:fs";
export function note(line) {
  appendFileSync(process.env.LEDGER, line + "\\n");
}
export function noted() {
  return readFileSync(process.env.LEDGER, "utf8").split("\\n");
}
export async function until(line) {
  for (let tries = 0; tries < 2000; tries++) {
    if (noted().includes(line)) return;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  throw new Error("waited in vain for " + line);
}
`;

/** What a run came to. */
export interface Outcome {
  readonly value: unknown;
  readonly error: ErrorFacts | undefined;
  /** What bodies noted in the ledger, in order. */
  readonly ran: readonly string[];
  readonly warnings: readonly string[];
  readonly jobs: readonly JobFacts[];
}

/** What a dry run came to. */
export interface Planned {
  readonly calls: readonly PlannedFacts[];
  /** Were there more than were followed? */
  readonly cut: boolean;
  readonly error: ErrorFacts | undefined;
  /** What bodies noted meanwhile: nothing. */
  readonly ran: readonly string[];
}

/** How a run is asked for. */
export interface RunOptions {
  readonly settings?: Partial<RunSettings>;
  readonly entry?: string;
}

/** The process that runs workflows: one for each file of tests, started when first needed. */
class Driver {
  readonly #waiting = new Map<number, (reply: Reply) => void>();
  #process: ChildProcess | undefined;
  #last = 0;

  request(make: (id: number) => Request): { id: number; reply: Promise<Reply> } {
    const id = ++this.#last;
    const reply = new Promise<Reply>((resolve) => this.#waiting.set(id, resolve));
    this.send(make(id));
    return { id, reply };
  }

  send(request: Request): void {
    this.#process ??= this.#start();
    this.#process.send(request);
  }

  #start(): ChildProcess {
    const child = fork(fileURLToPath(new URL("driver.ts", import.meta.url)), {
      serialization: "advanced",
      execArgv: [],
      stdio: ["ignore", "inherit", "inherit", "ipc"],
    });
    child.on("message", (reply: Reply) => {
      this.#waiting.get(reply.id)!(reply);
      this.#waiting.delete(reply.id);
    });
    child.on("exit", (code, signal) => {
      this.#process = undefined;
      const error = { name: "Error", message: `the driver ended with ${signal ?? code}` };
      for (const [id, resolve] of this.#waiting) resolve({ id, ok: false, error, warnings: [], jobs: [] });
      this.#waiting.clear();
    });
    // It must not keep the tests from ending; it ends when they do.
    child.unref();
    child.channel?.unref();
    return child;
  }
}

const driver = new Driver();

/** A file as an argument. */
export const file = (path: string): FileArgument => ({ file: path });

/** A project in a folder of its own. */
export class Project {
  readonly root = realpathSync(mkdtempSync(join(tmpdir(), "ligase-behaviour-")));
  /** Where bodies note that they run. */
  readonly ledger = join(this.root, "ledger.txt");
  #read = 0;

  /** @param files - by path; those that end in `workflow.ts` get the usual imports */
  constructor(files: Readonly<Record<string, string>>) {
    writeFileSync(this.ledger, "");
    this.write({ "package.json": "{}", "lib/ledger.ts": LEDGER, ...files });
  }

  path(path: string): string {
    return resolve(this.root, path);
  }

  write(files: Readonly<Record<string, string>>): void {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(this.path(path)), { recursive: true });
      writeFileSync(this.path(path), path.endsWith("workflow.ts") ? HEAD + text : text);
    }
  }

  read(path: string): string {
    return readFileSync(this.path(path), "utf8");
  }

  exists(path: string): boolean {
    return existsSync(this.path(path));
  }

  /** Replaces a piece of a file, which must be there. */
  edit(path: string, from: string, to: string): void {
    const text = this.read(path);
    if (!text.includes(from)) throw new Error(`${path} has no ${from}`);
    writeFileSync(this.path(path), text.replace(from, to));
  }

  /** Changes a file's times and nothing else. */
  touch(path: string): void {
    const now = new Date();
    utimesSync(this.path(path), now, now);
  }

  /** Notes a line, as a body would: bodies may wait for it. */
  note(line: string): void {
    appendFileSync(this.ledger, `${line}\n`);
  }

  /** The lines that were noted since this was last asked. */
  ran(): readonly string[] {
    const text = readFileSync(this.ledger, "utf8").slice(this.#read);
    this.#read += text.length;
    return text.split("\n").slice(0, -1);
  }

  /** Runs a task, and says what ran meanwhile. */
  async run(task: string, args: readonly unknown[] = [], options: RunOptions = {}): Promise<Outcome> {
    return this.start(task, args, options).outcome;
  }

  /** Says what a run of a task would do. */
  async plan(task: string, args: readonly unknown[] = [], options: RunOptions = {}): Promise<Planned> {
    this.ran();
    const { plan = { calls: [], cut: false }, error } = await this.#request("plan", task, args, options).reply;
    return { ...plan, error, ran: this.ran() };
  }

  #request(op: "run" | "plan", task: string, args: readonly unknown[], options: RunOptions) {
    const { settings = {}, entry = "workflow.ts" } = options;
    const env = { LEDGER: this.ledger };
    return driver.request((id) => ({ op, id, root: this.root, entry, task, args, settings, env }));
  }

  /** Begins to run a task. */
  start(
    task: string,
    args: readonly unknown[] = [],
    options: RunOptions = {},
  ): { outcome: Promise<Outcome>; cancel(): void } {
    this.ran();
    const { id, reply } = this.#request("run", task, args, options);
    return {
      outcome: reply.then(({ value, error, warnings, jobs }) => ({ value, error, warnings, jobs, ran: this.ran() })),
      cancel: () => driver.send({ op: "cancel", id }),
    };
  }

  /** Waits until bodies have noted a line so many times since the project was made. */
  async until(line: string, times = 1): Promise<void> {
    const noted = () => readFileSync(this.ledger, "utf8").split("\n");
    for (let tries = 0; tries < 6000; tries++) {
      if (noted().filter((each) => each === line).length >= times) return;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    throw new Error(`waited in vain for ${line}`);
  }

  remove(): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}

/** A project that goes when its test is over. */
export function project(files: Readonly<Record<string, string>> | string): Project {
  const made = new Project(typeof files === "string" ? { "workflow.ts": files } : files);
  onTestFinished(() => made.remove());
  return made;
}

/** How often each name was noted. */
export function counts(ran: readonly string[]): Readonly<Record<string, number>> {
  const found: Record<string, number> = {};
  for (const name of ran) found[name] = (found[name] ?? 0) + 1;
  return found;
}
