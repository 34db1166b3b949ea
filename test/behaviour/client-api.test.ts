import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it, vi } from "vitest";
import { LigaseError } from "../../src/kernel/index.ts";
import { KEY, type Serving, type ServingOptions, serveStore } from "../support/serving.ts";
import { tempDir } from "../unit/files/temp-dir.ts";

const open: Serving[] = [];
afterEach(async () => {
  for (const each of open.splice(0)) await each.close();
});

async function serve(options?: ServingOptions): Promise<Serving> {
  const serving = await serveStore(tempDir(), options);
  open.push(serving);
  return serving;
}

/** Status and error of an answer that is not good. */
async function refusal(answer: Promise<Response>): Promise<readonly [number, string]> {
  const response = await answer;
  const { error } = (await response.json()) as { readonly error: string };
  return [response.status, error];
}

describe("run and status", () => {
  it("takes a job in, has a worker answer it, and tells each state in RunPod's fields", async () => {
    const serving = await serve();
    serving.reason = "no capacity: needs 2 GPUs, machine has 0";
    const { id, ...rest } = await serving.json("echo/run", { input: { text: "héllo" } });
    expect(id).toMatch(/^[0-9a-f-]{36}-u1$/);
    expect(rest).toEqual({ status: "IN_QUEUE" });
    expect(await serving.json(`echo/status/${id}`)).toEqual({
      id,
      status: "IN_QUEUE",
      reason: "no capacity: needs 2 GPUs, machine has 0",
    });
    const worker = serving.worker("echo");
    const job = await worker.take();
    expect(job).toEqual({ id, input: { text: "héllo" }, attempt: 1, timeout: expect.any(Number) });
    const running = await serving.json(`echo/status/${id}`);
    expect(running).toEqual({ id, delayTime: expect.any(Number), status: "IN_PROGRESS", workerId: worker.id });
    await worker.done(job.id, { status: "IN_PROGRESS", output: { step: 3 } });
    expect(await serving.json(`echo/status/${id}`)).toEqual({ ...running, output: { step: 3 } });
    expect((await worker.done(job.id, { output: ["x"] })).status).toBe(200);
    expect(await serving.json(`echo/status/${id}`)).toEqual({
      ...running,
      executionTime: expect.any(Number),
      output: ["x"],
      status: "COMPLETED",
    });
    expect(await serving.json(`echo/status/${id}`, {})).toMatchObject({ status: "COMPLETED" });
  });

  it("gives inputs and outputs as they were written, whatever numbers they hold", async () => {
    const serving = await serve();
    const body = '{"input":{"n":12345678901234567890,"x":1.0}}';
    await serving.ask("echo/run", { method: "POST", body });
    const worker = serving.worker("echo");
    const taken = await (await worker.ask(`job-take/${worker.id}?gpu=cpu`)).text();
    expect(taken).toContain('"input":{"n":12345678901234567890,"x":1.0}');
    const { id } = JSON.parse(taken) as { readonly id: string };
    await worker.done(id, '{"output":98765432109876543210}');
    expect(await (await serving.ask(`echo/status/${id}`)).text()).toContain('"output":98765432109876543210,');
  });

  it("gives the error of a job as its worker wrote it", async () => {
    const serving = await serve();
    const worker = serving.worker("echo");
    const error = JSON.stringify({ error_type: "<class 'ValueError'>", error_message: "no", error_traceback: "…" });
    for (const [said, told] of [
      [{ error }, error],
      [{ error: "plain" }, "plain"],
      [{ error: { a: 1 }, output: { b: 2 } }, '{"a":1}'],
    ] as const) {
      const { id } = await serving.json("echo/run", { input: {} });
      await worker.take();
      await worker.done(id, said);
      expect(await serving.json(`echo/status/${id}`)).toMatchObject({ status: "FAILED", error: told });
    }
  });

  it("keeps a key of idempotency, by endpoint", async () => {
    const serving = await serve({ endpoints: { echo: {}, other: {} } });
    const as = { "Idempotency-Key": "once" };
    const first = await serving.json("echo/run", { input: 1 }, as);
    expect(await serving.json("echo/run", { input: 1 }, as)).toEqual(first);
    expect((await serving.json("other/run", { input: 1 }, as))["id"]).not.toBe(first.id);
    expect(await serving.json("echo/health")).toMatchObject({ jobs: { inQueue: 1 } });
  });
});

