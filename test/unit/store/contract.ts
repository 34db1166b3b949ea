/** What every store must do, whatever database it lies in. */
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { hashText } from "../../../src/kernel/index.ts";
import type { AttemptRow, JobRow, RunRow, Store } from "../../../src/store/index.ts";
import * as rows from "./rows.ts";
import { T0 } from "./rows.ts";

/** How a kind of store is made. */
export interface StoreKind {
  /** A new, empty store's place; removed by `dispose`. */
  create(): Promise<{ open: () => Promise<Store>; dispose: () => Promise<void> }>;
  /** Every value is kept where `input` does not look. */
  readonly textsApart?: boolean;
}

/** Declares the tests of one kind of store. */
export function storeContract(name: string, kind: StoreKind): void {
  describe(`a store (${name})`, () => {
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

    describe("commit", () => {
      it("keeps what it was given when the store is opened again", async () => {
        await store.commit({ runs: [rows.run()], ...rows.trivial("job0000000001") });
        await reopen();
        expect(await store.getRun("run0000000001")).toEqual(rows.run());
        expect((await store.getJob("job0000000001"))?.state).toBe("done");
      });

      it("takes an empty batch", async () => {
        await store.commit({});
        expect(await store.listRuns()).toEqual([]);
      });

      it("updates rows whose key is there already", async () => {
        await store.commit({
          runs: [rows.run()],
          jobs: [rows.job()],
          attempts: [rows.attempt()],
          calls: [rows.call()],
        });
        const run = rows.run({
          state: "done",
          endedAt: T0 + 9,
          gitDirty: true,
          gitCommit: "abc",
          tags: { sample: "s1" },
        });
        const job = rows.job({
          state: "failed",
          endedAt: T0 + 9,
          attempts: 2,
          errorValue: hashText("e"),
          tags: { a: "b" },
        });
        const attempt = rows.attempt({
          endedAt: T0 + 9,
          outcome: "exit",
          exitCode: 3,
          wallMs: 8.5,
          tools: { bwa: "0.7.17" },
        });
        const call = rows.call({ bodyKind: "expr", bodyValue: hashText("x"), resultValue: null, taskSet: null });
        await store.commit({ runs: [run], jobs: [job], attempts: [attempt], calls: [call] });
        expect(await store.getRun(run.id)).toEqual(run);
        expect(await store.getJob(job.id)).toEqual(job);
        expect(await store.listAttempts(job.id)).toEqual([attempt]);
        expect(await store.getCall(call.key)).toEqual(call);
      });

      it("leaves nothing of a batch that fails", async () => {
        const broken = { ...rows.job({ id: "job0000000002" }), task: null as unknown as string };
        await expect(store.commit({ runs: [rows.run()], jobs: [rows.job(), broken] })).rejects.toThrow();
        expect(await store.listRuns()).toEqual([]);
        expect(await store.getJob("job0000000001")).toBeUndefined();
        await store.commit({ runs: [rows.run()] });
        expect(await store.listRuns()).toHaveLength(1);
      });

      it("does not let a failing batch spoil those committed beside it", async () => {
        const broken = { ...rows.job({ id: "broken0000000" }), task: null as unknown as string };
        const results = await Promise.allSettled([
          store.commit(rows.trivial("job0000000001")),
          store.commit({ jobs: [broken] }),
          store.commit(rows.trivial("job0000000002")),
        ]);
        expect(results.map((result) => result.status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
        expect((await store.listJobs({})).map((job) => job.id)).toEqual(["job0000000001", "job0000000002"]);
      });

      it("keeps thousands of batches given at once, in order", async () => {
        const commits = Array.from({ length: 2000 }, (_, i) => store.commit({ jobs: [rows.job({ attempts: i })] }));
        await Promise.all(commits);
        expect((await store.getJob("job0000000001"))?.attempts).toBe(1999);
      });

      it("gives back any text and number as it was", async () => {
        const word = fc.string({ unit: "grapheme" });
        const time = fc.option(fc.nat({ max: 2 ** 45 }));
        const tags = fc.dictionary(word, word);
        const run: fc.Arbitrary<RunRow> = fc
          .record({
            task: word,
            endedAt: time,
            host: word,
            cwd: word,
            argv: fc.array(word),
            tags,
            gitDirty: fc.option(fc.boolean()),
          })
          .map(rows.run);
        const job: fc.Arbitrary<JobRow> = fc
          .record({
            task: word,
            parent: fc.option(word),
            reason: word,
            startedAt: time,
            endedAt: time,
            tags: fc.option(tags),
          })
          .map(rows.job);
        const attempt: fc.Arbitrary<AttemptRow> = fc
          .record({
            cpu: fc.option(fc.double({ noNaN: true, noDefaultInfinity: true })),
            memory: time,
            stderr: fc.option(word),
            image: fc.option(word),
            limits: fc.option(word),
            tools: fc.option(tags),
          })
          // SQL knows no negative zero.
          .map((change) => rows.attempt({ ...change, cpu: change.cpu === 0 ? 0 : change.cpu }));
        let count = 0;
        await fc.assert(
          fc.asyncProperty(run, job, attempt, word, async (anyRun, anyJob, anyAttempt, text) => {
            const id = `id${count++}`;
            const [run, job, attempt] = [
              { ...anyRun, id },
              { ...anyJob, id },
              { ...anyAttempt, job: id },
            ];
            await store.commit({ runs: [run], jobs: [job], attempts: [attempt], values: [{ hash: "v", text }] });
            expect(await store.getRun(run.id)).toEqual(run);
            expect(await store.getJob(job.id)).toEqual(job);
            expect(await store.listAttempts(job.id)).toEqual([attempt]);
            expect((await store.findValues(["v"])).get("v")).toBe(text);
          }),
          { numRuns: 60 },
        );
      });
    });

    describe("findCalls", () => {
      it("answers the calls that are there, with their texts", async () => {
        const body = rows.value('{"$":"call"}');
        const result = rows.value("42");
        const expression = rows.call({ key: "k1", bodyKind: "expr", bodyValue: body.hash, resultValue: result.hash });
        const pending = rows.call({
          key: "k2",
          bodyKind: "expr",
          bodyValue: body.hash,
          resultValue: null,
          taskSet: null,
        });
        const plain = rows.call({ key: "k3", bodyValue: result.hash, resultValue: result.hash });
        await store.commit({ calls: [expression, pending, plain], values: [body, result] });
        expect(await store.findCalls(["k1", "k2", "k3", "k4"])).toEqual(
          new Map([
            ["k1", { ...expression, bodyText: body.text, resultText: "42" }],
            ["k2", { ...pending, bodyText: body.text, resultText: null }],
            ["k3", { ...plain, bodyText: "42", resultText: "42" }],
          ]),
        );
      });

      it("counts a call whose value is gone as not found", async () => {
        const value = rows.value("1");
        const noBody = rows.call({ key: "k1" });
        const noResult = rows.call({ key: "k2", bodyValue: value.hash });
        await store.commit({ calls: [noBody, noResult], values: [value] });
        expect(await store.findCalls(["k1", "k2"])).toEqual(new Map());
      });

      it("takes no keys, and thousands", async () => {
        const value = rows.value("1");
        const calls = Array.from({ length: 3000 }, (_, i) =>
          rows.call({ key: `k${i}`, bodyValue: value.hash, resultValue: value.hash }),
        );
        await store.commit({ calls, values: [value] });
        expect(await store.findCalls([])).toEqual(new Map());
        expect((await store.findCalls(calls.map((call) => call.key))).size).toBe(3000);
      });
    });

    describe("findValues", () => {
      it("answers those that are there", async () => {
        const [a, b] = [rows.value("1"), rows.value('"ß\\u0000"')];
        await store.commit({ values: [a, b] });
        expect(await store.findValues([a.hash, "none", b.hash])).toEqual(
          new Map([
            [a.hash, "1"],
            [b.hash, b.text],
          ]),
        );
      });

      it("replaces a text that says the same content is elsewhere", async () => {
        await store.commit({
          values: [{ hash: "h", text: '"/old/x.bam"', files: [{ hash: "f", name: "x.bam", path: "/old/x.bam" }] }],
        });
        await store.commit({
          values: [{ hash: "h", text: '"/new/x.bam"', files: [{ hash: "f", name: "x.bam", path: "/new/x.bam" }] }],
        });
        await store.commit({ calls: [rows.call({ argsValue: "h" })] });
        expect((await store.findValues(["h"])).get("h")).toBe('"/new/x.bam"');
        expect((await store.findByFile("f")).map((found) => found.path)).toEqual(["/new/x.bam", "/old/x.bam"]);
        expect(await store.listPlaces("h")).toEqual([
          { hash: "f", name: "x.bam", path: "/new/x.bam" },
          { hash: "f", name: "x.bam", path: "/old/x.bam" },
        ]);
        expect(await store.listPlaces("none")).toEqual([]);
      });

      it("keeps the place in the store when the same content is also elsewhere", async () => {
        const text = (path: string) => `{"$":"file","v":{"hash":"f","path":"${path}","size":1}}`;
        const value = (path: string) => ({ hash: "h", text: text(path), files: [{ hash: "f", name: "x.bam", path }] });
        await store.commit({ values: [value("ligase:outputs/x.bam")] });
        await store.commit({ values: [value("results/x.bam")] });
        expect((await store.findValues(["h"])).get("h")).toBe(text("ligase:outputs/x.bam"));
        await store.commit({ values: [value("ligase:outputs/y/x.bam")] });
        expect((await store.findValues(["h"])).get("h")).toBe(text("ligase:outputs/y/x.bam"));
      });
    });

    describe("findRecovery, findTaskSet, findFingerprint, findChildren", () => {
      it("answer what was recorded, and nothing for what was not", async () => {
        const error = rows.value('"it broke"');
        const set = { hash: hashText("set"), tasks: { align: hashText("align v1") } };
        const recovery = { key: "r", errorValue: error.hash, taskSet: set.hash, createdAt: T0 };
        await store.commit({
          values: [error],
          taskSets: [set],
          recoveries: [recovery],
          fingerprints: [rows.fingerprint()],
        });
        expect(await store.findRecovery("r")).toEqual({ ...recovery, errorText: error.text, tasks: set.tasks });
        expect(await store.listRecoveries(["another", error.hash])).toEqual([recovery]);
        expect(await store.listRecoveries(["another"])).toEqual([]);
        expect(await store.findRecovery("none")).toBeUndefined();
        expect(await store.findTaskSet(set.hash)).toEqual(set.tasks);
        expect(await store.findTaskSet("none")).toBeUndefined();
        expect(await store.findFingerprint("/data/reads 1.fq")).toEqual(rows.fingerprint());
        expect(await store.findFingerprint("none")).toBeUndefined();
      });

      it("take the newer recovery and fingerprint", async () => {
        const [a, b] = [rows.value('"a"'), rows.value('"b"')];
        const set = { hash: "s", tasks: {} };
        const recovery = { key: "r", errorValue: a.hash, taskSet: "s", createdAt: T0 };
        await store.commit({
          values: [a, b],
          taskSets: [set],
          recoveries: [recovery],
          fingerprints: [rows.fingerprint()],
        });
        const newer = rows.fingerprint({ size: 1, hash: "cd".repeat(32), hashedAt: T0 + 1 });
        await store.commit({ recoveries: [{ ...recovery, errorValue: b.hash }], fingerprints: [newer] });
        expect((await store.findRecovery("r"))?.errorText).toBe('"b"');
        expect(await store.findFingerprint(newer.path)).toEqual(newer);
      });

      it("list the calls that a call made, once each, in order", async () => {
        const calls = ["c", "a", "b"].map((key, i) => rows.call({ key, createdAt: T0 + i }));
        const callEdges = calls.map((call) => ({ parent: "p", child: call.key }));
        await store.commit({ calls, callEdges: [...callEdges, { parent: "other", child: "a" }] });
        await store.commit({ callEdges });
        expect((await store.findChildren("p")).map((call) => call.key)).toEqual(["c", "a", "b"]);
        expect(await store.findChildren("none")).toEqual([]);
      });
    });

    describe("engines and claims", () => {
      const first = rows.engine();
      const second = rows.engine({ id: "engine0000002", pid: 4712, startedAt: T0 + 1 });

      it("registerEngine answers the others, listEngines all", async () => {
        expect(await store.registerEngine(first)).toEqual([]);
        expect(await store.registerEngine(second)).toEqual([first]);
        expect(await store.listEngines()).toEqual([first, second]);
      });

      it("updateEngine changes only what is given", async () => {
        await store.registerEngine(first);
        await store.updateEngine(first.id, { heartbeatAt: T0 + 50 });
        await store.updateEngine(first.id, { seen: second.id });
        await store.updateEngine(first.id, { run: "run0000000009" });
        const changed = { ...first, heartbeatAt: T0 + 50, seen: second.id, run: "run0000000009" };
        expect(await store.listEngines()).toEqual([changed]);
        await store.updateEngine(first.id, { seen: null });
        expect(await store.listEngines()).toEqual([{ ...changed, seen: null }]);
      });

      it("claim takes what is free and names who holds the rest", async () => {
        await store.registerEngine(first);
        await store.registerEngine(second);
        expect(await store.claim(first.id, ["a", "b"])).toEqual(new Map());
        expect(await store.claim(second.id, ["b", "c"])).toEqual(new Map([["b", first.id]]));
        expect(await store.claim(first.id, ["a", "b", "c"])).toEqual(new Map([["c", second.id]]));
      });

      it("release gives back only one's own", async () => {
        await store.registerEngine(first);
        await store.registerEngine(second);
        await store.claim(first.id, ["a", "b"]);
        await store.release(second.id, ["a"]);
        await store.release(first.id, ["b"]);
        expect(await store.claim(second.id, ["a", "b"])).toEqual(new Map([["a", first.id]]));
      });

      it("removeEngine sets its claims free", async () => {
        await store.registerEngine(first);
        await store.registerEngine(second);
        await store.claim(first.id, ["a"]);
        await store.removeEngine(first.id);
        expect(await store.listEngines()).toEqual([second]);
        expect(await store.claim(second.id, ["a"])).toEqual(new Map());
      });

      it("a claim of an engine that nobody knows holds nobody up", async () => {
        await store.registerEngine(second);
        await store.claim(first.id, ["a"]);
        expect(await store.claim(second.id, ["a"])).toEqual(new Map());
      });

      it("requestCancel is seen by cancelRequested, for that run only", async () => {
        await store.requestCancel("run0000000001");
        await store.requestCancel("run0000000001");
        expect(await store.cancelRequested("run0000000001")).toBe(true);
        expect(await store.cancelRequested("run0000000002")).toBe(false);
      });
    });

    describe("changedElsewhere", () => {
      it("is true once after another has written, and never after one's own writes", async () => {
        const other = await place.open();
        try {
          // It may take its own first write for another's, no later one.
          await store.commit({ jobs: [rows.job()] });
          store.changedElsewhere();
          await other.commit({ runs: [rows.run()] });
          await vi.waitUntil(() => store.changedElsewhere(), { interval: 5, timeout: 5000 });
          expect(store.changedElsewhere()).toBe(false);
          for (let i = 0; i < 5; i++) {
            await store.commit({ jobs: [rows.job({ id: `own${i}` })] });
            await new Promise((resolve) => setTimeout(resolve, 5));
            expect(store.changedElsewhere()).toBe(false);
          }
          await store.commit({ jobs: [rows.job({ id: "own" })] });
          await other.commit({ jobs: [rows.job({ id: "other" })] });
          await vi.waitUntil(() => store.changedElsewhere(), { interval: 5, timeout: 5000 });
        } finally {
          await other.close();
        }
      });
    });

    describe("runs", () => {
      const older = rows.run({
        id: "aaa0000000001",
        state: "done",
        task: "main",
        tags: { sample: "s1", 'a"b.c': "x" },
      });
      const newer = rows.run({
        id: "aab0000000001",
        state: "failed",
        task: "qc",
        startedAt: T0 + 10,
        tags: { sample: "s2" },
        argsValue: hashText("sheet"),
        mode: "sample",
      });
      const newest = rows.run({ id: "bbb0000000001", startedAt: T0 + 20 });

      beforeEach(() =>
        store.commit({
          runs: [newer, newest, older],
          jobs: [
            rows.job({ id: "j1", run: older.id, state: "failed" }),
            rows.job({ id: "j2", run: newer.id, state: "done" }),
            rows.job({ id: "j3", run: newer.id, task: "sort", state: "done", argsValue: hashText("sheet") }),
          ],
          values: [{ hash: hashText("sheet"), text: '["SRR\\"1"]' }],
        }),
      );

      it.each<[string, Parameters<Store["listRuns"]>[0], readonly RunRow[]]>([
        ["everything", undefined, [newest, newer, older]],
        ["states", { states: ["failed", "done"] }, [newer, older]],
        ["a task", { task: "main" }, [newest, older]],
        ["a tag", { tags: { sample: "s1" } }, [older]],
        ["a tag with an awkward name", { tags: { 'a"b.c': "x" } }, [older]],
        ["a tag that no run has", { tags: { sample: "s3" } }, []],
        ["a time", { since: T0 + 10 }, [newest, newer]],
        ["the newest two", { limit: 2 }, [newest, newer]],
        ["a later page", { limit: 1, offset: 1 }, [newer]],
        ["a part of the arguments", { input: 'SRR"1' }, kind.textsApart ? [] : [newer]],
        ["nothing that % or _ would stand for", { input: "SRR_" }, []],
        ["a job's task", { with: { task: "sort" } }, [newer]],
        ["a job's task and state", { with: { task: "align", states: ["failed"] } }, [older]],
        ["a task and a state that no one job has", { with: { task: "sort", states: ["failed"] } }, []],
        ["a part of the arguments of a job", { with: { input: 'SRR"1' } }, kind.textsApart ? [] : [newer]],
        ["several conditions", { task: "main", since: T0 + 10, states: ["running"] }, [newest]],
      ])("listRuns: %s", async (_, filter, expected) => {
        expect(await store.listRuns(filter)).toEqual(expected);
      });

      it("latestRun: of any state, or of some", async () => {
        expect(await store.latestRun()).toEqual(newest);
        expect(await store.latestRun(["done", "failed"])).toEqual(newer);
        expect(await store.latestRun(["cancelled"])).toBeUndefined();
      });

      it("pinRun: what the engine says of the run later does not undo it", async () => {
        await store.pinRun(newest.id, true);
        const ended: RunRow = { ...newest, state: "done", endedAt: T0 + 30 };
        await store.commit({ runs: [ended] });
        expect(await store.getRun(newest.id)).toEqual({ ...ended, pinned: true });
        expect((await store.getRun(newer.id))?.pinned).toBe(false);
        await store.pinRun(newest.id, false);
        expect((await store.getRun(newest.id))?.pinned).toBe(false);
        await store.pinRun("none", true);
        expect(await store.getRun("none")).toBeUndefined();
      });

      it("a run that comes pinned is pinned", async () => {
        await store.commit({ runs: [rows.run({ id: "copy", pinned: true, mode: "stub" })] });
        expect(await store.getRun("copy")).toMatchObject({ pinned: true, mode: "stub" });
      });

      it("findIds: ids that start so, of runs and jobs", async () => {
        await store.commit({ jobs: [rows.job({ id: "aaz0000000001" }), rows.job({ id: "zzz0000000001" })] });
        expect(await store.findIds("aa")).toEqual({ runs: [older.id, newer.id], jobs: ["aaz0000000001"] });
        expect(await store.findIds("aa", 1)).toEqual({ runs: [older.id], jobs: ["aaz0000000001"] });
        expect(await store.findIds("q")).toEqual({ runs: [], jobs: [] });
      });
    });

    describe("jobs", () => {
      const root = rows.job({ id: "root", task: "main", state: "done", endedAt: T0 + 105 });
      const a = rows.job({
        id: "a",
        parent: "root",
        state: "done",
        endedAt: T0 + 15,
        createdAt: T0 + 1,
        tags: { lane: "1" },
      });
      const b = rows.job({
        id: "b",
        parent: "root",
        state: "done",
        endedAt: T0 + 25,
        call: "k",
        executor: "process",
      });
      const c = rows.job({
        id: "c",
        parent: "a",
        state: "failed",
        task: "sort",
        startedAt: null,
        argsValue: hashText("SRR1"),
      });
      const other = rows.job({ id: "o", run: "run0000000002" });

      beforeEach(() =>
        store.commit({
          runs: [rows.run({ tags: { batch: "7" } }), rows.run({ id: "run0000000002", tags: { lane: "1" } })],
          jobs: [root, a, b, c, other],
          values: [{ hash: c.argsValue, text: '["SRR1"]' }],
        }),
      );

      it.each<[string, Parameters<Store["listJobs"]>[0], readonly JobRow[]]>([
        ["a run's", { run: root.run }, [root, a, b, c]],
        ["the run's own", { run: root.run, parent: null }, [root]],
        ["a job's", { run: root.run, parent: "root" }, [a, b]],
        ["states", { run: root.run, states: ["failed", "done"] }, [root, a, b, c]],
        ["no states", { states: [] }, []],
        ["a task", { task: "sort" }, [c]],
        ["a call", { call: "k" }, [b]],
        ["a tag of its own or of its run", { tags: { lane: "1" } }, [a, other]],
        ["a tag of its own and one of its run", { tags: { lane: "1", batch: "7" } }, [a]],
        ["a tag that none has", { tags: { lane: "2" } }, []],
        ["a part of the arguments", { input: "RR1" }, kind.textsApart ? [] : [c]],
        ["a time", { since: T0 + 1 }, [a]],
        ["those outside the engine's process", { outside: true }, [b]],
        ["a limit", { run: root.run, limit: 2 }, [root, a]],
        ["a later page", { run: root.run, limit: 2, offset: 1 }, [a, b]],
        ["all but the first", { run: root.run, offset: 1 }, [a, b, c]],
        ["the newest two", { order: "newest", limit: 2 }, [other, c]],
      ])("listJobs: %s", async (_, filter, expected) => {
        expect(await store.listJobs(filter)).toEqual(expected);
      });

      it("countJobs: by task and state, with the wall time", async () => {
        expect(await store.countJobs(root.run)).toEqual([
          { task: "align", state: "done", jobs: 2, wallMs: 30 },
          { task: "main", state: "done", jobs: 1, wallMs: 100 },
          { task: "sort", state: "failed", jobs: 1, wallMs: 0 },
        ]);
        expect(await store.countJobs("none")).toEqual([]);
      });

      it("listRunTasks: each version once", async () => {
        const other = rows.job({ id: "job-v2", run: root.run, taskHash: hashText("align v2") });
        await store.commit({ jobs: [other] });
        const before = [...new Set([root, a, b, c].map((job) => job.taskHash))];
        expect(await store.listRunTasks(root.run)).toEqual([...before, other.taskHash].toSorted());
        expect(await store.listRunTasks("none")).toEqual([]);
      });

      it("countTasks: of all runs, or of what a filter says; scripts and lifts may be left out", async () => {
        await store.commit({
          jobs: [
            rows.job({ id: "s", task: "script", state: "done" }),
            rows.job({ id: "l", task: "lift:workflow.ts:7", state: "done" }),
          ],
        });
        const tasks = async (filter?: Parameters<Store["countTasks"]>[0]) =>
          (await store.countTasks(filter)).map(({ task, state, jobs }) => `${jobs} ${task} ${state}`);
        expect(await tasks({ known: true })).toEqual([
          "2 align done",
          "1 align running",
          "1 main done",
          "1 sort failed",
        ]);
        expect(await tasks()).toEqual(expect.arrayContaining(["1 script done", "1 lift:workflow.ts:7 done"]));
        expect(await tasks({ run: root.run, states: ["done"], known: true })).toEqual(["2 align done", "1 main done"]);
        expect((await store.listJobs({ known: true })).map(({ id }) => id)).toEqual(["root", "a", "b", "c", "o"]);
        expect((await store.countTasks({ task: "main" }))[0]?.wallMs).toBe(100);
      });

      it("a job whose body was cached while its script ran is done, as people know it", async () => {
        await store.commit({
          jobs: [
            rows.job({ id: "h1", run: "r", task: "hit", state: "cached", reason: "hit" }),
            rows.job({ id: "h2", run: "r", task: "hit", state: "cached", reason: "hit" }),
            rows.job({
              id: "s2",
              run: "r",
              parent: "h2",
              task: "script",
              state: "done",
              startedAt: T0,
              endedAt: T0 + 7,
            }),
            rows.job({ id: "h3", run: "r", task: "other", state: "cached", reason: "hit" }),
            rows.job({
              id: "s3",
              run: "r",
              parent: "h3",
              task: "script",
              state: "done",
              startedAt: T0,
              endedAt: T0 + 5,
            }),
          ],
        });
        const known = { run: "r", known: true } as const;
        const ids = async (states: readonly JobRow["state"][]) =>
          (await store.listJobs({ ...known, states })).map(({ id }) => id);
        expect(await ids(["done"])).toEqual(["h2", "h3"]);
        expect(await ids(["cached"])).toEqual(["h1"]);
        expect(await ids(["done", "cached", "failed"])).toEqual(["h1", "h2", "h3"]);
        expect((await store.listJobs({ run: "r", states: ["cached"] })).map(({ id }) => id)).toEqual([
          "h1",
          "h2",
          "h3",
        ]);
        expect(await store.countTasks(known)).toEqual([
          { task: "hit", state: "cached", jobs: 1, wallMs: 0 },
          { task: "hit", state: "done", jobs: 1, wallMs: 7 },
          { task: "other", state: "done", jobs: 1, wallMs: 5 },
        ]);
      });

      it("countCalls: the same by who called them, in the order in which they were recorded", async () => {
        expect(await store.countCalls(root.run)).toEqual([
          { parent: null, parentState: null, task: "main", state: "done", jobs: 1 },
          { parent: "main", parentState: "done", task: "align", state: "done", jobs: 2 },
          { parent: "align", parentState: "done", task: "sort", state: "failed", jobs: 1 },
        ]);
        expect(await store.countCalls("none")).toEqual([]);
      });

      it("countChildren: what is below a job, by task and state, with examples, oldest first", async () => {
        const below = (id: string, change: Partial<JobRow>) => rows.job({ id, run: "r", parent: "top", ...change });
        await store.commit({
          jobs: [
            rows.job({ id: "top", run: "r", task: "main" }),
            below("c1", { state: "cached" }),
            below("d1", { state: "done" }),
            below("c2", { state: "cached" }),
            below("s1", { task: "sort", state: "failed" }),
            below("c3", { state: "cached" }),
            below("x", { parent: "c1" }),
            below("y", { run: "r2" }),
          ],
        });
        expect(await store.countChildren("r", null, 2)).toEqual([
          { task: "main", state: "running", jobs: 1, examples: ["top"] },
        ]);
        expect(await store.countChildren("r", "top", 2)).toEqual([
          { task: "align", state: "cached", jobs: 3, examples: ["c1", "c2"] },
          { task: "align", state: "done", jobs: 1, examples: ["d1"] },
          { task: "sort", state: "failed", jobs: 1, examples: ["s1"] },
        ]);
        expect(await store.countChildren("r", "x", 2)).toEqual([]);
      });

      it("countReasons: by task, state and reason in the order in which they came, with examples", async () => {
        const many = [3, 1, 2].map((i) => rows.job({ id: `m${i}`, run: "r", startedAt: T0 + i, state: "done" }));
        const hit = rows.job({ id: "hit", run: "r", state: "cached", reason: "hit", startedAt: null });
        const early = rows.job({ id: "early", run: "r", state: "failed", startedAt: null });
        const late = rows.job({ id: "late", run: "r", state: "failed" });
        await store.commit({ jobs: [...many, hit, early, late] });
        const of = { task: "align", script: false, reason: "new" };
        expect(await store.countReasons("r", 2)).toEqual([
          { ...of, state: "done", jobs: 3, begun: 3, examples: ["m1", "m2"] },
          { ...of, state: "cached", reason: "hit", jobs: 1, begun: 0, examples: ["hit"] },
          { ...of, state: "failed", jobs: 2, begun: 1, examples: ["late"] },
        ]);
        expect(await store.countReasons("none", 2)).toEqual([]);
      });

      it("countReasons: scripts by the task that built them, where only they ran", async () => {
        const at = (id: string, change: Partial<JobRow>) => rows.job({ id, run: "r", ...change });
        const script = (id: string, change: Partial<JobRow>) => at(id, { task: "script", ...change });
        await store.commit({
          jobs: [
            at("ran", { state: "done" }),
            script("its", { parent: "ran", state: "done" }),
            at("was", { state: "cached", reason: "hit" }),
            at("was2", { state: "cached", reason: "hit" }),
            script("again", { parent: "was", state: "done", reason: "files" }),
            script("again2", { parent: "was2", state: "done", reason: "files", startedAt: T0 }),
            script("hit", { parent: "was2", state: "cached", reason: "hit" }),
            script("early", { parent: "was2", state: "done", reason: "files", startedAt: null }),
            script("alone", { state: "done" }),
          ],
        });
        const counts = await store.countReasons("r", 9);
        expect(counts.filter((count) => !count.script)).toMatchObject([
          { task: "align", state: "done", reason: "new", jobs: 1, examples: ["ran"] },
          { task: "align", state: "cached", reason: "hit", jobs: 2, examples: ["was", "was2"] },
          { task: "script", state: "done", reason: "new", jobs: 1, examples: ["alone"] },
        ]);
        const files = { task: "align", script: true, state: "done", reason: "files" };
        expect(counts.filter((count) => count.script)).toEqual([
          { ...files, jobs: 3, begun: 2, examples: ["again2", "again", "early"] },
        ]);
      });

      it("taskTimes: of the newest attempts that succeeded, scripts as their owner's, but not of stubs", async () => {
        const timed = (i: number, ms: number, change: Partial<JobRow> = {}, outcome = "done") => ({
          job: rows.job({ id: `t${i}`, run: "run0000000002", state: "done", ...change }),
          call: rows.call({ key: `t${i}`, job: `t${i}`, createdAt: T0 + i, task: change.task ?? "align" }),
          attempt: rows.attempt({ job: `t${i}`, startedAt: T0 + 5, endedAt: T0 + 5 + ms, outcome }),
        });
        const slowOnce = Array.from({ length: 30 }, (_, i) => timed(i, 900));
        const fastNow = Array.from({ length: 100 }, (_, i) => timed(100 + i, i % 2 === 0 ? 10 : 20));
        const one = timed(300, 7, { task: "sort" });
        const stub = timed(301, 1, { task: "sort", run: "stubs" });
        const failed = timed(302, 1, { task: "qc" }, "exit");
        const all = [...slowOnce, ...fastNow, one, stub, failed];
        // The owner of a script waited long for its turn; its script took 3 ms.
        const owner = timed(303, 0, { task: "trim", endedAt: T0 + 5000 });
        const script = timed(304, 3, { task: "script", run: owner.job.run, parent: owner.job.id });
        await store.commit({
          runs: [rows.run({ id: "stubs", mode: "stub" })],
          jobs: [...all, owner, script].map(({ job }) => job),
          calls: [...all, owner, script].map(({ call }) => call),
          attempts: [...all, script].map(({ attempt }) => attempt),
        });
        expect(await store.taskTimes(["align", "sort", "qc", "trim", "none"])).toEqual([
          { task: "align", jobs: 100, meanMs: 15 },
          { task: "sort", jobs: 1, meanMs: 7 },
          { task: "trim", jobs: 1, meanMs: 3 },
        ]);
        expect(await store.taskTimes([])).toEqual([]);
      });

      it("listRunAttempts: of all its jobs, oldest first", async () => {
        const late = rows.attempt({ job: "a", startedAt: T0 + 9 });
        const early = [1, 2].map((attempt) => rows.attempt({ job: "c", attempt, startedAt: T0 }));
        const outside = [a, c, other].map((job) => ({ ...job, executor: "process" }));
        await store.commit({ jobs: outside, attempts: [late, ...early, rows.attempt({ job: "o" })] });
        expect(await store.listRunAttempts(root.run)).toEqual([...early, late]);
        expect(await store.listRunAttempts("none")).toEqual([]);
      });

      it("listAttempts: in order; openAttempts: those without an end, except of some runs", async () => {
        const open = rows.attempt({ job: "a", attempt: 2, pgid: 99, pidStarted: "5" });
        const elsewhere = rows.attempt({ job: "o" });
        const ended = rows.attempt({ job: "a", attempt: 1, endedAt: T0, outcome: "memory", signal: "SIGKILL" });
        await store.commit({ attempts: [open, ended, elsewhere] });
        expect(await store.listAttempts("a")).toEqual([ended, open]);
        expect(await store.openAttempts([])).toEqual([open, elsewhere]);
        expect(await store.openAttempts(["run0000000002"])).toEqual([open]);
        expect(await store.openAttempts(["run0000000001", "run0000000002"])).toEqual([]);
      });
    });

    describe("calls, tasks, programs, files", () => {
      it("listCalls: a task's, newest first, before a time, up to a number", async () => {
        const calls = [1, 2, 3].map((i) => rows.call({ key: `k${i}`, createdAt: T0 + i }));
        await store.commit({ calls: [...calls, rows.call({ key: "x", task: "sort" })] });
        const keys = async (...given: Parameters<Store["listCalls"]>) =>
          (await store.listCalls(...given)).map((call) => call.key);
        expect(await keys("align")).toEqual(["k3", "k2", "k1"]);
        expect(await keys("align", { before: T0 + 3 })).toEqual(["k2", "k1"]);
        expect(await keys("align", { limit: 1 })).toEqual(["k3"]);
        expect(await keys("none")).toEqual([]);
        await store.commit({
          runs: [rows.run({ id: "normal" }), rows.run({ id: "sample", mode: "sample" })],
          calls: [rows.call({ ...calls[0]!, run: "normal" }), rows.call({ ...calls[2]!, run: "sample" })],
        });
        expect(await keys("align", { mode: "normal" })).toEqual(["k2", "k1"]);
        expect(await keys("align", { mode: "sample" })).toEqual(["k3"]);
        expect(await keys("align", { mode: "stub" })).toEqual([]);
      });

      it("listDataEdges: what flowed into a call, once each", async () => {
        const dataEdges = [
          { call: "k", argument: "0.reads1", from: "a", part: "fq1" },
          { call: "k", argument: "1", from: "b", part: "" },
        ];
        await store.commit({ dataEdges: [...dataEdges, { call: "other", argument: "0", from: "a", part: "" }] });
        await store.commit({ dataEdges });
        expect(await store.listDataEdges("k")).toEqual(dataEdges);
      });

      it("listRunCalls: those that its jobs made and those that they found, once each, oldest first", async () => {
        const [old, made] = [rows.call({ key: "old", run: "before" }), rows.call({ key: "made", createdAt: T0 + 1 })];
        const jobs = ["made", "old", "old", "failed"].map((call, i) => rows.job({ id: `j${i}`, call }));
        await store.commit({ calls: [made, old, rows.call({ key: "other" })], jobs });
        expect(await store.listRunCalls("run0000000001")).toEqual([old, made]);
        expect(await store.listRunCalls("none")).toEqual([]);
      });

      it("listRunDataEdges, listRunCallEdges, countFlows: what lies within the run", async () => {
        const edge = (call: string, argument: string, from: string, part: string) => ({ call, argument, from, part });
        const task = (call: string) => (call.startsWith("a") ? "align" : call.startsWith("s") ? "split" : "merge");
        const calls = ["s", "a0", "a1", "m"];
        const jobs = calls.map((call) => rows.job({ id: call, call, task: task(call) }));
        const twice = rows.job({ id: "again", call: "a1", task: "align", state: "cached" });
        const within = [
          edge("a0", "0.reads", "s", "0"),
          edge("a1", "0.reads", "s", "1"),
          edge("m", "1.0", "a0", "bam"),
          edge("m", "1.1", "a1", "bam"),
          edge("m", "10", "s", "log2.7.x"),
        ];
        const beyond = [edge("m", "2", "elsewhere", ""), edge("elsewhere", "0", "m", "")];
        const made = [
          { parent: "m", child: "a0" },
          { parent: "m", child: "a1" },
        ];
        const madeBeyond = [
          { parent: "m", child: "elsewhere" },
          { parent: "elsewhere", child: "m" },
        ];
        await store.commit({
          jobs: [...jobs, twice],
          dataEdges: [...within, ...beyond],
          callEdges: [...made, ...madeBeyond],
        });
        expect(await store.listRunDataEdges("run0000000001")).toEqual(within);
        expect(await store.listRunCallEdges("run0000000001")).toEqual(made);
        expect(await store.countFlows("run0000000001")).toEqual([
          { from: "align", to: "merge", argument: "1", part: "bam", count: 2 },
          { from: "split", to: "align", argument: "0", part: "*", count: 2 },
          { from: "split", to: "merge", argument: "10", part: "log2.*.x", count: 1 },
        ]);
        for (const none of [await store.listRunDataEdges("none"), await store.listRunCallEdges("none")]) {
          expect(none).toEqual([]);
        }
        expect(await store.countFlows("none")).toEqual([]);
      });

      it("getImage, listImages: by digest or identity, the newest first", async () => {
        const first = rows.image();
        const rebuilt = rows.image({ digest: "sha256:rebuilt", createdAt: T0 + 1 });
        const other = rows.image({ digest: "sha256:pulled", identity: "i2", engine: "podman", createdAt: T0 + 2 });
        await store.commit({ images: [first, rebuilt, other], attempts: [rows.attempt({ image: first.digest })] });
        expect(await store.getImage(first.digest)).toEqual(first);
        expect(await store.getImage(first.identity)).toEqual(rebuilt);
        expect(await store.getImage("none")).toBeUndefined();
        expect(await store.listImages()).toEqual([other, rebuilt, first]);
        expect((await store.listAttempts("job0000000001"))[0]?.image).toBe(first.digest);
        const known = { packages: { apt: { bwa: "1" } }, reference: "docker.io/x@sha256:1" };
        await store.commit({ images: [{ ...first, ...known, createdAt: T0 + 9 }] });
        expect(await store.getImage(first.digest)).toEqual({ ...first, ...known });
      });

      it("getSecret, listSecrets, putSecret, removeSecret", async () => {
        const secret = { name: "NCBI_API_KEY", sealed: "AQID", createdAt: T0, updatedAt: T0 };
        await store.putSecret(secret);
        await store.putSecret({ ...secret, name: "HF_TOKEN" });
        await store.putSecret({ ...secret, sealed: "BAUG", createdAt: T0 + 5, updatedAt: T0 + 5 });
        await reopen();
        const now = { ...secret, sealed: "BAUG", updatedAt: T0 + 5 };
        expect(await store.getSecret("NCBI_API_KEY")).toEqual(now);
        expect(await store.getSecret("none")).toBeUndefined();
        expect(await store.listSecrets()).toEqual([{ ...secret, name: "HF_TOKEN" }, now]);
        expect(await store.removeSecret("HF_TOKEN")).toBe(true);
        expect(await store.removeSecret("HF_TOKEN")).toBe(false);
        expect(await store.listSecrets()).toEqual([now]);
      });

      it("findTaskSets: those that are there", async () => {
        const sets = ["1", "2"].map((hash) => ({ hash, tasks: { align: hash } }));
        await store.commit({ taskSets: sets });
        expect(await store.findTaskSets(["2", "none", "1"])).toEqual(sets);
        expect(await store.findTaskSets([])).toEqual([]);
      });

      it("getTask, listTasks: every version, the newest of each name first", async () => {
        const [v1, v2] = [rows.task(), rows.task({ hash: hashText("align v2"), createdAt: T0 + 1 })];
        const sort = rows.task({ hash: hashText("sort"), name: "sort" });
        await store.commit({ tasks: [sort, v1, v2] });
        await store.commit({ tasks: [rows.task({ code: "a content-addressed row stays" })] });
        expect(await store.getTask(v1.hash)).toEqual(v1);
        expect(await store.getTask("none")).toBeUndefined();
        expect(await store.listTasks()).toEqual([v2, v1, sort]);
      });

      it("getProgram", async () => {
        await store.commit({ programs: [rows.program()] });
        await store.commit({ programs: [rows.program({ entry: "other.ts" })] });
        expect(await store.getProgram(hashText("program"))).toEqual(rows.program());
        expect(await store.getProgram("none")).toBeUndefined();
      });

      it("findByFile: the calls that received a file and the one that made it", async () => {
        const file = { hash: "ab".repeat(32), name: "x.bam", path: "/out/x.bam" };
        const bam = rows.value('{"bam":"x.bam"}', [file]);
        const args = rows.value('["x.bam"]', [file, { ...file, hash: "00", path: "/out/y.bam" }]);
        await store.commit({
          values: [bam, args],
          calls: [
            rows.call({ key: "made", resultValue: bam.hash }),
            rows.call({ key: "used", argsValue: args.hash, createdAt: T0 + 1 }),
            rows.call({ key: "neither" }),
          ],
        });
        expect(await store.findByFile(file.hash)).toEqual([
          { call: "made", role: "result", name: "x.bam", path: "/out/x.bam" },
          { call: "used", role: "argument", name: "x.bam", path: "/out/x.bam" },
        ]);
        expect(await store.findByFile("none")).toEqual([]);
      });

      it("findPlaces: where a content, or a file of a name, was seen, each place once", async () => {
        const at = (path: string, hash: string) => ({ hash, name: path.slice(path.lastIndexOf("/") + 1), path });
        const [x, copy, other] = [at("/out/x.bam", "h1"), at("/results/copy.bam", "h1"), at("/old/x.bam", "h2")];
        await store.commit({ values: [rows.value("1", [x]), rows.value("2", [x, other])] });
        await store.commit({ values: [rows.value("3", [copy])] });
        expect(await store.findPlaces({ hash: "h1" }, 10)).toEqual([copy, x]);
        expect(await store.findPlaces({ hash: "h1" }, 1)).toEqual([copy]);
        expect(await store.findPlaces({ name: "x.bam" }, 10)).toEqual([other, x]);
        expect(await store.findPlaces({ name: "none" }, 10)).toEqual([]);
      });
    });
  });
}
