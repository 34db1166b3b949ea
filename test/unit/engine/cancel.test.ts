import { expect, test } from "vitest";
import type { Executor } from "../../../src/executors/index.ts";
import { bench, Tasks } from "./harness.ts";

const executor: Executor = {
  name: "process",
  capacity: { cpu: 4, memory: 2 ** 30, gpu: 0, disk: 2 ** 30 },
  submit: () => {
    throw new Error("nothing is to be submitted");
  },
  close: async () => {},
};

test("a run that waits for room on the disk can be cancelled", async () => {
  const tasks = new Tasks();
  const heavy = tasks.define("heavy", (n: number) => n, { cpu: 1 });
  const waiting = Promise.withResolvers<void>();
  const room = (signal: AbortSignal): Promise<void> =>
    new Promise((_, reject) => {
      waiting.resolve();
      signal.addEventListener("abort", () => reject(new Error("nobody waits any more")));
    });
  const engine = await bench(tasks, {}, undefined, { executors: [executor], files: { room } });
  const run = engine.start([heavy(1), heavy(2)]);
  await waiting.promise;
  run.cancel();
  await expect(run.result).rejects.toMatchObject({ code: "LIGASE_E_CANCELLED" });
  expect(run.progress.total).toMatchObject({ cancelled: 2, failed: 0 });
  await engine.close();
});
