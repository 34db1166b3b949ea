/** One after the other: who enters waits until the one before has left. */
export class Turn {
  #last: Promise<void> = Promise.resolve();

  /** Resolves, when it is one's turn, with how to leave. */
  async enter(): Promise<() => void> {
    const before = this.#last;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#last = promise;
    await before;
    return resolve;
  }
}
