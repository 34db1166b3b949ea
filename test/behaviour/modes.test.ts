import { describe, expect, it } from "vitest";
import { counts, project } from "./project.ts";

// Cheap trials: of every map only the first items, or stubs in place of bodies. Neither is ever taken for the real run.

const MAPS = `
  const names = task(() => { note("names"); return ["a", "b", "c", "d", "e"]; });
  const lanes = task((name: string) => { note("lanes " + name); return [1, 2, 3].map((lane) => name + lane); });
  const trim = task((lane: string) => { note("trim " + lane); return lane.toUpperCase(); });
  const join = task((parts: string[]) => { note("join"); return parts.join(); });
  export const main = task(() => map(names(), (name) => join(map(lanes(name), trim))));
`;

describe("a run of a sample", () => {
  it("takes the first items of every map, of maps in maps too", async () => {
    const p = project(MAPS);
    const { value, ran } = await p.run("main", [], { settings: { sample: 2 } });
    expect(value).toEqual(["A1,A2", "B1,B2"]);
    expect(counts(ran)).toEqual({
      names: 1,
      "lanes a": 1,
      "lanes b": 1,
      "trim a1": 1,
      "trim a2": 1,
      "trim b1": 1,
      "trim b2": 1,
      join: 2,
    });
  });

  it("is cached for samples of the same size, and for no other run", async () => {
    const p = project(MAPS);
    const sample = (n: number) => p.run("main", [], { settings: { sample: n } });
    await sample(1);
    expect(await sample(1)).toMatchObject({ value: ["A1"], ran: [] });
    expect(counts((await sample(2)).ran)).toMatchObject({ names: 1, join: 2, "trim a1": 1 });
    const whole = await p.run("main");
    expect(whole.value).toHaveLength(5);
    expect(counts(whole.ran)).toMatchObject({ names: 1, join: 5, "trim a1": 1 });
    expect(await sample(1)).toMatchObject({ value: ["A1"], ran: [] });
    expect((await p.run("main")).ran).toEqual([]);
    p.edit("workflow.ts", "toUpperCase()", "repeat(2)");
    expect(await sample(1)).toMatchObject({ value: ["a1a1"], ran: ["trim a1", "join"] });
  });

  it("never evaluates the calls of a list that it leaves out", async () => {
    const p = project(`
      const make = task((n: number) => { note("make " + n); return n; });
      const use = task((n: number) => { note("use " + n); return n; });
      export const main = task(() => map([make(1), make(2), make(3)], (n) => use(n)));
    `);
    expect(await p.run("main", [], { settings: { sample: 1 } })).toMatchObject({
      value: [1],
      ran: ["make 1", "use 1"],
    });
  });

  it("takes the first in the order of the list, whatever is there first", async () => {
    const p = project(`
      const list = task(async (name: string) => {
        if (name === "slow") await until("quick");
        note(name);
        return [name + 1, name + 2];
      });
      const use = task((name: string) => { note("use " + name); return name; });
      export const main = task(() => map(flatten([list("slow"), list("quick")]), (name) => use(name)));
      export const indexed = task(() => map(flatten([list("slow"), list("quick")]), (name, i) => [i, use(name)]));
    `);
    const settings = { sample: 1 };
    expect(await p.run("main", [], { settings })).toMatchObject({ value: ["slow1"] });
    expect(await p.run("indexed", [], { settings })).toMatchObject({ value: [[0, "slow1"]] });
  });

  it("leaves whole what no map goes over: attemptAll, groups, seq and reduce", async () => {
    const p = project(`
      const ok = task((n: number) => { note("ok " + n); if (n === 2) throw new Error("bad"); return n; });
      const add = task((a: number, b: number) => a + b);
      const size = task((items: number[]) => items.length);
      export const tried = task(() => attemptAll([ok(1), ok(2), ok(3)]));
      export const grouped = task(() =>
        map(groupBy([1, 2, 3, 4, 5, 6], lift((n: number) => n % 3)), ({ key, items }) => [key, size(items)]));
      export const folded = task(() => reduce([1, 2, 3], add));
      export const ordered = task(() => seq([ok(1), ok(3), ok(4)]));
    `);
    const settings = { sample: 2 };
    expect((await p.run("tried", [], { settings })).value).toEqual([1, { error: "bad" }, 3]);
    expect((await p.run("grouped", [], { settings })).value).toEqual([
      [1, 2],
      [2, 2],
    ]);
    expect((await p.run("folded", [], { settings })).value).toBe(6);
    expect((await p.run("ordered", [], { settings })).value).toEqual([1, 3, 4]);
  });

  it("zips what it cut with what it did not", async () => {
    const p = project(`
      const up = task((n: number) => n + 1);
      export const main = task((list: number[]) => zip(list, map(list, (n) => up(n))));
    `);
    const settings = { sample: 2 };
    expect((await p.run("main", [[1, 2, 3]], { settings })).value).toEqual([
      [1, 2],
      [2, 3],
    ]);
  });

  it("says of async bodies and traces the same", async () => {
    const p = project(`
      const use = task((n: number) => { note("use " + n); return n; });
      export const main = task(async () => { note("main"); return (await map([1, 2, 3], (n) => use(n))).length; });
    `);
    const settings = { sample: 2 };
    expect(await p.run("main", [], { settings })).toMatchObject({ value: 2, ran: ["main", "use 1", "use 2"] });
    expect(await p.run("main", [], { settings })).toMatchObject({ value: 2, ran: [] });
    expect(counts((await p.run("main")).ran)).toEqual({ main: 1, "use 1": 1, "use 2": 1, "use 3": 1 });
  });

  it("keeps recoveries to itself", async () => {
    const p = project(`
      const total = task((list: number[]) => { note("total"); if (list.length < 3) throw new Error("few"); return list.length; });
      export const main = task(() => attempt(total(map([1, 2, 3], lift((n: number) => n))), -1));
    `);
    expect(await p.run("main", [], { settings: { sample: 2 } })).toMatchObject({ value: -1, ran: ["total"] });
    expect(await p.run("main")).toMatchObject({ value: 3, ran: ["total"] });
    expect(await p.run("main", [], { settings: { sample: 2 } })).toMatchObject({ value: -1, ran: [] });
  });

  it("refuses a sample of nothing", async () => {
    const p = project(MAPS);
    for (const sample of [0, -1, 1.5]) {
      expect((await p.run("main", [], { settings: { sample } })).error).toMatchObject({ code: "LIGASE_E_OPTION" });
    }
  });
});

