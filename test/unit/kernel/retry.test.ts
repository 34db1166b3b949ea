import { describe, expect, it } from "vitest";
import fc from "fast-check";
import { backoffDelay } from "../../../src/kernel/index.ts";

describe("backoffDelay", () => {
  const backoff = fc.record({
    initial: fc.integer({ min: 0, max: 10_000 }),
    max: fc.integer({ min: 0, max: 600_000 }),
    factor: fc.double({ min: 1, max: 10, noNaN: true }),
  });
  const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

  it("lies between half the wait and the wait, and never above the longest", () => {
    fc.assert(
      fc.property(backoff, fc.integer({ min: 1, max: 5000 }), random, (schedule, attempt, chance) => {
        const delay = backoffDelay(schedule, attempt, chance);
        const full = Math.min(schedule.max, schedule.initial * Math.min(schedule.factor ** (attempt - 1), 1e300));
        expect(delay).toBeGreaterThanOrEqual(Math.floor(full / 2));
        expect(delay).toBeLessThanOrEqual(Math.ceil(full));
      }),
    );
  });

  it("grows from attempt to attempt", () => {
    const delays = [1, 2, 3, 4, 5].map((attempt) =>
      backoffDelay({ initial: 1000, max: 6000, factor: 2 }, attempt, 0.5),
    );
    expect(delays).toEqual([750, 1500, 3000, 4500, 4500]);
  });
});