describe("runsync and status-sync", () => {
  it("answers when the job has ended", async () => {
    const serving = await serve();
    const worker = serving.worker("echo");
    const taken = worker.take();
    const answer = serving.json("echo/runsync", { input: { a: 1 } });
    const { id } = await taken;
    expect(id).toMatch(/^sync-[0-9a-f-]{36}-u1$/);
    await worker.done(id, { output: 7 });
    expect(await answer).toEqual({
      id,
      delayTime: expect.any(Number),
      executionTime: expect.any(Number),
      output: 7,
      status: "COMPLETED",
      workerId: worker.id,
    });
    expect(await serving.json(`echo/status-sync/${id}?wait=1000`)).toMatchObject({ output: 7 });
  });

  it("answers with the id and the state when the wait is over", async () => {
    const serving = await serve();
    serving.reason = "worker exits with code 1 at import: ModuleNotFoundError: torch";
    const answer = await serving.json("echo/runsync?wait=1000", { input: {} });
    expect(answer).toEqual({ id: expect.stringMatching(/^sync-/), status: "IN_QUEUE", reason: serving.reason });
    expect(await serving.json(`echo/status/${answer.id}`)).toEqual(answer);
  });

  it("refuses a wait that is no number", async () => {
    const serving = await serve();
    expect(await refusal(serving.ask("echo/runsync?wait=soon", { json: { input: 1 } }))).toEqual([
      400,
      "wait must be milliseconds: a number from 1000 to 300000",
    ]);
    expect(await serving.json("echo/health")).toMatchObject({ jobs: { inQueue: 0 } });
  });
});

describe("stream", () => {
  it("gives each chunk once, as it comes, and all of them at the end", async () => {
    const serving = await serve();
    const { id } = await serving.json("echo/run", { input: {} });
    const worker = serving.worker("echo");
    const waiting = serving.json(`echo/stream/${id}`);
    await worker.take();
    const chunk = (output: unknown) => worker.ask(`job-stream/${worker.id}/${id}?gpu=cpu`, JSON.stringify({ output }));
    await chunk("a");
    expect(await waiting).toEqual({ status: "IN_PROGRESS", stream: [{ output: "a" }] });
    await chunk({ b: 1 });
    await chunk("c");
    expect(await serving.json(`echo/stream/${id}`)).toEqual({
      status: "IN_PROGRESS",
      stream: [{ output: { b: 1 } }, { output: "c" }],
    });
    await chunk("d");
    await worker.done(id, { output: [] }, "isStream=true");
    expect(await serving.json(`echo/stream/${id}`)).toEqual({ status: "COMPLETED", stream: [{ output: "d" }] });
    expect(await serving.json(`echo/stream/${id}`)).toEqual({ status: "COMPLETED", stream: [] });
    expect(await serving.json(`echo/status/${id}`)).toMatchObject({ output: ["a", { b: 1 }, "c", "d"] });
  });
});

