import { execFile, spawn } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import type { Entry } from "../../images/types.ts";
import { isDead, ownName } from "./cgroup/owners.ts";
import { findGroupOf, type Observed } from "./cgroup/observe.ts";

const PATIENCE_MS = 30_000;
const FIRST_LOOK_MS = 300;

/** The commands for a container. */
type Commands = NonNullable<Entry["remote"]>;

/**
 * A container that runs under a daemon, or at least not as a descendant of the command that started it: signals go
 * through its engine, and what it uses is read from the control group in which it is.
 */
export class Remote {
  readonly #commands: Commands;
  readonly #note: string | null;
  readonly #begun = performance.now();
  #asked = false;
  #group: Observed | null = null;
  #ended = false;

  /**
   * @param stateDir - where it is noted that it runs; null for nowhere
   * @param name - of that note
   */
  constructor(commands: Commands, stateDir: string | null, name: string) {
    this.#commands = commands;
    this.#note = stateDir === null ? null : join(stateDir, `${ownName()}.${hostname()}.${name}.json`);
    if (this.#note !== null && stateDir !== null) {
      mkdirSync(stateDir, { recursive: true });
      writeFileSync(this.#note, JSON.stringify(commands.remove), { mode: 0o600 });
    }
  }

  /** Sends all processes in it a signal; false when its engine does not know it (yet, or any more). */
  async signal(signal: "SIGTERM" | "SIGKILL"): Promise<boolean> {
    return (await output([...this.#commands.kill, signal.slice(3)])) !== null;
  }

  /** What it uses, as far as that is known by now. */
  usage(now: number): Observed | null {
    // Asking its engine takes 100 ms: not for what is over by then.
    if (!this.#asked && now - this.#begun > FIRST_LOOK_MS) {
      this.#asked = true;
      void this.#find();
    }
    return this.#group;
  }

  async #find(): Promise<void> {
    const said = await output(this.#commands.inspect);
    const pid = Number(/"Pid":\s*(\d+)/.exec(said ?? "")?.[1] ?? 0);
    if (pid > 0 && !this.#ended) this.#group = findGroupOf(pid);
  }

  /**
   * The command that started it is over: makes sure that nothing of it is left.
   *
   * @param status - of that command: of one that ended by itself, that of the process inside
   */
  async end(status: number | null): Promise<void> {
    this.#ended = true;
    // One that ended by itself is removed by its engine. From 125 on it is the engine who says that something went wrong.
    if (status === null || status >= 125) await output(this.#commands.remove);
    if (this.#note !== null) rmSync(this.#note, { force: true });
  }

  /** Nobody can wait any more: has it removed by a process that outlives this one. */
  abandon(): void {
    removeDetached(this.#commands.remove);
  }
}

/** Has the containers removed that launchers of this machine have left which are no more (`kill -9`). */
export function removeDeadContainers(stateDir: string): void {
  let names: string[];
  try {
    names = readdirSync(stateDir);
  } catch {
    return;
  }
  for (const name of names) {
    const [, owner = "", rest = ""] = /^(ligase\.\d+\.\d+\.\d+)\.(.*)$/.exec(name) ?? [];
    if (!rest.startsWith(`${hostname()}.`) || !isDead(owner)) continue;
    const path = join(stateDir, name);
    try {
      const remove = JSON.parse(readFileSync(path, "utf8")) as Commands["remove"];
      void output(remove).then((said) => said !== null && rmSync(path, { force: true }));
    } catch {
      rmSync(path, { force: true });
    }
  }
}

/** What a command prints; null when it fails. It is given this process's environment: the job's holds secrets. */
function output([program = "", ...args]: readonly string[]): Promise<string | null> {
  return new Promise((resolve) => {
    execFile(program, args, { timeout: PATIENCE_MS }, (error, stdout) => resolve(error ? null : stdout));
  });
}

function removeDetached([program = "", ...args]: readonly string[]): void {
  spawn(program, args, { detached: true, stdio: "ignore" })
    .on("error", () => {})
    .unref();
}
