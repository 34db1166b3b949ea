import { hostname } from "node:os";
import { join } from "node:path";
import type { Attempt, Outcome, Work } from "../executors/types.ts";
import { decodeExpression } from "../expr/decode.ts";
import type { ScriptSpec } from "../expr/script.ts";
import { backoffDelay, LigaseError, reviveError } from "../kernel/index.ts";
import { WorkDir } from "../files/index.ts";
import type { RunContext } from "./context.ts";
import { evaluatorOf, type InlineEvaluator } from "./evaluator.ts";
import { invoke } from "./inline.ts";
import type { Job } from "./job.ts";
import { demandOf, isIsolated, resourcesOf, retriesOf, SCRIPT, timeoutOf } from "./options.ts";
import { openAttempt } from "./recorder.ts";
import type { Grant } from "./scheduler.ts";
import { cancelledError, type Settler } from "./settle.ts";
import type { Surrounding } from "./surroundings.ts";

/** What an attempt is given besides its place. */
interface Prepared extends Pick<Attempt, "volumes" | "secrets"> {
  readonly work: Work;
}

/** An attempt that can be ended. */
interface Cancellable {
  cancel(reason: "cancelled" | "timeout"): void;
}

/**
 * Runs bodies: in this process, or by an executor; waits for what they need, tries again what
 * failed, and hands what they leave to the settler.
 */
export class BodyRunner {
  readonly #run: RunContext;
  readonly #settler: Settler;
  readonly #running = new Set<Cancellable>();
  readonly #sleeping = new Map<NodeJS.Timeout, () => void>();
  readonly #stop = new AbortController();
  #inline = 0;

  constructor(run: RunContext, settler: Settler) {
    this.#run = run;
    this.#settler = settler;
  }

  /** How many bodies run, or wait to be tried again. */
  get active(): number {
    return this.#running.size + this.#sleeping.size + this.#inline;
  }

  /** Runs the body of a job that the cache has no result of. */
  run(job: Job): void {
    const { sharing } = this.#run;
    if (this.#run.stopping) this.#settler.failed(job, cancelledError());
    else if (sharing.alone || job.fresh) this.#start(job);
    else sharing.claim(this.#run, job, () => this.#start(job));
  }

  /** Ends everything that runs. */
  cancel(): void {
    this.#stop.abort();
    for (const running of this.#running) running.cancel("cancelled");
    for (const [timer, wake] of this.#sleeping) {
      clearTimeout(timer);
      wake();
    }
    this.#sleeping.clear();
  }

  #start(job: Job): void {
    const run = this.#run;
    if (run.stopping) {
      this.#settler.failed(job, cancelledError());
      return;
    }
    try {
      const { image } = job.options;
      if (image && isIsolated(job)) {
        // Before it takes a place: others go on while an image is built.
        run.track(
          run.surroundings.environment(image, this.#stop.signal),
          (surrounding) => this.#queue(job, surrounding),
          (error) => this.#settler.failed(job, run.stopping ? cancelledError() : named(error, job)),
        );
      } else this.#queue(job, undefined);
    } catch (error) {
      this.#settler.failed(job, named(error, job));
    }
  }

  /** Waits for what the job asks for, and starts it. */
  #queue(job: Job, surrounding: Surrounding | undefined): void {
    const run = this.#run;
    if (run.stopping) {
      this.#settler.failed(job, cancelledError());
      return;
    }
    try {
      const demand = demandOf(job, job.attempts + 1);
      const { cpu, memory, gpu, disk } = demand.resources;
      const needs = cpu + memory + gpu + disk > 0 || Object.keys(demand.limits).length > 0 || isIsolated(job);
      if (!needs) {
        this.#attemptInline(job, undefined);
        return;
      }
      run.scheduler.check(demand);
      run.gpuStalls.want(job, { executor: demand.executor, gpu });
      run.scheduler.submit(run, demand, (grant) => {
        // It may be another run that gave the place back: this one has to wake up.
        run.reducer.later(() => {
          run.gpuStalls.want(job, undefined);
          if (run.stopping || job.settled) {
            run.scheduler.release(grant);
            this.#settler.failed(job, cancelledError());
          } else if (isIsolated(job)) this.#attemptIsolated(job, grant, surrounding);
          else this.#attemptInline(job, grant);
        });
        run.wake();
      });
    } catch (error) {
      this.#settler.failed(job, named(error, job));
    }
  }

  #begin(job: Job): void {
    job.attempts++;
    job.startedAt ??= Date.now();
    this.#run.change(job, "running");
  }

  // In this process.

  #attemptInline(job: Job, grant: Grant | undefined): void {
    const run = this.#run;
    this.#begin(job);
    const evaluator = evaluatorOf(run, job, grant);
    const workDir = new WorkDir(`${run.storeDir}/work/${job.id}-${job.attempts}`, run.files.activities);
    const done = (result: unknown): void => {
      if (job.settled || !workDir.used) {
        evaluator.end();
        if (job.settled) return;
        this.#finish(job, result, evaluator);
        return;
      }
      run.track(
        run.files.commit(result, workDir.path, this.#outputDir(job)),
        (committed) => {
          evaluator.end();
          void run.files.discard(workDir.path);
          this.#finish(job, committed.value, evaluator);
        },
        (error) => {
          evaluator.end();
          this.#retry(job, error);
        },
      );
    };
    const failed = (error: unknown): void => {
      evaluator.end();
      if (workDir.used && !run.settings.keepWork) void run.files.discard(workDir.path);
      this.#retry(job, error);
    };
    const outcome = invoke(run, job, evaluator, workDir);
    if (outcome.state === "returned") done(outcome.value);
    else if (outcome.state === "threw") failed(outcome.error);
    else {
      this.#inline++;
      const timeout = timeoutOf(job, job.attempts);
      const settled = limited(outcome.promise, timeout, job);
      this.#running.add(settled);
      run.track(
        settled.promise,
        (value) => {
          this.#inline--;
          this.#running.delete(settled);
          done(value);
        },
        (error) => {
          this.#inline--;
          this.#running.delete(settled);
          failed(error);
        },
      );
    }
  }

  #finish(job: Job, result: unknown, evaluator: InlineEvaluator): void {
    job.trace = evaluator.trace;
    this.#settler.finished(job, result, (calls) => evaluator.warnUnused(calls));
  }