describe("cancel, retry, purge-queue, health", () => {
  it("cancels what waits and what runs; a late answer changes nothing", async () => {
    const serving = await serve();
    const worker = serving.worker("echo");
    const first = await serving.json("echo/run", { input: 1 });
    expect(await serving.json(`echo/cancel/${first.id}`, {})).toMatchObject({
      id: first.id,
      status: "CANCELLED",
    });
    const second = await serving.json("echo/run", { input: 2 });
    await worker.take();
    const told = worker.ask(`job-stop/${worker.id}?gpu=cpu`);
    const cancelled = await serving.json(`echo/cancel/${second.id}`, {});
    expect(cancelled).toMatchObject({ id: second.id, status: "CANCELLED" });
    expect(await (await told).json()).toEqual({ jobsToStop: [second.id] });
    expect((await worker.done(second.id, { output: 1 })).status).toBe(200);
    expect((await worker.done(second.id, { status: "IN_PROGRESS", output: 1 })).status).toBe(200);
    expect(await serving.json(`echo/status/${second.id}`)).toEqual(cancelled);
    expect(await serving.json(`echo/cancel/${second.id}`, {})).toEqual(cancelled);
  });

  it("retries what failed, with its id, and nothing else", async () => {
    const serving = await serve();
    const worker = serving.worker("echo");
    const { id } = await serving.json("echo/run", { input: 1 });
    expect(await refusal(serving.ask(`echo/retry/${id}`, { method: "POST" }))).toEqual([
      400,
      expect.stringContaining("IN_QUEUE"),
    ]);
    await worker.take();
    await worker.done(id, { error: "no" });
    expect(await serving.json(`echo/retry/${id}`, {})).toEqual({ id, status: "IN_QUEUE" });
    expect(await worker.take()).toMatchObject({ id, input: 1 });
    await worker.done(id, { output: 2 });
    expect(await serving.json(`echo/status/${id}`)).toMatchObject({ output: 2, retries: 1, status: "COMPLETED" });
    expect((await serving.ask(`echo/retry/${id}`, { method: "POST" })).status).toBe(400);
    expect(await serving.json("echo/health")).toMatchObject({ jobs: { completed: 1, retried: 1 } });
  });

  it("purges what waits, not what runs", async () => {
    const serving = await serve();
    const worker = serving.worker("echo");
    await serving.json("echo/run", { input: 1 });
    await worker.take();
    const { id } = await serving.json("echo/run", { input: 2 });
    await serving.json("echo/run", { input: 3 });
    // The Python SDK sends no body at all.
    const purged = await serving.ask("echo/purge-queue", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
    });
    expect([purged.status, await purged.json()]).toEqual([200, { removed: 2, status: "completed" }]);
    expect(await serving.json("echo/health")).toEqual({
      jobs: { completed: 0, failed: 0, inProgress: 1, inQueue: 0, retried: 0 },
      workers: { idle: 0, running: 0, initializing: 0, ready: 0, throttled: 0, unhealthy: 0 },
    });
    const gone = await serving.ask(`echo/status/${id}`);
    expect([200, 404]).toContain(gone.status);
  });

  it("health says why nobody works", async () => {
    const serving = await serve();
    serving.reason = "worker exits with code 1";
    expect(await serving.json("echo/health")).toMatchObject({ reason: "worker exits with code 1" });
    serving.change("echo", { stopped: true });
    expect(await serving.json("echo/health")).toMatchObject({ reason: "the endpoint is stopped" });
  });
});

