import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it, vi } from "vitest";
import { project } from "../behaviour/project.ts";
import { Served } from "../behaviour/served.ts";
import { describeWith } from "../support/needs.ts";
import { RUNPOD, RUNPOD_PYTHON } from "./support/runpod.ts";

const HANDLER = readFileSync(join(import.meta.dirname, "support/runpod_worker.py"), "utf8");
const APP = `
import { endpoint } from "ligase";
const python = ${JSON.stringify(RUNPOD_PYTHON)};
export const sync = endpoint({ command: [python, "-u", "handler.py", "sync"], maxWorkers: 1, idleTimeout: "60s" });
export const words = endpoint({ command: [python, "-u", "handler.py", "async-generator"], maxWorkers: 1 });
`;
const BROKEN = `
import { endpoint } from "ligase";
export const broken = endpoint({ command: [${JSON.stringify(RUNPOD_PYTHON)}, "-c", "import no_such_module"] });
`;
const SOON = { timeout: 60_000, interval: 50 };

describeWith({ also: RUNPOD })("a worker of RunPod behind ligase serve", () => {
  it("is started for a job, ended by a cancel, replaced when it asks, and its crashes are told", async () => {
    const p = project({ "app.ts": APP, "broken.ts": BROKEN, "handler.py": HANDLER });
    const served = await Served.start(p);
    await served.deploy("app.ts");
    const sync = (input: unknown) => served.ask("sync/runsync", { input });

    // From zero. Both endpoints start theirs at once.
    const [first, words] = await Promise.all([sync({ a: 1 }), served.ask("words/runsync", { input: { count: 3 } })]);
    expect(first).toMatchObject({ status: "COMPLETED", output: { a: 1 } });
    expect(words).toMatchObject({ status: "COMPLETED", output: ["chunk 0", "chunk 1", "chunk 2"] });
    expect(await served.ask(`words/stream/${String(words["id"])}`)).toMatchObject({ stream: [{}, {}, {}] });
    expect(await sync({ a: 2 })).toMatchObject({ workerId: first["workerId"] });

    // A handler that blocks its process hears of no cancel: the worker goes, and another takes what comes next.
    const { id } = await served.ask("sync/run", { input: { do: "block", seconds: 3600 } });
    await vi.waitFor(async () => {
      expect(await served.ask(`sync/status/${String(id)}`)).toMatchObject({ status: "IN_PROGRESS", output: "blocks" });
    }, SOON);
    expect(await served.ask(`sync/cancel/${String(id)}`, {})).toMatchObject({ status: "CANCELLED" });
    const next = await sync({ do: "refresh" });
    expect(next).toMatchObject({ status: "COMPLETED", output: { value: 1 } });
    expect(next["workerId"]).not.toBe(first["workerId"]);
    // That one asked to be replaced.
    const last = await sync({ a: 3 });
    expect(last["status"]).toBe("COMPLETED");
    expect(last["workerId"]).not.toBe(next["workerId"]);

    await expect(served.deploy("broken.ts")).rejects.toThrow("No module named 'no_such_module'");
    const waits = await served.ask("broken/run", { input: 1 });
    await vi.waitFor(async () => {
      expect(await served.ask(`broken/status/${String(waits["id"])}`)).toMatchObject({
        status: "IN_QUEUE",
        reason: expect.stringContaining("No module named 'no_such_module'"),
      });
    }, SOON);
    expect(await served.ask("broken/health")).toMatchObject({
      jobs: { inQueue: 1 },
      reason: expect.stringContaining("No module named 'no_such_module'"),
    });
    await served.stop();
  });
});
