import { expect, it } from "vitest";
import { sparedBy } from "../../../src/report/summary.ts";

const cached = (jobs: number, wallMs: readonly number[]) => ({
  task: "align",
  jobs,
  sampled: wallMs.length,
  wallMs,
  tools: [],
});

it("adds up how long cached results took, and lets some stand for all", () => {
  expect(sparedBy(3, [cached(2, [100, 300]), cached(1, [50])])).toEqual({ jobs: 3, wallMs: 450, estimated: false });
  expect(sparedBy(100, [cached(100, [100, 300])])).toEqual({ jobs: 100, wallMs: 20_000, estimated: true });
});

it("says nothing of what is not recorded any more", () => {
  expect(sparedBy(5, [cached(5, [])])).toEqual({ jobs: 5, wallMs: null, estimated: true });
  expect(sparedBy(0, [])).toEqual({ jobs: 0, wallMs: null, estimated: false });
});
