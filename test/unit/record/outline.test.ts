import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { outline, type OutlineGroup } from "../../../src/record/index.ts";
import { openStore } from "../../../src/store/index.ts";
import type { JobRow, Store } from "../../../src/store/index.ts";
import * as rows from "../store/rows.ts";

let store: Store;
beforeEach(async () => {
  store = await openStore(":memory:");
});
afterEach(() => store.close());

const job = (id: string, parent: string | null, change: Partial<JobRow> = {}): JobRow =>
  rows.job({ id, parent, state: "done", ...change });

/** `main(align×2+5)`: the jobs that are shown by their ids, the others counted. */
function drawn(groups: readonly OutlineGroup[]): unknown {
  return groups.map(({ task, jobs, more }) => ({
    [task]: jobs.map(({ job: { id }, groups: below, deeper }) =>
      below.length > 0 ? { [id]: drawn(below) } : deeper ? `${id} …` : id,
    ),
    ...(more > 0 && { more }),
  }));
}

const shown = async (options: Parameters<typeof outline>[2] = {}): Promise<unknown> =>
  drawn(await outline(store, "run0000000001", options));

describe("outline", () => {
  it("puts each job under the one that called it, by task, in the order of the calls", async () => {
    await store.commit({
      jobs: [
        job("m", null, { task: "main" }),
        job("b", "m", { createdAt: rows.T0 + 2 }),
        job("a", "m", { createdAt: rows.T0 + 1 }),
        job("s", "m", { task: "sort" }),
        job("x", "a", { task: "qc" }),
        job("elsewhere", null, { run: "other" }),
      ],
    });
    expect(await shown()).toEqual([{ main: [{ m: [{ align: [{ a: [{ qc: ["x"] }] }, "b"] }, { sort: ["s"] }] }] }]);
    expect(drawn(await outline(store, "none"))).toEqual([]);
  });

  it("leaves out what goes without saying: small computations and scripts, whose state their task has", async () => {
    await store.commit({
      jobs: [
        job("m", null, { task: "main" }),
        job("l", "m", { task: "lift:plus" }),
        job("a", "m"),
        job("as", "a", { task: "script" }),
        job("b", "m", { state: "cached" }),
        job("bs", "b", { task: "script", startedAt: rows.T0 + 3, endedAt: rows.T0 + 9 }),
        job("c", "m", { state: "cached" }),
      ],
    });
    expect(await shown()).toEqual([{ main: [{ m: [{ align: ["a", "b", "c"] }] }] }]);
    const [top] = await outline(store, "run0000000001");
    const [, b, c] = top?.jobs[0]?.groups[0]?.jobs ?? [];
    expect(b?.job).toMatchObject({ id: "b", state: "done", startedAt: rows.T0 + 3, endedAt: rows.T0 + 9 });
    expect(c?.job.state).toBe("cached");
  });

  it("of many shows those that tell something, and counts the rest", async () => {
    const many = Array.from({ length: 40 }, (_, i) => job(`d${String(i).padStart(2, "0")}`, "m", { state: "cached" }));
    await store.commit({
      jobs: [job("m", null, { task: "main" }), ...many, job("ok", "m"), job("bad", "m", { state: "failed" })],
    });
    expect(await shown({ siblings: 4 })).toEqual([{ main: [{ m: [{ align: ["bad", "ok", "d00"], more: 39 }] }] }]);
    expect(await shown({ siblings: 42 })).toMatchObject([{ main: [{ m: [{ align: { length: 42 } }] }] }]);
  });

  it("shows so many levels", async () => {
    await store.commit({ jobs: [0, 1, 2].map((i) => job(`j${i}`, i === 0 ? null : `j${i - 1}`)) });
    expect(await shown({ depth: 3 })).toEqual([{ align: [{ j0: [{ align: [{ j1: [{ align: ["j2"] }] }] }] }] }]);
    expect(await shown({ depth: 2 })).toEqual([{ align: [{ j0: [{ align: ["j1 …"] }] }] }]);
  });

  it("shows what is wanted, with what leads there", async () => {
    await store.commit({
      jobs: [
        job("m", null, { task: "main" }),
        job("a", "m"),
        job("b", "m"),
        job("x", "a", { task: "qc", state: "failed" }),
        job("y", "b", { task: "qc" }),
      ],
    });
    expect(await shown({ filter: { states: ["failed"] } })).toEqual([
      { main: [{ m: [{ align: [{ a: [{ qc: ["x"] }] }] }] }] },
    ]);
    expect(await shown({ filter: { task: "none" } })).toEqual([]);
  });
});