describe("policy, webhook, s3Config", () => {
  it.each([
    [{ policy: { executionTimeout: -1 } }, "policy.executionTimeout must be milliseconds"],
    [{ policy: { ttl: "5s" } }, "policy.ttl must be milliseconds"],
    [{ policy: { lowPriority: 1 } }, "policy.lowPriority must be true or false"],
    [{ policy: [] }, "policy must be an object"],
    [{ webhook: 5 }, "webhook must be a URL"],
    [{ webhook: "not a url" }, "webhook must be a URL"],
    [{ webhook: "http://127.0.0.1:1/" }, "webhook: 127.0.0.1 is no public address"],
    [{ s3Config: { accessId: "a" } }, "s3Config.accessSecret must be a string"],
  ])("refuses %j", async (fields, says) => {
    const serving = await serve();
    const [status, error] = await refusal(serving.ask("echo/run", { json: { input: 1, ...fields } }));
    expect([status, error]).toEqual([400, expect.stringContaining(says)]);
  });

  it("takes jobs of low priority last, and null for what is not said", async () => {
    const serving = await serve();
    const low = await serving.json("echo/run", { input: 1, policy: { lowPriority: true }, webhook: null });
    const high = await serving.json("echo/run", { input: 2, policy: null, s3Config: null });
    const worker = serving.worker("echo");
    expect((await worker.take()).id).toBe(high.id);
    expect((await worker.take()).id).toBe(low.id);
  });

  it("ends what was not taken in its time, and what runs for too long", async () => {
    const serving = await serve();
    const worker = serving.worker("echo");
    const { id } = await serving.json("echo/run", { input: 1, policy: { ttl: 20 } });
    expect(await serving.json(`echo/status-sync/${id}`)).toMatchObject({
      status: "TIMED_OUT",
      error: expect.any(String),
    });
    const slow = await serving.json("echo/run", { input: 1, policy: { executionTimeout: 20 } });
    await worker.take();
    const ended = await serving.json(`echo/status-sync/${slow.id}`);
    expect(ended).toMatchObject({ status: "TIMED_OUT", reason: expect.stringContaining("executionTimeout") });
    await worker.done(slow.id, { output: 1 });
    expect(await serving.json(`echo/status/${slow.id}`)).toEqual(ended);
  });

  it("hands s3Config to the worker, and keeps it sealed", async () => {
    const folder = tempDir();
    const before = process.env["XDG_CONFIG_HOME"];
    process.env["XDG_CONFIG_HOME"] = folder;
    try {
      const serving = await serve();
      const s3Config = { accessId: "id-1", accessSecret: "very-secret", bucketName: "b", endpointUrl: "https://s3" };
      const { id } = await serving.json("echo/run", { input: 1, s3Config });
      const row = await serving.store.getQueueJob(id);
      expect(row?.s3Config).toEqual(expect.any(String));
      expect(JSON.stringify(row)).not.toContain("very-secret");
      expect(await serving.worker("echo").take()).toMatchObject({ id, s3Config });
      const files = readdirSync(serving.storeDir, { withFileTypes: true }).filter((each) => each.isFile());
      const contents = files.map(({ name }) => readFileSync(join(serving.storeDir, name)));
      expect(contents.some((content) => content.includes(id))).toBe(true);
      expect(contents.some((content) => content.includes("very-secret"))).toBe(false);
    } finally {
      if (before === undefined) delete process.env["XDG_CONFIG_HOME"];
      else process.env["XDG_CONFIG_HOME"] = before;
    }
  });
});

