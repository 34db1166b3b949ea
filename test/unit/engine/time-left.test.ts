import { describe, expect, it } from "vitest";
import type { Executor } from "../../../src/executors/index.ts";
import { openStore } from "../../../src/store/index.ts";
import * as rows from "../store/rows.ts";
import { bench, Tasks } from "./harness.ts";
import { Progress, type TaskPace } from "../../../src/engine/progress.ts";
import type { Demand } from "../../../src/engine/scheduler.ts";
import { TimeLeft } from "../../../src/engine/time-left.ts";

const MINUTE = 60_000;

/** What a job of each task takes; those that are not here run within the process. */
const DEMANDS: Readonly<Record<string, Partial<Demand["resources"]> & { limit?: number }>> = {
  align: { cpu: 2, memory: 8 },
  sort: { cpu: 1 },
  fetch: { cpu: 1, limit: 1 },
  basecall: { cpu: 1, gpu: 1 },
};

interface Setup {
  /** Mean times of the past, in minutes. */
  readonly past?: Readonly<Record<string, number>>;
  readonly before?: Readonly<Record<string, number>>;
}

/** A run on 8 processors with 16 bytes of memory, and a clock set by hand. */
function run({ past = {}, before = {} }: Setup = {}) {
  const clock = { now: 1_000_000 };
  const progress = new Progress();
  const left = new TimeLeft(progress, {
    capacity: new Map([["process", { cpu: 8, memory: 16, gpu: 1, disk: Infinity }]]),
    limits: { ncbi: 2 },
    demand(task) {
      const asked = DEMANDS[task];
      if (!asked) return undefined;
      const { limit, ...resources } = asked;
      return {
        executor: "process",
        resources: { cpu: 0, memory: 0, gpu: 0, disk: 0, ...resources },
        gpuKind: "",
        limits: limit === undefined ? {} : { ncbi: limit },
        priority: 0,
      };
    },
    times: async (tasks) =>
      tasks.flatMap((task) => (task in past ? [{ task, jobs: 100, meanMs: past[task]! * MINUTE }] : [])),
    before: async () => new Map(Object.entries(before)),
    clock: () => clock.now,
  });
  const set = (
    task: string,
    counts: { pending?: number; done?: number; cached?: number },
    pace: Partial<TaskPace> = {},
  ) => {
    const running = pace.running ?? 0;
    progress.tasks.set(task, { pending: 0, done: 0, cached: 0, failed: 0, cancelled: 0, running, ...counts });
    progress.paces.set(task, { jobs: 0, ms: 0, running: 0, began: 0, ...pace });
  };
  /** What it says after some seconds, in minutes. */
  const after = async (seconds: number): Promise<number | undefined> => {
    for (let i = 0; i < seconds * 10; i++) {
      clock.now += 100;
      left.read();
      // Let the store answer.
      await Promise.resolve();
    }
    const ms = left.read();
    return ms === undefined ? undefined : ms / MINUTE;
  };
  return { clock, set, after };
}

