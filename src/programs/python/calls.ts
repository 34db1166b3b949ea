import type { Engine, Run } from "../../engine/index.ts";
import { builtIn, currentEvaluator, callable, type Evaluator } from "../../expr/index.ts";
import { type Codec, LigaseError } from "../../kernel/index.ts";

/** So long a run waits for a further call, in milliseconds: calls one after the other in a loop are one run. */
const LINGER_MS = 30;

/** What a group of calls needs of the session. */
export interface GroupContext {
  readonly engine: Engine;
  readonly codec: Codec;
  /** The program, as people know it: `app.py`. */
  readonly program: string;
  /** Starts the run of a group. */
  start(value: unknown, task: string): Run;
  /** It takes no more calls. */
  closed(group: CallGroup): void;
}

/**
 * Calls of a Python program that are one run: a `.remote`, or all of a `.map`. Its root is a body that waits for what is
 * asked, so that calls may come as long as others go on. A call that fails closes it: asked again, it is tried again.
 */
export class CallGroup {
  readonly run: Run;
  /** What the run is called. */
  readonly task: string;
  readonly #context: GroupContext;
  readonly #ready = Promise.withResolvers<Evaluator>();
  readonly #end = Promise.withResolvers<void>();
  readonly #open = new Set<number>();
  #failed: { readonly error: unknown } | undefined;
  #linger: NodeJS.Timeout | undefined;
  #closed = false;

  /** @param task - what the run is called: the task of its first call */
  constructor(context: GroupContext, task: string) {
    this.#context = context;
    this.task = task;
    const root = builtIn(context.program, "1", "The calls that a Python program made.", () => {
      this.#ready.resolve(currentEvaluator()!);
      return this.#end.promise;
    });
    this.#ready.promise.catch(() => {});
    this.#end.promise.catch(() => {});
    this.run = context.start(callable({ ...root, options: { cache: false } })(), task);
    // It may end before it has begun: when it is cancelled, or the disk is full.
    this.run.result.catch((error: unknown) => this.#ready.reject(error));
  }

  /** Does it take further calls? */
  get isOpen(): boolean {
    return !this.#closed;
  }

  /** Does somebody wait for a value? */
  get isBusy(): boolean {
    return this.#open.size > 0;
  }

  /** Evaluates a call, and gives its value as text once it is recorded. */
  async ask(asked: number, value: unknown): Promise<string> {
    clearTimeout(this.#linger);
    this.#open.add(asked);
    try {
      const evaluator = await this.#ready.promise;
      const whole = await Promise.race([evaluator.evaluate(value), this.#broken()]);
      await this.run.recorder.flush();
      return this.#context.codec.encode(whole).text;
    } catch (error) {
      this.#failed ??= { error };
      this.#close();
      throw error;
    } finally {
      this.#open.delete(asked);
      if (this.#open.size === 0) this.#rest();
    }
  }

  /** A value is no longer wanted. When none is, what goes on is ended. */
  cancel(asked: number): boolean {
    if (!this.#open.delete(asked)) return false;
    if (this.#open.size === 0) {
      this.#close();
      this.run.cancel();
    }
    return true;
  }

  /** No more calls come. */
  end(error?: unknown): void {
    if (error !== undefined) this.#failed ??= { error };
    this.#close();
    this.#finish();
  }

  /** The run itself broke, or was cancelled: no evaluator answers any more. */
  #broken(): Promise<never> {
    return this.run.result.then(
      () => Promise.reject(new LigaseError("LIGASE_E_CANCELLED", "the run has ended")),
      (error: unknown) => Promise.reject(error instanceof Error ? error : new Error(String(error))),
    );
  }

  #rest(): void {
    if (this.#closed) this.#finish();
    else this.#linger = setTimeout(() => this.end(), LINGER_MS);
  }

  #close(): void {
    clearTimeout(this.#linger);
    if (this.#closed) return;
    this.#closed = true;
    this.#context.closed(this);
  }

  #finish(): void {
    if (this.#failed) this.#end.reject(this.#failed.error);
    else this.#end.resolve();
  }
}
