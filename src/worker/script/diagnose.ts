import { constants } from "node:os";
import { formatBytes, formatDuration, LigaseError } from "../../kernel/index.ts";
import { languageOf } from "./language.ts";
import { addTool, installTool } from "./packages.ts";
import { commandWords } from "./words.ts";

/** The classes of failure that a script's end can show. */
export type ScriptFailureCause = "exit" | "signal" | "memory" | "timeout" | "disk" | "cancelled" | "lost";

/** How a script ended, when that was not well. */
export interface ScriptEnd {
  readonly interpreter: string;
  /** The rendered script. */
  readonly text: string;
  readonly workDir: string;
  /** As a shell gives it: 128 + n for signal n. Null when nobody saw it end. */
  readonly status: number | null;
  readonly killed: "cancelled" | "timeout" | "memory" | "disk" | "processes" | null;
  readonly timeoutMs: number;
  /** Bytes asked for; 0 for no statement. */
  readonly memory: number;
  readonly peakMemory: number | null;
  /** The kernel killed something for want of memory. */
  readonly outOfMemory: boolean;
  /** Bytes of scratch asked for; 0 for no statement. */
  readonly disk: number;
  /** Bytes that were in its work directory, if it was ended for that. */
  readonly diskUsed: number;
  /** The most processes it could have; 0 for no limit. */
  readonly processes: number;
  /** How often it was refused one more. */
  readonly refusedForks: number;
  /** It ran in an image, and not with the tools of this machine. */
  readonly inImage: boolean;
  readonly diskFull: boolean;
  /** Processes that went on in the background until they were killed. */
  readonly leftovers: readonly string[];
  /** Why it could not be started. */
  readonly refused: string | null;
  readonly stderrTail: readonly string[];
}

/** What a failure is. */
export interface Diagnosis {
  readonly cause: ScriptFailureCause;
  readonly exitCode: number | null;
  readonly signal: string | null;
  readonly error: LigaseError;
}

