import { expect, it } from "vitest";
import { ticks } from "../../../src/report/html/ticks.ts";

const labels = (length: number): string[] => ticks(length).map(({ label }) => label);

it("marks time in steps that people count in", () => {
  expect(labels(4574)).toEqual(["0", "1s", "2s", "3s", "4s"]);
  expect(labels(1386)).toEqual(["0", "200ms", "400ms", "600ms", "800ms", "1s", "1.2s"]);
  expect(labels(3 * 3_600_000)).toEqual(["0", "30m", "1h", "1h 30m", "2h", "2h 30m", "3h"]);
  expect(labels(10 * 86_400_000)).toEqual(["0", "2d", "4d", "6d", "8d", "10d"]);
});

it("never takes more than nine, nor fewer than one", () => {
  for (let length = 1; length < 1e12; length = Math.ceil(length * 1.37)) {
    const marks = ticks(length);
    expect(marks.length).toBeGreaterThan(0);
    expect(marks.length).toBeLessThanOrEqual(9);
    expect(marks.at(-1)!.at).toBeLessThanOrEqual(1);
  }
});
