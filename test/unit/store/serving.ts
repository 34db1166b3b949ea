/** What every store must do for what is served, whatever database it lies in. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Store } from "../../../src/store/index.ts";
import type { StoreKind } from "./contract.ts";
import { T0 } from "./rows.ts";
import { apiKey, chunk, deployment, endpoint, fullQueueJob, queueJob, worker } from "./serving-rows.ts";

/** Declares the tests of one kind of store. */
export function servingContract(name: string, kind: StoreKind): void {
  describe(`what is served, in a store (${name})`, () => {
    let place: Awaited<ReturnType<StoreKind["create"]>>;
    let store: Store;

    beforeEach(async () => {
      place = await kind.create();
      store = await place.open();
    });
    afterEach(async () => {
      await store.close();
      await place.dispose();
    });

    const reopen = async (): Promise<void> => {
      await store.close();
      store = await place.open();
    };
    const ids = async (rows: Promise<readonly { id: string }[]>): Promise<string[]> => (await rows).map(({ id }) => id);

    describe("commitQueue", () => {
      it("keeps every field of a job", async () => {
        const jobs = [queueJob(), fullQueueJob({ id: "job2-u1" })];
        await store.commitQueue({ added: jobs });
        await reopen();
        for (const job of jobs) expect(await store.getQueueJob(job.id)).toEqual(job);
        expect(await store.getQueueJob("none")).toBeUndefined();
      });

      it("changes what is named, and nothing else", async () => {
        await store.commitQueue({ added: [queueJob(), queueJob({ id: "other-u1" })] });
        await store.commitQueue({ changed: [{ id: "job1-u1", state: "IN_PROGRESS", worker: "w1", attempts: 1 }] });
        await store.commitQueue({ changed: [{ id: "job1-u1", recorded: true }, { id: "job1-u1" }, { id: "none" }] });
        expect(await store.getQueueJob("job1-u1")).toEqual(
          queueJob({ state: "IN_PROGRESS", worker: "w1", attempts: 1, recorded: true }),
        );
        expect(await store.getQueueJob("other-u1")).toEqual(queueJob({ id: "other-u1" }));
      });

      it("changes every field that may change", async () => {
        const {
          id,
          endpoint: _e,
          createdAt: _c,
          input: _i,
          inputFile: _f,
          idempotencyKey: _k,
          submittedBy: _s,
          ...rest
        } = fullQueueJob();
        await store.commitQueue({ added: [queueJob()] });
        await store.commitQueue({ changed: [{ id, ...rest }] });
        expect(await store.getQueueJob(id)).toEqual({ ...queueJob(), ...rest });
      });

      it("is all or nothing", async () => {
        await store.commitQueue({ added: [queueJob({ idempotencyKey: "k" })] });
        const second = store.commitQueue({
          added: [queueJob({ id: "good-u1" }), queueJob({ id: "bad-u1", idempotencyKey: "k" })],
          changed: [{ id: "job1-u1", state: "FAILED" }],
          chunks: [chunk("job1-u1", 0)],
        });
        await expect(second).rejects.toThrow();
        expect(await store.getQueueJob("good-u1")).toBeUndefined();
        expect((await store.getQueueJob("job1-u1"))?.state).toBe("IN_QUEUE");
        expect(await store.listQueueChunks("job1-u1", 0)).toEqual([]);
      });
    });

    it("listQueueChunks: in order, from a number on; a job that begins anew loses them before what comes with it", async () => {
      await store.commitQueue({ chunks: [chunk("a", 1), chunk("a", 0), chunk("a", 2), chunk("b", 0)] });
      expect(await store.listQueueChunks("a", 0)).toEqual([chunk("a", 0), chunk("a", 1), chunk("a", 2)]);
      expect(await store.listQueueChunks("a", 1, 1)).toEqual([chunk("a", 1)]);
      await store.commitQueue({ restarted: ["a"], chunks: [chunk("a", 0, '"again"')] });
      expect(await store.listQueueChunks("a", 0)).toEqual([chunk("a", 0, '"again"')]);
      expect(await store.listQueueChunks("b", 0)).toEqual([chunk("b", 0)]);
      await store.commitQueue({ chunks: [chunk("b", 0, '"twice"')] });
      expect(await store.listQueueChunks("b", 0)).toEqual([chunk("b", 0, '"twice"')]);
    });

    it("listQueueJobs: newest first, without what may be large", async () => {
      await store.commitQueue({
        added: [
          queueJob({ id: "old", createdAt: T0 }),
          fullQueueJob({ id: "new", createdAt: T0 + 2, endpoint: "other", idempotencyKey: null }),
          queueJob({ id: "mid", createdAt: T0 + 1, state: "FAILED" }),
          queueJob({ id: "late", createdAt: T0 + 1, state: "FAILED", endpoint: "other" }),
        ],
      });
      expect(await ids(store.listQueueJobs())).toEqual(["new", "late", "mid", "old"]);
      expect((await store.listQueueJobs())[0]).toEqual(
        fullQueueJob({
          id: "new",
          createdAt: T0 + 2,
          endpoint: "other",
          idempotencyKey: null,
          input: null,
          output: null,
        }),
      );
      expect(await ids(store.listQueueJobs({ endpoint: "other" }))).toEqual(["new", "late"]);
      expect(await ids(store.listQueueJobs({ states: ["FAILED", "IN_QUEUE"] }))).toEqual(["late", "mid", "old"]);
      expect(await ids(store.listQueueJobs({ endpoint: "other", states: ["FAILED"] }))).toEqual(["late"]);
      expect(await ids(store.listQueueJobs({ before: T0 + 2, limit: 2 }))).toEqual(["late", "mid"]);
    });

    it("openQueueJobs: those that have not ended, in the order of their submission, whatever the clock said", async () => {
      await store.commitQueue({
        added: [queueJob({ id: "z", createdAt: T0 + 9 }), queueJob({ id: "a", state: "FAILED" })],
      });
      await store.commitQueue({
        added: [queueJob({ id: "m", state: "IN_PROGRESS" }), queueJob({ id: "b", createdAt: 5 })],
      });
      expect(await ids(store.openQueueJobs())).toEqual(["z", "m", "b"]);
      expect((await store.openQueueJobs())[0]?.input).toBeNull();
    });

    it("unrecordedQueueJobs: those that have ended, with all that they have", async () => {
      const ended = fullQueueJob({ id: "ended", recorded: false, endedAt: T0 + 5, idempotencyKey: null });
      await store.commitQueue({
        added: [queueJob(), fullQueueJob({ id: "there" }), ended, { ...ended, id: "before", endedAt: T0 }],
      });
      expect(await store.unrecordedQueueJobs(10)).toEqual([{ ...ended, id: "before", endedAt: T0 }, ended]);
      expect(await ids(store.unrecordedQueueJobs(1))).toEqual(["before"]);
      await store.commitQueue({ changed: [{ id: "before", recorded: true, run: "r" }] });
      expect(await ids(store.unrecordedQueueJobs(10))).toEqual(["ended"]);
    });

    it("waitingWebhooks: those that are due first", async () => {
      const row = (id: string, webhookAt: number) => fullQueueJob({ id, webhookAt, idempotencyKey: null });
      await store.commitQueue({
        added: [row("later", 9), row("first", 3), { ...row("told", 1), webhookState: "delivered" }, queueJob()],
      });
      expect(await ids(store.waitingWebhooks())).toEqual(["first", "later"]);
    });

    it("findIdempotent: by endpoint and key", async () => {
      const added = [
        queueJob({ id: "a", idempotencyKey: "k" }),
        queueJob({ id: "b", idempotencyKey: "k", endpoint: "other" }),
      ];
      await store.commitQueue({ added: [...added, queueJob({ id: "c" }), queueJob({ id: "d" })] });
      expect(await store.findIdempotent("other", "k")).toEqual(added[1]);
      expect(await store.findIdempotent("fold", "none")).toBeUndefined();
    });

    it("collectQueueJobs: those whose time is over go, with their chunks, and stay counted", async () => {
      const ended = (id: string, collectAt: number) => fullQueueJob({ id, collectAt, idempotencyKey: null });
      await store.commitQueue({
        added: [
          ended("a", 10),
          ended("b", 20),
          ended("c", 30),
          queueJob(),
          { ...ended("f", 5), state: "FAILED", retries: 0 },
        ],
        chunks: [chunk("a", 0), chunk("c", 0)],
      });
      const counts = await store.countQueueJobs();
      const states = Object.fromEntries(
        counts.map(({ endpoint: name, state, count, retried }) => [`${name} ${state}`, [count, retried]]),
      );
      expect(states).toEqual({ "fold COMPLETED": [3, 3], "fold FAILED": [1, 0], "fold IN_QUEUE": [1, 0] });
      expect((await store.collectQueueJobs(30, 2)).map(({ id, outputFile }) => [id, outputFile])).toEqual(
        expect.arrayContaining([
          ["f", "queue/a.output"],
          ["a", "queue/a.output"],
        ]),
      );
      expect(await ids(store.collectQueueJobs(30, 2))).toEqual(["b"]);
      expect(await store.collectQueueJobs(30, 2)).toEqual([]);
      expect(await store.listQueueChunks("a", 0)).toEqual([]);
      expect(await store.listQueueChunks("c", 0)).toHaveLength(1);
      await reopen();
      expect(await store.countQueueJobs()).toEqual(counts);
    });

    it("commitDeployment: what is live changes at once", async () => {
      await store.commitDeployment({
        deployments: [deployment()],
        endpoints: [endpoint(), endpoint({ name: "align" }), endpoint({ name: "gone" })],
      });
      await store.commitDeployment({
        deployments: [deployment({ state: "retired" }), deployment({ id: "d2", version: 2, createdAt: T0 + 1 })],
        endpoints: [endpoint({ deployment: "d2", overrides: '{"minWorkers":1}', stopped: true })],
        removed: ["gone"],
      });
      await reopen();
      expect(await store.listEndpoints()).toEqual([
        endpoint({ name: "align" }),
        endpoint({ deployment: "d2", overrides: '{"minWorkers":1}', stopped: true }),
      ]);
      const versions = [deployment({ id: "d2", version: 2, createdAt: T0 + 1 }), deployment({ state: "retired" })];
      expect(await store.listDeployments()).toEqual(versions);
      expect(await store.listDeployments("app")).toEqual(versions);
      expect(await store.listDeployments("other")).toEqual([]);
      expect(await store.getDeployment("d1")).toEqual(versions[1]);
      expect(await store.getDeployment("none")).toBeUndefined();
    });

    it("two deployments of an app have no version in common", async () => {
      await store.commitDeployment({ deployments: [deployment()] });
      const change = { deployments: [deployment({ id: "d2" })], endpoints: [endpoint()] };
      await expect(store.commitDeployment(change)).rejects.toThrow();
      expect(await store.listEndpoints()).toEqual([]);
    });

    it("workers: put again, listed newest first, forgotten when they have ended", async () => {
      const ended = worker({
        state: "ended",
        readyAt: T0 + 1,
        endedAt: T0 + 2,
        reason: "idle",
        exitCode: 0,
        signal: "SIGTERM",
        jobs: 5,
        peakMemory: 7,
        cpuMs: 8,
        pgid: 9,
        pidStarted: "10",
      });
      await store.putWorkers([
        worker(),
        worker({ id: "w2", startedAt: T0 + 1 }),
        worker({ id: "w3", endpoint: "other" }),
      ]);
      await store.putWorkers([ended]);
      expect(await store.getWorker("w1")).toEqual(ended);
      expect(await store.getWorker("none")).toBeUndefined();
      expect(await ids(store.listWorkers())).toEqual(["w2", "w3", "w1"]);
      expect(await ids(store.listWorkers({ endpoint: "fold" }))).toEqual(["w2", "w1"]);
      expect(await ids(store.listWorkers({ limit: 1 }))).toEqual(["w2"]);
      expect(await store.collectWorkers(T0 + 2, 10)).toEqual([]);
      expect(await store.collectWorkers(T0 + 3, 10)).toEqual([ended]);
      expect(await ids(store.listWorkers())).toEqual(["w2", "w3"]);
    });

    it("keys: found by hash; one that was taken back stays so", async () => {
      await store.putApiKey(apiKey());
      await store.putApiKey(apiKey({ id: "k2", hash: "bb", createdAt: T0 + 1, expiresAt: T0 + 9 }));
      await store.putApiKey(apiKey({ revokedAt: T0 + 5 }));
      await store.putApiKey(apiKey({ usedAt: T0 + 6 }));
      expect(await store.findApiKey("aa")).toEqual(apiKey({ revokedAt: T0 + 5, usedAt: T0 + 6 }));
      expect(await store.findApiKey("cc")).toBeUndefined();
      expect(await ids(store.listApiKeys())).toEqual(["k1", "k2"]);
    });
  });
}
