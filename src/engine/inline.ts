import { withEvaluator } from "../expr/context.ts";
import { isExpr } from "../expr/lazy.ts";
import { withWorkDir, type WorkDir } from "../files/index.ts";
import type { RunContext } from "./context.ts";
import type { InlineEvaluator } from "./evaluator.ts";
import type { Job } from "./job.ts";

/** What came of calling a body. */
export type Invocation =
  | { readonly state: "returned"; readonly value: unknown }
  | { readonly state: "threw"; readonly error: unknown }
  | { readonly state: "async"; readonly promise: Promise<unknown> };

/** Are these arguments, as text, nothing but a list of primitives? Then no body can change what others see. */
function isFlat(argsText: string): boolean {
  return !argsText.includes("{") && argsText.indexOf("[", 1) === -1;
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null && "then" in value && typeof value.then === "function";
}

/**
 * Calls a body in this process. It gets arguments of its own, made anew from their text: what it
 * does to them, no other body sees, here as anywhere else it might run.
 */
export function invoke(run: RunContext, job: Job, evaluator: InlineEvaluator, workDir: WorkDir): Invocation {
  const args = isFlat(job.argsText)
    ? (JSON.parse(job.argsText) as unknown[])
    : (run.codec.decode(job.argsText) as unknown[]);
  const fn = (run.mode.stubOf(job.task) ?? job.task.fn) as (...args: unknown[]) => unknown;
  try {
    const value = withEvaluator(evaluator, () => withWorkDir(workDir, () => fn(...args)));
    if (!isExpr(value) && isThenable(value)) return { state: "async", promise: Promise.resolve(value) };
    return { state: "returned", value };
  } catch (error) {
    return { state: "threw", error };
  }
}
