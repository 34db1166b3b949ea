/** What we aim for, in words, and whether this reaches it. */
export interface Aim {
  readonly text: string;
  readonly met: boolean;
}

/** One thing measured: how long it took, and what else was seen. */
export interface Result {
  /** What was done, for people: "5,000 trivial tasks, first run". */
  readonly what: string;
  /** Seconds, the median of the rounds. */
  readonly seconds: number;
  readonly fastest: number;
  readonly slowest: number;
  readonly rounds: number;
  /** How many of what were done: makes a rate of the seconds. */
  readonly count?: { readonly n: number; readonly of: string };
  /** The largest resident set of the process, in bytes; the largest of the rounds. */
  readonly peakMemory?: number;
  /** Bytes on disk of the store afterwards. */
  readonly storeBytes?: number;
  /** Against what it is compared, and how many times as long it takes. */
  readonly ratio?: { readonly to: string; readonly times: number };
  readonly aim?: Aim;
  /** Another figure, in words. */
  readonly note?: string;
}

/** How thoroughly to measure. */
export interface Effort {
  /** How many rounds a suite of short commands takes; long ones take fewer. */
  readonly rounds: number;
  /** Divides the sizes: 1 for the real thing, 10 or 100 to see that a suite works. */
  readonly shrink: number;
}

/** A group of measurements that are taken, and compared, within one process. */
export interface Suite {
  /** What people call it: `npm run bench <name>`. */
  readonly name: string;
  readonly title: string;
  /** A sentence or two: what is measured, and against what. */
  readonly about: string;
  measure(effort: Effort): Promise<readonly Result[]>;
}
