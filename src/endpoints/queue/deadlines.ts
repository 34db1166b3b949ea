import { Heap, type Slotted } from "./heap.ts";

/** Something that happens at a time, once. */
export interface Deadline extends Slotted {
  /** By the steady clock, in milliseconds. */
  due: number;
  readonly fire: () => void;
}

/** A deadline that is not set. */
export function deadline(fire: () => void): Deadline {
  return { slot: -1, due: 0, fire };
}

/** `setTimeout` takes no more than 24 days. Whoever wakes without need sleeps again. */
const LONGEST_SLEEP = 3_600_000;

/**
 * All that happens at a time, on one timer. The timer is only ever set to ring earlier: a deadline that moved away is
 * noticed when it rings, for thousands of jobs have one that is never reached.
 */
export class Deadlines {
  readonly #heap = new Heap<Deadline>((a, b) => a.due < b.due);
  readonly #steady: () => number;
  readonly #failed: (error: unknown) => void;
  #timer: NodeJS.Timeout | undefined;
  #armed = Number.POSITIVE_INFINITY;
  #closed = false;

  /** @param failed - told of what a deadline throws */
  constructor(steady: () => number, failed: (error: unknown) => void) {
    this.#steady = steady;
    this.#failed = failed;
  }

  /** Sets one, in place of the time it had. */
  set(deadline: Deadline, due: number): void {
    if (this.#closed) return;
    deadline.due = due;
    this.#heap.put(deadline);
    if (due < this.#armed) this.#arm(due);
  }

  clear(deadline: Deadline): void {
    this.#heap.remove(deadline);
  }

  /** None happens any more. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
  }

  #arm(due: number): void {
    clearTimeout(this.#timer);
    const wait = Math.min(LONGEST_SLEEP, Math.max(0, Math.ceil(due - this.#steady())));
    this.#armed = this.#steady() + wait;
    this.#timer = setTimeout(() => this.#ring(), wait);
    // A process has other reasons to live.
    this.#timer.unref();
  }

  #ring(): void {
    this.#armed = Number.POSITIVE_INFINITY;
    const now = this.#steady();
    for (let next = this.#heap.peek(); next !== undefined && next.due <= now; next = this.#heap.peek()) {
      this.#heap.remove(next);
      try {
        next.fire();
      } catch (error) {
        this.#failed(error);
      }
    }
    const next = this.#heap.peek();
    if (next !== undefined && !this.#closed && next.due < this.#armed) this.#arm(next.due);
  }
}
