import { describe, expect, it } from "vitest";
import { plan, takeInventory, usageByKind, usageByRun, usageByTask } from "../../../src/retention/index.ts";
import { discard } from "../../../src/retention/remove.ts";
import * as rows from "../store/rows.ts";
import { existsSync, renameSync } from "node:fs";
import { join } from "node:path";
import { ended, fixture, keyOf, outputOf, withFile } from "./fixture.ts";

/** Two runs: `a` is of the first, `b` of both, `c` of the second; a script that `b` built. */
async function twoRuns() {
  const made = await fixture();
  const { store, write } = made;
  await store.commit({ runs: [ended("one"), ended("two", { startedAt: rows.T0 + 5 })] });
  await store.commit(withFile("a", "one"));
  await store.commit(withFile("b", "one"));
  await store.commit(withFile("c", "two"));
  const script = withFile("script of b", "one");
  await store.commit({
    ...script,
    jobs: [rows.job({ ...script.jobs![0], parent: "b", task: "script" })],
    calls: [{ ...script.calls![0]!, task: "script" }],
  });
  await store.commit({
    jobs: [rows.job({ id: "b again", run: "two", call: keyOf("b"), state: "cached", reason: "hit" })],
  });
  write(`${outputOf("a")}/x.bam`, "1");
  write(`${outputOf("b")}/x.bam`, "22");
  write(`${outputOf("c")}/x.bam`, "333");
  write(`${outputOf("script of b")}/x.bam`, "4444");
  write("work/c-1/left.txt", "55555");
  write("logs/one/a-1.out", "666666");
  write("logs/one/a-1.err", "7");
  write("logs/one/script of b-1.out", "88");
  write("outputs/README", "somebody's own");
  write("notes.txt", "1234567890");
  return made;
}

describe("plan", () => {
  it("says what would go with a run, and what would run again, and changes nothing", async () => {
    const { record, store } = await twoRuns();
    const inventory = takeInventory(record.storeDir);
    const { runs, stay, calls, frees } = await plan(record, inventory, { runs: [ended("one")] });
    expect(runs.map(({ id }) => id)).toEqual(["one"]);
    expect(stay).toEqual([]);
    // The script goes with nothing: what built it stays. It is told by the name of its task.
    expect(calls).toEqual([{ task: "align", calls: 2 }]);
    expect(frees).toEqual([
      { kind: "outputs", things: 2, bytes: 5 },
      { kind: "logs", things: 1, bytes: 9 },
    ]);
    expect(await store.listRuns()).toHaveLength(2);
    expect(takeInventory(record.storeDir)).toEqual(inventory);
  });

  it("counts a script with the call that built it where both go", async () => {
    const { record } = await twoRuns();
    const { calls } = await plan(record, takeInventory(record.storeDir), { runs: [ended("one"), ended("two")] });
    expect(calls).toEqual([{ task: "align", calls: 3 }]);
  });

  it("names what was chosen and stays: pinned, or going on", async () => {
    const { record, store } = await twoRuns();
    const running = rows.run({ id: "three" });
    await store.commit({ runs: [running] });
    const chosen = [ended("one", { pinned: true }), running];
    const { runs, stay, calls, frees } = await plan(record, takeInventory(record.storeDir), { runs: chosen });
    expect({ runs, stay, calls, frees }).toEqual({ runs: [], stay: chosen, calls: [], frees: [] });
  });
});

describe("usage", () => {
  it("by kind: all that is in the folder, most first", async () => {
    const { record } = await twoRuns();
    const kinds = await usageByKind(record, takeInventory(record.storeDir));
    expect(kinds[0]).toMatchObject({ kind: "database", things: 1 });
    expect(kinds.slice(1)).toEqual([
      { kind: "outputs", things: 4, bytes: 10 },
      { kind: "other", things: 1, bytes: 10 },
      { kind: "logs", things: 1, bytes: 9 },
      { kind: "work", things: 1, bytes: 5 },
    ]);
  });

  it("by run: what it needs, and what it alone needs", async () => {
    const { record } = await twoRuns();
    const runs = await usageByRun(record, takeInventory(record.storeDir));
    expect(runs.map(({ run, ...usage }) => [run.id, usage])).toEqual([
      ["two", { outputs: 5, work: 5, logs: 0, bytes: 10, own: 8 }],
      ["one", { outputs: 7, work: 0, logs: 9, bytes: 16, own: 14 }],
    ]);
  });

  it("by task: a script is its task's; of one run, what that needs", async () => {
    const { record, write } = await twoRuns();
    write(`${outputOf("of nobody")}/x.bam`, "9999999");
    const [align, nobody, ...others] = await usageByTask(record, takeInventory(record.storeDir));
    expect(align).toMatchObject({ task: "align", calls: 3, outputs: 10, work: 5, logs: 9 });
    expect(align!.values).toBeGreaterThan(100);
    expect(align!.bytes).toBe(10 + 5 + 9 + align!.values);
    expect(nobody).toEqual({ task: "", calls: 0, outputs: 7, work: 0, logs: 0, values: 0, bytes: 7 });
    expect(others).toEqual([]);
    const ofTwo = await usageByTask(record, takeInventory(record.storeDir), "two");
    expect(ofTwo).toMatchObject([{ task: "align", outputs: 5, work: 5, logs: 0, values: 0 }]);
  });
});

describe("discard", () => {
  it("leaves what came to the place of what was meant", async () => {
    const { record, write } = await fixture();
    write(`${outputOf("a")}/x.bam`, "old");
    const [place] = takeInventory(record.storeDir).outputs;
    renameSync(join(record.storeDir, outputOf("a")), join(record.storeDir, "elsewhere"));
    write(`${outputOf("a")}/x.bam`, "new");
    expect(discard(place!, record.storeDir)).toBe(false);
    expect(existsSync(join(record.storeDir, outputOf("a"), "x.bam"))).toBe(true);
    const [now] = takeInventory(record.storeDir).outputs;
    expect(discard(now!, record.storeDir)).toBe(true);
    expect(existsSync(join(record.storeDir, outputOf("a")))).toBe(false);
    expect(discard(now!, record.storeDir)).toBe(false);
  });
});
