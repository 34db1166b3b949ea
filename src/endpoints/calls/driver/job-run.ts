import type { Engine, Run, RunSettings } from "../../../engine/index.ts";
import { callable, currentEvaluator, decodeExpression, type Evaluator } from "../../../expr/index.ts";
import type { TaskImpl } from "../../../expr/task-impl.ts";
import type { Codec } from "../../../kernel/index.ts";
import { errorOfJob } from "../job-error.ts";
import { endpointTask, runTags } from "../naming.ts";
import { jsonOf } from "./json-of.ts";
import type { Ending } from "../types.ts";
import type { DriverJob } from "./protocol.ts";

/** What runs of jobs are made with. */
export interface JobRunServices {
  readonly engine: Engine;
  readonly codec: Codec;
  readonly tasks: ReadonlyMap<string, TaskImpl>;
  readonly settings: Partial<RunSettings>;
}

/**
 * The run of one job of an endpoint. Its root is the call of the handler, whose body goes on in a worker: here it is a body
 * that waits until it is told what the handler returned, and evaluates meanwhile what the handler awaits.
 */
export class JobRun {
  readonly attempt: number;
  readonly #services: JobRunServices;
  readonly #run: Run;
  readonly #evaluator: Promise<Evaluator>;
  readonly #body = Promise.withResolvers<unknown>();
  /** What the handler returned, where that was lazy: it may hold what JSON cannot say. */
  #reduced: { readonly value: unknown } | undefined;

  constructor(services: JobRunServices, { id, attempt, endpoint, codeHash, input }: DriverJob) {
    this.attempt = attempt;
    this.#services = services;
    const begun = Promise.withResolvers<Evaluator>();
    this.#evaluator = begun.promise;
    const handler: TaskImpl = {
      name: endpointTask(endpoint),
      // Never from the cache, and never under way elsewhere: it runs already.
      options: { cache: false, version: codeHash },
      fn: () => {
        const evaluator = currentEvaluator();
        if (evaluator) begun.resolve(evaluator);
        return this.#body.promise;
      },
      definition: undefined,
      lifted: false,
    };
    this.#body.promise.catch(() => {});
    this.#run = services.engine.start(
      callable(handler)(JSON.parse(input)),
      { task: endpointTask(endpoint), tags: runTags(endpoint, id) },
      services.settings,
    );
    // One that ends before its body has begun never evaluates anything.
    this.#run.result.then(
      () => {},
      (error: unknown) => begun.reject(error),
    );
    this.#evaluator.catch(() => {});
  }

  get id(): string {
    return this.#run.id;
  }

  /** Evaluates an expression that the handler awaits; answers its value as the codec writes it. */
  async evaluate(expression: string): Promise<string> {
    return this.#services.codec.encode(await this.#value(expression)).text;
  }

  /** Evaluates the expression that the handler returned; answers its value as JSON. */
  async reduce(expression: string): Promise<string> {
    const value = await this.#value(expression);
    this.#reduced = { value };
    return jsonOf(value);
  }

  /** The handler is over: so is the run, once that is recorded. */
  async end(how: Ending): Promise<void> {
    if (how === "cancelled") this.#run.cancel();
    else if ("error" in how) this.#body.reject(errorOfJob(how.error));
    else this.#body.resolve(this.#reduced ? this.#reduced.value : JSON.parse(how.output));
    await this.#run.result.catch(() => {});
  }

  async #value(expression: string): Promise<unknown> {
    const { codec, tasks } = this.#services;
    const evaluator = await this.#evaluator;
    const value = decodeExpression(expression, codec, (name) => tasks.get(name));
    // A run that is cancelled answers nobody any more.
    const ended = this.#run.result.then(() => new Promise<never>(() => {}));
    return Promise.race([evaluator.evaluate(value), ended]);
  }
}
