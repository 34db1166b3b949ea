import { existsSync, lstatSync, mkdirSync, rmdirSync, symlinkSync, unlinkSync } from "node:fs";
import { join } from "node:path";
import { formatBytes, formatDuration, LigaseError, reviveError } from "../../kernel/index.ts";
import { STDERR_FILE, STDOUT_FILE, tailOf } from "../../worker/script/index.ts";
import type { Attempt, FailureCause, Head, Outcome, Running, Usage } from "../types.ts";
import { jobEnvironment } from "./environment.ts";
import type { Launcher } from "./launcher.ts";
import { cancelledError, copyLog, failed, NO_USAGE } from "./outcome.ts";
import type { ExitReport, KillReason } from "./protocol.ts";
import type { WorkerPool } from "./worker-pool.ts";
import type { TaskEnd, WorkerProcess } from "./worker-process.ts";

/** What task jobs need of their executor. */
export interface TaskContext {
  readonly launcher: Launcher;
  readonly workers: WorkerPool;
}

/** A job of this kind. */
type TaskWork = Extract<Attempt["work"], { kind: "task" }>;

/** Runs a task's body in a worker process. */
export class TaskJob implements Running {
  readonly outcome: Promise<Outcome>;
  readonly #context: TaskContext;
  readonly #attempt: Attempt;
  readonly #work: TaskWork;
  readonly #head: Head;
  readonly #begun = performance.now();
  #worker: WorkerProcess | undefined;
  #ended: KillReason | undefined;

