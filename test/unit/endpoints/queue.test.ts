/** The queue, as routes, pools and workers see it. */
import { existsSync, mkdirSync, readdirSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { worker as workerRow } from "../store/serving-rows.ts";
import { bench, until } from "./queues.ts";

const LONG = 30_000;
const ids = (jobs: readonly { readonly id: string }[]): string[] => jobs.map(({ id }) => id);

describe("submit", () => {
  it("answers a job that is recorded, with an id that says whether somebody waits for it", async () => {
    const b = await bench();
    const job = await b.submit({ submittedBy: "laptop" });
    expect(job).toMatchObject({ endpoint: "fold", state: "IN_QUEUE", attempts: 0, submittedBy: "laptop" });
    expect(job.id).toMatch(/^[\da-f-]{36}-u1$/);
    expect((await b.submit({ sync: true })).id).toMatch(/^sync-[\da-f-]{36}-u1$/);
    expect(await b.store.getQueueJob(job.id)).toEqual(job);
    expect(await b.queue.get("none")).toBeUndefined();
  });

  it("takes the times and the priority of the policy", async () => {
    const b = await bench();
    const { createdAt, ...job } = await b.submit({ policy: { executionTimeout: 5, ttl: 7000, lowPriority: true } });
    expect(job).toMatchObject({ timeoutMs: 5, expiresAt: createdAt + 7000, priority: -1 });
  });

  it("records what comes in one turn in one transaction", async () => {
    const b = await bench();
    await Promise.all(Array.from({ length: 50 }, () => b.submit()));
    expect(b.commits).toBe(1);
  });

  it("refuses what is more than maxQueue, also of what comes at once", async () => {
    const b = await bench({ maxQueue: 3 });
    const all = await Promise.allSettled(Array.from({ length: 5 }, () => b.submit()));
    expect(all.map(({ status }) => status)).toEqual([...Array(3).fill("fulfilled"), ...Array(2).fill("rejected")]);
    await expect(b.submit()).rejects.toMatchObject({
      code: "LIGASE_E_QUEUE_FULL",
      facts: { retryAfterMs: expect.any(Number) },
    });
    await b.submit({ endpoint: "other" });
    await b.take();
    expect((await b.submit()).state).toBe("IN_QUEUE");
  });

  it("answers the job of then to the same idempotency key, as it is now; also to two at once, and after a restart", async () => {
    const b = await bench();
    const [one, two] = await Promise.all([b.submit({ idempotencyKey: "k" }), b.submit({ idempotencyKey: "k" })]);
    expect(two.id).toBe(one.id);
    expect((await b.submit({ idempotencyKey: "k", endpoint: "other" })).id).not.toBe(one.id);
    await b.takeOne();
    expect(await b.submit({ idempotencyKey: "k" })).toMatchObject({ id: one.id, state: "IN_PROGRESS" });
    await b.done(one.id);
    expect(await b.submit({ idempotencyKey: "k" })).toMatchObject({ id: one.id, state: "COMPLETED", output: '"ok"' });
    await b.restart();
    expect((await b.submit({ idempotencyKey: "k" })).id).toBe(one.id);
    expect(await b.take()).toEqual([]);
  });
});

describe("take", () => {
  it("gives jobs in the order in which they came, those of low priority last", async () => {
    const b = await bench();
    const low = await b.submit({ policy: { lowPriority: true } });
    const jobs = [await b.submit(), await b.submit(), await b.submit()];
    expect(ids(await b.take("w1", 2))).toEqual(ids(jobs.slice(0, 2)));
    expect(ids(await b.take("w1", 9))).toEqual(ids([...jobs.slice(2), low]));
    expect(await b.take()).toEqual([]);
  });

  it("says all that a worker has to know", async () => {
    const b = await bench();
    const { id } = await b.submit({
      input: '{"n":12345678901234567890}',
      webhook: "https://example.org",
      s3Config: "sealed",
      policy: { executionTimeout: 1234 },
    });
    expect(await b.takeOne()).toEqual({
      id,
      input: '{"n":12345678901234567890}',
      attempt: 1,
      timeoutMs: 1234,
      webhook: "https://example.org",
      s3Config: "sealed",
    });
  });

  it("records who has it, and which version that is", async () => {
    const b = await bench();
    await b.store.putWorkers([workerRow({ id: "w1", deployment: "d7" })]);
    const id = await b.running();
    expect(await b.queue.get(id)).toMatchObject({ state: "IN_PROGRESS", worker: "w1", deployment: "d7", attempts: 1 });
    await until(async () => (await b.store.getQueueJob(id))?.state === "IN_PROGRESS");
    expect(await b.store.getQueueJob(id)).toMatchObject({
      worker: "w1",
      deployment: "d7",
      takenAt: expect.any(Number),
    });
  });

  it("waits for a job, and ends with none when the wait is over or nobody waits for it any more", async () => {
    const b = await bench();
    const waiting = b.queue.take("fold", "w1", { max: 1, waitMs: LONG });
    const { id } = await b.submit();
    expect(ids(await waiting)).toEqual([id]);
    expect(await b.queue.take("fold", "w1", { max: 1, waitMs: 2 })).toEqual([]);
    const control = new AbortController();
    const dropped = b.queue.take("fold", "w1", { max: 1, waitMs: LONG, signal: control.signal });
    await new Promise((resolve) => setImmediate(resolve));
    control.abort();
    expect(await dropped).toEqual([]);
    expect(await b.queue.take("fold", "w1", { max: 1, waitMs: LONG, signal: control.signal })).toEqual([]);
    await b.submit();
    expect(b.queue.counts("fold").inQueue).toBe(1);
  });

  it("keeps a job whose taker hung up before it had it, without counting that", async () => {
    const b = await bench({ maxAttempts: 1 });
    const control = new AbortController();
    const unlisten = b.queue.listen({ taken: () => control.abort() });
    const taken = b.queue.take("fold", "w1", { max: 1, waitMs: LONG, signal: control.signal });
    const { id } = await b.submit();
    expect(await taken).toEqual([]);
    unlisten();
    expect(await b.takeOne("w2")).toMatchObject({ id, attempt: 1 });
  });

  it("gives what comes at once to those that have least", async () => {
    const b = await bench();
    const takes = ["w1", "w2", "w3"].map((worker) => b.queue.take("fold", worker, { max: 4, waitMs: LONG }));
    await new Promise((resolve) => setImmediate(resolve));
    await Promise.all(Array.from({ length: 6 }, () => b.submit()));
    expect((await Promise.all(takes)).map((jobs) => jobs.length)).toEqual([2, 2, 2]);
  });

  it("gives a job to the one that finished last, of those that have equally few: the others may idle out", async () => {
    const b = await bench();
    const takers = ["w1", "w2", "w3"].map((worker) => b.queue.take("fold", worker, { max: 1, waitMs: 1000 }));
    const { id } = await b.submit();
    expect(await takers[2]).toMatchObject([{ id }]);
    await b.done(id, "w3", { state: "COMPLETED", output: "1" });
    const again = b.queue.take("fold", "w3", { max: 1, waitMs: 1000 });
    const next = await b.submit();
    expect(await again).toMatchObject([{ id: next.id }]);
  });

  it("gives nothing to whom the guard refuses, until that has changed", async () => {
    const b = await bench();
    let admitted = "w2";
    b.queue.admit((endpoint, worker) => endpoint === "fold" && worker === admitted);
    const first = b.queue.take("fold", "w1", { max: 1, waitMs: LONG });
    const second = b.queue.take("fold", "w2", { max: 1, waitMs: LONG });
    const one = await b.submit();
    expect(ids(await second)).toEqual([one.id]);
    const two = await b.submit();
    expect(b.queue.counts("fold").inQueue).toBe(1);
    admitted = "w1";
    b.queue.wake("fold");
    expect(ids(await first)).toEqual([two.id]);
  });

  it("gives nothing of another endpoint", async () => {
    const b = await bench();
    await b.submit({ endpoint: "other" });
    expect(await b.take()).toEqual([]);
    expect(await b.take("w2", 1, "other")).toHaveLength(1);
  });
});

describe("done", () => {
  it("ends a job: recorded, announced once, and given to who waits for it", async () => {
    const b = await bench();
    const id = await b.running();
    const waits = [b.queue.wait(id, LONG), b.queue.wait(id, LONG)];
    expect(await b.done(id)).toBe("accepted");
    for (const job of await Promise.all(waits)) expect(job).toMatchObject({ state: "COMPLETED", output: '"ok"' });
    expect(await b.store.getQueueJob(id)).toMatchObject({
      state: "COMPLETED",
      output: '"ok"',
      outputSize: 4,
      worker: "w1",
    });
    expect(b.heard).toEqual([`added ${id}`, `taken ${id} w1`, `ended ${id} COMPLETED`]);
    expect(await b.queue.wait(id, LONG)).toMatchObject({ state: "COMPLETED" });
  });

  it("keeps what a worker says of a failure", async () => {
    const b = await bench();
    const id = await b.running();
    await b.done(id, "w1", { state: "FAILED", error: '{"error_type":"ValueError"}' });
    expect(await b.queue.get(id)).toMatchObject({
      state: "FAILED",
      error: '{"error_type":"ValueError"}',
      output: null,
    });
  });

  it("changes nothing when it is late, foreign, doubled or of no job", async () => {
    const b = await bench();
    const id = await b.running();
    const failure = { state: "FAILED", error: "no" } as const;
    expect(await b.done(id, "w2", failure)).toBe("late");
    expect(await b.done("none")).toBe("unknown");
    expect(await b.stateOf(id)).toBe("IN_PROGRESS");
    expect(await Promise.all([b.done(id), b.done(id, "w1", failure)])).toEqual(["accepted", "late"]);
    expect(await b.done(id, "w1", failure)).toBe("late");
    const waiting = await b.submit();
    expect(await b.done(waiting.id)).toBe("late");
    expect(await b.stateOf(waiting.id)).toBe("IN_QUEUE");
    expect(await b.queue.get(id)).toMatchObject({ state: "COMPLETED", error: null });
    expect(b.heard.filter((line) => line.startsWith("ended"))).toHaveLength(1);
  });

  it("with an expression frees the worker; the value comes later, also after the worker's end", async () => {
    const b = await bench({}, { leaseMs: 5 });
    const id = await b.running();
    const expression = { state: "EXPRESSION", expression: "…" } as const;
    expect(await b.done(id, "w1", expression)).toBe("accepted");
    expect(await b.done(id, "w1", expression)).toBe("late");
    await b.queue.lost("w1", "it died");
    // Longer than the lease of a worker.
    await b.queue.wait(id, 20);
    expect(await b.stateOf(id)).toBe("IN_PROGRESS");
    expect(await b.done(id)).toBe("accepted");
    expect(await b.stateOf(id)).toBe("COMPLETED");
  });

  it("sets what webhooks go by", async () => {
    const b = await bench();
    const id = await b.running({ webhook: "https://example.org" });
    await b.done(id);
    expect(ids(await b.store.waitingWebhooks())).toEqual([id]);
    const plain = await b.running();
    await b.done(plain);
    expect(ids(await b.store.waitingWebhooks())).toEqual([id]);
  });
});

describe("wait", () => {
  it("answers the job as it is when the wait is over, or nobody listens any more", async () => {
    const b = await bench();
    const { id } = await b.submit();
    expect(await b.queue.wait(id, 2)).toMatchObject({ state: "IN_QUEUE" });
    expect(await b.queue.wait(id, LONG, AbortSignal.abort())).toMatchObject({ state: "IN_QUEUE" });
    expect(await b.queue.wait("none", LONG)).toBeUndefined();
  });
});

describe("progress", () => {
  it("shows while a job runs, and never after its end", async () => {
    const b = await bench();
    const id = await b.running();
    expect(await b.queue.progress("w1", id, '"half"')).toBe("accepted");
    expect(await b.queue.get(id)).toMatchObject({ state: "IN_PROGRESS", output: '"half"' });
    expect(await b.queue.progress("w2", id, '"mine"')).toBe("late");
    const [taken, late] = await Promise.all([b.done(id), b.queue.progress("w1", id, '"all"')]);
    expect([taken, late]).toEqual(["accepted", "late"]);
    expect(await b.queue.progress("w1", id, '"more"')).toBe("late");
    expect(await b.queue.progress("w1", "none", '"more"')).toBe("unknown");
    expect(await b.queue.get(id)).toMatchObject({ state: "COMPLETED", output: '"ok"' });
  });
});

describe("stream", () => {
  it("hands out every chunk once, in order, and waits for the next", async () => {
    const b = await bench({ aggregateStream: false });
    const id = await b.running();
    const first = b.queue.stream(id, LONG);
    await b.queue.chunk("w1", id, "1");
    expect(await first).toMatchObject({ job: { state: "IN_PROGRESS" }, chunks: ["1"] });
    expect(await b.queue.stream(id, 2)).toMatchObject({ chunks: [] });
    await Promise.all([b.queue.chunk("w1", id, "2"), b.queue.chunk("w1", id, "3")]);
    const both = await Promise.all([b.queue.stream(id, LONG), b.queue.stream(id, 2)]);
    expect(both.map((handed) => handed?.chunks)).toEqual([["2", "3"], []]);
    await b.queue.chunk("w1", id, "4");
    const last = b.queue.stream(id, LONG);
    await b.done(id, "w1", { state: "COMPLETED", output: "[]" });
    expect((await last)?.chunks).toEqual(["4"]);
    expect(await b.queue.stream(id, LONG)).toMatchObject({ job: { state: "COMPLETED", output: "[]" }, chunks: [] });
    expect(await b.queue.stream("none", LONG)).toBeUndefined();
  });

  it("of a job that has ended hands out the rest once, whoever asks at once; also after a restart", async () => {
    const b = await bench();
    const id = await b.running();
    for (const chunk of ["1", "2", "3"]) await b.queue.chunk("w1", id, chunk);
    expect((await b.queue.stream(id, LONG))?.chunks).toHaveLength(3);
    await b.queue.chunk("w1", id, "4");
    await b.done(id);
    await b.restart();
    const all = await Promise.all([b.queue.stream(id, LONG), b.queue.stream(id, LONG)]);
    expect(all.map((handed) => handed?.chunks)).toEqual([["4"], []]);
  });

  it("ends with the job, when nothing comes any more", async () => {
    const b = await bench();
    const id = await b.running();
    const waiting = b.queue.stream(id, LONG);
    await b.queue.cancel(id);
    expect(await waiting).toMatchObject({ job: { state: "CANCELLED" }, chunks: [] });
    expect(await b.queue.chunk("w1", id, "1")).toBe("late");
  });

  it("is the output as a list where the worker left that open, and it is wanted", async () => {
    const b = await bench();
    for (const [output, expected] of [
      ["null", "[1,2]"],
      ["[]", "[1,2]"],
      ['"mine"', '"mine"'],
    ]) {
      const id = await b.running();
      await b.queue.chunk("w1", id, "1");
      await b.queue.chunk("w1", id, "2");
      await b.done(id, "w1", { state: "COMPLETED", output: output ?? "" });
      expect((await b.queue.get(id))?.output).toBe(expected);
    }
  });

  it("begins anew with the job", async () => {
    const b = await bench();
    const id = await b.running();
    await b.queue.chunk("w1", id, '"old 1"');
    await b.queue.chunk("w1", id, '"old 2"');
    const late = b.queue.chunk("w1", id, '"old 3"');
    const lost = b.queue.lost("w1", "it died");
    expect(await late).toBe("late");
    await lost;
    await b.takeOne("w2");
    await b.queue.chunk("w2", id, '"new"');
    await b.done(id, "w2", { state: "COMPLETED", output: "null" });
    expect((await b.queue.get(id))?.output).toBe('["new"]');
    expect((await b.queue.stream(id, LONG))?.chunks).toEqual(['"new"']);
  });
});

describe("cancel", () => {
  it("ends a job that waits", async () => {
    const b = await bench();
    const { id } = await b.submit();
    expect(await b.queue.cancel(id)).toMatchObject({ state: "CANCELLED" });
    expect(await b.take()).toEqual([]);
    expect(b.heard).toEqual([`added ${id}`, `ended ${id} CANCELLED`]);
  });

  it("ends one that runs: its worker is told, and its answer counts for nothing", async () => {
    const b = await bench();
    const id = await b.running();
    const told = b.queue.jobsToStop("w1", LONG);
    expect(await b.queue.cancel(id)).toMatchObject({ state: "CANCELLED", worker: "w1" });
    expect(await told).toEqual([id]);
    expect(await b.queue.jobsToStop("w1", 2)).toEqual([]);
    expect(await b.done(id)).toBe("late");
    expect(b.heard.slice(2)).toEqual([`ended ${id} CANCELLED`, `stop ${id} w1 cancelled`, `freed ${id} w1`]);
    expect(await b.stateOf(id)).toBe("CANCELLED");
  });

  it("is told to a worker that asked what to stop before it took anything", async () => {
    const b = await bench();
    const told = b.queue.jobsToStop("w1", LONG);
    const id = await b.running();
    await b.queue.cancel(id);
    expect(await told).toEqual([id]);
    expect(await b.queue.jobsToStop("w2", LONG, AbortSignal.abort())).toEqual([]);
  });

  it("leaves one that has ended as it is, and knows none that is not there", async () => {
    const b = await bench();
    const id = await b.running();
    const [, cancelled] = await Promise.all([b.done(id), b.queue.cancel(id)]);
    expect(cancelled).toMatchObject({ state: "COMPLETED", output: '"ok"' });
    expect(await b.queue.cancel("none")).toBeUndefined();
  });
});

describe("the times of a job", () => {
  it("one that waits for too long times out, and says why", async () => {
    const b = await bench({ ttl: 5 });
    const { id } = await b.submit();
    expect(await b.queue.wait(id, LONG)).toMatchObject({
      state: "TIMED_OUT",
      reason: expect.stringMatching(/ttl of 5 ?ms/),
    });
    expect(await b.take()).toEqual([]);
    expect(b.queue.counts("fold")).toMatchObject({ inQueue: 0, failed: 1 });
  });

  it("one that runs for too long times out, and is to be stopped", async () => {
    const b = await bench();
    const id = await b.running({ policy: { executionTimeout: 5 } });
    const ended = await b.queue.wait(id, LONG);
    expect(ended).toMatchObject({
      state: "TIMED_OUT",
      reason: expect.stringMatching(/executionTimeout of 5 ?ms is over/),
    });
    expect(b.heard.slice(2)).toEqual([`ended ${id} TIMED_OUT`, `stop ${id} w1 timeout`]);
    expect(await b.queue.jobsToStop("w1", LONG)).toEqual([id]);
    expect(await b.done(id)).toBe("late");
  });
});

describe("a worker that dies", () => {
  it("gives back what it has: first in the queue, as another attempt", async () => {
    const b = await bench();
    const id = await b.running();
    const next = await b.submit();
    await b.queue.lost("w1", "it died");
    expect(b.heard.at(-1)).toBe(`returned ${id}`);
    expect(await b.queue.get(id)).toMatchObject({ state: "IN_QUEUE", attempts: 1 });
    expect(await b.done(id)).toBe("late");
    expect(await b.takeOne("w2")).toMatchObject({ id, attempt: 2 });
    expect(await b.done(id, "w1", { state: "FAILED", error: "late" })).toBe("late");
    expect(await b.takeOne("w2")).toMatchObject({ id: next.id });
    expect(await b.done(id, "w2")).toBe("accepted");
  });

  it("too often fails the job, which says how", async () => {
    const b = await bench({ maxAttempts: 2 });
    const { id } = await b.submit();
    for (const worker of ["w1", "w2"]) {
      await b.takeOne(worker);
      await b.queue.lost(worker, "it was killed by SIGSEGV");
    }
    const { state, reason, error, attempts } = (await b.queue.get(id)) ?? {};
    expect([state, attempts]).toEqual(["FAILED", 2]);
    expect(reason).toBe("it was killed by SIGSEGV; it was begun 2 times");
    expect(error).toBe(reason);
  });

  it("for reasons of the server's own costs no attempt", async () => {
    const b = await bench({ maxAttempts: 1 });
    const id = await b.running();
    await b.queue.lost("w1", "it was not needed any more", false);
    expect(await b.takeOne("w2")).toMatchObject({ id, attempt: 1 });
  });

  it("waits for no job any more", async () => {
    const b = await bench();
    const waiting = b.queue.take("fold", "w1", { max: 1, waitMs: LONG });
    await new Promise((resolve) => setImmediate(resolve));
    await b.queue.lost("w1", "it died");
    expect(await waiting).toEqual([]);
    await b.queue.lost("nobody", "it died");
  });

  it("right after its answer has ended the job all the same", async () => {
    const b = await bench();
    const id = await b.running();
    const [taken] = await Promise.all([b.done(id), b.queue.lost("w1", "it died")]);
    expect(taken).toBe("accepted");
    expect(b.heard.filter((line) => /returned|ended/.test(line))).toEqual([`ended ${id} COMPLETED`]);
  });

  it("is noticed when it is silent for too long", async () => {
    const b = await bench({}, { leaseMs: 10 });
    const id = await b.running();
    const again = await b.queue.take("fold", "w2", { max: 1, waitMs: LONG });
    expect(again).toMatchObject([{ id, attempt: 2 }]);
    expect(await b.queue.jobsToStop("w1", LONG)).toEqual([id]);
    expect(await b.done(id)).toBe("late");
    expect(b.heard).toContain(`freed ${id} w1`);
    expect(await b.done(id, "w2")).toBe("accepted");
  });

  it("is not taken for dead while its heartbeats name the job, or it names none", async () => {
    const b = await bench({}, { leaseMs: 30 });
    const named = await b.running();
    const other = await b.running({}, "w2");
    const dropped = await b.running();
    const beat = setInterval(() => {
      b.queue.heartbeat("w1", [named]);
      b.queue.heartbeat("w2", []);
      b.queue.heartbeat("nobody", []);
    }, 3);
    await until(() => b.heard.some((line) => line.startsWith("returned")));
    clearInterval(beat);
    // It named one job and not the other: that one never came to it.
    expect(b.heard.filter((line) => line.startsWith("returned"))).toEqual([`returned ${dropped}`]);
    expect(await b.done(named)).toBe("accepted");
    expect(await b.done(other, "w2")).toBe("accepted");
  });
});

describe("retry", () => {
  it("makes the job one that is to be recorded and told of again, whatever was said of it meanwhile", async () => {
    const b = await bench();
    const id = await b.running({ webhook: "https://example.org" });
    await b.done(id, "w1", { state: "FAILED", error: "no" });
    await b.queue.retry(id);
    await b.store.commitQueue({
      changed: [{ id, run: "r1", recorded: true, webhookState: "delivered", webhookTries: 2, webhookAt: null }],
    });
    await b.takeOne();
    await b.done(id);
    expect(ids(await b.store.unrecordedQueueJobs(10))).toEqual([id]);
    expect(await b.store.waitingWebhooks()).toMatchObject([{ id, run: null, webhookTries: 0 }]);
  });

  it("puts a job that failed back, with nothing of what was", async () => {
    const b = await bench();
    const id = await b.running({ webhook: "https://example.org" });
    const next = await b.submit();
    await b.queue.chunk("w1", id, "1");
    await b.done(id, "w1", { state: "FAILED", error: "no" });
    expect(b.queue.counts("fold")).toMatchObject({ failed: 1, retried: 0 });
    expect(await b.queue.retry(id)).toMatchObject({
      id,
      state: "IN_QUEUE",
      attempts: 0,
      retries: 1,
      error: null,
      chunks: 0,
    });
    expect(await b.store.getQueueJob(id)).toMatchObject({
      state: "IN_QUEUE",
      webhookState: null,
      collectAt: null,
      worker: null,
    });
    expect(b.queue.counts("fold")).toMatchObject({ failed: 0, retried: 1, inQueue: 2 });
    expect(await b.done(id)).toBe("late");
    expect(ids(await b.take("w2", 2))).toEqual([next.id, id]);
    await b.done(id, "w2");
    expect(await b.queue.stream(id, 2)).toMatchObject({ job: { state: "COMPLETED" }, chunks: [] });
  });

  it("does not mistake the end of a late attempt for that of the new one", async () => {
    const b = await bench();
    const id = await b.running({ policy: { executionTimeout: 5 } });
    await b.queue.wait(id, LONG);
    await b.queue.retry(id);
    const again = b.queue.take("fold", "w1", { max: 1, waitMs: LONG });
    await new Promise((resolve) => setImmediate(resolve));
    // The first attempt is still under way in that worker, so it does not get the second.
    expect(await b.stateOf(id)).toBe("IN_QUEUE");
    expect(await b.done(id)).toBe("late");
    expect(ids(await again)).toEqual([id]);
  });

  it("is for jobs that failed or timed out only, and for one of two at once", async () => {
    const b = await bench();
    const id = await b.running();
    const state = { code: "LIGASE_E_JOB_STATE" };
    await expect(b.queue.retry(id)).rejects.toMatchObject(state);
    await b.done(id);
    await expect(b.queue.retry(id)).rejects.toMatchObject(state);
    expect(await b.queue.retry("none")).toBeUndefined();
    const failed = await b.running();
    await b.done(failed, "w1", { state: "FAILED", error: "no" });
    const two = await Promise.allSettled([b.queue.retry(failed), b.queue.retry(failed)]);
    expect(two.map(({ status }) => status)).toEqual(["fulfilled", "rejected"]);
    expect(await b.take("w1", 9)).toHaveLength(1);
  });
});

describe("purge", () => {
  it("cancels what waits, and nothing else", async () => {
    const b = await bench();
    const runs = await b.running();
    const jobs = await Promise.all(Array.from({ length: 20 }, () => b.submit()));
    const other = await b.submit({ endpoint: "other" });
    const commits = b.commits;
    expect(await b.queue.purge("fold")).toBe(20);
    expect(b.commits - commits).toBe(1);
    for (const { id } of jobs) expect(await b.stateOf(id)).toBe("CANCELLED");
    expect(await b.stateOf(runs)).toBe("IN_PROGRESS");
    expect(await b.stateOf(other.id)).toBe("IN_QUEUE");
    expect(await b.queue.purge("fold")).toBe(0);
    expect(await b.queue.purge("nowhere")).toBe(0);
  });
});

describe("counts", () => {
  it("are those of all time, also after a restart and when results are forgotten", async () => {
    const b = await bench({ keepResults: 0 });
    for (const answer of [
      { state: "COMPLETED", output: "1" },
      { state: "FAILED", error: "no" },
    ] as const) {
      await b.done(await b.running(), "w1", answer);
    }
    await b.queue.cancel((await b.submit()).id);
    await b.running();
    const waiting = await b.submit();
    const counts = { completed: 1, failed: 1, retried: 0, oldestQueuedAt: waiting.queuedAt };
    expect(b.queue.counts("fold")).toEqual({ ...counts, inQueue: 1, inProgress: 1 });
    await b.restart();
    const { oldestQueuedAt: _, ...after } = b.queue.counts("fold");
    expect(after).toEqual({ completed: 1, failed: 1, retried: 0, inQueue: 2, inProgress: 0 });
    await until(async () => (await b.store.listQueueJobs()).length === 2);
    await b.restart();
    expect(b.queue.counts("fold")).toMatchObject({ completed: 1, failed: 1 });
    expect(b.queue.counts("never")).toEqual({
      inQueue: 0,
      inProgress: 0,
      completed: 0,
      failed: 0,
      retried: 0,
      oldestQueuedAt: null,
    });
  });
});

describe("what is large", () => {
  const large = JSON.stringify("x".repeat(2000));

  it("lies in files, from which it comes whole; they go with the job", async () => {
    const b = await bench({ keepResults: 0 }, { inlineChars: 1000 });
    const { id, inputFile } = await b.submit({ input: large });
    expect(inputFile).toMatch(/^queue\//);
    await b.restart();
    expect((await b.takeOne()).input).toBe(large);
    await b.done(id, "w1", { state: "COMPLETED", output: large });
    const job = await b.queue.get(id);
    expect(job).toMatchObject({ output: null, outputSize: large.length, input: null });
    expect(job && (await b.queue.outputOf(job))).toBe(large);
    expect(existsSync(join(b.dir, job?.outputFile ?? ""))).toBe(true);
    await b.restart();
    await until(async () => (await b.queue.get(id)) === undefined);
    await until(() => files(b.dir).length === 0);
  });

  it("is in hand for those who wait", async () => {
    const b = await bench({}, { inlineChars: 1000 });
    const id = await b.running();
    const waiting = b.queue.wait(id, LONG);
    await b.done(id, "w1", { state: "COMPLETED", output: large });
    expect((await waiting)?.output).toBe(large);
  });

  it("goes when the job is retried", async () => {
    const b = await bench({}, { inlineChars: 1000 });
    const id = await b.running({ input: large });
    await b.done(id, "w1", { state: "FAILED", error: "no" });
    await b.queue.retry(id);
    expect((await b.takeOne()).input).toBe(large);
    expect(files(b.dir)).toHaveLength(1);
  });

  it("that a crash left without a row is removed at the next start, and nothing else", async () => {
    const b = await bench({}, { inlineChars: 1000 });
    const { inputFile } = await b.submit({ input: large });
    const kept = join(b.dir, inputFile ?? "none");
    const orphans = [`${kept}.tmp`, join(b.dir, "queue/ab/gone-u1.x.output")];
    mkdirSync(join(b.dir, "queue/ab"), { recursive: true });
    const yesterday = new Date(Date.now() - 86_400_000);
    for (const path of [...orphans, join(b.dir, "queue/ab/new-u1.x.output")]) writeFileSync(path, "");
    for (const path of [...orphans, kept]) utimesSync(path, yesterday, yesterday);
    await b.restart();
    await until(() => files(b.dir).length === 2);
    expect(orphans.map((path) => existsSync(path))).toEqual([false, false]);
    expect((await b.takeOne()).input).toBe(large);
  });

  it("is not in memory, and still there for a worker and for who asks", async () => {
    const b = await bench();
    const input = JSON.stringify("x".repeat(100_000));
    const { id } = await b.submit({ input });
    expect((await b.queue.get(id))?.input).toBe(input);
    expect((await b.takeOne()).input).toBe(input);
  });

  it("whose file is gone fails the job, and none but that", async () => {
    const b = await bench({}, { inlineChars: 1000 });
    const { id, inputFile } = await b.submit({ input: large });
    const other = await b.submit();
    rmSync(join(b.dir, inputFile ?? "none"));
    expect(ids(await b.take("w1", 2))).toEqual([other.id]);
    expect(await b.queue.wait(id, LONG)).toMatchObject({
      state: "FAILED",
      reason: expect.stringContaining("cannot be read"),
    });
  });
});

function files(dir: string): string[] {
  if (!existsSync(join(dir, "queue"))) return [];
  return readdirSync(join(dir, "queue"), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name }) => name);
}

