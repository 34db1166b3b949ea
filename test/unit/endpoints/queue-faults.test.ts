/** The queue when the disk is full, and when the clock steps. */
import { describe, expect, it } from "vitest";
import { LigaseError } from "../../../src/kernel/index.ts";
import { type Bench, bench, until } from "./queues.ts";

const LONG = 30_000;
const FULL = { code: "LIGASE_E_DISK_FULL" };

function fill(b: Bench): void {
  b.before = () => {
    throw new LigaseError("LIGASE_E_DISK_FULL", "the disk is full: nothing more can be written to store.db");
  };
}

function empty(b: Bench): void {
  b.before = () => {};
}

describe("a full disk", () => {
  it("refuses what is submitted, and accepts none of it by half", async () => {
    const b = await bench({ maxQueue: 1 });
    fill(b);
    const waiting = b.queue.take("fold", "w1", { max: 1, waitMs: LONG });
    for (let i = 0; i < 3; i++) await expect(b.submit({ idempotencyKey: "k" })).rejects.toMatchObject(FULL);
    expect(b.heard).toEqual([]);
    expect(b.queue.counts("fold").inQueue).toBe(0);
    expect(await b.store.listQueueJobs()).toEqual([]);
    expect(b.warnings[0]).toMatch(/not recorded: the disk is full/);
    empty(b);
    const { id } = await b.submit({ idempotencyKey: "k" });
    expect(await waiting).toMatchObject([{ id }]);
  });

  it("announces no answer: the worker hears of it, and may try again", async () => {
    const b = await bench({}, { inlineChars: 10 });
    const id = await b.running();
    const waiting = b.queue.wait(id, LONG);
    fill(b);
    const answer = { state: "COMPLETED", output: '"more than ten characters"' } as const;
    const [first, second] = await Promise.allSettled([b.done(id, "w1", answer), b.done(id, "w1", answer)]);
    for (const each of [first, second]) expect(each).toMatchObject({ status: "rejected", reason: FULL });
    expect(await b.stateOf(id)).toBe("IN_PROGRESS");
    expect(b.heard.filter((line) => line.startsWith("ended"))).toEqual([]);
    empty(b);
    expect(await b.done(id, "w1", answer)).toBe("accepted");
    expect(await waiting).toMatchObject({ state: "COMPLETED", output: answer.output });
  });

  it("leaves a job that was to be cancelled, purged or retried as it is", async () => {
    const b = await bench();
    const failed = await b.running();
    await b.done(failed, "w1", { state: "FAILED", error: "no" });
    const first = await b.submit();
    const second = await b.submit();
    fill(b);
    await expect(b.queue.cancel(first.id)).rejects.toMatchObject(FULL);
    await expect(b.queue.purge("fold")).rejects.toMatchObject(FULL);
    await expect(b.queue.retry(failed)).rejects.toMatchObject(FULL);
    empty(b);
    expect(b.queue.counts("fold")).toMatchObject({ inQueue: 2, failed: 1, retried: 0 });
    expect((await b.take("w1", 9)).map(({ id }) => id)).toEqual([first.id, second.id]);
    expect(await b.stateOf(failed)).toBe("FAILED");
  });

  it("gives no chunk of a stream away that is not recorded", async () => {
    const b = await bench();
    const id = await b.running();
    fill(b);
    await expect(b.queue.chunk("w1", id, "1")).rejects.toMatchObject(FULL);
    expect((await b.queue.stream(id, 2))?.chunks).toEqual([]);
    empty(b);
    await b.queue.chunk("w1", id, "1");
    await b.queue.chunk("w1", id, "2");
    expect((await b.queue.stream(id, LONG))?.chunks).toEqual(["1", "2"]);
    await b.done(id, "w1", { state: "COMPLETED", output: "null" });
    expect((await b.queue.get(id))?.output).toBe("[1,2]");
  });

  it("delays the end of a job whose time is over until it can be recorded", async () => {
    const b = await bench();
    const waits = await b.submit({ policy: { ttl: 5 } });
    fill(b);
    await until(() => b.warnings.length > 0);
    expect(await b.stateOf(waits.id)).toBe("IN_QUEUE");
    expect(await b.take()).toEqual([]);
    empty(b);
    expect(await b.queue.wait(waits.id, LONG)).toMatchObject({ state: "TIMED_OUT" });
    expect(b.heard.filter((line) => line.startsWith("ended"))).toHaveLength(1);
  });

  it("does not keep a job with a dead worker: it goes on, or fails once that can be recorded", async () => {
    const b = await bench({ maxAttempts: 2 });
    const id = await b.running();
    fill(b);
    await b.queue.lost("w1", "it died");
    expect(await b.takeOne("w2")).toMatchObject({ id, attempt: 2 });
    await b.queue.lost("w2", "it died");
    expect(await b.stateOf(id)).toBe("IN_PROGRESS");
    empty(b);
    expect(await b.queue.wait(id, LONG)).toMatchObject({
      state: "FAILED",
      reason: "it died; it was begun 2 times",
    });
  });

  it("now and then, under load, costs nothing either: each job that was accepted ends once", async () => {
    const b = await bench({ maxAttempts: 1000 });
    const full = new LigaseError("LIGASE_E_DISK_FULL", "the disk is full");
    let over = false;
    b.before = () => {
      if (!over && Math.random() < 0.3) throw full;
    };
    const again = async <T>(ask: () => Promise<T>): Promise<T> => {
      for (;;) {
        try {
          return await ask();
        } catch (error) {
          if (error !== full) throw error;
        }
      }
    };
    const accepted: string[] = [];
    const client = async (): Promise<void> => {
      for (let i = 0; i < 15; i++) {
        const { id } = await again(() => b.submit());
        accepted.push(id);
        if (i % 5 === 0) await again(() => b.queue.cancel(id));
        else await b.queue.wait(id, LONG);
      }
    };
    const worker = async (name: string): Promise<void> => {
      for (let life = 0; !over; life++) {
        const id = `${name}-${life}`;
        for (let i = 0; i < 5; i++) {
          for (const job of await b.queue.take("fold", id, { max: 2, waitMs: 5 })) {
            await again(() => b.queue.chunk(id, job.id, "1"));
            await again(() => b.done(job.id, id, { state: "COMPLETED", output: "null" }));
          }
        }
        // It dies with what it is given last.
        await b.queue.take("fold", id, { max: 1, waitMs: 0 });
        await b.queue.lost(id, "it died");
      }
    };
    const workers = ["a", "b", "c"].map(worker);
    await Promise.all(Array.from({ length: 8 }, client));
    over = true;
    await Promise.all(workers);
    expect(accepted).toHaveLength(120);
    for (const id of accepted) {
      const state = await b.stateOf(id);
      expect(["COMPLETED", "CANCELLED"]).toContain(state);
      expect((await b.store.getQueueJob(id))?.state).toBe(state);
      if (state === "COMPLETED") expect((await b.store.getQueueJob(id))?.output).toBe("[1]");
      expect(b.heard.filter((line) => line.startsWith(`ended ${id}`))).toEqual([`ended ${id} ${state}`]);
    }
    expect(b.queue.counts("fold")).toMatchObject({ inQueue: 0, inProgress: 0 });
    expect(await b.store.listQueueJobs({ limit: 1000 })).toHaveLength(accepted.length);
  });

  it("costs nothing that was accepted when the server then dies", async () => {
    const b = await bench();
    const id = await b.running();
    fill(b);
    await expect(b.done(id)).rejects.toMatchObject(FULL);
    empty(b);
    await b.restart("killed");
    expect(await b.takeOne()).toMatchObject({ id, attempt: 1 });
    expect(await b.done(id)).toBe("accepted");
  });
});