const LONGEST_COMMAND = 120;
const DECIMAL = [
  ["TB", 1e12],
  ["GB", 1e9],
  ["MB", 1e6],
] as const;
const NOT_FOUND = /(?:^|[\s:])([\w./+-]+): (?:command )?not found|(?:^|[\s:])env: ['‘]([^'’]+)['’]: No such file/;
/** What bubblewrap, runc, crun and docker say of a command that is not in an image. */
const NO_SHELL = /execvp ([\w./+-]+): No such file|executable file [`"']?([\w./+-]+)[`"']? not found/;
/** What tools say of a full disk. */
export const DISK_FULL = /No space left on device|Disk quota exceeded|ENOSPC/;
/** What tools say when they get no more memory. */
export const NO_MEMORY =
  /Cannot allocate memory|[Cc]ouldn't allocate memory|cannot allocate vector of size|std::bad_alloc|MemoryError|java\.lang\.OutOfMemoryError|JavaScript heap out of memory|[Oo]ut of memory/;

const NO_MEMORY_CODE = "LIGASE_E_OUT_OF_MEMORY";

/** The name of the signal that a shell reports as a status above 128; null for an ordinary status. */
export function signalOf(status: number | null): string | null {
  if (status === null || status <= 128) return null;
  return Object.entries(constants.signals).find(([, number]) => number === status - 128)?.[0] ?? null;
}

/** The first line of a script that does something, for messages. */
function firstCommand(text: string): string {
  const line =
    text.split("\n").find((line) => /\S/.test(line) && !/^\s*(#|set\s|cd\s|export\s|\w+=\S*\s*$)/.test(line)) ?? text;
  const short = line.trim();
  return short.length > LONGEST_COMMAND ? `${short.slice(0, LONGEST_COMMAND)}…` : short;
}

/**
 * An amount of memory or disk, with units in which a limit is round: who asked for 10 GB is not told of 9.31 GiB.
 *
 * @param like - the limit; the amount itself by default
 */
function amount(bytes: number, like = bytes): string {
  const [unit, size] = DECIMAL.find(([, size]) => like >= size) ?? ["B", 1];
  const isDecimal = size > 1 && like % (size / 10) === 0 && like % 2 ** 20 !== 0;
  return isDecimal ? `${Number((bytes / size).toFixed(1))} ${unit}` : formatBytes(bytes);
}

/** How a script is called in messages: its first program, or its language. */
function nameOf({ interpreter, text }: ScriptEnd): string {
  if (languageOf(interpreter)?.extension !== "") return `the ${interpreter.split(/\s/)[0]} script`;
  const program = commandWords(firstCommand(text))[0];
  return program ? `${program} …` : "the script";
}

function noShell(stderr: string): string | undefined {
  const [, byBubblewrap, byEngine] = NO_SHELL.exec(stderr) ?? [];
  return byBubblewrap ?? byEngine;
}

interface Finding {
  readonly cause: ScriptFailureCause;
  readonly says: string;
  readonly mend?: string;
  /** `LIGASE_E_SCRIPT` where the script itself is to blame; others are not believed a second time. */
  readonly code?: string;
}

function find(end: ScriptEnd): Finding {
  const { status, memory, peakMemory } = end;
  const stderr = end.stderrTail.join("\n");
  const signal = signalOf(status);
  const peak = peakMemory === null ? "" : ` (it had reached ${formatBytes(peakMemory)})`;
  const outOfMemory =
    peakMemory !== null && memory > 0 ? `: peak ${amount(peakMemory, memory)} of ${amount(memory)}` : peak;
  const moreMemory =
    memory > 0
      ? `ask for more than ${amount(memory)}, or with retries for more each time: memory: ({ attempt }) => attempt * ${memory
          .toExponential()
          .replace(/(\.\d)\d*/, "$1")
          .replace("e+", "e")}`
      : 'say how much it needs: memory: "8 GiB"';
  if (end.killed === "timeout") {
    const says = `took longer than its timeout of ${formatDuration(end.timeoutMs)}`;
    return { cause: "timeout", says, mend: "give it more time with the option timeout", code: "LIGASE_E_TIMEOUT" };
  }
  if (end.killed === "cancelled") return { cause: "cancelled", says: "was cancelled", code: "LIGASE_E_CANCELLED" };
  if (end.killed === "disk") {
    return {
      cause: "disk",
      says: `filled its scratch: ${amount(end.diskUsed, end.disk)} of ${amount(end.disk)}`,
      mend: `ask for more than ${amount(end.disk)} with the option disk, or remove what is needed no more`,
      code: "LIGASE_E_DISK_FULL",
    };
  }
  // One that was ended for something else ran into nothing by itself.
  if (end.killed === "processes" || (end.killed === null && end.refusedForks > 0 && status !== 0)) {
    return {
      cause: "exit",
      says: `ran into its limit of ${end.processes.toLocaleString("en")} processes`,
      mend: "see whether it starts itself again and again; if it needs them all, allow more with the option processes",
      code: "LIGASE_E_PROCESSES",
    };
  }
  if (end.refused !== null && !DISK_FULL.test(end.refused))
    return {
      cause: "exit",
      says: `could not be started: ${end.refused}`,
      mend: "see that there is a shell, and a work directory that can be written to",
    };
  // Where the shell that started it was killed with it, for want of memory, nobody saw it end either.
  if (status === null && end.refused === null && !end.outOfMemory) {
    return {
      cause: "lost",
      says: "was lost: the process that ran it ended",
      mend: "run again: what finished is kept",
      code: "LIGASE_E_LOST",
    };
  }
  const isBeyond = signal === "SIGKILL" && memory > 0 && (peakMemory ?? 0) >= memory * 0.95;
  if (end.outOfMemory || end.killed === "memory" || isBeyond) {
    return { cause: "memory", says: `ran out of memory${outOfMemory}`, mend: moreMemory, code: NO_MEMORY_CODE };
  }
  if (end.diskFull || end.refused !== null || DISK_FULL.test(stderr)) {
    return {
      cause: "disk",
      says: "found the disk full",
      mend: "free some space, and run again: what finished is kept",
      code: "LIGASE_E_DISK_FULL",
    };
  }
  if (end.leftovers.length > 0 && status === 0) {
    const says = `left processes running in the background that did not end: ${end.leftovers.join(", ")}`;
    return { cause: "exit", says, mend: "end the script with wait, or end what it has started" };
  }
  if (NO_MEMORY.test(stderr))
    return { cause: "memory", says: `ran out of memory${peak}`, mend: moreMemory, code: NO_MEMORY_CODE };
  if (signal !== null) return { cause: "signal", says: `was ended by ${signal}${peak}` };
  const missing = status === 127 ? NOT_FOUND.exec(stderr) : null;
  const tool = (end.inImage ? noShell(stderr) : undefined) ?? missing?.[1] ?? missing?.[2];
  if (tool !== undefined) {
    return {
      cause: "exit",
      says: `exited with status ${status}: there is no program ${tool} ${end.inImage ? "in its image" : "here"}`,
      mend: end.inImage ? addTool(tool) : installTool(tool),
    };
  }
  const unset = /(LIGASE_MEMORY|CUDA_VISIBLE_DEVICES): unbound variable/.exec(stderr)?.[1];
  return {
    cause: "exit",
    says: `exited with status ${status}`,
    ...(unset && {
      mend: `${unset} is set for tasks that ask for it: give the task the option ${unset === "LIGASE_MEMORY" ? "memory" : "gpu"}`,
    }),
  };
}

/**
 * Says why a script failed: the class, and an error with the facts (command, status, signal, last
 * lines of stderr, work directory) and, where one is known, a mend.
 */
export function diagnose(end: ScriptEnd): Diagnosis {
  const { cause, says, mend, code } = find(end);
  const signal = signalOf(end.status);
  const facts = {
    command: firstCommand(end.text),
    exitCode: end.status,
    signal,
    stderrTail: end.stderrTail,
    workDir: end.workDir,
    ...(end.peakMemory !== null && { peakMemory: end.peakMemory }),
  };
  const error = new LigaseError(code ?? "LIGASE_E_SCRIPT", `${nameOf(end)} ${says}`, {
    facts,
    ...(mend !== undefined && { mend }),
  });
  error.stack = `${error.name}: ${error.message}`;
  return { cause, exitCode: end.status, signal, error };
}
