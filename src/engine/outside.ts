/**
 * What a loop of steps waits for besides its queue: promises, whose answers come back as steps, and whoever has
 * something new for it.
 */
export class Outside {
  readonly #later: (step: () => void) => void;
  #pending = 0;
  #wake: (() => void) | undefined;

  /** @param later - puts a step into the queue */
  constructor(later: (step: () => void) => void) {
    this.#later = later;
  }

  /** Promises that have not answered. */
  get pending(): number {
    return this.#pending;
  }

  /** Waits for something outside: the answer comes back as a step of the queue. */
  track<T>(promise: Promise<T>, done: (value: T) => void, fail: (error: unknown) => void): void {
    this.#pending++;
    const back = (step: () => void): void => {
      this.#pending--;
      this.#later(step);
      this.wake();
    };
    promise.then(
      (value) => back(() => done(value)),
      (error: unknown) => back(() => fail(error)),
    );
  }

  /** There is something to do. */
  wake(): void {
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
  }

  /** Until there is something to do. */
  sleep(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }
}
