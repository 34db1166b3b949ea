import { setTimeout as delay } from "node:timers/promises";
import { lstatSync, truncateSync } from "node:fs";
import type { Socket } from "node:net";
import { join } from "node:path";
import type { Mount } from "../../images/types.ts";
import { errorFacts, type ErrorFacts } from "../../kernel/index.ts";
import type { FromWorker, Measured, RunJob, ToWorker } from "../../worker/index.ts";
import type { WorkerLogs } from "./body-dir.ts";
import type { Launched, Launcher } from "./launcher.ts";
import type { ExitReport, KillReason } from "./protocol.ts";
import type { WorkerPlan } from "./worker-plan.ts";
import type { WorkerStart } from "./worker-start.ts";

/** How a job in a worker ended. */
export type TaskEnd =
  | (Measured & { readonly ended: "done"; readonly text: string; readonly bytesOut: number })
  | (Measured & { readonly ended: "failed"; readonly error: ErrorFacts })
  /** The process ended before the body did; or before it could take a job at all. */
  | { readonly ended: "crashed"; readonly exit: ExitReport; readonly started: boolean };

/** Who has a job in a worker. */
export interface TaskListener {
  /** The process is known. */
  started(leader: { pgid: number; pidStarted: string }): void;
  /** The body awaits an expression: its value as text. */
  evaluate(expression: string): Promise<string>;
  ended(end: TaskEnd): void;
}

/** How long the last words of a process are waited for, in milliseconds. */
const LAST_WORDS_MS = 50;

/** One worker process, as the engine sees it: it runs one job at a time. */
export class WorkerProcess {
  readonly plan: WorkerPlan;
  /** What its output is appended to, for all of its jobs in turn. */
  readonly logs: WorkerLogs;
  /** Where it can write, of one in an environment. */
  readonly scratch: string | null;
  readonly mounts: readonly Mount[];
  /** The limits that are enforced for it: `memory cpu processes`; null where it was asked for none, or that is not known yet. */
  limits: string | null = null;
  /** It has ended. */
  readonly gone: Promise<void>;
  readonly #launched: Launched<ExitReport>;
  #socket: Socket | undefined;
  #ready = false;
  #isGone = false;
  #jobs = 0;
  #leader: { pgid: number; pidStarted: string } | undefined;
  #job: { readonly run: RunJob; readonly listener: TaskListener } | undefined;
  /** An error that came before the end of the process, and explains it. */
  #fatal: (Measured & { readonly error: ErrorFacts }) | undefined;

  /** Starts it. */
  constructor(plan: WorkerPlan, start: WorkerStart, logs: WorkerLogs, launcher: Launcher) {
    this.plan = plan;
    this.logs = logs;
    this.scratch = start.scratch;
    this.mounts = start.mounts;
    this.#launched = launcher.spawn({ ...start.request, ...logs }, (leader, limits) => {
      this.#leader = leader;
      this.limits = limits;
      this.#job?.listener.started(leader);
    });
    this.gone = this.#launched.over.then(async (exit) => {
      this.#isGone = true;
      // Its end may be heard of before its last words, which came by another way: they say why it ended.
      if (this.#job) await this.#lastWords();
      this.#socket?.destroy();
      const started = this.#ready;
      this.#end(this.#fatal ? { ended: "failed", ...this.#fatal } : { ended: "crashed", exit, started });
    });
  }

  /** Waits until all that it said has been read; not for ever, for a child of its may hold the socket open. */
  async #lastWords(): Promise<void> {
    const until = performance.now() + LAST_WORDS_MS;
    while (performance.now() < until && this.#job && !this.#fatal && !this.#socket?.closed) await delay(1);
  }

  /** Where the next job of an enclosed one has its directory, which is not there yet; null on this machine. */
  nextDir(): string | null {
    return this.scratch === null ? null : join(this.scratch, String(++this.#jobs));
  }

  /** The process has connected. */
  attach(socket: Socket): void {
    this.#socket = socket;
  }

  /** Runs a job as soon as the process is ready. */
  run(run: RunJob, listener: TaskListener): void {
    this.#job = { run, listener };
    if (this.#leader) listener.started(this.#leader);
    if (this.#ready) this.#send(run);
  }

  /** Ends the process, and with it the job. */
  kill(reason: KillReason, job: string): void {
    // Of one that is gone nobody asks: that would start a launcher anew, which was closed since.
    if (!this.#isGone) this.#launched.kill(reason, job);
  }

  /** Waits until all that it has written so far is in its logs. */
  flush(): Promise<void> {
    return this.#launched.flush();
  }

  /** Ends an idle process. */
  close(): void {
    if (this.#socket) this.#send({ op: "close" });
    else this.kill("cancelled", "");
  }

  /** Empties the files that its output goes to, before the next job. */
  clearOutput(): void {
    for (const file of [this.logs.stdout, this.logs.stderr]) {
      // One that was given back at once may not have any yet.
      if ((lstatSync(file, { throwIfNoEntry: false })?.size ?? 0) > 0) truncateSync(file, 0);
    }
  }

  /** What the process says. Words of a newer worker that are unknown here are passed over. */
  handle(message: FromWorker): void {
    switch (message.ev) {
      case "hello":
        return;
      case "ready":
        this.#ready = true;
        if (this.#job) this.#send(this.#job.run);
        return;
      case "ask":
        return void this.#answer(message.asked, message.expression);
      case "done": {
        const { ev: _, ...done } = message;
        return this.#end({ ended: "done", ...done });
      }
      case "failed": {
        const { ev: _, fatal, ...failure } = message;
        // The process is about to end; its output is complete then.
        if (fatal) this.#fatal = failure;
        else this.#end({ ended: "failed", ...failure });
      }
    }
  }

  async #answer(asked: number, expression: string): Promise<void> {
    const job = this.#job;
    if (!job) return;
    const reply = await job.listener.evaluate(expression).then(
      (text): ToWorker => ({ op: "value", asked, text }),
      (error: unknown): ToWorker => ({ op: "error", asked, error: errorFacts(error) }),
    );
    if (this.#job === job) this.#send(reply);
  }

  #send(message: ToWorker): void {
    this.#socket?.write(`${JSON.stringify(message)}\n`);
  }

  #end(end: TaskEnd): void {
    const job = this.#job;
    this.#job = undefined;
    job?.listener.ended(end);
  }
}
