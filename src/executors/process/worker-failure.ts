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

function explainEnd({ task, exit, stderrTail, workDir, memory }: DeadWorker): WorkerFailure {
  const { cause, says, mend } = reasonOf(exit, stderrTail, memory);
  const facts = { exitCode: exit.code, signal: exit.signal, stderrTail, workDir };
  const error = new LigaseError("LIGASE_E_WORKER", `${task}: ${says}`, { facts, ...(mend !== undefined && { mend }) });
  return { cause, error: plain(error) };
}

function reasonOf(
  { code, signal, refused, outOfMemory, peakMemory }: ExitReport,
  stderrTail: readonly string[],
  memory: number,
): { cause: FailureCause; says: string; mend?: string } {
  const peak = peakMemory === null ? "" : ` (it had reached ${formatBytes(peakMemory)})`;
  const mend = memory > 0 ? `ask for more than ${formatBytes(memory)}` : 'say how much it needs: memory: "8 GiB"';
  if (refused !== null) return { cause: "error", says: `its process could not be started: ${refused}` };
  if (stderrTail.some((line) => line.includes("JavaScript heap out of memory"))) {
    return { cause: "memory", says: `its process ran out of memory${peak}`, mend };
  }
  if (signal === "SIGKILL" && (outOfMemory || (memory > 0 && (peakMemory ?? 0) >= memory * 0.95))) {
    return { cause: "memory", says: `its process was killed for want of memory${peak}`, mend };
  }
  if (signal !== null) return { cause: "signal", says: `its process was ended by ${signal} before the body returned` };
  if (code !== null) {
    return {
      cause: "exit",
      says: `its process ended with exit status ${code} before the body returned`,
      mend: "a body returns or throws: it must not end its process",
    };
  }
  return { cause: "lost", says: "its process was lost", mend: "run again: what finished is kept" };
}

function escaped(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, String.raw`\$&`);
}

/** Ours are no defects: nobody needs to see where in Ligase they were made. */
export function plain(error: LigaseError): LigaseError {
  error.stack = `${error.name}: ${error.message}`;
  return error;
}
