import { formatBytes, LigaseError } from "../../kernel/index.ts";
import type { FailureCause } from "../types.ts";
import type { ExitReport } from "./protocol.ts";
import type { WorkerPlan } from "./worker-plan.ts";
import { pythonOf, PYTHON_TOO_OLD } from "./worker-program.ts";

/** Why a worker's process is no more. */
export interface WorkerFailure {
  readonly cause: FailureCause;
  readonly error: LigaseError;
}

/** What is known of a process that ended before its job did. */
export interface DeadWorker {
  readonly task: string;
  readonly plan: WorkerPlan;
  readonly exit: ExitReport;
  /** Whether it could take a job at all. */
  readonly started: boolean;
  readonly stderrTail: readonly string[];
  readonly workDir: string;
  /** Bytes that were asked for; 0 for no statement. */
  readonly memory: number;
}

/** Why a worker process ended before its job did. */
export function explainWorker(dead: DeadWorker): WorkerFailure {
  return (dead.started ? undefined : explainStart(dead)) ?? explainEnd(dead);
}

/** It did not come up: because of what it needs, or of its environment. */
function explainStart({ task, plan, exit, stderrTail, workDir }: DeadWorker): WorkerFailure | undefined {
  const said = [...stderrTail, exit.refused ?? ""].join("\n");
  const { program, enclosure } = plan;
  const where = enclosure ? `the image of ${task}` : "this machine";
  const facts = { stderrTail, workDir, ...(enclosure && { image: enclosure.environment.identity }) };
  const failure = (code: string, message: string, mend: string): WorkerFailure => ({
    cause: "error",
    error: plain(new LigaseError(code, message, { facts, mend })),
  });
  if (program.kind === "python") {
    const old = new RegExp(`${PYTHON_TOO_OLD} ([\\d.]+)`).exec(said)?.[1];
    const mend = enclosure
      ? 'give it one: Image.debian("12").python("3.11"), or .apt("python3")'
      : "install Python 3.9 or newer, or name it in LIGASE_PYTHON";
    if (old !== undefined) {
      return failure("LIGASE_E_NO_PYTHON", `${where} has Python ${old}, and Ligase needs 3.9 or newer`, mend);
    }
    const name = enclosure ? "python3" : pythonOf(process.env);
    // As `spawn`, bubblewrap, runc and crun say it.
    const missing = new RegExp(`(?:spawn|execvp) \\S*${escaped(name)}\\b.*(?:ENOENT|No such file)`).test(said);
    if (missing || /executable file (?:.*)not found/.test(said)) {
      return failure("LIGASE_E_NO_PYTHON", `${where} has no ${name}`, mend);
    }
    return undefined;
  }
  if (!enclosure) return undefined;
  const reason =
    /error while loading shared libraries: [^:]+|version `[^']+' not found|Error (?:loading|relocating).*/.exec(
      said,
    )?.[0];
  const noLoader = /\/\.ligase\/node\b.*(?:No such file|not found)|no such file or directory/i.test(said);
  if (reason === undefined && !noLoader) return undefined;
  return failure(
    "LIGASE_E_IMAGE_NODE",
    `Ligase's Node cannot run in ${where}${reason === undefined ? ": it has no GNU C library" : `: ${reason}`}`,
    'TypeScript bodies need glibc 2.28 and libstdc++ in their image: .apt("libstdc++6"), or an image that is not Alpine\'s; ' +
      "or make what needs the image a script",
  );
}

function explainEnd(dead: DeadWorker): WorkerFailure {
  const { task, exit, stderrTail, workDir } = dead;
  const { cause, says, mend, code } = reasonOf(dead);
  const { peakMemory } = exit;
  const facts = {
    exitCode: exit.code,
    signal: exit.signal,
    stderrTail,
    workDir,
    ...(peakMemory !== null && { peakMemory }),
  };
  const error = new LigaseError(code ?? "LIGASE_E_WORKER", `${task}: its process ${says}`, {
    facts,
    ...(mend !== undefined && { mend }),
  });
  return { cause, error: plain(error) };
}

