import { expect, test } from "vitest";
import { map } from "../../../src/expr/index.ts";
import { bench, Tasks } from "./harness.ts";

/** Tasks of which the first waits until it is let go. */
function gated() {
  const tasks = new Tasks();
  const gate = Promise.withResolvers<void>();
  const align = tasks.define("align", async (n: number) => {
    await gate.promise;
    if (n < 0) throw new Error("it broke");
    return n;
  });
  const sort = tasks.define("sort", (n: number) => n);
  const sum = tasks.define("sum", (all: number[]) => all.length);
  return { tasks, gate, align, sort, sum };
}

/** Waits until the engine has nothing more to do for now. */
const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 30));

test("calls that wait for their arguments are pending, in the order in which they will come", async () => {
  const { tasks, gate, align, sort, sum } = gated();
  const engine = await bench(tasks);
  const run = engine.start(sum(map([1, 2, 3], (n) => sort(align(n)))));
  await settled();
  const { progress } = run;
  const short = () => progress.inOrder.map(([task, { pending, running, done }]) => [task, pending, running, done]);
  expect(short()).toEqual([
    ["align", 0, 3, 0],
    ["sort", 3, 0, 0],
    ["sum", 1, 0, 0],
  ]);
  expect(progress.total).toMatchObject({ pending: 4, running: 3 });
  gate.resolve();
  expect(await run.result).toBe(3);
  expect(short()).toEqual([
    ["align", 0, 0, 3],
    ["sort", 0, 0, 3],
    ["sum", 0, 0, 1],
  ]);
  await engine.close();
});

test("calls whose arguments never come are not waited for in the end", async () => {
  const { tasks, gate, align, sort, sum } = gated();
  const engine = await bench(tasks);
  const run = engine.start(sum(map([-1, 2], (n) => sort(align(n)))));
  await settled();
  expect(run.progress.total).toMatchObject({ pending: 3, running: 2 });
  gate.resolve();
  await expect(run.result).rejects.toThrow("it broke");
  expect(run.progress.total).toEqual({ pending: 0, running: 0, done: 2, cached: 0, failed: 1, cancelled: 0 });
  expect([...run.progress.tasks.keys()]).toEqual(["align", "sort"]);

  const stopped = engine.start(sum(map([-1, 7], (n) => sort(align(n)))), { noCache: true });
  stopped.cancel();
  await expect(stopped.result).rejects.toMatchObject({ code: "LIGASE_E_CANCELLED" });
  expect(stopped.progress.total.pending).toBe(0);
  await engine.close();
});

test("equal calls are one job, whenever they are met", async () => {
  const { tasks, gate, align, sort } = gated();
  const engine = await bench(tasks);
  const run = engine.start([sort(align(1)), sort(align(1)), align(1)]);
  await settled();
  gate.resolve();
  await run.result;
  expect(run.progress.total).toMatchObject({ done: 2, pending: 0 });
  await engine.close();
});
