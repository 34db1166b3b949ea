import type { EndpointStats, Percentiles } from "../../remote/index.ts";
import { Histogram } from "./histogram.ts";

/** How far back is looked, in milliseconds. */
const WINDOW_MS = 300_000;
/** It moves on in steps: what is older goes a step at a time. */
const SLOTS = 10;
const SLOT_MS = WINDOW_MS / SLOTS;

/** What happened in one step. */
class Slot {
  readonly number: number;
  completed = 0;
  failed = 0;
  readonly queueDelay = new Histogram();
  readonly execution = new Histogram();
  readonly coldStart = new Histogram();

  constructor(number: number) {
    this.number = number;
  }
}

/** What passed through one endpoint of late. It takes 30 KB at most, and next to nothing while nothing happens. */
export class Window {
  readonly #since: number;
  #slots: Slot[] = [];

  /** @param now - milliseconds of a clock that is never set back */
  constructor(now: number) {
    this.#since = now;
  }

  /** Where to write down what happens now. */
  at(now: number): Slot {
    const number = Math.floor(now / SLOT_MS);
    const last = this.#slots.at(-1);
    if (last?.number === number) return last;
    const slot = new Slot(number);
    this.#slots = [...this.#live(now), slot];
    return slot;
  }

  stats(now: number): EndpointStats {
    const slots = this.#live(now);
    const all = new Slot(0);
    for (const slot of slots) {
      all.completed += slot.completed;
      all.failed += slot.failed;
      all.queueDelay.merge(slot.queueDelay);
      all.execution.merge(slot.execution);
      all.coldStart.merge(slot.coldStart);
    }
    const oldest = Math.max(this.#since, (Math.floor(now / SLOT_MS) - SLOTS + 1) * SLOT_MS);
    // Of what began just now a rate says little: it is of a second at least.
    const seconds = Math.max(1, (now - oldest) / 1000);
    return {
      window: WINDOW_MS / 1000,
      completed: all.completed,
      failed: all.failed,
      jobsPerSecond: Math.round(((all.completed + all.failed) / seconds) * 1000) / 1000,
      queueDelay: percentilesOf(all.queueDelay),
      execution: percentilesOf(all.execution),
      coldStarts: all.coldStart.total,
      coldStart: percentilesOf(all.coldStart),
    };
  }

  #live(now: number): Slot[] {
    const first = Math.floor(now / SLOT_MS) - SLOTS + 1;
    return this.#slots.filter(({ number }) => number >= first);
  }
}

function percentilesOf(histogram: Histogram): Percentiles {
  return { p50: histogram.percentile(0.5), p95: histogram.percentile(0.95), p99: histogram.percentile(0.99) };
}
