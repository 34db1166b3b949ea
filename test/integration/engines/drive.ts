import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as wait } from "node:timers/promises";
import type { Enclosure, Entry, Environment, ImageEngine } from "../../../src/images/types.ts";

/** How a process that was entered ended. */
export interface Ended {
  /** As a shell has it: 128 and the number of a signal. */
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A process under way. */
export interface Entered {
  readonly entry: Entry;
  readonly pid: number;
  readonly ended: Promise<Ended>;
}

/** What an enclosure is, unless a test says otherwise. */
export function enclosureOf(given: Partial<Enclosure> & Pick<Enclosure, "command" | "cwd">): Enclosure {
  return {
    name: `ligase-test-${randomUUID()}`,
    env: {},
    mounts: [{ from: given.cwd, at: given.cwd, writable: true }],
    network: false,
    limits: { cpu: 0, memory: 0, processes: 0, disk: 0 },
    gpus: [],
    ...given,
  };
}

/** Enters an environment, as the launcher does: a process group of its own, without stdin. */
export function enter(engine: ImageEngine, environment: Environment, enclosure: Enclosure): Entered {
  const entry = engine.enter(environment, enclosure);
  const [program = "", ...args] = entry.command;
  const child = spawn(program, args, {
    cwd: enclosure.cwd,
    env: entry.env,
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const said = { stdout: "", stderr: "" };
  child.stdout.setEncoding("utf8").on("data", (text: string) => (said.stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (said.stderr += text));
  const ended = new Promise<Ended>((resolve, reject) => {
    child.on("error", reject).on("close", (status) => resolve({ status, ...said }));
  });
  return { entry, pid: child.pid ?? 0, ended };
}

/** Sends a signal in the way that the entry says. */
export async function signal({ entry, pid }: Entered, name: "TERM" | "KILL"): Promise<void> {
  if (entry.remote) return call([...entry.remote.kill, name]);
  if (name === "KILL") process.kill(-pid, "SIGKILL");
  // The outermost process of a sandbox takes all others with it.
  else for (const inside of descendantsOf(pid)) process.kill(inside, "SIGTERM");
}

/** Runs a command of the engine's client. */
export function call([program = "", ...args]: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: ["ignore", "ignore", "inherit"] });
    child.on("error", reject);
    child.on("close", (status) => (status === 0 ? resolve() : reject(new Error(`${program} ${args[0]}: ${status}`))));
  });
}

/** The processes of this machine whose command line has a word in it. */
export function processesWith(word: string): string[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => commandLine(pid))
    .filter((line) => line.split("\0").includes(word));
}

/** Waits until something is so. */
export async function until(isSo: () => boolean, what: string): Promise<void> {
  for (let tries = 0; !isSo(); tries++) {
    if (tries > 400) throw new Error(`waited in vain until ${what}`);
    await wait(25);
  }
}

function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8");
  } catch {
    return "";
  }
}

function descendantsOf(pid: number): number[] {
  try {
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").split(" ").filter(Boolean).map(Number);
    return children.flatMap((child) => [child, ...descendantsOf(child)]);
  } catch {
    return [];
  }
}