describe("inputs", () => {
  const input = {
    type: "object",
    properties: {
      sequence: { type: "string" },
      seeds: { type: "integer", default: 1 },
      mode: { enum: ["fast", "exact"] },
      chains: {
        type: "array",
        items: { type: "object", properties: { name: { type: "string" } }, required: ["name"] },
      },
    },
    required: ["sequence"],
    additionalProperties: false,
  };

  it.each([
    [{ sequence: 5 }, "input.sequence must be a string, not a number"],
    [{}, "input.sequence is missing"],
    [{ seqence: "MK" }, "input.seqence is not known; did you mean sequence?"],
    [{ sequence: "MK", zzz: 1 }, "input.zzz is not known; known: sequence, seeds, mode, chains"],
    [{ sequence: "MK", seeds: "3" }, "input.seeds must be an integer, not a string"],
    [{ sequence: "MK", seeds: 1.5 }, "input.seeds must be an integer, not a number"],
    [{ sequence: "MK", mode: "slow" }, 'input.mode must be one of "fast", "exact"'],
    [{ sequence: "MK", chains: [{ name: "A" }, {}] }, "input.chains[1].name is missing"],
    [{ sequence: null }, "input.sequence must be a string, not null"],
    [[], "input must be an object, not an array"],
    ["MK", "input must be an object, not a string"],
  ])("refuses %j and names the field", async (given, says) => {
    const serving = await serve({ endpoints: { fold: { input } } });
    expect(await refusal(serving.ask("fold/run", { json: { input: given } }))).toEqual([400, says]);
  });

  it("takes what is right as it is: nothing is coerced or filled in", async () => {
    const serving = await serve({ endpoints: { fold: { input } } });
    await serving.json("fold/run", { input: { sequence: "MK", seeds: 2 } });
    expect((await serving.worker("fold").take()).input).toEqual({ sequence: "MK", seeds: 2 });
  });

  it("knows a field that is called type", async () => {
    const named = { type: "object", properties: { type: { type: "string", default: "none" } }, required: ["type"] };
    const serving = await serve({ endpoints: { fold: { input: named } } });
    expect((await serving.ask("fold/run", { json: { input: { type: "x" } } })).status).toBe(200);
    expect(await refusal(serving.ask("fold/run", { json: { input: { type: 5 } } }))).toEqual([
      400,
      "input.type must be a string, not a number",
    ]);
  });

  it("judges by the version that is live", async () => {
    const serving = await serve({ endpoints: { fold: { input } } });
    expect((await serving.ask("fold/run", { json: { input: { other: 1 } } })).status).toBe(400);
    serving.change("fold", { input: { type: "object", properties: { other: { type: "number" } } }, deployment: "d2" });
    expect((await serving.ask("fold/run", { json: { input: { other: 1 } } })).status).toBe(200);
    serving.change("fold", { input: null });
    expect((await serving.ask("fold/run", { json: { input: "anything" } })).status).toBe(200);
  });

  it.each([
    { type: "nonsense" },
    { type: "object", properties: { a: { anyOf: [{ type: ["string", "nothing"] }] } } },
    { $ref: "#/nowhere" },
    { type: "string", pattern: "(" },
  ])("is not kept from its work by a schema that cannot be read: %j", async (input) => {
    const serving = await serve({ endpoints: { fold: { input } } });
    expect((await serving.ask("fold/run", { json: { input: 1 } })).status).toBe(200);
    expect(serving.warnings).toEqual([expect.stringContaining("the input of fold is not checked")]);
  });
});

describe("who may ask what", () => {
  it("asks for a key, bare or as a bearer, that may do it there", async () => {
    const serving = await serve({ endpoints: { echo: {}, other: {} } });
    serving.key("reader", { verbs: ["read"] });
    serving.key("echoer", { verbs: ["read", "submit"], endpoints: ["echo"] });
    const status = async (path: string, key: string | null, json?: unknown) =>
      refusal(serving.ask(path, { key, ...(json !== undefined && { json }) }));
    expect(await status("echo/run", null, { input: 1 })).toEqual([401, expect.any(String)]);
    expect(await status("echo/health", "wrong")).toEqual([401, expect.any(String)]);
    for (const path of ["run", "runsync", "cancel/x", "retry/x", "purge-queue"]) {
      expect(await status(`echo/${path}`, "reader", { input: 1 })).toEqual([403, expect.any(String)]);
    }
    expect(await status("other/health", "echoer")).toEqual([403, expect.any(String)]);
    expect((await serving.ask("echo/health", { key: "reader" })).status).toBe(200);
    expect((await serving.ask("echo/run", { key: "echoer", json: { input: 1 } })).status).toBe(200);
    const bare = await serving.ask("echo/health", { key: null, headers: { Authorization: KEY } });
    expect(bare.status).toBe(200);
  });
});

