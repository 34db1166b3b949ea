import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import type { ServiceExit } from "../../executors/index.ts";
import { formatBytes } from "../../kernel/index.ts";
import { START_FAILURE } from "../../worker/endpoint/index.ts";
import type { WorkerResources } from "../types.ts";

/** The end of a log that is looked at, in bytes. */
const TAIL = 16 * 1024;
/** A line is shortened to so many characters. */
const LONGEST = 300;

/** What is known of a worker that ended by itself. */
export interface DeadWorker {
  readonly exit: ServiceExit;
  readonly resources: Pick<WorkerResources, "memory" | "disk">;
  /** Its logs: absolute. */
  readonly stdout: string;
  readonly stderr: string;
}

/** Why a worker ended, in a sentence: `worker exits with code 1 at import: ModuleNotFoundError: No module named 'torch'`. */
export function whyEnded({ exit, resources, stdout, stderr }: DeadWorker): string {
  const { refused, beyond, outOfMemory, signal, code, peakMemory, diskUsed } = exit;
  if (refused !== null) return `worker could not be started: ${shortened(refused)}`;
  if (beyond === "disk") {
    return `worker filled its scratch: ${formatBytes(diskUsed)} of ${formatBytes(resources.disk)}`;
  }
  if (beyond === "processes") return "worker ran into its limit of processes";
  const last = lastWords(stderr, stdout);
  const heapFull = last?.includes("JavaScript heap out of memory") === true;
  const isBeyond = resources.memory > 0 && (peakMemory ?? 0) >= resources.memory * 0.95;
  if (beyond === "memory" || heapFull || (signal === "SIGKILL" && (outOfMemory || isBeyond))) {
    return `worker ran out of memory${memoryOf(resources.memory, peakMemory)}`;
  }
  const ended = signal !== null ? `was ended by ${signal}` : code === null ? "was lost" : `exits with code ${code}`;
  if (last === undefined) return `worker ${ended}`;
  // It says itself where it came to: `at import: …`.
  return last.startsWith("at ") ? `worker ${ended} ${last}` : `worker ${ended}: ${last}`;
}

function memoryOf(limit: number, peak: number | null): string {
  if (limit > 0) return `: its limit is ${formatBytes(limit)}`;
  return peak === null ? "" : `: it had ${formatBytes(peak)}`;
}

/** The line of a worker's logs that tells most of why it ended. */
function lastWords(stderr: string, stdout: string): string | undefined {
  return tellingLine(tailOf(stderr)) ?? tellingLine(tailOf(stdout));
}

/**
 * The line of what a program wrote that tells most of why it ended: what a worker of ours says of it, the error that a
 * traceback ends with, or that Node shows before its stack, else the last line.
 */
export function tellingLine(text: string): string | undefined {
  const lines = text.split("\n").map((line) => line.trimEnd());
  const own = lines.findLast((line) => line.startsWith(START_FAILURE));
  if (own !== undefined) return shortened(own.slice(START_FAILURE.length));
  const said = lines.filter((line) => line !== "" && !/^Node\.js v\d/.test(line));
  const error = said.findLast((line) =>
    /^(?:\w+\.)*(?:\w*(?:Error|Exception|Interrupt|Exit)|FATAL ERROR)\b.*:/.test(line),
  );
  if (error === undefined) return said.length === 0 ? undefined : shortened(said.at(-1) ?? "");
  const isOfImport = /^(?:ModuleNotFoundError|ImportError):/.test(error) || error.includes("Cannot find module");
  return shortened(isOfImport ? `at import: ${error}` : error);
}

/** A span of time in words: `5 min`, `1.5 s`. */
export function spanOf(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  return ms >= 60_000 && ms % 60_000 === 0 ? `${ms / 60_000} min` : `${Math.round(ms / 100) / 10} s`;
}

function tailOf(path: string): string {
  try {
    const file = openSync(path, "r");
    try {
      const { size } = fstatSync(file);
      const bytes = Buffer.alloc(Math.min(size, TAIL));
      return bytes.subarray(0, readSync(file, bytes, 0, bytes.length, size - bytes.length)).toString("utf8");
    } finally {
      closeSync(file);
    }
  } catch {
    return "";
  }
}

function shortened(line: string): string {
  const text = line.trim();
  return text.length > LONGEST ? `${text.slice(0, LONGEST - 1)}…` : text;
}