const STUBBED = `
  const count = task(
    { memory: "900 GiB", cpu: 4000, limits: { ncbi: 99 }, stub: (text) => { note("stub of count"); return text.length; } },
    (text: string) => { note("count"); return text.length * 10; },
  );
  const plain = task((n: number) => { note("plain"); return n + 1; });
  export const main = task((text: string) => plain(count(text)));
`;

describe("a run of stubs", () => {
  it("runs stubs in place of bodies, with no need of what these need, and the bodies of tasks without one", async () => {
    const p = project(STUBBED);
    expect(await p.run("main", ["abc"], { settings: { stub: true } })).toMatchObject({
      value: 4,
      ran: ["stub of count", "plain"],
    });
    expect((await p.run("main", ["abc"])).error).toMatchObject({ code: "LIGASE_E_CAPACITY" });
  });

  it("is cached for other runs of stubs, by the code of the stubs, and for no normal one", async () => {
    const p = project(STUBBED.replace(`memory: "900 GiB", cpu: 4000, limits: { ncbi: 99 }, `, ""));
    const stub = () => p.run("main", ["abc"], { settings: { stub: true } });
    await stub();
    expect(await stub()).toMatchObject({ value: 4, ran: [] });
    expect(await p.run("main", ["abc"])).toMatchObject({ value: 31, ran: ["count", "plain"] });
    // The body has no part in a run of stubs, the stub none in a normal one.
    p.edit("workflow.ts", "length * 10", "length * 100");
    expect(await stub()).toMatchObject({ value: 4, ran: [] });
    expect(await p.run("main", ["abc"])).toMatchObject({ value: 301, ran: ["count", "plain"] });
    p.edit("workflow.ts", "return text.length; }", "return text.length + 1; }");
    expect(await stub()).toMatchObject({ value: 5, ran: ["stub of count", "plain"] });
    expect(await p.run("main", ["abc"])).toMatchObject({ value: 301, ran: [] });
  });

  it("takes files that a stub writes, and scripts, in place of those of a script", async () => {
    const p = project(`
      const align = task(
        { cpu: 999, stub: (name) => script({ outputs: { bam: "sorted.bam" } })\`echo stub of \${name} > sorted.bam\` },
        (name: string) => script({ outputs: { bam: "sorted.bam" } })\`no-such-tool \${name} > sorted.bam\`,
      );
      const index = task(
        { stub: async () => ({ bai: await File.write("x.bai", "written") }) },
        (bam: File) => script({ outputs: { bai: "x.bai" } })\`no-such-tool \${bam} > x.bai\`,
      );
      const read = task(async (bam: File, bai: File) => [await bam.text(), await bai.text(), bam.name]);
      export const main = task((name: string) => {
        const { bam } = align(name);
        return read(bam, index(bam).bai);
      });
    `);
    const settings = { stub: true };
    expect((await p.run("main", ["x"], { settings })).value).toEqual(["stub of x\n", "written", "sorted.bam"]);
    expect((await p.run("main", ["x"])).error).toMatchObject({ code: "LIGASE_E_CAPACITY" });
  });

  it("lets a stub call tasks, whose stubs run in turn, and be async", async () => {
    const p = project(`
      const inner = task({ stub: (n) => { note("inner stub"); return n; } }, (n: number) => { note("inner"); return n; });
      const outer = task(
        { stub: async (n) => { note("outer stub"); return (await inner(n)) + 1; } },
        (n: number) => { note("outer"); return inner(n); },
      );
      export const main = task((n: number) => outer(n));
    `);
    expect(await p.run("main", [1], { settings: { stub: true } })).toMatchObject({
      value: 2,
      ran: ["outer stub", "inner stub"],
    });
    expect(await p.run("main", [1])).toMatchObject({ value: 1, ran: ["outer", "inner"] });
  });

  it("may be of a sample as well, which is then neither of both alone", async () => {
    const p = project(`
      const use = task({ stub: (n) => { note("stub " + n); return n; } }, (n: number) => { note("use " + n); return n; });
      export const main = task(() => map([1, 2], (n) => use(n)));
    `);
    expect(await p.run("main", [], { settings: { stub: true, sample: 1 } })).toMatchObject({
      value: [1],
      ran: ["stub 1"],
    });
    expect(await p.run("main", [], { settings: { sample: 1 } })).toMatchObject({ value: [1], ran: ["use 1"] });
    expect((await p.run("main", [], { settings: { stub: true } })).ran.toSorted()).toEqual(["stub 1", "stub 2"]);
  });
});
