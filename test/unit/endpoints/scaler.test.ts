import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  scale,
  type ScaledWorker,
  type ScalingInput,
  type ScalingLoad,
  type ScalingSettings,
} from "../../../src/endpoints/scaler/index.ts";

const SETTINGS: ScalingSettings = {
  minWorkers: 0,
  maxWorkers: 3,
  idleTimeout: 5000,
  concurrency: 1,
  scaler: { queueDelay: 4 },
};
const NOTHING: ScalingLoad = { waiting: 0, oldestAt: null, running: 0 };
const NOW = 1_000_000;

function look(input: Partial<Omit<ScalingInput, "settings">> & { settings?: Partial<ScalingSettings> }) {
  return scale({
    load: NOTHING,
    workers: [],
    grownAt: null,
    now: NOW,
    ...input,
    settings: { ...SETTINGS, ...input.settings },
  });
}

const starting = (id: string): ScaledWorker => ({ id, ready: false, running: 0, idleSince: NOW });
const idle = (id: string, forMs: number): ScaledWorker => ({ id, ready: true, running: 0, idleSince: NOW - forMs });
const busy = (id: string, running = 1): ScaledWorker => ({ id, ready: true, running, idleSince: 0 });
const waiting = (count: number, forMs: number, running = 0): ScalingLoad => ({
  waiting: count,
  oldestAt: NOW - forMs,
  running,
});

describe("scale", () => {
  test("wants nothing when there is nothing to do", () => {
    expect(look({})).toEqual({ want: 0, end: [], lookAt: null });
  });

  test("starts one worker for the first job, at once", () => {
    expect(look({ load: waiting(5, 0) }).want).toBe(1);
  });

  test("starts no second one while the first starts, until jobs have waited for the queue delay", () => {
    const workers = [starting("a")];
    expect(look({ load: waiting(3, 3999), workers })).toEqual({ want: 1, end: [], lookAt: NOW + 1 });
    expect(look({ load: waiting(3, 4000), workers }).want).toBe(3);
  });

  test("wants no more than what waits needs beyond what starting workers will take", () => {
    expect(look({ load: waiting(2, 60_000), workers: [starting("a"), starting("b")] }).want).toBe(2);
    const settings = { concurrency: 4, maxWorkers: 10 };
    expect(look({ settings, load: waiting(9, 60_000, 4), workers: [busy("a", 4), starting("b")] }).want).toBe(4);
  });

  test("counts jobs by request count", () => {
    const settings = { scaler: { requestCount: 4 }, maxWorkers: 10 };
    expect(look({ settings, load: waiting(9, 0, 4), workers: [busy("a")] }).want).toBe(4);
    expect(look({ settings, load: waiting(100, 0) }).want).toBe(10);
  });

  test("counts requests of a web app", () => {
    const settings = { scaler: null, concurrency: 10 };
    expect(look({ settings, load: waiting(1, 0, 10), workers: [busy("a", 10)] }).want).toBe(2);
    expect(look({ settings, load: { ...NOTHING, running: 10 }, workers: [busy("a", 10)] }).want).toBe(1);
  });

  test("ends workers that were idle for the timeout, and says when the next is due", () => {
    const workers = [idle("young", 1000), idle("old", 6000), idle("middle", 4000)];
    expect(look({ workers })).toEqual({ want: 2, end: ["old"], lookAt: NOW + 1000 });
  });

  test("keeps what the minimum says, and brings it about", () => {
    const settings = { minWorkers: 2 };
    expect(look({ settings })).toEqual({ want: 2, end: [], lookAt: null });
    expect(look({ settings, workers: [idle("a", 90_000), idle("b", 90_000)] })).toEqual({
      want: 2,
      end: [],
      lookAt: null,
    });
    expect(look({ settings, workers: [idle("a", 90_000), idle("b", 80_000), idle("c", 70_000)] }).end).toEqual(["a"]);
  });

  test("ends none while one was wanted a moment ago, nor while jobs wait", () => {
    const workers = [idle("a", 60_000), busy("b")];
    expect(look({ workers, grownAt: NOW - 2000 })).toEqual({ want: 2, end: [], lookAt: NOW + 3000 });
    expect(look({ workers, load: waiting(1, 0, 1) }).end).toEqual([]);
  });

  test("ends what is above a maximum that was lowered: starting ones first, and never one with a job", () => {
    const workers = [busy("a"), idle("b", 1), starting("c"), busy("d")];
    expect(look({ settings: { maxWorkers: 2 }, workers }).end).toEqual(["c", "b"]);
    expect(look({ settings: { maxWorkers: 0 }, workers }).end).toEqual(["c", "b"]);
  });
});

const settingsOf = fc
  .record({
    minWorkers: fc.integer({ min: 0, max: 6 }),
    maxWorkers: fc.integer({ min: 0, max: 8 }),
    idleTimeout: fc.integer({ min: 1, max: 20_000 }),
    concurrency: fc.integer({ min: 1, max: 5 }),
    scaler: fc.oneof(
      fc.record({ queueDelay: fc.integer({ min: 0, max: 10 }) }),
      fc.record({ requestCount: fc.integer({ min: 1, max: 10 }) }),
      fc.constant(null),
    ),
  })
  .map((settings) => ({ ...settings, minWorkers: Math.min(settings.minWorkers, settings.maxWorkers) }));

