import { encodeExpression } from "../expr/encode.ts";
import { nodeOf } from "../expr/lazy.ts";
import type { CallNode, Node } from "../expr/node.ts";
import { type Encoded, type Hash, LigaseError } from "../kernel/index.ts";
import { adoptTasks } from "./calls.ts";
import { Cell } from "./cell.ts";
import type { Evaluation } from "./context.ts";
import type { Body, Job } from "./job.ts";
import { countShared } from "./shared-calls.ts";
import { lazyParts } from "./structure.ts";

/**
 * Takes what a body left, records it, reduces it to a value, and settles the job. A body is
 * recorded when it has finished, the result of what it returned when that is there: so a kill in
 * between repeats no body.
 */
export class Settler {
  readonly #run: Evaluation;

  constructor(run: Evaluation) {
    this.#run = run;
  }

  /**
   * A body has finished.
   *
   * @param result - a value that may hold lazy parts
   * @param finished - told the calls that stand in the result
   */
  finished(job: Job, result: unknown, finished?: (calls: readonly CallNode[]) => void): void {
    const run = this.#run;
    let encoded: Encoded & { calls: readonly CallNode[] };
    try {
      encoded = encodeExpression(result, run.codec);
    } catch (error) {
      this.failed(job, inResult(error, job));
      return;
    }
    if (encoded.unresolved.length > 0) {
      run.track(
        run.files.fingerprint(encoded.unresolved),
        () => this.finished(job, result, finished),
        (error) => this.failed(job, inResult(error, job)),
      );
      return;
    }
    finished?.(encoded.calls);
    countShared(run, job, encoded.calls);
    const lazy = lazyParts(result, []) > 0;
    const hash = run.recorder.result(encoded, run.files.listed(encoded.atoms));
    if (job.trace) {
      const text = JSON.stringify(job.trace.stored(encoded.text));
      job.body = { kind: "trace", hash: run.recorder.value(text, text) };
    } else job.body = { kind: lazy ? "expr" : "value", hash };
    if (lazy) {
      run.recorder.call(job);
      this.reduce(job, result, false);
    } else this.succeeded(job, result, hash, false);
  }

  /** A body was found in the cache. */
  adopt(job: Job, body: Body, result: unknown, before: Hash | null): void {
    job.body = body;
    if (lazyParts(result, []) > 0) this.reduce(job, result, true, before);
    else this.succeeded(job, result, body.kind === "value" ? body.hash : this.#hash(result), true, before);
  }

  /** Reduces the expression a body left. */
  reduce(job: Job, result: unknown, cached: boolean, before: Hash | null = null): void {
    const { reducer } = this.#run;
    const node = nodeOf(result);
    let inner: Cell<Job>;
    if (node) inner = reducer.cell(node, job);
    else {
      inner = new Cell<Job>(reducer.queue);
      reducer.settle(inner, result, job);
    }
    job.cell.setAlias(inner);
    inner.whenShaped(() => {
      if (inner.state !== "failed") job.cell.shape(inner.value);
    });
    inner.whenDone(() => {
      if (inner.state === "failed") this.failed(job, inner.error, inner.failedIn);
      else this.succeeded(job, inner.value, this.#resultHash(node, inner), cached, before);
    });
  }

  /** A job has its value. */
  succeeded(job: Job, value: unknown, hash: Hash, cached: boolean, before: Hash | null = null): void {
    const run = this.#run;
    if (job.settled) return;
    job.resultHash = hash;
    job.endedAt = Date.now();
    run.recorder.taskSet(job.tasks);
    if (!cached || before !== hash) run.recorder.call(job);
    run.change(job, cached ? "cached" : "done");
    for (const owner of job.owners) adoptTasks(run, owner, job);
    job.letGo();
    job.cell.finish(value);
  }

  /**
   * A job has failed.
   *
   * @param where - the job in which the error arose, when it was another
   */
  failed(job: Job, thrown: unknown, where: Job = job): void {
    const run = this.#run;
    if (job.settled) return;
    job.endedAt = Date.now();
    const cancelled = thrown instanceof LigaseError && thrown.code === "LIGASE_E_CANCELLED";
    if (where !== job && where.errorHash !== undefined) job.errorHash = where.errorHash;
    else {
      job.failedHere = !cancelled;
      const error =
        thrown instanceof Error ? thrown : new LigaseError("LIGASE_E_THROWN", String(thrown), { cause: thrown });
      const encoded = run.codec.encode(error);
      job.errorHash = run.recorder.value(encoded.identity, encoded.text);
    }
    run.change(job, cancelled ? "cancelled" : "failed");
    for (const owner of job.owners) adoptTasks(run, owner, job);
    job.letGo();
    job.cell.fail(thrown, where);
  }

  /** The hash of a reduced result: that of the call it came from as a whole, where it did. */
  #resultHash(node: Node | undefined, inner: Cell<Job>): Hash {
    if (node?.kind === "call") {
      for (let at: Cell<Job> | undefined = inner; at; at = at.alias) {
        if (at.job?.resultHash !== undefined) return at.job.resultHash;
      }
    }
    return this.#hash(inner.value);
  }

  #hash(value: unknown): Hash {
    const { codec, recorder, files } = this.#run;
    const encoded = codec.encode(value);
    return recorder.result(encoded, files.listed(encoded.atoms));
  }
}

/** Says whose result it was that could not be stored. */
function inResult(error: unknown, job: Job): unknown {
  if (!(error instanceof LigaseError)) return error;
  return new LigaseError(error.code, `the result of ${job.task.name}: ${error.message}`, {
    facts: { ...error.facts, task: job.task.name },
    ...(error.mend !== undefined && { mend: error.mend }),
    cause: error.cause,
  });
}

/** The error of a call that had to end because the run does. */
export function cancelledError(why = "the run was cancelled"): LigaseError {
  return new LigaseError("LIGASE_E_CANCELLED", why);
}