  // By an executor.

  #attemptIsolated(job: Job, grant: Grant, surrounding: Surrounding | undefined): void {
    const run = this.#run;
    this.#begin(job);
    if (job.attempts === 1) run.mode.ran(job.task.name === SCRIPT && job.parent ? job.parent.task : job.task);
    const giveUp = (error: unknown): void => {
      run.scheduler.release(grant);
      this.#settler.failed(job, run.stopping ? cancelledError() : error);
    };
    run.track(
      this.#prepare(job, surrounding?.environment != null),
      (prepared) => {
        if (run.stopping) giveUp(undefined);
        else this.#submit(job, grant, prepared, surrounding);
      },
      giveUp,
    );
  }

  /** Waits for room on the disk, and says what is to be done. */
  async #prepare(job: Job, inImage: boolean): Promise<Prepared> {
    const { surroundings } = this.#run;
    const { options } = job;
    await this.#run.files.room(this.#stop.signal);
    return {
      work: await this.#work(job),
      volumes: options.volumes ? surroundings.volumes(options.volumes, inImage) : [],
      secrets: options.secrets?.length ? await surroundings.secrets(options.secrets, ownerName(job)) : {},
    };
  }

  async #work(job: Job): Promise<Work> {
    const args = this.#run.codec.decode(job.argsText) as unknown[];
    if (job.task.name === SCRIPT) return { kind: "script", script: args[0] as ScriptSpec };
    const { python } = job.task;
    if (python) {
      if (!this.#run.code)
        throw new LigaseError("LIGASE_E_PYTHON", `${job.task.name} is Python, and there is none here`);
      return { kind: "python", code: await this.#run.code(), ...python, args: job.argsText };
    }
    return { kind: "task", bundle: await this.#run.bundle(), task: job.task.name, args: job.argsText };
  }

  #submit(job: Job, grant: Grant, { work, secrets, volumes }: Prepared, surrounding: Surrounding | undefined): void {
    const run = this.#run;
    const executor = run.executors.get(grant.demand.executor)!;
    const resources = resourcesOf(job, job.attempts);
    const workDir = `${run.storeDir}/work/${job.id}-${job.attempts}`;
    const evaluator = evaluatorOf(run, job, grant);
    // Those that have attempts are found by their executor, also while they run.
    job.executor = executor.name;
    run.recorder.job(job);
    if (surrounding?.row) run.recorder.image(surrounding.row);
    const row = openAttempt(job, {
      executor: executor.name,
      host: hostname(),
      ...resources,
      workDir,
      image: surrounding?.environment?.digest ?? null,
    });
    const attempt: Attempt = {
      job: job.id,
      run: run.id,
      task: ownerName(job),
      call: job.key,
      attempt: job.attempts,
      resources,
      gpus: grant.gpus.map((gpu) => executor.gpus?.[gpu]?.index ?? gpu).toSorted((a, b) => a - b),
      timeoutMs: timeoutOf(job, job.attempts),
      env: job.options.env ?? {},
      environment: surrounding?.environment ?? null,
      network: job.options.network ?? false,
      processes: job.options.processes ?? 0,
      volumes,
      secrets,
      work,
      workDir,
      outputDir: this.#outputDir(job),
      logs: join(run.storeDir, "logs", run.id, `${job.id}-${job.attempts}`),
      keepWork: run.settings.keepWork,
    };
    const running = executor.submit(attempt, {
      evaluate: (expression) => evaluator.evaluateText(expression),
      started: (process) => {
        Object.assign(row, process);
        run.recorder.attempt(row);
      },
    });
    run.recorder.attempt(row);
    this.#running.add(running);
    run.track(
      running.outcome,
      (outcome) => {
        this.#running.delete(running);
        evaluator.end();
        Object.assign(row, rowOf(outcome), { endedAt: Date.now() });
        this.#ended(job, outcome, evaluator, secrets);
        run.recorder.attempt(Object.assign(row, { errorValue: job.errorHash ?? null }));
      },
      (error) => {
        this.#running.delete(running);
        evaluator.end();
        this.#settler.failed(job, error);
      },
    );
  }

  #ended(job: Job, outcome: Outcome, evaluator: InlineEvaluator, secrets: Prepared["secrets"]): void {
    const run = this.#run;
    if (outcome.state === "failed") {
      const error = outcome.cause === "cancelled" ? cancelledError() : reviveError(outcome.error);
      this.#retry(job, run.surroundings.redact(error, secrets));
      return;
    }
    try {
      run.surroundings.refuseSecrets(outcome.text, secrets, ownerName(job));
      this.#finish(
        job,
        decodeExpression(outcome.text, run.codec, (name) => run.taskNamed(name)),
        evaluator,
      );
    } catch (error) {
      this.#settler.failed(job, error);
    }
  }

  /** A failed attempt is tried again while its task allows; otherwise the job has failed. */
  #retry(job: Job, error: unknown): void {
    const run = this.#run;
    const { times, backoff } = retriesOf(job, run.settings.retries);
    const final =
      error instanceof LigaseError && ["LIGASE_E_CANCELLED", "LIGASE_E_UNSERIALISABLE"].includes(error.code);
    if (final || run.stopping || job.attempts > times) {
      this.#settler.failed(job, error);
      return;
    }
    run.log.info(`${job.task.name} failed, attempt ${job.attempts} of ${times + 1}: it is tried again`, {
      job: job.id,
    });
    run.change(job, "pending");
    const timer = setTimeout(
      () => {
        this.#sleeping.delete(timer);
        run.reducer.later(() => this.#start(job));
        run.wake();
      },
      backoffDelay(backoff, job.attempts),
    );
    this.#sleeping.set(timer, () => this.#settler.failed(job, error));
  }

  #outputDir(job: Job): string {
    return join(this.#run.storeDir, "outputs", job.key.slice(0, 2), job.key);
  }
}

