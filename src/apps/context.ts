import { AsyncLocalStorage } from "node:async_hooks";
import type { HandlerContext } from "./types.ts";

const storage = new AsyncLocalStorage<HandlerContext>();

/** Runs a handler, and everything it starts, with what it may know of its job. For workers. */
export function withJobContext<T>(context: HandlerContext, run: () => T): T {
  return storage.run(context, run);
}

/**
 * The job that a handler answers: its id, its attempt, the signal that ends it. Undefined outside of a worker, so that a
 * handler can be called as it is, in a test.
 *
 * @example
 * ```ts
 * export const fold = endpoint(async (sequence: string) => {
 *   const response = await fetch(model, { signal: jobContext()?.signal });
 *   …
 * });
 * ```
 */
export function jobContext(): HandlerContext | undefined {
  return storage.getStore();
}

/**
 * Says how far the job of a handler is: what `/status` shows as `output` until there is one. Of values that come faster
 * than the server takes them, the last counts. Outside of a worker it does nothing.
 *
 * @param value - anything that JSON can say
 * @example
 * ```ts
 * for (const [step, batch] of batches.entries()) {
 *   progress({ step, of: batches.length });
 *   await embed(batch);
 * }
 * ```
 */
export function progress(value: unknown): void {
  storage.getStore()?.progress(value);
}
