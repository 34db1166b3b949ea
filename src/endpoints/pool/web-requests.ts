import type { LigaseError } from "../../kernel/index.ts";
import type { WebTarget } from "./types.ts";
import type { Worker } from "./worker.ts";

/** A request that waits for a worker. */
interface Waiter {
  readonly since: number;
  readonly resolve: (target: WebTarget) => void;
  readonly reject: (error: LigaseError) => void;
}

/** Requests to a web app: each goes to the worker that has the fewest; those that find none wait, first come first served. */
export class WebRequests {
  readonly #waiting = new Set<Waiter>();
  readonly #released: (worker: Worker) => void;

  /** @param released - told when a worker has finished a request */
  constructor(released: (worker: Worker) => void) {
    this.#released = released;
  }

  /** How many wait. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /** When the first of them came; null for none. */
  get oldestAt(): number | null {
    for (const { since } of this.#waiting) return since;
    return null;
  }

  /** A worker that may take a request now, and has it from now on; none while others wait. */
  take(workers: ReadonlyMap<string, Worker>, concurrency: number): WebTarget | undefined {
    return this.#waiting.size > 0 ? undefined : this.#next(workers, concurrency);
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

  /** Serves as many of those that wait as there is room for. */
  serve(workers: ReadonlyMap<string, Worker>, concurrency: number): void {
    for (const waiter of this.#waiting) {
      const target = this.#next(workers, concurrency);
      if (target === undefined) return;
      this.#waiting.delete(waiter);
      waiter.resolve(target);
    }
  }

  /** None of those that wait will be served. */
  refuse(why: () => LigaseError): void {
    for (const { reject } of this.#waiting) reject(why());
    this.#waiting.clear();
  }

  #next(workers: ReadonlyMap<string, Worker>, concurrency: number): WebTarget | undefined {
    const worker = leastBusy(workers, concurrency);
    if (!worker?.address) return undefined;
    worker.requests++;
    let isOver = false;
    return {
      worker: worker.id,
      at: worker.address,
      release: () => {
        if (isOver) return;
        isOver = true;
        worker.requests--;
        worker.finished++;
        this.#released(worker);
      },
    };
  }
}

function leastBusy(workers: ReadonlyMap<string, Worker>, concurrency: number): Worker | undefined {
  let found: Worker | undefined;
  for (const worker of workers.values()) {
    if (worker.state !== "ready" || worker.requests >= concurrency) continue;
    if (found === undefined || worker.requests < found.requests) found = worker;
  }
  return found;
}