const workersOf = fc.array(
  fc.record({
    ready: fc.boolean(),
    running: fc.integer({ min: 0, max: 5 }),
    idleSince: fc.integer({ min: NOW - 60_000, max: NOW }),
  }),
  { maxLength: 12 },
);

const inputOf = fc
  .record({
    settings: settingsOf,
    waiting: fc.integer({ min: 0, max: 50 }),
    waited: fc.integer({ min: 0, max: 60_000 }),
    workers: workersOf,
    grown: fc.option(fc.integer({ min: 0, max: 60_000 }), { nil: null }),
  })
  .map(({ settings, waiting: count, waited, workers, grown }): ScalingInput => {
    const list = workers.map((each, i) => ({ ...each, running: each.ready ? each.running : 0, id: String(i) }));
    const running = list.reduce((sum, each) => sum + each.running, 0);
    return {
      settings,
      load: { waiting: count, oldestAt: count === 0 ? null : NOW - waited, running },
      workers: list,
      grownAt: grown === null ? null : NOW - grown,
      now: NOW,
    };
  });

/** Ten milliseconds at a time: workers start in `coldStart`, jobs take `jobMs`. */
function simulate(
  settings: ScalingSettings,
  load: { readonly concurrent: number; readonly untilMs: number },
  coldStart: number,
  totalMs: number,
): { readonly counts: number[]; readonly starts: number } {
  const STEP = 10;
  let workers: { id: string; readyAt: number; jobs: number; idleSince: number }[] = [];
  let queued: number[] = [];
  let grownAt: number | null = null;
  let starts = 0;
  const counts: number[] = [];
  for (let now = 0; now < totalMs; now += STEP) {
    // A constant load: so many jobs are always there, until they all end.
    const running = workers.reduce((sum, { jobs }) => sum + jobs, 0);
    if (now < load.untilMs) for (let i = running + queued.length; i < load.concurrent; i++) queued.push(now);
    else {
      queued = [];
      for (const worker of workers) {
        if (worker.jobs > 0) worker.idleSince = now;
        worker.jobs = 0;
      }
    }
    for (const worker of workers) {
      while (worker.readyAt <= now && worker.jobs < settings.concurrency && queued.length > 0) {
        queued.shift();
        worker.jobs++;
      }
    }
    const { want, end } = scale({
      settings,
      load: {
        waiting: queued.length,
        oldestAt: queued[0] ?? null,
        running: workers.reduce((sum, { jobs }) => sum + jobs, 0),
      },
      workers: workers.map(({ id, readyAt, jobs, idleSince }) => ({
        id,
        ready: readyAt <= now,
        running: jobs,
        idleSince,
      })),
      grownAt,
      now,
    });
    workers = workers.filter(({ id }) => !end.includes(id));
    if (want > workers.length) grownAt = now;
    while (workers.length < want) {
      workers.push({ id: String(starts++), readyAt: now + coldStart, jobs: 0, idleSince: now + coldStart });
    }
    counts.push(workers.length);
  }
  return { counts, starts };
}

describe("of any endpoint, scale", () => {
  test("never wants more than the maximum, nor fewer than the minimum, and never ends a worker with a job", () => {
    fc.assert(
      fc.property(inputOf, (input) => {
        const { want, end } = scale(input);
        const { minWorkers, maxWorkers } = input.settings;
        expect(want).toBeGreaterThanOrEqual(minWorkers);
        expect(want).toBeLessThanOrEqual(maxWorkers);
        const left = input.workers.filter(({ id }) => !end.includes(id));
        expect(left.length).toBeGreaterThanOrEqual(minWorkers - Math.max(0, minWorkers - input.workers.length));
        expect(new Set(end).size).toBe(end.length);
        for (const id of end) expect(input.workers.find((each) => each.id === id)?.running).toBe(0);
        // It either adds or takes away.
        if (want > input.workers.length) expect(end).toEqual([]);
      }),
    );
  });

  test("says when to look again: nothing changes before, something does then or nothing is left to do", () => {
    let met = 0;
    fc.assert(
      fc.property(inputOf, (input) => {
        const { want, end, lookAt } = scale(input);
        // Where something is to be done now, one looks again once it is done.
        if (lookAt === null || want !== input.workers.length) return;
        met++;
        expect(lookAt).toBeGreaterThan(input.now);
        expect(scale({ ...input, now: lookAt - 1 })).toEqual({ want, end, lookAt });
        const then = scale({ ...input, now: lookAt });
        expect(then.want !== want || then.end.length > 0).toBe(true);
      }),
      { numRuns: 3000 },
    );
    expect(met).toBeGreaterThan(10);
  });

  test("does not oscillate under a constant load, and comes down to the minimum after it", () => {
    fc.assert(
      fc.property(
        settingsOf.filter(({ maxWorkers }) => maxWorkers > 0),
        fc.integer({ min: 1, max: 20 }),
        fc.integer({ min: 10, max: 3000 }),
        (settings, concurrent, coldStart) => {
          const untilMs = 40_000;
          const { counts, starts } = simulate(settings, { concurrent, untilMs }, coldStart, untilMs + 45_000);
          const steady = counts.slice(0, untilMs / 10);
          // It only grows, and comes to rest.
          expect(steady).toEqual(steady.toSorted((a, b) => a - b));
          expect(new Set(steady.slice(-1000)).size).toBe(1);
          expect(starts).toBe(Math.max(...counts));
          expect(counts.at(-1)).toBe(settings.minWorkers);
        },
      ),
      { numRuns: 30 },
    );
  });
});
