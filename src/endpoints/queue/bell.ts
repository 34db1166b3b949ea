import { deadline, type Deadlines } from "./deadlines.ts";

/** Where long polls wait for something to happen. */
export class Bell {
  readonly #deadlines: Deadlines;
  readonly #waiting = new Set<(rung: boolean) => void>();

  constructor(deadlines: Deadlines) {
    this.#deadlines = deadlines;
  }

  /** Wakes all who wait. */
  ring(): void {
    for (const wake of this.#waiting) wake(true);
  }

  /** Waits until it rings (true), or until then by the steady clock, or until the signal (false). */
  wait(until: number, signal?: AbortSignal): Promise<boolean> {
    if (signal?.aborted) return Promise.resolve(false);
    return new Promise((resolve) => {
      const wake = (rung: boolean): void => {
        this.#waiting.delete(wake);
        this.#deadlines.clear(over);
        signal?.removeEventListener("abort", abort);
        resolve(rung);
      };
      const abort = (): void => wake(false);
      const over = deadline(abort);
      this.#waiting.add(wake);
      this.#deadlines.set(over, until);
      signal?.addEventListener("abort", abort);
    });
  }
}
