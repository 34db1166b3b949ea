import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { constants } from "node:os";
import { shellWord } from "../../worker/script/language.ts";
import type { Group } from "./cgroup/index.ts";
import { Zygote } from "./zygote.ts";

/** A process to be started in a cell. */
export interface CellProcess {
  /** The program by its absolute path, and its arguments. */
  readonly command: readonly string[];
  /** All of its environment. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** What its stdout and stderr are appended to. */
  readonly stdout: string;
  readonly stderr: string;
}

/** How a process in a cell ended. */
export interface CellEnd {
  readonly pid: number;
  /** As a shell gives it; null where it was lost, or never started. */
  readonly status: number | null;
  readonly cpuMs: number | null;
  /** Why it could not be started. */
  readonly refused: string | null;
}

/** Variables that a shell does not let anybody set. */
const FIXED = new Set(["BASHOPTS", "BASH_VERSINFO", "EUID", "PPID", "SHELLOPTS", "UID", "_"]);

/**
 * A place for one process at a time and all that it starts, which knows them by their control group. The shell that
 * starts them is a member of the group for good, so that they are members from birth: moving a process into a group takes
 * 5 to 12 ms, starting one here 1.
 */
export class Cell {
  /** Null where there are none, or none is wanted. */
  readonly group: Group | null;
  readonly #zygotes: boolean;
  #zygote: Zygote | undefined;
  #child: ChildProcess | undefined;
  /** The shell died, and so its place is of no more use. */
  broken = false;

  /** @param zygotes - whether there is a shell that can stay */
  constructor(group: Group | null, zygotes: boolean) {
    this.group = group;
    this.#zygotes = zygotes;
  }

  /** Starts a process; the one before is over. */
  start(process: CellProcess, ended: (end: CellEnd) => void): void {
    if (this.#zygotes) this.#startByZygote(process, ended);
    else this.#startByItself(process, ended);
  }

  /** The leader of its process group; 0 while there is none. */
  leader(): number {
    return this.#zygote ? this.#zygote.leader() : (this.#child?.pid ?? 0);
  }

  /** The processes in it, without the shell that stays. */
  members(): number[] {
    const own = this.#zygote?.pid ?? 0;
    return this.group?.members().filter((pid) => pid !== own) ?? [];
  }

  /** Ends all that is in it; afterwards it cannot be used. */
  close(): void {
    this.broken = true;
    this.#zygote?.close();
    this.group?.close();
    for (const pid of this.group?.members() ?? []) kill(pid);
  }

  #startByZygote(start: CellProcess, ended: (end: CellEnd) => void): void {
    // Of its own environment nothing is handed on: it needs a path to find its commands by.
    this.#zygote ??= new Zygote({ PATH: process.env["PATH"] }, this.group?.doors);
    this.#zygote.runCode(codeOf(start), {
      ended: (pid, status, cpuMs) => ended({ pid, status, cpuMs, refused: null }),
      lost: () => {
        this.broken = true;
        ended({ pid: 0, status: null, cpuMs: null, refused: null });
      },
    });
  }

  #startByItself({ command, env, cwd, stdout, stderr }: CellProcess, ended: (end: CellEnd) => void): void {
    const logs = [stdout, stderr].map((path) => openSync(path, "a"));
    const doors = this.group?.doors ?? [];
    const enter = 'n=$1; shift; while [ "$n" -gt 0 ]; do echo 0 >"$1"; shift; n=$((n - 1)); done; exec "$@"';
    const args = ["-c", enter, "sh", String(doors.length), ...doors, ...command];
    const child = spawn("/bin/sh", args, { cwd, detached: true, env, stdio: ["ignore", ...logs] });
    for (const log of logs) closeSync(log);
    this.#child = child;
    const over = (status: number | null, refused: string | null): void => {
      this.#child = undefined;
      ended({ pid: child.pid ?? 0, status, cpuMs: null, refused });
    };
    child.on("error", (error) => over(null, error.message));
    child.on("exit", (code, signal) => over(code ?? 128 + signalNumber(signal), null));
  }
}

/** What a shell does to become a process. */
function codeOf({ command, env, cwd, stdout, stderr }: CellProcess): string {
  const variables = Object.entries(env)
    .filter(([name, value]) => value !== undefined && /^[A-Za-z_]\w*$/.test(name) && !FIXED.has(name))
    .map(([name, value = ""]) => ` ${name}=${shellWord(value)}`);
  return (
    `exec >>${shellWord(stdout)} 2>>${shellWord(stderr)}; cd ${shellWord(cwd)} || exit; unset OLDPWD SHLVL PATH; ` +
    `${variables.length > 0 ? `export${variables.join("")}; ` : ""}exec ${command.map(shellWord).join(" ")}`
  );
}

/** Kills a process; one that is gone already is none to speak of. */
export function kill(pid: number, signal: NodeJS.Signals = "SIGKILL"): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It ended by itself.
  }
}

/** The number of a signal; 0 for none. */
export function signalNumber(signal: string | null): number {
  return Object.entries(constants.signals).find(([name]) => name === signal)?.[1] ?? 0;
}

/** The signal that a shell reports as a status above 128; null for an ordinary status. */
export function signalOf(status: number): NodeJS.Signals | null {
  const name = Object.entries(constants.signals).find(([, number]) => number === status - 128)?.[0];
  return status > 128 && name !== undefined ? (name as NodeJS.Signals) : null;
}
