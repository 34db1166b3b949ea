import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { barsOf, type SlotJob } from "../../../src/report/timeline/bars.ts";
import { endedIn, runningIn } from "../../../src/report/timeline/density.ts";
import { packSpans, type Span } from "../../../src/report/timeline/pack.ts";

const spans = fc
  .array(fc.record({ start: fc.nat(1000), length: fc.nat(200) }))
  .map((all) =>
    all.map(({ start, length }): Span => ({ start, end: start + length })).toSorted((a, b) => a.start - b.start),
  );

describe("packSpans", () => {
  it("gives the lowest slot that is free, and takes one that has just become free", () => {
    const jobs = [
      { start: 0, end: 10 },
      { start: 0, end: 4 },
      { start: 4, end: 6 },
      { start: 5, end: 7 },
      { start: 10, end: 12 },
    ];
    expect(packSpans(jobs)).toEqual({ slots: [0, 1, 1, 2, 0], count: 3 });
    expect(packSpans([])).toEqual({ slots: [], count: 0 });
  });

  it("never lays two over each other, and takes no more slots than ran at once", () => {
    fc.assert(
      fc.property(spans, (all) => {
        const { slots, count } = packSpans(all);
        for (let i = 0; i < all.length; i++) {
          for (let j = i + 1; j < all.length; j++) {
            if (slots[i] === slots[j]) expect(all[i]!.end).toBeLessThanOrEqual(all[j]!.start);
          }
        }
        // The most at once is reached when one starts.
        const atOnce = all.map(
          ({ start }, i) => all.filter((other, j) => j === i || (j < i && other.end > start)).length,
        );
        expect(count).toBe(Math.max(0, ...atOnce));
      }),
    );
  });
});

describe("barsOf", () => {
  const job = (slot: number, start: number, end: number, task = "align", failed = false): SlotJob => ({
    slot,
    start,
    end,
    task,
    failed,
    job: `${task}${start}`,
  });

  it("draws few jobs one by one", () => {
    const bars = barsOf([job(0, 0, 1), job(0, 1, 2, "sort", true)], 1, 1e9);
    expect(bars).toEqual([
      { slot: 0, start: 0, end: 1, task: "align", jobs: 1, failed: 0, job: "align0" },
      { slot: 0, start: 1, end: 2, task: "sort", jobs: 1, failed: 1, job: "sort1" },
    ]);
  });

  it("joins what is too short to be seen, keeps what is long, and loses no job", () => {
    const jobs: SlotJob[] = [];
    for (let i = 0; i < 40_000; i++) {
      const slot = i % 4;
      const start = Math.floor(i / 4) * 10;
      jobs.push(job(slot, start, start + 9, i % 3 === 0 ? "sort" : "align", i === 17));
    }
    const long = job(4, 0, 100_000, "call");
    const bars = barsOf([long, ...jobs], 5, 100_000);
    expect(bars.length).toBeLessThan(4000);
    expect(bars.reduce((sum, bar) => sum + bar.jobs, 0)).toBe(40_001);
    expect(bars.reduce((sum, bar) => sum + bar.failed, 0)).toBe(1);
    expect(bars.filter((bar) => bar.task === "call")).toEqual([
      { slot: 4, start: 0, end: 100_000, task: "call", jobs: 1, failed: 0, job: "call0" },
    ]);
    expect(bars.find((bar) => bar.jobs > 1)).toMatchObject({ task: "align" });
  });

  it("leaves a gap that can be seen", () => {
    const many = Array.from({ length: 3000 }, (_, i) => job(1, i, i + 1));
    const bars = barsOf([job(0, 0, 1), job(0, 50_000, 50_001), ...many], 2, 100_000);
    expect(bars.filter((bar) => bar.slot === 0).map(({ start, end }) => [start, end])).toEqual([
      [0, 1],
      [50_000, 50_001],
    ]);
  });
});

describe("amounts over time", () => {
  it("adds up to the time that was spent", () => {
    fc.assert(
      fc.property(spans, (all) => {
        const range = { from: 0, to: 1200 };
        const bins = runningIn(
          all.map((span) => ({ ...span, task: "a" })),
          range,
        );
        const spent = bins.reduce((sum, { start, end, tasks }) => sum + (tasks["a"] ?? 0) * (end - start), 0);
        expect(spent).toBeCloseTo(
          all.reduce((sum, { start, end }) => sum + end - start, 0),
          6,
        );
      }),
    );
  });

  it("counts what ends at the very end, and what was noticed before the start", () => {
    const bins = endedIn(
      [
        { end: 100, task: "a" },
        { end: 0, task: "b" },
        { end: 50, task: "a" },
      ],
      { from: 0, to: 100 },
    );
    expect(bins.at(-1)!.tasks).toEqual({ a: 1 });
    expect(bins[0]!.tasks).toEqual({ b: 1 });
    expect(bins.flatMap(({ tasks }) => tasks["a"] ?? []).length).toBe(2);
  });
});
