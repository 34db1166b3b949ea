import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { testWorkflow } from "ligase/testing";
import { describe, expect, it } from "vitest";
import type * as Workflow from "./fixtures/workflow.ts";

const WORKFLOW = new URL("fixtures/workflow.ts", import.meta.url);
const open = () => testWorkflow<typeof Workflow>(WORKFLOW);

describe("testWorkflow", () => {
  it("says which tasks ran and which were cached", async () => {
    await using wf = await open();
    const { main } = wf.exports;
    const first = await wf.run(main(wf.file("reads.txt", "ACGT\nGG\n")));
    expect(first.value).toMatchObject({ lengths: [4, 2], total: 6 });
    expect(first).toMatchObject({ ran: { main: 1, upper: 1, lengths: 1, sum: 1 }, cached: {}, failed: {} });
    const again = await wf.run(main(wf.file("reads.txt", "ACGT\nGG\n")));
    expect(again).toMatchObject({ ran: {}, cached: { main: 1, upper: 1, lengths: 1, sum: 1 } });
    expect(again.value).toEqual(first.value);
    const changed = await wf.run(main(wf.file("reads.txt", "GG\nACGT\n")));
    expect(changed.ran).toEqual({ main: 1, upper: 1, lengths: 1, sum: 1 });
    const partly = await wf.run([wf.exports.sum([4, 2]), wf.exports.sum([1])]);
    expect(partly).toMatchObject({ value: [6, 1], ran: { sum: 1 }, cached: { sum: 1 } });
  });

  it("starts with an empty cache, whatever was tested before", async () => {
    for (let i = 0; i < 2; i++) {
      await using wf = await open();
      expect((await wf.run(wf.exports.sum([1, 2]))).ran).toEqual({ sum: 1 });
    }
  });

  it("snapshots a value with the sizes and hashes of its files", async () => {
    await using wf = await open();
    const { value } = await wf.run(wf.exports.main(wf.file("reads.txt", "ac\n")));
    expect(await wf.snapshot(value)).toEqual({
      lengths: [2],
      total: 2,
      upper: {
        file: "upper.txt",
        bytes: 3,
        // printf 'AC\n' | sha256sum
        sha256: "9c1027603b5e53a211339363553a097ba9a3e447ad017b9c5e98b599ad0cd95e",
      },
    });
    expect(await wf.snapshot({ at: new Date(0), input: wf.file("x.txt", "") })).toEqual({
      at: "1970-01-01T00:00:00.000Z",
      input: {
        file: "x.txt",
        bytes: 0,
        sha256: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
      },
    });
  });

  it("rejects with the task's error, and keeps what is known of the run", async () => {
    await using wf = await open();
    await expect(wf.run([wf.exports.sum([1]), wf.exports.broken(3)])).rejects.toThrow("cannot take 3");
    expect(wf.lastRun).toMatchObject({ ran: { sum: 1 }, failed: { broken: 1 } });
    const jobs = await wf.lastRun!.jobs();
    expect(jobs).toContainEqual({ task: "broken", state: "failed", reason: "new", args: [3] });
    expect((await wf.run(wf.exports.sum([1]))).cached).toEqual({ sum: 1 });
  });

  it("puts functions in place of tasks, for one run alone", async () => {
    await using wf = await open();
    const reads = wf.file("reads.txt", "ACGT\nGG\n");
    const seen: unknown[] = [];
    const sum = (lengths: readonly number[]) => (seen.push(lengths), -1);
    const stubbed = await wf.run(wf.exports.main(reads), { stubs: { sum, lengths: () => [7, 8, 9] } });
    expect(stubbed.value).toMatchObject({ lengths: [7, 8, 9], total: -1 });
    expect(seen).toEqual([[7, 8, 9]]);
    expect(stubbed.ran).toEqual({ main: 1, upper: 1, lengths: 1, sum: 1 });
    // What the stubs gave is not there for others, nor for a run with other stubs of that name.
    expect((await wf.run(wf.exports.main(reads), { stubs: { sum: async () => -2 } })).value).toMatchObject({
      total: -2,
    });
    const whole = await wf.run(wf.exports.main(reads));
    expect(whole).toMatchObject({ value: { lengths: [4, 2], total: 6 }, ran: { main: 1, sum: 1 }, cached: {} });
    expect((await wf.run(wf.exports.main(reads), { stubs: {} })).ran).toEqual({});
  });

  it("refuses a stub of what is no task", async () => {
    await using wf = await open();
    const stubs = { nothing: () => 1 } as unknown as { sum?: () => number };
    await expect(wf.run(wf.exports.sum([1]), { stubs })).rejects.toThrow("no task nothing");
  });

  it("keeps fixtures inside of its folder, and removes it", async () => {
    const wf = await open();
    expect(() => wf.file("../outside.txt", "")).toThrow(/outside of the temporary folder/);
    const folder = mkdtempSync(join(tmpdir(), "ligase-fixture-"));
    writeFileSync(join(folder, "a.txt"), "aa\n");
    const copied = wf.copy(pathToFileURL(join(folder, "a.txt")), "deep/b.txt");
    expect(copied.path).toBe(wf.path("deep/b.txt"));
    expect((await wf.run(wf.exports.main(copied))).value.lengths).toEqual([2]);
    expect(wf.copy(join(folder, "a.txt")).name).toBe("a.txt");
    rmSync(folder, { recursive: true });
    await wf.close();
    expect(existsSync(wf.dir)).toBe(false);
  });

  it("ends what runs when it is closed", async () => {
    const wf = await open();
    const run = wf.run(wf.exports.sleep());
    await expect.poll(() => existsSync(wf.dir) && readdirSync(join(wf.dir, ".ligase/work")).length).toBe(1);
    await Promise.all([expect(run).rejects.toThrow(/cancelled/), wf.close()]);
  });

  it("takes settings, and names what is wrong with the workflow", async () => {
    await using wf = await testWorkflow<typeof Workflow>(WORKFLOW, { config: { cpus: 1 } });
    await expect(wf.run(wf.exports.wide())).rejects.toThrow(/2 .*CPU|asks for 2/i);
    await expect(testWorkflow("no-such-workflow.ts")).rejects.toMatchObject({ code: "LIGASE_E_NO_FILE" });
  });
});
