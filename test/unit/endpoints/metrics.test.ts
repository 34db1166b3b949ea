import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createStatistics, Histogram } from "../../../src/endpoints/metrics/index.ts";
import type { WorkerView } from "../../../src/endpoints/pool/types.ts";
import type { QueueJob, QueueListener } from "../../../src/endpoints/queue/types.ts";

describe("a histogram", () => {
  it("tells percentiles to an eighth", () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 2 ** 31 - 1 }), { minLength: 1, maxLength: 200 }),
        fc.double({ min: 0.001, max: 1, noNaN: true }),
        (times, part) => {
          const histogram = new Histogram();
          for (const ms of times) histogram.add(ms);
          const sorted = times.toSorted((a, b) => a - b);
          const exact = sorted[Math.max(0, Math.ceil(part * times.length) - 1)]!;
          const told = histogram.percentile(part)!;
          expect(Math.abs(told - exact)).toBeLessThanOrEqual(exact < 16 ? 0 : exact / 8);
        },
      ),
    );
  });

  it("is exact where times are short, and takes what a clock that was set back gives for 0", () => {
    const histogram = new Histogram();
    expect(histogram.percentile(0.5)).toBeNull();
    for (const ms of [-5, Number.NaN, 1, 2, 3]) histogram.add(ms);
    expect([0.2, 0.4, 0.6, 0.8, 1].map((part) => histogram.percentile(part))).toEqual([0, 0, 1, 2, 3]);
    const other = new Histogram();
    other.add(1e12);
    histogram.merge(other);
    expect([histogram.total, histogram.percentile(1)! > 1.8e9]).toEqual([6, true]);
  });
});

/** Statistics of a queue and workers that the test plays. */
function statistics() {
  let listener: QueueListener = {};
  let onWorker: (worker: WorkerView) => void = () => {};
  let now = 1000;
  const stats = createStatistics({
    queue: { listen: (each) => ((listener = each), () => {}) },
    pools: { onChange: (each) => ((onWorker = each), () => {}) },
    now: () => now,
  });
  const job = (fields: Partial<QueueJob>) =>
    ({ endpoint: "fold", state: "COMPLETED", queuedAt: 0, takenAt: 10, endedAt: 110, ...fields }) as QueueJob;
  return {
    of: (name = "fold") => stats.of(name),
    answered: stats.answered,
    taken: (fields: Partial<QueueJob> = {}) => listener.taken?.(job(fields), "w1"),
    ended: (fields: Partial<QueueJob> = {}) => listener.ended?.(job(fields)),
    worker: (fields: Partial<WorkerView>) =>
      onWorker({ endpoint: "fold", startedAt: 0, readyAt: null, ...fields } as WorkerView),
    pass: (ms: number) => void (now += ms),
  };
}

describe("statistics", () => {
  it("of what never ran are empty", () => {
    expect(statistics().of()).toEqual({
      window: 300,
      completed: 0,
      failed: 0,
      jobsPerSecond: 0,
      queueDelay: { p50: null, p95: null, p99: null },
      execution: { p50: null, p95: null, p99: null },
      coldStarts: 0,
      coldStart: { p50: null, p95: null, p99: null },
    });
  });

  it("count what ended, by endpoint, and how long it waited and ran", () => {
    const { of, taken, ended, pass } = statistics();
    for (let i = 0; i < 10; i++) {
      taken({ takenAt: i });
      ended();
    }
    ended({ state: "FAILED", endedAt: 10 });
    ended({ state: "TIMED_OUT" });
    ended({ state: "CANCELLED" });
    ended({ endpoint: "dock" });
    pass(4000);
    expect(of()).toMatchObject({ completed: 10, failed: 2, jobsPerSecond: 3, queueDelay: { p50: 4, p99: 9 } });
    expect(of().execution.p50).toBeGreaterThanOrEqual(96);
    expect(of("dock")).toMatchObject({ completed: 1, jobsPerSecond: 0.25 });
  });

  it("do not count what was never taken as run", () => {
    const { of, ended } = statistics();
    ended({ state: "TIMED_OUT", takenAt: null });
    expect(of()).toMatchObject({ failed: 1, execution: { p50: null } });
  });

  it("count each worker's start once, when it is ready", () => {
    const { of, worker } = statistics();
    worker({ id: "w1", state: "starting" });
    worker({ id: "w2", state: "failed" });
    expect(of().coldStarts).toBe(0);
    worker({ id: "w1", state: "ready", readyAt: 12 });
    worker({ id: "w1", state: "ready", readyAt: 12 });
    worker({ id: "w1", state: "ended", readyAt: 12 });
    expect(of()).toMatchObject({ coldStarts: 1, coldStart: { p50: 12 } });
  });

  it("count the requests of web apps", () => {
    const { of, answered } = statistics();
    answered("site", { waited: 0, took: 8, failed: false });
    answered("site", { waited: 12, took: 8, failed: true });
    expect(of("site")).toMatchObject({ completed: 1, failed: 1, queueDelay: { p99: 12 }, execution: { p50: 8 } });
  });

  it("forget what was more than five minutes ago", () => {
    const { of, ended, pass } = statistics();
    ended();
    pass(200_000);
    ended();
    expect(of().completed).toBe(2);
    pass(200_000);
    expect(of()).toMatchObject({ completed: 1 });
    pass(200_000);
    expect(of()).toMatchObject({ completed: 0, jobsPerSecond: 0 });
    pass(1e9);
    ended();
    expect(of().completed).toBe(1);
  });
});
