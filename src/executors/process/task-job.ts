import { existsSync } from "node:fs";
import type { Activities, Fingerprints } from "../../files/index.ts";
import type { Environment } from "../../images/types.ts";
import { type Codec, errorFacts, formatDuration, LigaseError, reviveError } from "../../kernel/index.ts";
import type { RunJob } from "../../worker/index.ts";
import { tailOf } from "../../worker/script/index.ts";
import type { Attempt, Head, Outcome, Running, Usage, Work } from "../types.ts";
import { BodyDir } from "./body-dir.ts";
import { jobEnvironment } from "./environment.ts";
import type { Launcher } from "./launcher.ts";
import { cancelledError, failed, NO_USAGE } from "./outcome.ts";
import type { KillReason } from "./protocol.ts";
import { type Project, seenInputs, type SeenInputs } from "./seen-inputs.ts";
import { takeOver } from "./take-over.ts";
import { explainWorker, plain } from "./worker-failure.ts";
import { outsideOf } from "./worker-mounts.ts";
import { planWorker, type WorkerProgram } from "./worker-plan.ts";
import type { WorkerPool } from "./worker-pool.ts";
import type { TaskEnd, WorkerProcess } from "./worker-process.ts";

/** What task jobs need of their executor. */
export interface TaskContext {
  readonly launcher: Launcher;
  readonly workers: WorkerPool;
  readonly codec: Codec;
  readonly fingerprints: Fingerprints | undefined;
  readonly activities: Activities | undefined;
  readonly project: Project;
}

/** Work that a worker process does: the body of a task, or a Python function. */
export type BodyWork = Exclude<Work, { kind: "script" }>;

const NO_INPUTS: SeenInputs = { paths: [], fetched: {} };

/** Runs a task's body, or a Python function, in a worker process. */
export class TaskJob implements Running {
  readonly outcome: Promise<Outcome>;
  readonly #context: TaskContext;
  readonly #attempt: Attempt;
  readonly #work: BodyWork;
  readonly #head: Head;
  readonly #begun = performance.now();
  #worker: WorkerProcess | undefined;
  #ended: KillReason | undefined;

