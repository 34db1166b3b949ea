import { createServer, type IncomingMessage } from "node:http";
import runpodSdk from "runpod-sdk";
import { afterEach, describe, expect, it, vi } from "vitest";
import { type Taken, workOff } from "../support/rounds.ts";
import { type HandWorker, KEY, type Serving, serveStore } from "../support/serving.ts";
import { tempDir } from "../unit/files/temp-dir.ts";

// The SDK is the one that is published, as it is. It prints what it does, and takes how to when it is loaded.
vi.hoisted(() => void vi.spyOn(console, "log").mockImplementation(() => {}));

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const each of open.splice(0).toReversed()) await each.close();
});

type Sdk = NonNullable<ReturnType<ReturnType<typeof runpodSdk>["endpoint"]>>;

interface Setting {
  readonly serving: Serving;
  readonly sdk: Sdk;
  readonly worker: HandWorker;
}

/** A server with the endpoint `echo`, and the SDK's view of it. */
async function setting(): Promise<Setting> {
  const serving = await serveStore(tempDir(), { webhooks: { reach: "any", retryMs: 20 } });
  open.push(serving);
  return { serving, sdk: sdkOf(serving, KEY, "echo"), worker: serving.worker("echo") };
}

function sdkOf({ url }: Serving, key: string, name: string): Sdk {
  const sdk = runpodSdk(key, { baseUrl: `${url}/v2` }).endpoint(name);
  if (!sdk) throw new TypeError("the SDK has no endpoint");
  return sdk;
}

/** Jobs are answered with what `handle` says, while the test lasts. */
function working({ worker }: Setting, handle: (job: Taken) => unknown): void {
  const work = workOff(worker, handle);
  open.push({ close: () => work.stop() });
}

const echo = ({ input }: Taken) => ({ output: input });

