import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { describeWith } from "../support/needs.ts";
import { type Serving, serveStore } from "../support/serving.ts";
import { RUNPOD, RunpodClient, startRunpodWorker } from "./support/runpod.ts";

const KINDS = ["sync", "async", "generator", "async-generator", "refresh"];

describeWith({ also: RUNPOD })("RunPod's Python package", () => {
  let folder: string;
  let serving: Serving;
  let client: RunpodClient;
  const workers: { close(): Promise<void> }[] = [];

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "ligase-runpod-"));
    serving = await serveStore(folder, { endpoints: Object.fromEntries([...KINDS, "idle"].map((kind) => [kind, {}])) });
    client = new RunpodClient(serving.url);
    for (const kind of KINDS) workers.push(startRunpodWorker(serving, kind));
    // The clients of RunPod give up soon; its worker takes seconds to start.
    await Promise.all(KINDS.map((kind) => serving.json(`${kind}/runsync`, { input: { count: 1 } })));
  });

  afterAll(async () => {
    await Promise.all([client.close(), ...workers.map((worker) => worker.close())]);
    await serving.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const sync = (endpoint: string, input: unknown) => serving.json(`${endpoint}/runsync`, { input });

  describe("the client", () => {
    it("run: the job goes to its end", async () => {
      const job = await client.run("sync", { text: "héllo 試料 🧬" });
      expect(await client.job(job, "output", 30)).toEqual({ text: "héllo 試料 🧬" });
      expect(await client.job(job, "status")).toBe("COMPLETED");
    });

    it("run: takes a request with an input as it is, with its policy", async () => {
      const job = await client.run("idle", { input: { a: 1 }, policy: { ttl: 60_000, lowPriority: true } });
      expect(await serving.store.getQueueJob(job)).toMatchObject({ input: '{"a": 1}', priority: -1 });
      await client.job(job, "cancel");
    });

    it("run_sync: answers the output", async () => {
      expect(await client.do("run_sync", { endpoint: "async", input: { a: [1, null, 2.5] } })).toEqual({
        a: [1, null, 2.5],
      });
    });

    it("status: of a job that waits", async () => {
      const job = await client.run("idle", { a: 1 });
      expect(await client.job(job, "status")).toBe("IN_QUEUE");
      await client.job(job, "cancel");
    });

    it("output: gives up when its time is over", async () => {
      const job = await client.run("idle", { a: 1 });
      expect(await client.say("job", { job, call: "output", timeout: 1 })).toMatchObject({ raised: "TimeoutError" });
      await client.job(job, "cancel");
    });

    it("stream: yields what a generator yields", async () => {
      const job = await client.run("async-generator", { count: 3 });
      expect(await client.job(job, "stream")).toEqual(["chunk 0", "chunk 1", "chunk 2"]);
    });

    it("cancel: of a job that waits", async () => {
      const job = await client.run("idle", { a: 1 });
      expect(await client.job(job, "cancel")).toMatchObject({ id: job, status: "CANCELLED" });
      expect(await client.job(job, "status")).toBe("CANCELLED");
    });

    it("the async client: run, stream, output, status", async () => {
      const input = { count: 2 };
      const chunks = ["chunk 0", "chunk 1"];
      const said = await client.do("async", { endpoint: "async-generator", call: "stream", input });
      expect(said).toEqual([chunks, chunks, "COMPLETED"]);
    });

    it("the async client: cancel", async () => {
      const said = await client.do("async", { endpoint: "idle", call: "cancel", input: { a: 1 } });
      expect(said).toEqual(["IN_QUEUE", expect.objectContaining({ status: "CANCELLED" })]);
    });

    it("purge_queue, health", async () => {
      await client.run("idle", { a: 1 });
      await client.run("idle", { a: 2 });
      expect(await client.do("health", { endpoint: "idle" })).toMatchObject({ jobs: { inQueue: 2 } });
      expect(await client.do("purge_queue", { endpoint: "idle" })).toEqual({ removed: 2, status: "completed" });
      expect(await client.do("health", { endpoint: "idle" })).toMatchObject({ jobs: { inQueue: 0 } });
    });

    it("a key that is wrong", async () => {
      expect(await client.say("health", { endpoint: "sync", key: "wrong" })).toMatchObject({
        raised: "RuntimeError",
        message: expect.stringContaining("401"),
      });
    });

    it("an endpoint that is not there", async () => {
      expect(await client.say("run", { endpoint: "nowhere", input: { a: 1 } })).toMatchObject({
        raised: "HTTPError",
        status: 404,
      });
    });

    it("a handler that fails: there is no output", async () => {
      const job = await client.run("async", { do: "raise", why: "x" });
      expect(await client.job(job, "output", 30)).toBeNull();
      expect(await client.job(job, "status")).toBe("FAILED");
    });
  });

  describe("the worker", () => {
    it("gets a job with what belongs to it", async () => {
      const { id, output } = await sync("async", { do: "job" });
      expect(output).toMatchObject({ id, input: { do: "job" }, attempt: 1 });
    });

    it("a sync handler, and an async one", async () => {
      expect(await sync("sync", { a: 1 })).toMatchObject({ status: "COMPLETED", output: { a: 1 } });
      expect(await sync("async", { a: 1 })).toMatchObject({ status: "COMPLETED", output: { a: 1 } });
    });

    it("a handler that returns nothing in particular", async () => {
      expect(await sync("async", { do: "empty" })).toMatchObject({ status: "COMPLETED" });
    });

    it("a handler that raises: type, message and traceback", async () => {
      const { status, error } = await sync("sync", { do: "raise", why: "the cat" });
      expect(status).toBe("FAILED");
      expect(JSON.parse(String(error))).toMatchObject({
        error_type: "<class 'ValueError'>",
        error_message: "cannot: the cat",
        error_traceback: expect.stringContaining("runpod_worker.py"),
      });
    });

    it("a handler that returns an error", async () => {
      expect(await sync("async", { do: "error", why: "the dog" })).toMatchObject({
        status: "FAILED",
        error: "the dog",
      });
    });

    it("a handler whose result JSON cannot say", async () => {
      expect(await sync("async", { do: "nan" })).toMatchObject({
        status: "FAILED",
        error: expect.stringContaining("JSON has no NaN"),
      });
    });

    it("a generator, whose chunks are the output too", async () => {
      const { id, output } = await sync("generator", { count: 3 });
      expect(output).toEqual([{ i: 0 }, { i: 1 }, { i: 2 }]);
      expect(await serving.json(`generator/stream/${id}`)).toEqual({
        status: "COMPLETED",
        stream: [{ output: { i: 0 } }, { output: { i: 1 } }, { output: { i: 2 } }],
      });
    });

    it("an async generator that does not aggregate: here its chunks are the output all the same", async () => {
      expect((await sync("async-generator", { count: 2 })).output).toEqual(["chunk 0", "chunk 1"]);
      serving.change("async-generator", { aggregateStream: false });
      expect((await sync("async-generator", { count: 2 })).output).toEqual([]);
      serving.change("async-generator", { aggregateStream: true });
    });

    it("a generator that raises in the midst: what came before is streamed", async () => {
      const { id, status, error } = await sync("generator", { count: 3, fail: 1 });
      expect([status, error]).toEqual(["FAILED", expect.stringContaining("in the midst")]);
      expect((await serving.json(`generator/stream/${id}`))["stream"]).toEqual([{ output: { i: 0 } }]);
    });

    it("progress_update: shows while it runs, and not after", async () => {
      const { id } = await serving.json("sync/run", { input: { do: "progress" } });
      await vi.waitFor(async () => {
        expect(await serving.json(`sync/status/${id}`)).toMatchObject({
          status: "IN_PROGRESS",
          output: { step: expect.any(Number) },
        });
      }, 10_000);
      expect(await serving.json(`sync/status-sync/${id}`)).toMatchObject({ status: "COMPLETED", output: "finished" });
    });

    it("concurrency_modifier: takes several jobs at once", async () => {
      const ledger = join(folder, "meet");
      writeFileSync(ledger, "");
      const input = { do: "meet", count: 3, ledger };
      const answers = await Promise.all([1, 2, 3].map(() => sync("async", input)));
      expect(answers.map(({ output }) => output)).toEqual(["met", "met", "met"]);
    });

    it("cancel, executionTimeout: an async handler is told, and the worker goes on", async () => {
      const ledger = join(folder, "stopped");
      const lines = () => (existsSync(ledger) ? readFileSync(ledger, "utf8").trim().split("\n") : []);
      const input = { do: "sleep", seconds: 600, ledger };
      const cancelled = await serving.json("async/run", { input });
      const late = serving.json("async/runsync", { input, policy: { executionTimeout: 2000 } });
      await vi.waitFor(() => expect(lines()).toContain(`started ${cancelled.id}`), 10_000);
      expect(await serving.json(`async/cancel/${cancelled.id}`, {})).toMatchObject({ status: "CANCELLED" });
      await vi.waitFor(() => expect(lines()).toContain(`stopped ${cancelled.id}`), 10_000);
      const { id, status } = await late;
      expect(status).toBe("TIMED_OUT");
      await vi.waitFor(() => expect(lines()).toContain(`stopped ${id}`), 10_000);
      expect(await sync("async", { a: 1 })).toMatchObject({ status: "COMPLETED" });
    });

    it("retry: runs again with its id", async () => {
      const { id } = await sync("async", { do: "raise", why: "once" });
      expect(await serving.json(`async/retry/${id}`, {})).toEqual({ id, status: "IN_QUEUE" });
      expect(await serving.json(`async/status-sync/${id}`)).toMatchObject({ status: "FAILED", retries: 1 });
    });

    it("a result over 20 MB is a link, and whole behind it", async () => {
      const { output, outputUrl, outputSize } = await sync("async", { do: "large", count: 6_000_000 });
      expect([output, outputSize]).toEqual([null, 24_000_002]);
      const whole = await fetch(String(outputUrl).replace("http://ligase.test", serving.url));
      expect((await whole.text()).length).toBe(24_000_002);
    });

    it("refresh_worker: its worker is replaced", async () => {
      // It has answered one job before.
      await vi.waitFor(() => expect(serving.stopped.length).toBeGreaterThanOrEqual(1));
      workers.push(startRunpodWorker(serving, "refresh"));
      expect(await sync("refresh", { a: 1 })).toMatchObject({ status: "COMPLETED", output: { a: 1 } });
      await vi.waitFor(() => expect(serving.stopped.length).toBeGreaterThanOrEqual(2));
      const before = serving.stopped.length;
      expect(await sync("sync", { do: "refresh" })).toMatchObject({ status: "COMPLETED", output: { value: 1 } });
      await vi.waitFor(() => expect(serving.stopped.length).toBe(before + 1));
    });
  });
});
