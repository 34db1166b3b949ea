import type { Activities, Activity, ActivityKind } from "./activity.ts";

/** What all activities of one kind have come to. */
export interface ActivityReport {
  readonly kind: ActivityKind;
  /** The file, or the host, where there is one; nothing for several. */
  readonly what: string | undefined;
  /** How many go on. */
  readonly count: number;
  /** Bytes. */
  readonly done: number;
  /** Bytes; nothing while it is not known of all of them. */
  readonly total: number | undefined;
  /** Bytes a second, of the last few seconds; 0 while nothing moves. */
  readonly rate: number;
}

/** What is over sooner needs no telling. */
const SHOWN_AFTER_MS = 1000;
/** Less than this needs none either, unless some of it takes that long by itself. */
const MUCH = 64 * 2 ** 20;
/** What goes on again within this time is the same work: a run hashes one file after another. */
const SAME_WORK_MS = 1000;
/** Over so long the rate is smoothed. */
const SMOOTH_MS = 3000;
/** A rate of a shorter time says nothing. */
const SAMPLE_MS = 250;

/** All work of one kind without a pause in between. */
class Stretch {
  readonly begun: number;
  readonly names = new Map<string, number>();
  active = 0;
  /** Since when there was always one that went on. */
  busySince = 0;
  ended = 0;
  done = 0;
  total = 0;
  /** How many have not said how much they are. */
  vague = 0;
  /** Since the last sample. */
  #moved = 0;
  #sampled: number;
  /** Bytes and milliseconds, those of long ago counting less. */
  #bytes = 0;
  #ms = 0;

  constructor(now: number) {
    this.begun = now;
    this.#sampled = now;
  }

  moved(bytes: number): void {
    this.#moved += bytes;
  }

  /** Bytes a second. */
  rate(now: number): number {
    const ms = now - this.#sampled;
    if (ms >= SAMPLE_MS) {
      const fade = Math.exp(-ms / SMOOTH_MS);
      this.#bytes = this.#bytes * fade + this.#moved;
      this.#ms = this.#ms * fade + ms;
      this.#moved = 0;
      this.#sampled = now;
    }
    return this.#ms === 0 ? 0 : (this.#bytes / this.#ms) * 1000;
  }
}

/**
 * Adds up what goes on, by kind, so that a display can ask now and then. To those who work it costs an addition.
 *
 * @example
 * ```ts
 * const board = new ActivityBoard();
 * const fingerprints = new Fingerprints({ activities: board });
 * board.read(); // [{ kind: "hash", done: 3435973836, total: 12884901888, rate: 1717986918, … }]
 * ```
 */
export class ActivityBoard implements Activities {
  readonly #clock: () => number;
  readonly #stretches = new Map<ActivityKind, Stretch>();

  /** @param clock - in milliseconds */
  constructor(clock: () => number = () => performance.now()) {
    this.#clock = clock;
  }

  begin(kind: ActivityKind, what: string, total?: number): Activity {
    const stretch = this.#stretchOf(kind);
    if (stretch.active === 0) {
      stretch.names.clear();
      stretch.busySince = this.#clock();
    }
    stretch.active++;
    stretch.names.set(what, (stretch.names.get(what) ?? 0) + 1);
    let mine: { done: number; total: number | undefined } = { done: 0, total };
    let ended = false;
    if (total === undefined) stretch.vague++;
    else stretch.total += total;
    const become = (next: typeof mine): void => {
      stretch.vague += Number(next.total === undefined) - Number(mine.total === undefined);
      stretch.total += (next.total ?? 0) - (mine.total ?? 0);
      stretch.done += next.done - mine.done;
      mine = next;
    };
    return {
      at: (done, all) => become({ done, total: all }),
      moved: (bytes) => {
        mine.done += bytes;
        stretch.done += bytes;
        stretch.moved(bytes);
      },
      end: () => {
        if (ended) return;
        ended = true;
        // What was left out, because it failed say, is not waited for.
        become({ done: mine.done, total: mine.done });
        stretch.active--;
        stretch.ended = this.#clock();
        const others = (stretch.names.get(what) ?? 1) - 1;
        if (others === 0 && stretch.active > 0) stretch.names.delete(what);
        else stretch.names.set(what, others);
      },
    };
  }

  /** What has gone on for longer than a moment, and matters. */
  read(): ActivityReport[] {
    const now = this.#clock();
    const reports: ActivityReport[] = [];
    for (const [kind, stretch] of this.#stretches) {
      if (stretch.active === 0 && now - stretch.ended >= SAME_WORK_MS) {
        this.#stretches.delete(kind);
        continue;
      }
      const rate = stretch.rate(now);
      const { done, total, vague, active: count, names } = stretch;
      const isMuch = Math.max(done, total) >= MUCH && now - stretch.begun >= SHOWN_AFTER_MS;
      if (!isMuch && (count === 0 || now - stretch.busySince < SHOWN_AFTER_MS)) continue;
      const what = names.size === 1 ? [...names.keys()][0] : undefined;
      reports.push({ kind, what, count, done, total: vague > 0 ? undefined : total, rate });
    }
    return reports;
  }

  #stretchOf(kind: ActivityKind): Stretch {
    const now = this.#clock();
    let stretch = this.#stretches.get(kind);
    if (!stretch || (stretch.active === 0 && now - stretch.ended >= SAME_WORK_MS)) {
      stretch = new Stretch(now);
      this.#stretches.set(kind, stretch);
    }
    return stretch;
  }
}
