/** What every store must do about space, whatever database it lies in. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { hashText } from "../../../src/kernel/index.ts";
import type { JobRow, Store } from "../../../src/store/index.ts";
import type { StoreKind } from "./contract.ts";
import * as rows from "./rows.ts";
import { T0 } from "./rows.ts";

/** Declares the tests of one kind of store. */
export function collectingContract(name: string, kind: StoreKind): void {
  describe(`what takes space in a store (${name})`, () => {
    let place: Awaited<ReturnType<StoreKind["create"]>>;
    let store: Store;

    const ended = { state: "done", endedAt: T0 + 9 } as const;
    const job = (id: string, run: string, call: string, change: Partial<JobRow> = {}): JobRow =>
      rows.job({ id, run, call, state: "done", ...change });
    /** A job with its call and values, all of the same name. */
    const made = (name: string, run: string): ReturnType<typeof rows.trivial> => rows.trivial(name, { run });
    const keyOf = (name: string): string => hashText(`call ${name}`);
    const loose = async (without?: readonly string[]): Promise<string[]> =>
      (await store.listLooseCalls(without)).calls.map(({ key }) => key);

    beforeEach(async () => {
      place = await kind.create();
      store = await place.open();
      await store.commit({
        runs: [rows.run({ id: "old", ...ended }), rows.run({ id: "new", ...ended, startedAt: T0 + 10 })],
      });
    });
    afterEach(async () => {
      await store.close();
      await place.dispose();
    });

    describe("removeRuns", () => {
      it("forgets runs, but none that is pinned or goes on", async () => {
        await store.commit({ runs: [rows.run({ id: "goes on" })] });
        await store.pinRun("new", true);
        expect(await store.removeRuns(["old", "new", "goes on", "none"])).toEqual(["old"]);
        expect((await store.listRuns()).map(({ id }) => id)).toEqual(["new", "goes on"]);
      });
    });

    describe("listLooseCalls", () => {
      it("answers the calls for which no recorded run has a job", async () => {
        await store.commit(rows.together([made("a", "old"), made("b", "old"), made("c", "new")]));
        await store.commit({ jobs: [job("b again", "new", keyOf("b"), { state: "cached", reason: "hit" })] });
        expect(await loose()).toEqual([]);
        expect(await loose(["old"])).toEqual([keyOf("a")]);
        expect(await loose(["old", "new"])).toEqual([keyOf("a"), keyOf("b"), keyOf("c")]);
        expect((await store.listLooseCalls(["old"])).calls).toEqual([
          { key: keyOf("a"), task: "align", builtBy: null },
        ]);
        await store.removeRuns(["old"]);
        expect(await loose()).toEqual([keyOf("a")]);
      });

      it("names of a script the task and the call that built it", async () => {
        await store.commit({
          calls: [rows.call({ key: "s", task: "script", job: "its" }), rows.call({ key: "lost", task: "script" })],
          jobs: [job("body", "old", "b"), job("its", "old", "s", { task: "script", parent: "body" })],
        });
        expect((await store.listLooseCalls(["old"])).calls).toEqual([
          { key: "s", task: "align", builtBy: "b" },
          { key: "lost", task: "script", builtBy: null },
        ]);
        expect(await store.listCallUses(["s"])).toEqual([{ call: "s", run: "old", task: "align" }]);
        expect(await store.listValueUses()).toMatchObject([
          { task: "align", calls: 0 },
          { task: "script", calls: 1 },
        ]);
      });

      it("keeps what lies below a call that was trusted as a whole, not what lies below one that was looked into", async () => {
        await store.commit({
          calls: [
            ...["trusted", "below", "deeper", "looked into", "its", "former"].map((key) => rows.call({ key })),
            rows.call({ key: "another version", taskHash: hashText("align v2") }),
          ],
          taskSets: [{ hash: rows.call().taskSet!, tasks: { align: rows.call().taskHash } }],
          callEdges: [
            { parent: "trusted", child: "below" },
            { parent: "trusted", child: "another version" },
            { parent: "below", child: "deeper" },
            { parent: "looked into", child: "its" },
            { parent: "looked into", child: "former" },
          ],
          jobs: [
            job("t", "new", "trusted", { state: "cached", reason: "hit" }),
            job("l", "new", "looked into", { state: "cached", reason: "hit" }),
            job("i", "new", "its", { parent: "l", state: "cached", reason: "hit" }),
          ],
        });
        expect(await loose()).toEqual(["former", "another version"]);
        expect((await loose(["new"])).toSorted()).toEqual(
          ["another version", "below", "deeper", "former", "its", "looked into", "trusted"].toSorted(),
        );
      });
    });

    describe("removeCalls and restoreCalls", () => {
      it("take calls out, but none that a newer job needs, and put back those that one needs by then", async () => {
        const calls = ["a", "b", "c"].map((key) => rows.call({ key }));
        await store.commit({ calls, jobs: [job("before", "old", "a")] });
        const { mark } = await store.listLooseCalls();
        await store.commit({ jobs: [job("found it", "new", "a")] });
        const taken = await store.removeCalls(["a", "b", "c", "none"], mark);
        expect(taken).toEqual([calls[1], calls[2]]);
        expect(await store.getCall("b")).toBeUndefined();
        await store.commit({ jobs: [job("had found it", "new", "c")] });
        expect(await store.restoreCalls(taken, mark)).toEqual(["c"]);
        expect(await store.getCall("c")).toEqual(calls[2]);
        expect(await store.getCall("b")).toBeUndefined();
      });

      it("leave a call that was made anew", async () => {
        await store.commit({ calls: [rows.call({ key: "a" })] });
        const taken = await store.removeCalls(["a"], 0);
        const anew = rows.call({ key: "a", createdAt: T0 + 50, job: "another" });
        await store.commit({ calls: [anew], jobs: [job("another", "new", "a")] });
        expect(await store.restoreCalls(taken, 0)).toEqual(["a"]);
        expect(await store.getCall("a")).toEqual(anew);
      });
    });

    describe("removeJobs", () => {
      it("removes jobs of forgotten runs with their attempts, so many at a time", async () => {
        await store.commit({
          jobs: [job("a", "old", "k"), job("b", "old", "k"), job("c", "old", "k"), job("d", "new", "k")],
          attempts: [rows.attempt({ job: "a" }), rows.attempt({ job: "d" })],
        });
        expect(await store.removeJobs(10)).toBe(0);
        await store.removeRuns(["old"]);
        expect(await store.removeJobs(2)).toBe(2);
        expect(await store.removeJobs(2)).toBe(1);
        expect(await store.removeJobs(2)).toBe(0);
        expect((await store.listJobs({})).map(({ id }) => id)).toEqual(["d"]);
        expect(await store.listAttempts("a")).toEqual([]);
        expect(await store.listAttempts("d")).toHaveLength(1);
      });
    });

    describe("eachText", () => {
      it("answers the texts in which something stands, of values that are in use", async () => {
        const values = ["in args", "in a result", "in an error", "in a run", "nowhere"].map((each) =>
          rows.value(JSON.stringify(`ligase:outputs ${each}`)),
        );
        const other = rows.value('"something else"');
        const [args, result, error, ofRun] = values.map(({ hash }) => hash);
        await store.commit({
          values: [...values, other],
          calls: [rows.call({ argsValue: args!, resultValue: result!, bodyValue: other.hash })],
          jobs: [job("j", "new", "k", { errorValue: error! })],
          runs: [rows.run({ id: "new", ...ended, resultValue: ofRun! })],
        });
        const texts = await all(store.eachText("ligase:outputs"));
        expect(texts.toSorted()).toEqual(
          values
            .slice(0, 4)
            .map(({ text }) => text)
            .toSorted(),
        );
        expect(await all(store.eachText("absent"))).toEqual([]);
      });

      it("answers thousands, also when its reader has enough early", async () => {
        const values = Array.from({ length: 1200 }, (_, i) => rows.value(`"x${i}"`));
        await store.commit({
          values,
          calls: values.map(({ hash }, i) => rows.call({ key: `k${i}`, argsValue: hash })),
        });
        for await (const text of store.eachText('"x')) if (text.includes("7")) break;
        expect(new Set(await all(store.eachText('"x'))).size).toBe(1200);
      });
    });

    describe("sweep", () => {
      it("keeps the environments that attempts or calls name, and every secret", async () => {
        const image = (id: string) => rows.image({ digest: `sha256:${id}`, identity: `def-${id}` });
        const images = [image("attempted"), image("called"), image("loose")];
        const secret = { name: "TOKEN", sealed: "AQID", createdAt: T0, updatedAt: T0 };
        await store.putSecret(secret);
        await store.commit({
          images,
          runs: [rows.run({ id: "goes on" })],
          jobs: [job("j", "new", "c")],
          attempts: [rows.attempt({ job: "j", image: "sha256:attempted" })],
          calls: [rows.call({ key: "c", image: "def-called@sandbox" })],
        });
        const left = async (): Promise<string[]> => {
          await store.sweep({ programs: [] }, []);
          return (await store.listImages()).map(({ digest }) => digest).sort();
        };
        // A run that goes on may be about to name it.
        expect(await left()).toEqual(images.map(({ digest }) => digest));
        await store.commit({ runs: [rows.run({ id: "goes on", ...ended })] });
        expect(await left()).toEqual(["sha256:attempted", "sha256:called"]);
        expect(await store.listSecrets()).toEqual([secret]);
      });

      it("removes every row that nothing leads to, and no other", async () => {
        const texts = ["module", "loose module"].map((text) => rows.value(JSON.stringify(text)));
        const [module, looseModule] = texts.map(({ hash }) => hash);
        const error = rows.value('"it broke"');
        await store.commit({
          ...rows.together([made("kept", "new"), made("gone", "old")]),
          tasks: [rows.task(), rows.task({ hash: "unused" })],
          taskSets: [
            { hash: hashText("set"), tasks: {} },
            { hash: "of a recovery", tasks: {} },
            { hash: "unused", tasks: {} },
          ],
          recoveries: [{ key: "r", errorValue: error.hash, taskSet: "of a recovery", createdAt: T0 }],
          programs: [
            rows.program({ id: "p", modules: [{ path: "w.ts", hash: module! }] }),
            rows.program({ id: "pointed", modules: [] }),
            rows.program({ id: "unused", modules: [{ path: "w.ts", hash: looseModule! }] }),
          ],
          runs: [rows.run({ id: "new", ...ended, program: "p" })],
          fingerprints: [rows.fingerprint(), rows.fingerprint({ path: "/gone" })],
        });
        const file = { hash: "f", name: "x", path: "/x" };
        await store.commit({ values: [...texts, error, rows.value('"loose"', [file])] });
        await store.removeRuns(["old"]);
        const { calls, mark } = await store.listLooseCalls();
        await store.removeCalls(
          calls.map(({ key }) => key),
          mark,
        );
        while ((await store.removeJobs(100)) > 0);
        expect(await store.listFingerprintPaths()).toEqual(["/data/reads 1.fq", "/gone"]);

        // Of "gone" its arguments and its result; a loose value; the text of a module.
        expect(await store.sweep({ programs: ["pointed"] }, ["/gone"])).toEqual({
          values: 4,
          valueBytes: expect.any(Number),
          tasks: 1,
          programs: 1,
          fingerprints: 1,
        });
        const held = await store.findValues([
          ...made("kept", "new").values.map(({ hash }) => hash),
          ...made("gone", "old").values.map(({ hash }) => hash),
          error.hash,
          module!,
          looseModule!,
        ]);
        expect([...held.keys()].toSorted()).toEqual(
          [...made("kept", "new").values.map(({ hash }) => hash), error.hash, module!].toSorted(),
        );
        expect((await store.findCalls([keyOf("kept")])).size).toBe(1);
        expect(await store.getTask("unused")).toBeUndefined();
        expect(await store.getTask(rows.task().hash)).toBeDefined();
        expect(await store.getProgram("unused")).toBeUndefined();
        expect(await store.getProgram("pointed")).toBeDefined();
        expect((await store.findTaskSets([hashText("set"), "of a recovery", "unused"])).length).toBe(2);
        expect(await store.findByFile("f")).toEqual([]);
        expect(await store.listDataEdges(keyOf("gone"))).toEqual([]);
        expect(await store.listFingerprintPaths()).toEqual(["/data/reads 1.fq"]);
        expect(await store.sweep({ programs: ["pointed"] }, [])).toMatchObject({ values: 0, valueBytes: 0 });
      });

      it("leaves a value whole that comes again afterwards", async () => {
        const value = rows.value('"comes again"');
        await store.commit({ values: [value] });
        await store.sweep({ programs: [] }, []);
        expect(await store.findValues([value.hash])).toEqual(new Map());
        await store.commit({ values: [value], calls: [rows.call({ argsValue: value.hash })] });
        await store.sweep({ programs: [] }, []);
        expect((await store.findValues([value.hash])).get(value.hash)).toBe(value.text);
      });
    });

    describe("what is asked about space", () => {
      it("findJobs, listCallUses, listValueUses, databaseSize", async () => {
        await store.commit(rows.together([made("a", "old"), made("b", "new")]));
        await store.commit({ jobs: [job("a again", "new", keyOf("a"), { state: "cached" })] });
        expect((await store.findJobs(["b", "none", "a"])).map(({ id }) => id)).toEqual(["a", "b"]);
        expect(await store.listCallUses([keyOf("a"), "none"])).toEqual([
          { call: keyOf("a"), run: "new", task: "align" },
          { call: keyOf("a"), run: "old", task: "align" },
        ]);
        const bytes = [...made("a", "old").values, ...made("b", "new").values].reduce(
          (n, { text }) => n + text.length,
          0,
        );
        expect(await store.listValueUses()).toEqual([{ task: "align", calls: 2, bytes }]);
        const size = await store.databaseSize();
        expect(size.bytes).toBeGreaterThan(4096);
        expect(size.free).toBeLessThan(size.bytes);
      });

      it("compact gives back what is empty", async () => {
        const many = Array.from({ length: 2000 }, (_, i) => rows.value(JSON.stringify(`${i} ${"x".repeat(500)}`)));
        await store.commit({ values: many });
        await store.sweep({ programs: [] }, []);
        const before = await store.databaseSize();
        await store.compact();
        const after = await store.databaseSize();
        expect(after.free).toBe(0);
        expect(after.bytes).toBeLessThanOrEqual(before.bytes - before.free);
        await store.commit({ values: many });
      });
    });
  });
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}
