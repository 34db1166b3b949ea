import type { Resources } from "../executors/types.ts";
import type { TaskTime } from "../store/types.ts";
import type { Progress, TaskPace } from "./progress.ts";
import type { Demand } from "./scheduler.ts";

/** What is known besides the counts of a run. */
export interface TimeLeftSources {
  /** What each executor has. */
  readonly capacity: ReadonlyMap<string, Resources>;
  /** The capacity of each named limit; 1 of one that is not there. */
  readonly limits: Readonly<Record<string, number>>;
  /** What a job of a task takes while it runs; nothing for a task that runs within this process. */
  demand(task: string): Demand | undefined;
  /** How long tasks took in the past. */
  times(tasks: readonly string[]): Promise<readonly TaskTime[]>;
  /** How many jobs of each task the last run of the same kind had, when it came to its end. */
  before(): Promise<ReadonlyMap<string, number>>;
  /** Milliseconds since 1970. */
  clock?(): number;
}

/** What is left to do of one task. */
interface Rest {
  readonly demand: Demand;
  /** Jobs. */
  readonly count: number;
  /** Milliseconds of all of them, one after the other; nothing when nobody knows. */
  readonly ms: number | undefined;
  /** Of the longest of them. */
  readonly longest: number;
}

/** So much of the work has to be known. */
const KNOWN_SHARE = 0.8;
/** The past counts as so many jobs at most, beside those of this run. */
const PAST_WEIGHT = 10;
/** A job that is late will take so much of its usual time more: nobody knows. */
const LATE_SHARE = 0.1;
/** How quickly what is shown follows what is found, in milliseconds. */
const SMOOTH_MS = 6000;
/** How often it is reckoned anew; in between time passes. */
const RECKON_MS = 1000;

/**
 * How long a run will still take: the jobs that run, wait, and are known to come, each as long as those of its task took
 * before, in past runs and in this one, side by side as far as there is room for them. Bodies within this process take
 * none of it. It is known when most of that work is; and what is shown moves towards what is found bit by bit, so that
 * it never jumps.
 */
export class TimeLeft {
  readonly #progress: Progress;
  readonly #sources: TimeLeftSources;
  readonly #clock: () => number;
  readonly #past = new Map<string, TaskTime>();
  readonly #asked = new Set<string>();
  #before: ReadonlyMap<string, number> | undefined;
  /** When it will be over: milliseconds since 1970. */
  #end: number | undefined;
  #reckoned = -Infinity;

  constructor(progress: Progress, sources: TimeLeftSources) {
    this.#progress = progress;
    this.#sources = sources;
    this.#clock = sources.clock?.bind(sources) ?? Date.now;
  }

  /** Milliseconds; nothing when it is not known. May be asked as often as one likes. */
  read(): number | undefined {
    const now = this.#clock();
    if (now - this.#reckoned >= RECKON_MS) {
      const found = this.#reckon(now);
      const end = found === undefined ? undefined : now + found;
      const share = 1 - Math.exp(-(now - this.#reckoned) / SMOOTH_MS);
      this.#end = end === undefined || this.#end === undefined ? end : this.#end + (end - this.#end) * share;
      this.#reckoned = now;
    }
    return this.#end === undefined ? undefined : Math.max(0, this.#end - now);
  }

  #reckon(now: number): number | undefined {
    // Not before somebody wants to know: most runs are over sooner.
    if (this.#reckoned === -Infinity) {
      void this.#sources.before().then(
        (counts) => (this.#before = counts),
        // A store that is closing: then nothing is known.
        () => {},
      );
    }
    const rests = this.#rests(now);
    const all = rests.reduce((sum, { count }) => sum + count, 0);
    const known = rests.reduce((sum, { count, ms }) => sum + (ms === undefined ? 0 : count), 0);
    if (all === 0 || known < all * KNOWN_SHARE) return undefined;
    // Of those nobody knows, it is supposed that they are like the others.
    return this.#together(rests) * (all / known);
  }

  #rests(now: number): Rest[] {
    const ask: string[] = [];
    const rests: Rest[] = [];
    const add = (task: string, pending: number): void => {
      const demand = this.#sources.demand(task);
      if (!demand) return;
      if (!this.#asked.has(task)) ask.push(task);
      const pace = this.#progress.paces.get(task) ?? { jobs: 0, ms: 0, running: 0, began: 0 };
      const count = pending + pace.running;
      if (count === 0) return;
      const mean = this.#mean(task, pace);
      if (mean === undefined) rests.push({ demand, count, ms: undefined, longest: 0 });
      else {
        const gone = pace.running * now - pace.began;
        const running = Math.max(pace.running * mean - gone, pace.running * mean * LATE_SHARE);
        const longest = pending > 0 ? mean : running / pace.running;
        rests.push({ demand, count, ms: pending * mean + running, longest });
      }
    };
    for (const [task, { pending }] of this.#progress.tasks) {
      add(task, pending);
    }
    for (const [task, count] of this.#ahead()) add(task, count);
    this.#ask(ask);
    return rests;
  }

  /** Tasks that the last run had and this one has not come to. */
  #ahead(): Map<string, number> {
    const ahead = new Map<string, number>();
    const { tasks } = this.#progress;
    let [then, now, ran] = [0, 0, 0];
    for (const [task, counts] of tasks) {
      if (!this.#sources.demand(task)) continue;
      const sum = Object.values(counts).reduce((a, b) => a + b, 0);
      then += this.#before?.get(task) ?? 0;
      now += sum;
      ran += sum - counts.cached;
    }
    if (!this.#before || then === 0 || ran === 0) return ahead;
    // What is after work that is taken from the cache is mostly taken from it too.
    const scale = (now / then) * (ran / now);
    for (const [task, count] of this.#before) {
      if (!tasks.has(task) && this.#sources.demand(task)) ahead.set(task, Math.ceil(count * scale));
    }
    return ahead;
  }

  /** The mean time of a job of a task. */
  #mean(task: string, { jobs, ms }: TaskPace): number | undefined {
    const past = this.#past.get(task);
    const weight = Math.min(past?.jobs ?? 0, PAST_WEIGHT);
    return weight + jobs === 0 ? undefined : ((past?.meanMs ?? 0) * weight + ms) / (weight + jobs);
  }

  /** As long as what is scarcest is busy, and no less than the longest job. */
  #together(rests: readonly Rest[]): number {
    const busy = new Map<string, number>();
    let longest = 0;
    for (const { demand, ms = 0, longest: one } of rests) {
      const { executor, resources, limits } = demand;
      const has = this.#sources.capacity.get(executor);
      const use = (what: string, asked: number, there: number): void => {
        if (asked > 0) busy.set(what, (busy.get(what) ?? 0) + (ms * asked) / there);
      };
      for (const what of ["cpu", "memory", "gpu", "disk"] as const) {
        use(`${executor} ${what}`, resources[what], has?.[what] ?? Infinity);
      }
      for (const [name, asked] of Object.entries(limits)) use(`limit ${name}`, asked, this.#sources.limits[name] ?? 1);
      longest = Math.max(longest, one);
    }
    return Math.max(longest, ...busy.values());
  }

  #ask(tasks: readonly string[]): void {
    if (tasks.length === 0) return;
    for (const task of tasks) this.#asked.add(task);
    void this.#sources.times(tasks).then(
      (times) => {
        for (const time of times) this.#past.set(time.task, time);
      },
      () => {},
    );
  }
}