describe("when nothing can be recorded", () => {
  it("nothing is taken: 503, and all is well when it can be again", async () => {
    const serving = await serve();
    const commit = vi.spyOn(serving.store, "commitQueue");
    commit.mockRejectedValue(new LigaseError("LIGASE_E_STORE_IO", "disk I/O error: the disk is full"));
    const [status, error] = await refusal(serving.ask("echo/run", { json: { input: 1 } }));
    expect([status, error]).toEqual([503, "the server cannot record anything now: nothing was taken"]);
    expect(serving.warnings.join()).toContain("the disk is full");
    expect(await serving.json("echo/health")).toMatchObject({ jobs: { inQueue: 0 } });
    commit.mockRestore();
    await serving.json("echo/run", { input: 2 });
    expect((await serving.worker("echo").take()).input).toBe(2);
  });

  it("a result is not taken either, and comes again", async () => {
    const serving = await serve();
    const { id } = await serving.json("echo/run", { input: 1 });
    const worker = serving.worker("echo");
    await worker.take();
    const commit = vi.spyOn(serving.store, "commitQueue");
    commit.mockRejectedValue(new LigaseError("LIGASE_E_STORE_IO", "disk I/O error: the disk is full"));
    expect((await worker.done(id, { output: 5 })).status).toBe(503);
    expect(await serving.json(`echo/status/${id}`)).toMatchObject({ status: "IN_PROGRESS" });
    commit.mockRestore();
    expect((await worker.done(id, { output: 5 })).status).toBe(200);
    expect(await serving.json(`echo/status/${id}`)).toMatchObject({ status: "COMPLETED", output: 5 });
  });
});

describe("a worker that asks for its next job with its answer", () => {
  it("goes on while its answer cannot be recorded; nobody is told of it before it is", async () => {
    const serving = await serve();
    const [first, second] = [
      await serving.json("echo/run", { input: 1 }),
      await serving.json("echo/run", { input: 2 }),
    ];
    const worker = serving.worker("echo");
    await worker.take();
    const commit = vi.spyOn(serving.store, "commitQueue");
    commit.mockRejectedValue(new LigaseError("LIGASE_E_STORE_IO", "disk I/O error: the disk is full"));
    const next = await worker.done(first.id, { output: 5 }, "take=1");
    expect(await next.json()).toMatchObject([{ id: second.id, input: 2 }]);
    await vi.waitFor(() => expect(serving.warnings.join()).toContain("the disk is full"));
    expect(await serving.json(`echo/status/${first.id}`)).toMatchObject({ status: "IN_PROGRESS" });
    commit.mockRestore();
    // Nobody says it again: the server has kept it.
    expect(await serving.json(`echo/status-sync/${first.id}?wait=20000`)).toMatchObject({
      status: "COMPLETED",
      output: 5,
    });
    expect(await serving.json(`echo/status/${second.id}`)).toMatchObject({ status: "IN_PROGRESS" });
  });
});

describe("large outputs", () => {
  it("are a signed link above the limit, and whole below it", async () => {
    const serving = await serve({ largestOutput: 1000 });
    const worker = serving.worker("echo");
    const run = async (output: unknown): Promise<string> => {
      const { id } = await serving.json("echo/run", { input: 1 });
      await worker.take();
      await worker.done(id, { output });
      return id;
    };
    const small = await run("x".repeat(998));
    expect(await serving.json(`echo/status/${small}`)).toMatchObject({ output: "x".repeat(998) });
    const large = await run("x".repeat(999));
    const { outputUrl, ...status } = await serving.json(`echo/status/${large}`);
    expect(status).toMatchObject({ output: null, outputSize: 1001, status: "COMPLETED" });
    const link = String(outputUrl).replace("http://ligase.test", serving.url);
    const whole = await fetch(link);
    expect([whole.status, whole.headers.get("content-type")]).toEqual([200, "application/json"]);
    expect(await whole.json()).toBe("x".repeat(999));
    expect((await fetch(link.replace(large, small))).status).toBe(403);
    expect((await fetch(link.replace(/expires=\d+/, "expires=99999999999"))).status).toBe(403);
    expect((await fetch(link.split("?")[0] ?? "")).status).toBe(403);
  });

  it("come whole where they are kept in a file", async () => {
    const serving = await serve();
    const worker = serving.worker("echo");
    const { id } = await serving.json("echo/run", { input: "i".repeat(3_000_000) });
    expect((await worker.take()).input).toBe("i".repeat(3_000_000));
    const output = Array.from({ length: 300_000 }, (_, i) => `value ${i}`);
    await worker.done(id, { output });
    expect((await serving.store.getQueueJob(id))?.outputFile).not.toBeNull();
    expect((await serving.json(`echo/status/${id}`))["output"]).toEqual(output);
  });
});