describe("a clock that steps back", () => {
  const T0 = 1_760_000_000_000;

  it("changes no order, also over a restart, and makes no time negative", async () => {
    let now = T0;
    const b = await bench({}, { now: () => now });
    const first = await b.submit();
    now -= 3_600_000;
    const second = await b.submit();
    now -= 3_600_000;
    await b.restart();
    const third = await b.submit();
    const order: string[] = [];
    for (let i = 0; i < 3; i++) {
      const { id } = await b.takeOne();
      now -= 1000;
      await b.done(id);
      order.push(id);
      const { createdAt, queuedAt, takenAt, endedAt, collectAt } = (await b.queue.get(id)) ?? {};
      expect(takenAt).toBeGreaterThanOrEqual(queuedAt ?? Infinity);
      expect(queuedAt).toBeGreaterThanOrEqual(createdAt ?? Infinity);
      expect(endedAt).toBeGreaterThanOrEqual(takenAt ?? Infinity);
      expect(collectAt).toBeGreaterThan(endedAt ?? Infinity);
    }
    expect(order).toEqual([first.id, second.id, third.id]);
  });

  it("ends no wait, lease or time early or late", async () => {
    let now = T0;
    const b = await bench({}, { now: () => now, leaseMs: 20 });
    const { id } = await b.submit();
    now += 10 * 86_400_000;
    expect(await b.queue.wait(id, 2)).toMatchObject({ state: "IN_QUEUE" });
    await b.takeOne();
    expect(await b.done(id)).toBe("accepted");
    const silent = await b.running();
    now -= 20 * 86_400_000;
    expect(await b.queue.take("fold", "w2", { max: 1, waitMs: LONG })).toMatchObject([{ id: silent }]);
    const short = await b.submit({ policy: { ttl: 5 } });
    now -= 86_400_000;
    expect(await b.queue.wait(short.id, LONG)).toMatchObject({ state: "TIMED_OUT" });
  });

  it("recorded durations are those that passed", async () => {
    let now = T0;
    let steady = 1000;
    const b = await bench({}, { now: () => now, steady: () => steady });
    const { id } = await b.submit();
    [now, steady] = [now - 5000, steady + 30];
    await b.takeOne();
    [now, steady] = [now + 9000, steady + 12];
    await b.done(id);
    expect(await b.queue.get(id)).toMatchObject({ createdAt: T0, takenAt: T0 + 30, endedAt: T0 + 42 });
  });
});