describe("TimeLeft", () => {
  it("is the work of the past's times, side by side as far as there is room", async () => {
    const { set, after } = run({ past: { align: 10, sort: 4 } });
    set("align", { pending: 20 });
    // 20 jobs of 10 minutes and 8 of 16 bytes: two at once.
    expect(await after(2)).toBeCloseTo(100, 0);
    const other = run({ past: { sort: 4 } });
    other.set("sort", { pending: 80 });
    expect(await other.after(2)).toBeCloseTo(40, 0);
  });

  it("is no less than the longest job, and what a limit or the GPUs let through", async () => {
    const one = run({ past: { sort: 30 } });
    one.set("sort", { pending: 1 });
    expect(await one.after(2)).toBeCloseTo(30, 0);
    const limited = run({ past: { fetch: 1 } });
    limited.set("fetch", { pending: 20 });
    expect(await limited.after(2)).toBeCloseTo(10, 0);
    const gpu = run({ past: { basecall: 5 } });
    gpu.set("basecall", { pending: 6 });
    expect(await gpu.after(2)).toBeCloseTo(30, 0);
  });

  it("takes off what running jobs have behind them; those that are late take a little more", async () => {
    const { clock, set, after } = run({ past: { sort: 10 } });
    set("sort", {}, { running: 1, began: clock.now - 7 * MINUTE });
    expect(await after(2)).toBeCloseTo(3, 0);
    const late = run({ past: { sort: 10 } });
    late.set("sort", {}, { running: 1, began: late.clock.now - 25 * MINUTE });
    expect(await late.after(30)).toBeCloseTo(1, 0);
  });

  it("learns from this run, though it knew nothing before", async () => {
    const { set, after } = run();
    set("sort", { pending: 80 });
    expect(await after(5)).toBeUndefined();
    set("sort", { pending: 72, done: 8 }, { jobs: 8, ms: 8 * 2 * MINUTE });
    expect(await after(2)).toBeCloseTo(18, 0);
    // Inputs are larger than in the past: ten jobs of then count as much as ten of now.
    const larger = run({ past: { sort: 1 } });
    larger.set("sort", { pending: 80, done: 10 }, { jobs: 10, ms: 10 * 3 * MINUTE });
    expect(await larger.after(60)).toBeCloseTo(20, 0);
  });

  it("says nothing while most of the work is unknown, and takes the rest for the like", async () => {
    const { set, after } = run({ past: { sort: 4 } });
    set("sort", { pending: 10 });
    set("align", { pending: 10 });
    expect(await after(3)).toBeUndefined();
    set("sort", { pending: 90 });
    expect(await after(3)).toBeCloseTo(50, 0);
  });

  it("passes over bodies within the process, and says nothing when there are only those", async () => {
    const { set, after } = run({ past: { sort: 8 } });
    set("main", { pending: 1000 });
    expect(await after(3)).toBeUndefined();
    set("sort", { pending: 8 });
    expect(await after(3)).toBeCloseTo(8, 0);
  });

  it("counts on what the last run had next, as far as this one runs rather than finds", async () => {
    const past = { sort: 4, basecall: 5 };
    const { set, after } = run({ past, before: { sort: 20, basecall: 10 } });
    set("sort", { pending: 10 });
    // Half as many sorts, so half as many after them: 5 on one GPU.
    expect(await after(3)).toBeCloseTo(25, 0);
    const cached = run({ past, before: { sort: 20, basecall: 10 } });
    cached.set("sort", { cached: 18, pending: 2 });
    expect(await cached.after(3)).toBeCloseTo(5, 0);
  });

  it("passes as time does, and moves bit by bit to what is found", async () => {
    const { clock, set, after } = run({ past: { sort: 8 } });
    set("sort", { pending: 80 });
    const first = (await after(2))!;
    set("sort", { pending: 400 });
    let last = first;
    for (let i = 0; i < 60; i++) {
      const next = (await after(1))!;
      // 320 minutes more, and never more than a fifth of that in a second.
      expect(Math.abs(next - last)).toBeLessThan(64);
      last = next;
    }
    expect(last).toBeCloseTo(400, -1);
    set("sort", { pending: 400 }, { running: 8, began: 8 * clock.now });
    const before = (await after(60))!;
    expect(before - (await after(60))!).toBeCloseTo(1, 0);
  });
});

it("asks the store how long tasks took, and the executors what room there is", async () => {
  const tasks = new Tasks();
  const heavy = tasks.define("heavy", (n: number) => n, { cpu: 2 });
  tasks.define("light", (n: number) => n);
  const store = await openStore(":memory:");
  await store.commit({
    runs: [rows.run({ state: "done" })],
    jobs: [rows.job({ id: "before", task: "heavy", state: "done" })],
    calls: [rows.call({ key: "before", job: "before", task: "heavy" })],
    attempts: [rows.attempt({ job: "before", outcome: "done", startedAt: 0, endedAt: 10 * MINUTE })],
  });
  let end = (): void => {};
  const executor: Executor = {
    name: "process",
    capacity: { cpu: 4, memory: 2 ** 30, gpu: 0, disk: 2 ** 30 },
    submit: () => {
      const { promise, reject } = Promise.withResolvers<never>();
      const before = end;
      end = () => {
        before();
        reject(new Error("it is over"));
      };
      return { outcome: promise, cancel: () => end() };
    },
    close: async () => {},
  };
  const engine = await bench(tasks, {}, store, { executors: [executor], bundle: async () => "bundle.js" });
  const run = engine.start([1, 2, 3, 4].map((n) => heavy(n)));
  await expect.poll(() => run.progress.total.running).toBe(2);
  const left = engine.timeLeft(run);
  // Two at once, of four that take ten minutes.
  await expect.poll(() => left.read(), { timeout: 5000 }).toBeGreaterThan(19.8 * MINUTE);
  expect(left.read()).toBeLessThanOrEqual(20 * MINUTE);
  run.cancel();
  await expect(run.result).rejects.toMatchObject({ code: "LIGASE_E_CANCELLED" });
  await engine.close();
});
