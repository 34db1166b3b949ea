/**
 * Who is told next: at most so many at once, and at most so many of one receiver, so that one that hangs holds up no
 * other. Receivers take turns.
 *
 * @typeParam T - what is told
 */
export class Turns<T> {
  readonly #tell: (item: T) => Promise<void>;
  readonly #most: number;
  readonly #mostOfOne: number;
  readonly #receivers = new Map<string, { readonly ready: T[]; running: number }>();
  #running = 0;

  constructor(
    tell: (item: T) => Promise<void>,
    { most, mostOfOne }: { readonly most: number; readonly mostOfOne: number },
  ) {
    this.#tell = tell;
    this.#most = most;
    this.#mostOfOne = mostOfOne;
  }

  /** Tells a receiver, when its turn comes. */
  add(receiver: string, item: T): void {
    const known = this.#receivers.get(receiver);
    if (known) known.ready.push(item);
    else this.#receivers.set(receiver, { ready: [item], running: 0 });
    this.#next();
  }

  /** Forgets what nobody has been told yet. */
  clear(): void {
    for (const { ready } of this.#receivers.values()) ready.length = 0;
  }

  #next(): void {
    for (const [name, receiver] of this.#receivers) {
      if (this.#running >= this.#most) return;
      if (receiver.running >= this.#mostOfOne) continue;
      const item = receiver.ready.shift();
      if (item === undefined) continue;
      this.#running++;
      receiver.running++;
      // It goes behind the others.
      this.#receivers.delete(name);
      this.#receivers.set(name, receiver);
      void this.#tell(item).finally(() => {
        this.#running--;
        receiver.running--;
        if (receiver.running === 0 && receiver.ready.length === 0) this.#receivers.delete(name);
        this.#next();
      });
    }
  }
}