describe("a server that starts again", () => {
  it.each(["closed", "killed"] as const)("after it was %s has all that was accepted, in order", async (how) => {
    const b = await bench({ maxAttempts: 1 });
    const done = await b.running();
    await b.done(done);
    const runs = await b.running();
    const low = await b.submit({ policy: { lowPriority: true } });
    const waits = [await b.submit(), await b.submit()];
    await b.queue.chunk("w1", runs, "1");
    const waiting = b.queue.wait(runs, how === "closed" ? LONG : 0);
    await b.restart(how);
    expect(await waiting).toMatchObject({ state: "IN_PROGRESS" });
    expect(await b.queue.get(done)).toMatchObject({ state: "COMPLETED", output: '"ok"' });
    // What its worker says counts for nothing, and what it streamed is gone.
    expect(await b.done(runs)).toBe("late");
    expect(await b.queue.stream(runs, 2)).toMatchObject({ job: { state: "IN_QUEUE" }, chunks: [] });
    const taken = await b.take("w1", 9);
    expect(ids(taken)).toEqual([runs, ...ids(waits), low.id]);
    expect(taken.map(({ attempt }) => attempt)).toEqual([1, 1, 1, 1]);
    expect(taken[1]?.input).toBe('{"x":1}');
  });

  it("takes nothing any more once it is closed, and lets go of all that waits", async () => {
    const b = await bench();
    const id = await b.running();
    const waits = [
      b.queue.take("fold", "w2", { max: 1, waitMs: LONG }),
      b.queue.wait(id, LONG),
      b.queue.stream(id, LONG),
      b.queue.jobsToStop("w1", LONG),
      b.queue.jobsToStop("nobody", LONG),
    ];
    await new Promise((resolve) => setImmediate(resolve));
    const last = b.submit();
    await b.queue.close();
    await Promise.all(waits);
    expect((await b.store.getQueueJob((await last).id))?.state).toBe("IN_QUEUE");
    await expect(b.submit()).rejects.toMatchObject({ code: "LIGASE_E_QUEUE_CLOSED" });
    await expect(b.done(id)).rejects.toMatchObject({ code: "LIGASE_E_QUEUE_CLOSED" });
    expect(await b.queue.take("fold", "w2", { max: 1, waitMs: LONG })).toEqual([]);
  });
});