/** Gives a promise an end: its own, a timeout, or a cancellation. What it does afterwards is not waited for. */
function limited<T>(promise: Promise<T>, timeoutMs: number, job: Job): Cancellable & { promise: Promise<T> } {
  const { promise: limit, reject } = Promise.withResolvers<never>();
  const timer =
    timeoutMs > 0
      ? setTimeout(
          () =>
            reject(
              new LigaseError(
                "LIGASE_E_TIMEOUT",
                `${job.task.name} took longer than its timeout of ${timeoutMs / 1000} s`,
                {
                  facts: { timeoutMs },
                  mend: "give it more time with the option timeout",
                },
              ),
            ),
          timeoutMs,
        )
      : undefined;
  const settled = Promise.race([promise, limit]).finally(() => clearTimeout(timer));
  return { promise: settled, cancel: () => reject(cancelledError()) };
}

function rowOf(outcome: Outcome) {
  return {
    outcome: outcome.state === "done" ? "done" : outcome.cause,
    ...(outcome.state === "failed" && { exitCode: outcome.exitCode, signal: outcome.signal }),
    ...outcome.usage,
    stdout: outcome.stdout,
    stderr: outcome.stderr,
    tools: outcome.tools,
    limits: outcome.limits ?? null,
  };
}

/** The name that people know a job by: of a script, that of the task that built it. */
function ownerName(job: Job): string {
  return job.task.name === SCRIPT ? (job.parent?.task.name ?? SCRIPT) : job.task.name;
}

/** Adds whose demand it was; what is wrong with an image is said of the image. */
function named(error: unknown, job: Job): unknown {
  if (!(error instanceof LigaseError) || error.message.startsWith(job.task.name)) return error;
  if (error.code.startsWith("LIGASE_E_IMAGE_")) return error;
  const task = ownerName(job);
  return new LigaseError(error.code, `${task} ${error.message}`, {
    facts: { ...error.facts, task },
    ...(error.mend !== undefined && { mend: error.mend }),
  });
}
