import type { Evaluator } from "../expr/context.ts";
import { decodeExpression } from "../expr/decode.ts";
import { encodeExpression } from "../expr/encode.ts";
import type { CallNode } from "../expr/node.ts";
import type { RunContext } from "./context.ts";
import type { Job } from "./job.ts";
import type { Grant } from "./scheduler.ts";
import { countShared } from "./shared-calls.ts";
import { Trace } from "./trace.ts";

/** How a task's name reads in a message. */
const display = (node: CallNode): string => (typeof node.task === "string" ? node.task : node.task.name);

/**
 * Serves one running body: evaluates what it awaits, gives up what it holds meanwhile, and
 * remembers both for the trace and for the warning about calls that nothing uses.
 */
export class InlineEvaluator implements Evaluator {
  /** What the body awaited, if anything. */
  trace: Trace | undefined;
  readonly #run: RunContext;
  readonly #job: Job;
  readonly #grant: Grant | undefined;
  #made: CallNode[] | undefined;
  #used: Set<CallNode> | undefined;
  #awaiting = 0;
  #parked = false;
  #ended = false;

  constructor(run: RunContext, job: Job, grant: Grant | undefined) {
    this.#run = run;
    this.#job = job;
    this.#grant = grant;
  }

  /** The body is over: what it holds, it gives back. What it left running may ask on, and holds nothing. */
  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    if (!this.#grant) return;
    this.#run.gpuStalls.hold(this.#job, undefined);
    this.#run.scheduler.release(this.#grant, this.#parked);
  }

  called(node: CallNode): void {
    (this.#made ??= []).push(node);
  }

  evaluate(value: unknown): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.#ask(value, (result) => resolve(result.value), reject);
    });
  }

  /** The same for a body in another process: text in, text out. */
  evaluateText(expression: string): Promise<string> {
    const { codec } = this.#run;
    return new Promise((resolve, reject) => {
      const value = decodeExpression(expression, codec, (name) => this.#run.taskNamed(name));
      this.#ask(value, (result) => resolve(result.text), reject);
    });
  }

  /** Warns of calls the body made and neither returned, awaited nor passed on. */
  warnUnused(inResult: readonly CallNode[]): void {
    if (!this.#made || this.#made.length === inResult.length) return;
    const used = new Set([...(this.#used ?? []), ...inResult]);
    const unused = new Set(this.#made.filter((node) => !used.has(node)).map(display));
    const { name, definition } = this.#job.task;
    for (const task of unused) {
      const where = definition ? ` (${definition.file}:${definition.line})` : "";
      this.#run.log.warn(`${name} calls ${task}(…) and uses its value nowhere, so it never runs${where}`, {
        task: name,
        unused: task,
      });
    }
  }

  #ask(value: unknown, done: (result: { value: unknown; text: string }) => void, fail: (error: unknown) => void): void {
    const run = this.#run;
    const trace = (this.trace ??= new Trace());
    const entry = trace.issue();
    this.#park();
    const expression = (): string => {
      const encoded = encodeExpression(value, run.codec);
      const used = (this.#used ??= new Set());
      for (const call of encoded.calls) used.add(call);
      countShared(run, this.#job, encoded.calls);
      return encoded.text;
    };
    run.reducer.later(() =>
      run.reducer.resolve(
        value,
        this.#job,
        (whole) => {
          const { text, identity } = run.codec.encode(whole);
          trace.deliver(entry, expression(), identity);
          // A copy: what this body does to it, no other body sees.
          this.#unpark(() => done({ value: run.codec.decode(text), text }));
        },
        (error) => {
          trace.deliver(entry, expression(), null);
          this.#unpark(() => fail(error));
        },
      ),
    );
    run.wake();
  }

  #park(): void {
    this.#awaiting++;
    if (this.#grant && !this.#parked && !this.#ended) {
      this.#parked = true;
      this.#run.scheduler.park(this.#grant);
      const { executor, resources } = this.#grant.demand;
      this.#run.gpuStalls.hold(this.#job, { executor, gpu: resources.gpu });
    }
  }

  /** The last value a body waits for is handed over when it has its processor again. */
  #unpark(deliver: () => void): void {
    const grant = this.#grant;
    if (--this.#awaiting > 0 || !grant || !this.#parked || this.#ended) deliver();
    else {
      this.#run.scheduler.resume(this.#run, grant, () => {
        // Meanwhile it has ended without this value (a race, a timeout), or waits for another.
        if (this.#ended || this.#awaiting > 0) this.#run.scheduler.park(grant);
        else {
          this.#parked = false;
          this.#run.gpuStalls.hold(this.#job, undefined);
        }
        deliver();
      });
    }
  }
}

/** The evaluator for one attempt of a job. */
export function evaluatorOf(run: RunContext, job: Job, grant: Grant | undefined): InlineEvaluator {
  return new InlineEvaluator(run, job, grant);
}