describe("runpod-sdk", () => {
  it("run: takes the job in", async () => {
    const { sdk } = await setting();
    expect(await sdk.run({ input: { a: 1 } })).toEqual({ id: expect.stringMatching(/-u1$/), status: "IN_QUEUE" });
  });

  it("runSync: answers the output", async () => {
    const at = await setting();
    working(at, echo);
    expect(await at.sdk.runSync({ input: { text: "héllo 試料 🧬" } })).toEqual({
      id: expect.stringMatching(/^sync-/),
      delayTime: expect.any(Number),
      executionTime: expect.any(Number),
      output: { text: "héllo 試料 🧬" },
      status: "COMPLETED",
      workerId: at.worker.id,
      started: true,
      completed: true,
      succeeded: true,
    });
  });

  it("runSync: goes on asking when the first wait is over", async () => {
    const at = await setting();
    const running = at.sdk.runSync({ input: 1 }, 2500);
    const job = await at.worker.take();
    await vi.waitFor(() => expect(at.serving.requests).toContain("/v2/echo/runsync"), 10_000);
    await at.worker.done(job.id, { output: "late" });
    expect(await running).toMatchObject({ output: "late", completed: true });
  });

  it("runSync: keeps the id when its time is over", async () => {
    const { sdk } = await setting();
    const answer = await sdk.runSync({ input: 1 }, 1000);
    expect(answer).toMatchObject({ id: expect.stringMatching(/^sync-/), status: "IN_QUEUE", completed: false });
    expect(await sdk.status(answer.id)).toMatchObject({ id: answer.id, status: "IN_QUEUE" });
  });

  it("status: follows a job to its end", async () => {
    const { sdk, worker } = await setting();
    const { id } = await sdk.run({ input: 1 });
    expect(await sdk.status(id)).toEqual({ id, status: "IN_QUEUE", started: true, completed: false, succeeded: false });
    await worker.take();
    expect(await sdk.status(id)).toMatchObject({ status: "IN_PROGRESS", workerId: worker.id, completed: false });
    await worker.done(id, { output: [1, { b: null }] });
    expect(await sdk.status(id)).toMatchObject({ output: [1, { b: null }], completed: true, succeeded: true });
  });

  it("status: shows progress until there is a result, and never after", async () => {
    const { sdk, worker } = await setting();
    const { id } = await sdk.run({ input: 1 });
    await worker.take();
    await worker.done(id, { status: "IN_PROGRESS", output: "half" });
    expect(await sdk.status(id)).toMatchObject({ status: "IN_PROGRESS", output: "half" });
    await worker.done(id, { output: "whole" });
    await worker.done(id, { status: "IN_PROGRESS", output: "late" });
    expect(await sdk.status(id)).toMatchObject({ status: "COMPLETED", output: "whole" });
  });

  it("statusSync: waits for the end", async () => {
    const { sdk, worker } = await setting();
    const { id } = await sdk.run({ input: 1 });
    const ended = sdk.statusSync(id);
    await worker.take();
    await worker.done(id, { output: 2 });
    expect(await ended).toMatchObject({ output: 2, completed: true, succeeded: true });
  });

  it("statusSync: answers the state when its wait is over", async () => {
    const { sdk } = await setting();
    const { id } = await sdk.run({ input: 1 });
    expect(await sdk.statusSync(id, 1000)).toMatchObject({ id, status: "IN_QUEUE", completed: false });
  });

  it("stream: iterates over chunks as they come", async () => {
    const { sdk, worker } = await setting();
    const { id } = await sdk.run({ input: 1 });
    const chunks = sdk.stream(id);
    await worker.take();
    const seen: unknown[] = [];
    for (const output of ["a", { b: 2 }, "c"]) {
      await worker.ask(`job-stream/${worker.id}/${id}?gpu=cpu`, JSON.stringify({ output }));
      seen.push((await chunks.next()).value);
    }
    await worker.done(id, { output: [] }, "isStream=true");
    expect(seen).toEqual([{ output: "a" }, { output: { b: 2 } }, { output: "c" }]);
    expect(await chunks.next()).toEqual({ done: true, value: undefined });
    expect(await sdk.status(id)).toMatchObject({ output: ["a", { b: 2 }, "c"] });
  });

  it("stream: gives all chunks of a job that has ended", async () => {
    const { sdk, worker } = await setting();
    const { id } = await sdk.run({ input: 1 });
    await worker.take();
    for (let i = 0; i < 200; i++) {
      await worker.ask(`job-stream/${worker.id}/${id}?gpu=cpu`, JSON.stringify({ output: i }));
    }
    await worker.done(id, { output: [] }, "isStream=true");
    const seen: number[] = [];
    for await (const { output } of sdk.stream(id)) seen.push(Number(output));
    expect(seen).toEqual(Array.from({ length: 200 }, (_, i) => i));
  });

  it("stream: ends with a job that fails in the midst of it", async () => {
    const { sdk, worker } = await setting();
    const { id } = await sdk.run({ input: 1 });
    await worker.take();
    await worker.ask(`job-stream/${worker.id}/${id}?gpu=cpu`, JSON.stringify({ output: 1 }));
    await worker.done(id, { error: "handler: no" }, "isStream=true");
    const seen: unknown[] = [];
    for await (const chunk of sdk.stream(id)) seen.push(chunk);
    expect(seen).toEqual([{ output: 1 }]);
    expect(await sdk.status(id)).toMatchObject({ status: "FAILED", error: "handler: no", succeeded: false });
  });

  it("cancel: of a job that waits", async () => {
    const { sdk } = await setting();
    const { id } = await sdk.run({ input: 1 });
    expect(await sdk.cancel(id)).toMatchObject({ id, status: "CANCELLED" });
    expect(await sdk.status(id)).toMatchObject({ status: "CANCELLED", completed: true, succeeded: false });
  });

  it("cancel: of a job that runs, and its worker is told", async () => {
    const { sdk, worker } = await setting();
    const { id } = await sdk.run({ input: 1 });
    await worker.take();
    const told = worker.ask(`job-stop/${worker.id}?gpu=cpu`);
    expect(await sdk.cancel(id)).toMatchObject({ id, status: "CANCELLED" });
    expect(await (await told).json()).toEqual({ jobsToStop: [id] });
  });

  it("policy: a job that nobody takes in its time", async () => {
    const { sdk } = await setting();
    const { id } = await sdk.run({ input: 1, policy: { ttl: 20 } });
    expect(await sdk.statusSync(id)).toMatchObject({ status: "TIMED_OUT", completed: true, succeeded: false });
  });

  it("policy: a job that runs for too long", async () => {
    const { sdk, worker } = await setting();
    const { id } = await sdk.run({ input: 1, policy: { executionTimeout: 20 } });
    await worker.take();
    expect(await sdk.statusSync(id)).toMatchObject({ status: "TIMED_OUT", completed: true });
  });

  it("policy: low priority", async () => {
    const { sdk, worker } = await setting();
    await sdk.run({ input: "low", policy: { lowPriority: true } });
    await sdk.run({ input: "usual" });
    expect([(await worker.take()).input, (await worker.take()).input]).toEqual(["usual", "low"]);
  });

  it("retry, which it does not have: the job runs again with its id", async () => {
    const at = await setting();
    const { id } = await at.sdk.run({ input: 1 });
    await at.worker.take();
    await at.worker.done(id, { error: "no" });
    expect(await at.sdk.status(id)).toMatchObject({ status: "FAILED", error: "no" });
    await at.serving.json(`echo/retry/${id}`, {});
    working(at, echo);
    expect(await at.sdk.statusSync(id)).toMatchObject({ status: "COMPLETED", output: 1 });
  });

  it("purgeQueue: removes what waits", async () => {
    const { sdk } = await setting();
    await sdk.run({ input: 1 });
    await sdk.run({ input: 2 });
    expect(await sdk.purgeQueue()).toEqual({ removed: 2, status: "completed" });
    expect(await sdk.purgeQueue()).toEqual({ removed: 0, status: "completed" });
  });

  it("health: counts", async () => {
    const { sdk, worker } = await setting();
    await sdk.run({ input: 1 });
    await sdk.run({ input: 2 });
    await worker.take();
    const { jobs, workers } = await sdk.health();
    expect(jobs).toEqual({ completed: 0, failed: 0, inProgress: 1, inQueue: 1, retried: 0 });
    expect(Object.keys(workers).toSorted()).toEqual([
      "idle",
      "initializing",
      "ready",
      "running",
      "throttled",
      "unhealthy",
    ]);
  });

  it("a handler that raises", async () => {
    const at = await setting();
    const error = JSON.stringify({ error_type: "<class 'KeyError'>", error_message: "'x'" });
    working(at, () => ({ error }));
    expect(await at.sdk.runSync({ input: 1 })).toMatchObject({ status: "FAILED", error, succeeded: false });
  });

  it("a key that is wrong", async () => {
    const { serving } = await setting();
    await expect(sdkOf(serving, "wrong", "echo").run({ input: 1 })).rejects.toMatchObject({
      response: { status: 401, data: { error: expect.any(String) } },
    });
  });

  it("an endpoint that is not there", async () => {
    const { serving } = await setting();
    await expect(sdkOf(serving, KEY, "nowhere").health()).rejects.toMatchObject({ response: { status: 404 } });
  });

  it("a job that is not there, or of another endpoint", async () => {
    const { serving, sdk } = await setting();
    serving.change("other", {});
    const { id } = await sdk.run({ input: 1 });
    await expect(sdk.status("none")).rejects.toMatchObject({ response: { status: 404 } });
    await expect(sdkOf(serving, KEY, "other").status(id)).rejects.toMatchObject({ response: { status: 404 } });
    await expect(sdkOf(serving, KEY, "other").cancel(id)).rejects.toMatchObject({ response: { status: 404 } });
  });

  it("a job without input", async () => {
    const { sdk } = await setting();
    await expect(sdk.run({} as { input: unknown })).rejects.toMatchObject({
      response: { status: 400, data: { error: 'the body has no "input"' } },
    });
  });

  it("inputs and outputs of several megabytes", async () => {
    const at = await setting();
    working(at, ({ input }) => ({ output: `${String(input)}!` }));
    const input = "ACGT".repeat(1_000_000);
    const { output } = await at.sdk.runSync({ input });
    expect(output === `${input}!`).toBe(true);
  });

  it("an input over the limit", async () => {
    const { sdk } = await setting();
    await expect(sdk.run({ input: "x".repeat(10_000_000) }, 60_000)).rejects.toMatchObject({
      response: { status: 413 },
    });
  });

  it("a webhook, which gets the status", async () => {
    const at = await setting();
    const came = Promise.withResolvers<unknown>();
    const receiver = createServer((request: IncomingMessage, response) => {
      let text = "";
      request.on("data", (piece: Buffer) => (text += piece.toString()));
      request.on("end", () => {
        response.end();
        came.resolve(JSON.parse(text));
      });
    });
    await new Promise<void>((resolve) => receiver.listen(0, "127.0.0.1", resolve));
    const address = receiver.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    working(at, echo);
    const { id } = await at.sdk.run({ input: 5, webhook: `http://127.0.0.1:${port}/` });
    expect(await came.promise).toMatchObject({ id, output: 5, status: "COMPLETED" });
    await new Promise((resolve) => receiver.close(resolve));
  });

  it("many at once", async () => {
    const at = await setting();
    working(at, echo);
    const answers = await Promise.all(Array.from({ length: 50 }, (_, i) => at.sdk.runSync({ input: i })));
    expect(answers.map(({ output }) => Number(output))).toEqual(Array.from({ length: 50 }, (_, i) => i));
  });
});
