import { describe, expect, it } from "vitest";
import { adviceOf, adviceText } from "../../../src/report/resources/advice.ts";
import { enoughMemory } from "../../../src/report/resources/enough-memory.ts";
import type { AttemptRow } from "../../../src/store/index.ts";
import { attempt } from "../store/rows.ts";

const GIB = 2 ** 30;

function attempts(n: number, change: Partial<AttemptRow> = {}): AttemptRow[] {
  return Array.from({ length: n }, (_, i) =>
    attempt({
      job: `job${i}`,
      outcome: "done",
      cpu: 1,
      memory: 4 * GIB,
      wallMs: 20_000,
      cpuMs: 18_000,
      peakMemory: 2 * GIB,
      ...change,
    }),
  );
}

const said = (all: readonly AttemptRow[], task = "align"): string[] => adviceOf(task, all).map(adviceText);

it("keeps silent where what is asked for fits", () => {
  expect(said(attempts(5))).toEqual([]);
  expect(said([])).toEqual([]);
});

describe("memory", () => {
  it("says what would do where at least three jobs used less than half", () => {
    const some = [
      ...attempts(2, { memory: 8 * GIB, peakMemory: GIB }),
      ...attempts(1, { memory: 8 * GIB, peakMemory: 1.2 * GIB }),
    ];
    expect(said(some)).toEqual(['align asked for 8 GiB and peaked at 1.2 GiB: memory: "2 GiB" would do']);
    expect(said(some.slice(1))).toEqual([]);
  });

  it("does not haggle over little", () => {
    expect(said(attempts(5, { memory: 300 * 2 ** 20, peakMemory: 2 ** 20 }))).toEqual([]);
    expect(said(attempts(5, { memory: 4 * GIB, peakMemory: 1.6 * GIB }))).toEqual([]);
  });

  it("warns of one job that came close, went beyond, or ran out", () => {
    expect(said([...attempts(9), ...attempts(1, { peakMemory: 3.88 * GIB })])).toEqual([
      'align peaked at 97 % of the 4 GiB it asked for: memory: "6 GiB" is safer',
    ]);
    expect(said(attempts(1, { peakMemory: 5 * GIB }))).toEqual([
      'align asked for 4 GiB and peaked at 5 GiB: memory: "8 GiB" is what it needs',
    ]);
    expect(said([...attempts(3), ...attempts(1, { outcome: "memory", peakMemory: 4 * GIB })])).toEqual([
      'align ran out of memory in 1 of 4 attempts, having asked for 4 GiB: memory: "8 GiB" may do; a function of the attempt asks for more each time',
    ]);
  });

  it("speaks of parts where jobs ask for different amounts", () => {
    const some = [1, 2, 16].flatMap((size) => attempts(1, { memory: size * GIB, peakMemory: 0.1 * size * GIB }));
    expect(said(some)).toEqual([
      "align asked for up to 16 GiB and used at most 10 % of what it asked for: memory could be a quarter of that",
    ]);
  });

  it("asks for a request where much is used without one", () => {
    expect(said(attempts(1, { memory: 0, peakMemory: 3 * GIB }))).toEqual([
      'align peaked at 3 GiB and asked for no memory: memory: "4 GiB" keeps jobs that do not fit from running side by side',
    ]);
    expect(said(attempts(1, { memory: 0, peakMemory: GIB / 2 }))).toEqual([]);
  });

  it("knows nothing of what was not measured", () => {
    expect(said(attempts(5, { memory: 64 * GIB, peakMemory: null }))).toEqual([]);
  });
});

describe("processors", () => {
  it("says what would do where less than half was used", () => {
    expect(said(attempts(3, { cpu: 4, cpuMs: 22_000 }), "sort")).toEqual([
      "sort asked for 4 CPUs and used 1.1: cpu: 2 would do",
    ]);
    expect(said(attempts(2, { cpu: 4, cpuMs: 22_000 }))).toEqual([]);
  });

  it("says where more were used than asked for", () => {
    expect(said(attempts(1, { cpu: 1, cpuMs: 78_000 }))).toEqual([
      "align asked for 1 CPU and used 3.9: cpu: 4 is what it takes; $LIGASE_CPU tells a script how many threads to start",
    ]);
  });

  it("does not judge by jobs that were over at once", () => {
    expect(said(attempts(20, { cpu: 8, wallMs: 20, cpuMs: 5 }))).toEqual([]);
  });
});

it("rounds memory up to what people write, with 30 % to spare", () => {
  const asked = (gib: number): number => enoughMemory(gib * GIB) / GIB;
  expect([0, 0.04, 0.1, 0.7, 1.1, 1.2, 1.6, 3, 5, 40].map(asked)).toEqual([
    0.0625, 0.0625, 0.1875, 1, 1.5, 2, 3, 4, 8, 64,
  ]);
});
