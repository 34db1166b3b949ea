import { AsyncLocalStorage } from "node:async_hooks";
import type { CallNode } from "./node.ts";

/** Who evaluates what a running body awaits, and hears of the calls it makes. */
export interface Evaluator {
  /** Evaluates a value that may hold lazy parts. */
  evaluate(value: unknown): Promise<unknown>;
  /** A call was made; used to find calls whose value nothing ever uses. */
  called(node: CallNode): void;
}

const storage = new AsyncLocalStorage<Evaluator>();

/** Runs a function, and everything it starts, with an evaluator. */
export function withEvaluator<T>(evaluator: Evaluator, run: () => T): T {
  return storage.run(evaluator, run);
}

/** The evaluator of the body that is running; none outside of tasks. */
export function currentEvaluator(): Evaluator | undefined {
  return storage.getStore();
}
