import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { CallingJob, Evaluated } from "../../endpoints/calls/types.ts";
import type { LiveEndpoint } from "../../endpoints/index.ts";
import type { QueueJob } from "../../endpoints/queue/types.ts";
import type { ServerContext } from "../context.ts";
import { Refusal } from "./refusal.ts";

/** Versions that are remembered: workers of older ones have ended long since. */
const MOST_VERSIONS = 200;

/** What handlers call, and what they return unevaluated: drivers evaluate it, until the job ends or the worker hangs up. */
export class WorkerCalls {
  readonly #context: ServerContext;
  /** What is evaluated for a job. */
  readonly #under = new Map<string, Set<AbortController>>();
  /** Versions by deployment and name: a worker of an older one calls the code that it was deployed with. */
  readonly #versions = new Map<string, LiveEndpoint>();

  constructor(context: ServerContext) {
    this.#context = context;
    const stop = ({ id }: QueueJob): void => {
      for (const each of this.#under.get(id) ?? []) each.abort();
    };
    context.services.queue.listen({ ended: stop, returned: stop, stop });
  }

  /** A worker takes of this endpoint: what is live now is remembered. */
  note(name: string): void {
    const live = this.#context.services.deployments.live().get(name);
    if (!live) return;
    const key = `${live.deployment} ${name}`;
    if (this.#versions.get(key) === live) return;
    this.#versions.set(key, live);
    const [oldest] = this.#versions.keys();
    if (this.#versions.size > MOST_VERSIONS && oldest !== undefined) this.#versions.delete(oldest);
  }

  /** What an expression is that a handler awaits. */
  async evaluate(worker: string, id: string, expression: string, hungUp: AbortSignal): Promise<Evaluated> {
    const job = await this.#jobOf(worker, id);
    return this.#while(id, hungUp, (signal) => this.#context.services.drivers.evaluate(job, expression, signal));
  }

  /** Reduces what a handler returned, and answers the job with it. */
  reduce(worker: string, id: string, expression: string): void {
    const { queue, drivers } = this.#context.services;
    const reduced = this.#jobOf(worker, id).then((job) =>
      this.#while(id, undefined, (signal) => drivers.reduce(job, expression, signal)),
    );
    void reduced
      .catch((error: unknown): Evaluated => {
        const message = error instanceof Error ? error.message : String(error);
        return { error: { name: "Error", message } };
      })
      .then((evaluated) => {
        return queue.done(
          worker,
          id,
          "value" in evaluated
            ? { state: "COMPLETED", output: evaluated.value }
            : { state: "FAILED", error: errorText(evaluated.error) },
        );
      })
      .catch((error: unknown) => {
        this.#context.log.warn(`job ${id} was not answered: ${error instanceof Error ? error.message : String(error)}`);
      });
  }

  async #while(
    id: string,
    hungUp: AbortSignal | undefined,
    ask: (signal: AbortSignal) => Promise<Evaluated>,
  ): Promise<Evaluated> {
    const control = new AbortController();
    const stop = (): void => control.abort();
    const under = this.#under.get(id) ?? new Set();
    this.#under.set(id, under.add(control));
    hungUp?.addEventListener("abort", stop);
    if (hungUp?.aborted) stop();
    try {
      return await ask(control.signal);
    } finally {
      hungUp?.removeEventListener("abort", stop);
      under.delete(control);
      if (under.size === 0) this.#under.delete(id);
    }
  }

  async #jobOf(worker: string, id: string): Promise<CallingJob> {
    const { services, storeDir } = this.#context;
    const job = await services.queue.get(id);
    if (job?.state !== "IN_PROGRESS" || job.worker !== worker)
      throw new Refusal(409, `worker ${worker} does not have job ${id}`);
    const endpoint = this.#versionOf(job);
    if (!endpoint) throw new Refusal(409, `the version of ${job.endpoint} that has job ${id} is not known any more`);
    const input =
      job.input ?? (job.inputFile === null ? "null" : await readFile(join(storeDir, job.inputFile), "utf8"));
    return { id, endpoint, attempt: job.attempts, input };
  }

  #versionOf({ endpoint, worker, deployment }: QueueJob): LiveEndpoint | undefined {
    const { pools, deployments } = this.#context.services;
    const of = deployment ?? pools.workers(endpoint).find(({ id }) => id === worker)?.deployment;
    return this.#versions.get(`${of} ${endpoint}`) ?? deployments.live().get(endpoint);
  }
}

/** An error as RunPod's workers write theirs. */
function errorText({ name, message, stack }: Extract<Evaluated, { error: unknown }>["error"]): string {
  return JSON.stringify({
    error_type: name,
    error_message: message,
    ...(stack !== undefined && { error_traceback: stack }),
  });
}