  constructor(context: TaskContext, attempt: Attempt, work: TaskWork, head: Head) {
    this.#context = context;
    this.#attempt = attempt;
    this.#work = work;
    this.#head = head;
    this.outcome = this.#run().catch((error: unknown) =>
      failed(error, { workDir: existsSync(attempt.workDir) ? attempt.workDir : null }),
    );
  }

  cancel(reason: KillReason): void {
    if (this.#ended) return;
    this.#ended = reason;
    // A body that never gives way would not hear of it: its process ends.
    this.#worker?.kill(reason, this.#attempt.job);
  }

  async #run(): Promise<Outcome> {
    const { job, task, timeoutMs, workDir, resources } = this.#attempt;
    const { bundle } = this.#work;
    const { workers } = this.#context;
    const worker = await workers.acquire(bundle, resources.memory);
    if (this.#ended) {
      workers.release(worker, bundle, resources.memory);
      return failed(cancelledError(task), { cause: this.#ended });
    }
    this.#worker = worker;
    mkdirSync(workDir, { recursive: true });
    // The worker writes to files of its own; while it has this job they can be followed here.
    symlinkSync(worker.stdout, join(workDir, STDOUT_FILE));
    symlinkSync(worker.stderr, join(workDir, STDERR_FILE));
    const timer =
      timeoutMs > 0 ? setTimeout(() => this.cancel("timeout"), Math.min(timeoutMs, 2 ** 31 - 1)) : undefined;
    const end = await this.#runIn(worker);
    clearTimeout(timer);
    this.#worker = undefined;
    const outcome =
      end.ended === "done" && !this.#ended ? this.#succeeded(worker, end) : this.#failed(worker, end, job);
    if (end.ended !== "crashed") workers.release(worker, bundle, resources.memory);
    return outcome;
  }

  #runIn(worker: WorkerProcess): Promise<TaskEnd> {
    const { workDir, outputDir, env } = this.#attempt;
    const { task, args } = this.#work;
    const environment = { LIGASE_JOB: this.#attempt.job, ...jobEnvironment(this.#attempt), ...env };
    return new Promise((ended) => {
      worker.run(
        { op: "run", task, args, workDir, outputDir, env: environment },
        {
          started: (leader) => this.#head.started(leader),
          evaluate: (expression) => this.#head.evaluate(expression),
          ended,
        },
      );
    });
  }

  #succeeded(worker: WorkerProcess, end: Extract<TaskEnd, { ended: "done" }>): Outcome {
    const { workDir, keepWork } = this.#attempt;
    const logs = this.#keepLogs(worker, keepWork);
    if (!keepWork) this.#removeWorkDir(workDir);
    const usage = { ...usageOf(end), bytesOut: end.bytesOut };
    return { state: "done", text: end.text, usage, ...logs, tools: null, trace: null };
  }

  #failed(worker: WorkerProcess, end: TaskEnd, job: string): Outcome {
    const { task, workDir, timeoutMs } = this.#attempt;
    const stderrTail = tailOf(worker.stderr);
    const logs = this.#keepLogs(worker, true);
    const crashed = end.ended === "crashed" ? end.exit : undefined;
    const usage =
      end.ended === "crashed"
        ? { ...NO_USAGE, wallMs: performance.now() - this.#begun, peakMemory: end.exit.peakMemory }
        : usageOf(end);
    const more = { usage, workDir, ...logs, exitCode: crashed?.code ?? null, signal: crashed?.signal ?? null };
    if (this.#ended === "cancelled") return failed(cancelledError(task), { ...more, cause: "cancelled" });
    if (this.#ended === "timeout") {
      const message = `${task} took longer than its timeout of ${formatDuration(timeoutMs)}`;
      const mend = "give it more time with the option timeout";
      return failed(plain(new LigaseError("LIGASE_E_TIMEOUT", message, { facts: { timeoutMs, workDir }, mend })), {
        ...more,
        cause: "timeout",
      });
    }
    if (end.ended === "failed") return failed(reviveError(end.error), more);
    if (!crashed) throw new TypeError(`the job ${job} ended in a way unknown here`);
    const { cause, says, mend } = explain(crashed, stderrTail, this.#attempt.resources.memory);
    const facts = { exitCode: crashed.code, signal: crashed.signal, stderrTail, workDir };
    const error = new LigaseError("LIGASE_E_WORKER", `${task}: ${says}`, {
      facts,
      ...(mend !== undefined && { mend }),
    });
    return failed(plain(error), { ...more, cause });
  }

  /** Copies what the body wrote to where all logs are. */
  #keepLogs(worker: WorkerProcess, keepWork: boolean): { stdout: string | null; stderr: string | null } {
    const { workDir, logs } = this.#attempt;
    const keep = (from: string, name: string, to: string): string | null => {
      const link = join(workDir, name);
      unlinkSync(link);
      if ((lstatSync(from, { throwIfNoEntry: false })?.size ?? 0) === 0) return null;
      if (keepWork) copyLog(from, link);
      return copyLog(from, to);
    };
    return {
      stdout: keep(worker.stdout, STDOUT_FILE, `${logs}.out`),
      stderr: keep(worker.stderr, STDERR_FILE, `${logs}.err`),
    };
  }

  #removeWorkDir(workDir: string): void {
    try {
      rmdirSync(workDir);
    } catch {
      // The body left files.
      this.#context.launcher.remove(workDir);
    }
  }
}

function usageOf({ wallMs, cpuMs, peakMemory }: Pick<Usage, "wallMs" | "cpuMs" | "peakMemory">): Usage {
  return { ...NO_USAGE, wallMs, cpuMs, peakMemory };
}

/** Ours are no defects: nobody needs to see where in Ligase they were made. */
function plain(error: LigaseError): LigaseError {
  error.stack = `${error.name}: ${error.message}`;
  return error;
}

/** Why a worker process ended before its job did. */
function explain(
  exit: ExitReport,
  stderrTail: readonly string[],
  memory: number,
): { cause: FailureCause; says: string; mend?: string } {
  const { code, signal, refused, outOfMemory, peakMemory } = exit;
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
      mend: "a body returns or throws: it must not call process.exit",
    };
  }
  return { cause: "lost", says: "its process was lost", mend: "run again: what finished is kept" };
}
