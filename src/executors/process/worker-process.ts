import { lstatSync, truncateSync } from "node:fs";
import type { Socket } from "node:net";
import { errorFacts, type ErrorFacts } from "../../kernel/index.ts";
import type { FromWorker, Measured, RunTask, ToWorker } from "../../worker/index.ts";
import type { Launched } from "./launcher.ts";
import type { ExitReport, KillReason } from "./protocol.ts";

/** How a job in a worker ended. */
export type TaskEnd =
  | (Measured & { readonly ended: "done"; readonly text: string; readonly bytesOut: number })
  | (Measured & { readonly ended: "failed"; readonly error: ErrorFacts })
  /** The process ended before the body did. */
  | { readonly ended: "crashed"; readonly exit: ExitReport };

/** Who has a job in a worker. */
export interface TaskListener {
  /** The process is known. */
  started(leader: { pgid: number; pidStarted: string }): void;
  /** The body awaits an expression: its value as text. */
  evaluate(expression: string): Promise<string>;
  ended(end: TaskEnd): void;
}

/** One worker process, as the engine sees it: it runs one job at a time. */
export class WorkerProcess {
  /** What its stdout and stderr are appended to, for all of its jobs in turn. */
  readonly stdout: string;
  readonly stderr: string;
  readonly #launched: Launched<ExitReport>;
  #socket: Socket | undefined;
  #ready = false;
  #leader: { pgid: number; pidStarted: string } | undefined;
  #job: { readonly run: RunTask; readonly listener: TaskListener } | undefined;
  /** An error that came before the end of the process, and explains it. */
  #fatal: (Measured & { readonly error: ErrorFacts }) | undefined;

  /** @param launch - starts the process */
  constructor(
    stdout: string,
    stderr: string,
    launch: (started: (leader: { pgid: number; pidStarted: string }) => void) => Launched<ExitReport>,
    onGone: () => void,
  ) {
    this.stdout = stdout;
    this.stderr = stderr;
    this.#launched = launch((leader) => {
      this.#leader = leader;
      this.#job?.listener.started(leader);
    });
    void this.#launched.over.then((exit) => {
      onGone();
      this.#socket?.destroy();
      this.#end(this.#fatal ? { ended: "failed", ...this.#fatal } : { ended: "crashed", exit });
    });
  }

  /** The process has connected. */
  attach(socket: Socket): void {
    this.#socket = socket;
  }

  /** Runs a job as soon as the process is ready. */
  run(run: RunTask, listener: TaskListener): void {
    this.#job = { run, listener };
    if (this.#leader) listener.started(this.#leader);
    if (this.#ready) this.#send(run);
  }

  /** Ends the process, and with it the job. */
  kill(reason: KillReason, job: string): void {
    this.#launched.kill(reason, job);
  }

  /** Ends an idle process. */
  close(): void {
    if (this.#socket) this.#send({ op: "close" });
    else this.kill("cancelled", "");
  }

  /** Empties the files that its output goes to, before the next job. */
  clearOutput(): void {
    for (const file of [this.stdout, this.stderr]) if (lstatSync(file).size > 0) truncateSync(file, 0);
  }

  /** What the process says. */
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
