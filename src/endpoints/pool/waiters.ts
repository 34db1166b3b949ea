import type { LigaseError } from "../../kernel/index.ts";
import type { WebTarget } from "./types.ts";
import type { Worker } from "./worker.ts";

/** A request that waits for a worker. */
interface Waiter {
  readonly since: number;
  readonly resolve: (target: WebTarget) => void;
  readonly reject: (error: LigaseError) => void;
}

/** Requests to a web app that wait for a worker: the first that came is served first. */
export class Waiters {
  readonly #waiting = new Set<Waiter>();

  get size(): number {
    return this.#waiting.size;
  }

  /** When the first of them came; null for none. */
  get oldestAt(): number | null {
    for (const { since } of this.#waiting) return since;
    return null;
  }

  /**
   * Waits for a worker.
   *
   * @param why - what there is to say when `signal` ends the wait
   */
  wait(now: number, signal: AbortSignal, why: () => LigaseError): Promise<WebTarget> {
    return new Promise((resolve, reject) => {
      const waiter: Waiter = { since: now, resolve, reject };
      const over = (): void => {
        if (this.#waiting.delete(waiter)) reject(why());
      };
      this.#waiting.add(waiter);
      if (signal.aborted) over();
      else signal.addEventListener("abort", over, { once: true });
    });
  }

  /** Serves as many as there is room for. */
  serve(next: () => WebTarget | undefined): void {
    for (const waiter of this.#waiting) {
      const target = next();
      if (target === undefined) return;
      this.#waiting.delete(waiter);
      waiter.resolve(target);
    }
  }

  /** None will be served. */
  refuse(why: () => LigaseError): void {
    for (const { reject } of this.#waiting) reject(why());
    this.#waiting.clear();
  }
}

/** The ready worker with the fewest requests that may take another one. */
export function leastBusy(workers: Iterable<Worker>, concurrency: number): Worker | undefined {
  let found: Worker | undefined;
  for (const worker of workers) {
    if (worker.state !== "ready" || worker.address === null || worker.requests >= concurrency) continue;
    if (found === undefined || worker.requests < found.requests) found = worker;
  }
  return found;
}