interface Reason {
  readonly cause: FailureCause;
  readonly says: string;
  readonly mend?: string;
  /** `LIGASE_E_WORKER` where none is given. */
  readonly code?: string;
}

function reasonOf({ plan, exit, stderrTail, memory }: DeadWorker): Reason {
  const { code, signal, refused, outOfMemory, peakMemory, killed, diskUsed, refusedForks } = exit;
  const { disk, processes } = plan.limits;
  if (killed === "disk") {
    return {
      cause: "disk",
      says: `filled its scratch: ${formatBytes(diskUsed)} of ${formatBytes(disk)}`,
      mend: `ask for more than ${formatBytes(disk)} with the option disk, or remove what is needed no more`,
      code: "LIGASE_E_DISK_FULL",
    };
  }
  if (killed === "processes" || (killed === null && refusedForks > 0 && code !== 0)) {
    return {
      cause: "exit",
      says: `ran into its limit of ${processes.toLocaleString("en")} processes`,
      mend: "see whether it starts itself again and again; if it needs them all, allow more with the option processes",
    };
  }
  if (refused !== null) return { cause: "error", says: `could not be started: ${refused}` };
  const heapFull = stderrTail.some((line) => line.includes("JavaScript heap out of memory"));
  const isBeyond = signal === "SIGKILL" && memory > 0 && (peakMemory ?? 0) >= memory * 0.95;
  if (heapFull || killed === "memory" || isBeyond || (signal === "SIGKILL" && outOfMemory)) {
    return {
      cause: "memory",
      says: `ran out of memory${peakOf(exit, plan, memory)}`,
      mend: moreThan(memory),
      code: NO_MEMORY,
    };
  }
  if (signal === "SIGKILL" && killed === null && memory > 0 && isUnderDaemon(plan)) {
    // The container is gone before anybody could ask its engine.
    const says = `was killed, most likely because it needed more than its ${formatBytes(memory)} of memory`;
    return { cause: "memory", says, mend: moreThan(memory), code: NO_MEMORY };
  }
  if (signal !== null) return { cause: "signal", says: `was ended by ${signal} before the body returned` };
  if (code !== null) {
    return {
      cause: "exit",
      says: `ended with exit status ${code} before the body returned`,
      mend: "a body returns or throws: it must not end its process",
    };
  }
  return { cause: "lost", says: "was lost", mend: "run again: what finished is kept", code: "LIGASE_E_LOST" };
}

const NO_MEMORY = "LIGASE_E_OUT_OF_MEMORY";

function isUnderDaemon({ enclosure }: WorkerPlan): boolean {
  return enclosure !== null && enclosure.environment.engine !== "sandbox";
}

/** `: peak 4.1 GiB of 4 GiB`. */
function peakOf({ peakMemory }: ExitReport, { limits }: WorkerPlan, memory: number): string {
  if (peakMemory === null) return "";
  // Of a limit that is lower than a worker itself takes, nothing was held to.
  const limit = Math.max(memory, limits.memory);
  return memory > 0
    ? `: peak ${formatBytes(peakMemory)} of ${formatBytes(limit)}`
    : ` (it had reached ${formatBytes(peakMemory)})`;
}

function moreThan(memory: number): string {
  if (memory === 0) return 'say how much it needs: memory: "8 GiB"';
  const each = memory.toExponential(1).replace("+", "");
  return `ask for more than ${formatBytes(memory)}, or with retries for more each time: memory: ({ attempt }) => attempt * ${each}`;
}

function escaped(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, String.raw`\$&`);
}

/** Ours are no defects: nobody needs to see where in Ligase they were made. */
export function plain(error: LigaseError): LigaseError {
  error.stack = `${error.name}: ${error.message}`;
  return error;
}
