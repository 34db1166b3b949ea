import { existsSync, readdirSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { Sharing } from "../../../src/engine/sharing.ts";
import { collect } from "../../../src/retention/index.ts";
import { openStore, type Store } from "../../../src/store/index.ts";
import * as rows from "../store/rows.ts";
import { ended, fixture, keyOf, outputOf, withFile } from "./fixture.ts";

const NOW = { graceMs: 0 };

/** An engine at work on a connection of its own: `flush` is what it records when it is asked what it has. */
async function engineAtWork(storeDir: string, flush: (store: Store) => Promise<void>) {
  const store = await openStore(storeDir, { writer: "inline" });
  const sharing = new Sharing(store, hostname());
  await sharing.open();
  const run = { id: "running", stopping: false, track() {} };
  sharing.attach(run, { inFlight: () => [], flush: () => flush(store), adopt: async () => false });
  const loop = setInterval(() => void sharing.check()?.catch(() => {}), 5);
  return {
    id: sharing.id,
    async stop(): Promise<void> {
      clearInterval(loop);
      sharing.detach(run);
      await sharing.close();
      await store.close();
    },
  };
}

it("puts back what a run beside it had found before it was taken out, with its files", async () => {
  const { record, store, write } = await fixture();
  await store.commit({ runs: [ended("old"), rows.run({ id: "running" })] });
  for (const name of ["found", "other"]) {
    await store.commit(withFile(name, "old"));
    write(`${outputOf(name)}/x.bam`, name);
  }
  const found = await store.getCall(keyOf("found"));
  // It has looked "found" up, and records so when it is asked; but not before it has been taken out.
  const job = rows.job({ id: "its job", run: "running", call: keyOf("found"), state: "pending", reason: "hit" });
  const engine = await engineAtWork(record.storeDir, async (own) => {
    if ((await own.getCall(keyOf("found"))) === undefined) await own.commit({ jobs: [job] });
  });
  const { runs, calls, beside } = await collect(record, { ...NOW, runs: [ended("old")] });
  await engine.stop();
  expect({ runs, calls, beside }).toEqual({ runs: ["old"], calls: [{ task: "align", calls: 1 }], beside: true });
  expect(await store.getCall(keyOf("found"))).toEqual(found);
  expect((await store.findCalls([keyOf("found")])).size).toBe(1);
  expect(await store.getCall(keyOf("other"))).toBeUndefined();
  expect(existsSync(join(record.storeDir, outputOf("found"), "x.bam"))).toBe(true);
  expect(existsSync(join(record.storeDir, outputOf("other")))).toBe(false);
  // What it held is free again.
  expect(await store.claim("anybody", [keyOf("found"), keyOf("other")])).toEqual(new Map());
});

it("leaves what a run beside it is at work on, and what only its memory may need", async () => {
  const { record, store, write } = await fixture();
  await store.commit({ runs: [ended("old"), rows.run({ id: "running" })] });
  await store.commit(withFile("claimed", "old"));
  await store.commit({ values: [rows.value('"nothing names it"')], tasks: [rows.task({ hash: "unused" })] });
  write(`${outputOf("claimed")}/x.bam`, "");
  write(`${outputOf("new")}/x.bam`, "committed, and not recorded yet");
  write("code/0000.mjs", "");
  const engine = await engineAtWork(record.storeDir, async () => {});
  await store.claim(engine.id, [keyOf("claimed"), keyOf("new")]);
  await collect(record, { ...NOW, runs: [ended("old")] });
  expect(await store.getCall(keyOf("claimed"))).toBeDefined();
  for (const path of [`${outputOf("claimed")}/x.bam`, `${outputOf("new")}/x.bam`, "code/0000.mjs"]) {
    expect(existsSync(join(record.storeDir, path))).toBe(true);
  }
  expect((await store.findValues([rows.value('"nothing names it"').hash])).size).toBe(1);
  expect(await store.getTask("unused")).toBeDefined();
  await engine.stop();
  await collect(record, NOW);
  expect(
    readdirSync(join(record.storeDir, "outputs")).flatMap((part) =>
      readdirSync(join(record.storeDir, "outputs", part)),
    ),
  ).toEqual([]);
  expect(existsSync(join(record.storeDir, "code/0000.mjs"))).toBe(false);
  expect((await store.findValues([rows.value('"nothing names it"').hash])).size).toBe(0);
  expect(await store.getTask("unused")).toBeUndefined();
});

it("lets those who come while it sweeps wait until it is done", async () => {
  const { record, store } = await fixture();
  const order: string[] = [];
  const sweep = store.sweep.bind(store);
  let newcomer: Promise<void> | undefined;
  store.sweep = async (...given) => {
    newcomer = (async () => {
      const other = await openStore(record.storeDir);
      const sharing = new Sharing(other, hostname());
      await sharing.open();
      order.push("came in");
      await sharing.close();
      await other.close();
    })();
    await new Promise((resolve) => setTimeout(resolve, 300));
    const swept = await sweep(...given);
    order.push("swept");
    return swept;
  };
  expect((await collect(record, NOW)).beside).toBe(false);
  await newcomer;
  expect(order).toEqual(["swept", "came in"]);
  expect(await store.listEngines()).toEqual([]);
});

it("removes what nothing leads to, once that is old enough, and empties the trash", async () => {
  const { record, store, write } = await fixture();
  await store.commit({ runs: [ended("run")] });
  await store.commit(withFile("kept", "run"));
  const rests = [
    `${outputOf("never recorded")}/x.bam`,
    `${outputOf("kept")}.tmp-abc/x.bam`,
    `${outputOf("kept")}.old-abc/x.bam`,
    "work/nobody-1/left.txt",
    "logs/nothing/a.out",
    "code/1234.mjs",
    "http/aaaa/v1/reads.fq",
    "trash/abc/x.bam",
    "values/ab/cdef",
  ];
  for (const path of [...rests, `${outputOf("kept")}/x.bam`]) write(path, "1234");
  const there = () => rests.filter((path) => existsSync(join(record.storeDir, path)));
  // Values are written while the store is held, and what is in the trash was meant to go.
  await collect(record);
  expect(there()).toEqual(rests.filter((path) => !/^(trash|values)/.test(path)));
  const { frees } = await collect(record, NOW);
  expect(there()).toEqual([]);
  expect(existsSync(join(record.storeDir, outputOf("kept"), "x.bam"))).toBe(true);
  expect(existsSync(join(record.storeDir, "trash"))).toBe(false);
  expect(Object.fromEntries(frees.map(({ kind, things, bytes }) => [kind, [things, bytes]]))).toEqual({
    outputs: [3, 12],
    work: [1, 4],
    logs: [1, 4],
    code: [1, 4],
    downloads: [1, 4],
  });
});

it("keeps files that a value names, whoever made them", async () => {
  const { record, store, write } = await fixture();
  const path = `${outputOf("of a forgotten run")}/x.bam`;
  write(path, "given by its path as an input");
  const args = rows.value(`[{"$":"file","v":{"path":"ligase:${path}","hash":"${"ab".repeat(32)}","size":1}}]`);
  await store.commit({ runs: [ended("run", { argsValue: args.hash })], values: [args] });
  await collect(record, NOW);
  expect(existsSync(join(record.storeDir, path))).toBe(true);
  await collect(record, { ...NOW, runs: [ended("run")] });
  expect(existsSync(join(record.storeDir, path))).toBe(false);
});

it("keeps the download that is used now by what is recorded, and no older one", async () => {
  const { record, store, write } = await fixture();
  const { hashText } = await import("../../../src/kernel/index.ts");
  const used = hashText("https://example.org/ref.fa");
  const unused = hashText("https://example.org/other.fa");
  for (const url of [used, unused]) {
    write(`http/${url}/cached.json`, '{"url":"","file":"v2/ref.fa","size":1}');
    write(`http/${url}/v1/ref.fa`, "");
    write(`http/${url}/v2/ref.fa`, "");
  }
  const args = rows.value('[{"$":"file","v":{"path":"https://example.org/ref.fa","hash":"ab","size":1}}]');
  await store.commit({ runs: [ended("run", { argsValue: args.hash })], values: [args] });
  await collect(record, NOW);
  expect(readdirSync(join(record.storeDir, "http", used)).toSorted()).toEqual(["cached.json", "v2"]);
  expect(existsSync(join(record.storeDir, "http", unused, "v2"))).toBe(false);
});

it("keeps the code of recorded runs, and what entries have now", async () => {
  const { record, store, write } = await fixture();
  const [used, pointed, loose] = ["a", "b", "c"].map((letter) => letter.repeat(40));
  for (const id of [used, pointed, loose]) for (const end of ["mjs", "mjs.map", "json"]) write(`code/${id}.${end}`, "");
  write("code/entry-1.json", JSON.stringify(pointed));
  await store.commit({ runs: [ended("run", { program: used! })] });
  await collect(record, NOW);
  const left = readdirSync(join(record.storeDir, "code")).map((name) => name.split(".")[0]);
  expect(new Set(left)).toEqual(new Set([used, pointed, "entry-1"]));
});

it("does not touch a pinned run, one that goes on, or one that is not there", async () => {
  const { record, store } = await fixture();
  const { hostname: name } = await import("node:os");
  const [pinned, running] = [ended("pinned", { pinned: true }), rows.run({ id: "running", host: `not ${name()}` })];
  await store.commit({ runs: [pinned, running] });
  expect((await collect(record, { ...NOW, runs: [pinned, running, ended("none")] })).runs).toEqual([]);
  expect(await store.listRuns()).toHaveLength(2);
});

it("removes trees that a tool has closed", async () => {
  const { record, store, write } = await fixture();
  const { chmodSync } = await import("node:fs");
  await store.commit({ runs: [] });
  chmodSync(join(write("work/job-1/a/b/c.txt", ""), ".."), 0o500);
  chmodSync(join(record.storeDir, "work/job-1/a"), 0o500);
  expect((await collect(record, NOW)).frees).toEqual([{ kind: "work", things: 1, bytes: 0 }]);
  expect(readdirSync(join(record.storeDir, "work"))).toEqual([]);
});