  constructor(context: TaskContext, attempt: Attempt, work: BodyWork, head: Head) {
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
    const { workers } = this.#context;
    const inputs = await this.#inputs();
    const attempt = { ...this.#attempt, environment: this.#environment };
    const worker = await workers.acquire(planWorker(attempt, programOf(this.#work), inputs.paths));
    try {
      return await this.#runOn(worker, inputs);
    } finally {
      this.#worker = undefined;
      workers.release(worker);
    }
  }

  /** The environment that it enters; null for the machine as it is. */
  get #environment(): Environment | null {
    const { environment } = this.#attempt;
    return environment?.engine === "host" ? null : environment;
  }

  /** What a worker in an environment must be shown. On this machine all is there. */
  async #inputs(): Promise<SeenInputs> {
    const { codec, project, fingerprints } = this.#context;
    const { args } = this.#work;
    if (this.#environment === null || !args.includes('"$"')) return NO_INPUTS;
    return seenInputs(codec.encode(codec.decode(args)).atoms, project, fingerprints);
  }

  async #runOn(worker: WorkerProcess, inputs: SeenInputs): Promise<Outcome> {
    const { task, timeoutMs, workDir, volumes } = this.#attempt;
    if (this.#ended) return failed(cancelledError(task), { cause: this.#ended });
    this.#worker = worker;
    const dir = new BodyDir(workDir, worker.nextDir(), worker.logs, volumes);
    const timer =
      timeoutMs > 0 ? setTimeout(() => this.cancel("timeout"), Math.min(timeoutMs, 2 ** 31 - 1)) : undefined;
    let end = await this.#runIn(worker, dir, inputs);
    clearTimeout(timer);
    await worker.flush();
    if (end.ended !== "crashed" && end.leftovers) await this.#dismiss(worker);
    if (end.ended === "done" && !this.#ended) {
      const taken = await this.#taken(worker, dir, end);
      if (taken.ended === "done") return this.#succeeded(worker, dir, taken);
      end = taken;
    }
    return this.#failed(worker, dir, end);
  }

  #runIn(worker: WorkerProcess, dir: BodyDir, inputs: SeenInputs): Promise<TaskEnd> {
    const env = { LIGASE_JOB: this.#attempt.job, ...jobEnvironment(this.#attempt), ...this.#attempt.env };
    const facts = { op: "run", workDir: dir.path, env, fetched: inputs.fetched } as const;
    const { outputDir } = this.#attempt;
    const work = this.#work;
    const run: RunJob =
      work.kind === "task"
        ? { ...facts, task: work.task, args: work.args, outputDir: this.#takesOver() ? null : outputDir }
        : { ...facts, code: work.code, module: work.module, function: work.function, args: work.args, outputDir };
    return new Promise((ended) => {
      worker.run(run, {
        started: (leader) => this.#head.started(leader),
        evaluate: (expression) => this.#head.evaluate(expression),
        ended,
      });
    });
  }

  /** Whether files of the result are moved here, and not by the worker. */
  #takesOver(): boolean {
    return this.#work.kind === "python" || this.#environment !== null || this.#attempt.volumes.length > 0;
  }

  async #taken(worker: WorkerProcess, dir: BodyDir, end: Extract<TaskEnd, { ended: "done" }>): Promise<TaskEnd> {
    if (!this.#takesOver()) return end;
    const { codec, fingerprints, activities } = this.#context;
    const { outputDir } = this.#attempt;
    const outside = (path: string): string | undefined =>
      dir.inVolume(path) ?? (this.#environment === null ? path : outsideOf(path, worker.mounts));
    try {
      const options = { codec, fingerprints, activities, dir: dir.path, outputDir, outside };
      return { ...end, ...(await takeOver(end.text, options)) };
    } catch (error) {
      return { ...end, ended: "failed", error: errorFacts(error) };
    }
  }

  /** Ends a worker with what a job left running in it, before anything of the job is taken over. */
  async #dismiss(worker: WorkerProcess): Promise<void> {
    worker.kill("cancelled", this.#attempt.job);
    await worker.gone;
  }

  #succeeded(worker: WorkerProcess, dir: BodyDir, end: Extract<TaskEnd, { ended: "done" }>): Outcome {
    const { keepWork, logs } = this.#attempt;
    const kept = dir.keepLogs(worker.logs, logs, keepWork);
    if (keepWork) dir.keep();
    else dir.remove(this.#context.launcher);
    return {
      state: "done",
      text: end.text,
      usage: { ...usageOf(end), bytesOut: end.bytesOut },
      ...kept,
      tools: null,
      trace: null,
      limits: worker.limits,
    };
  }

  #failed(worker: WorkerProcess, dir: BodyDir, end: TaskEnd): Outcome {
    const { task, workDir, timeoutMs, logs, resources } = this.#attempt;
    const stderrTail = tailOf(worker.logs.stderr);
    const kept = dir.keepLogs(worker.logs, logs, true);
    dir.keep();
    const crashed = end.ended === "crashed" ? end.exit : undefined;
    const usage =
      end.ended === "crashed"
        ? { ...NO_USAGE, wallMs: performance.now() - this.#begun, peakMemory: end.exit.peakMemory }
        : usageOf(end);
    const { code = null, signal = null, limits = worker.limits } = crashed ?? {};
    const more = { usage, workDir, ...kept, exitCode: code, signal, limits };
    if (this.#ended === "cancelled") return failed(cancelledError(task), { ...more, cause: "cancelled" });
    if (this.#ended === "timeout") {
      const message = `${task} took longer than its timeout of ${formatDuration(timeoutMs)}`;
      const mend = "give it more time with the option timeout";
      const error = plain(new LigaseError("LIGASE_E_TIMEOUT", message, { facts: { timeoutMs, workDir }, mend }));
      return failed(error, { ...more, cause: "timeout" });
    }
    if (end.ended === "failed") return failed(reviveError(end.error), more);
    if (end.ended === "done") throw new TypeError(`the job ${this.#attempt.job} succeeded, and failed`);
    const { plan } = worker;
    const { exit, started } = end;
    const { memory } = resources;
    const { cause, error } = explainWorker({ task, plan, exit, started, stderrTail, workDir, memory });
    return failed(error, { ...more, cause });
  }
}

function programOf(work: BodyWork): WorkerProgram {
  return work.kind === "task" ? { kind: "node", bundle: work.bundle } : { kind: "python", code: work.code };
}

function usageOf({ wallMs, cpuMs, peakMemory }: Pick<Usage, "wallMs" | "cpuMs" | "peakMemory">): Usage {
  return { ...NO_USAGE, wallMs, cpuMs, peakMemory };
}
