import { describe, expect, it } from "vitest";
import { counts, project } from "./project.ts";

describe("arguments given to bodies are copies", () => {
  it.each([["task("], [`task({ memory: "64 MiB" }, `]])(
    "%s: what one does to them its siblings do not see",
    async (make) => {
      const p = project(`
      const spoil = ${make}(list: number[], record: { deep: { a: number[] } }, _: number) => { list.push(9); record.deep.a.length = 0; return [list.length, record.deep.a.length]; });
      const keep = ${make}(list: number[], record: { deep: { a: number[] } }) => [list.length, record.deep.a.length]);
      const made = task(() => [1, 2, 3]);
      const record = { deep: { a: [1, 2] } };
      export const main = task(() => {
        const list = made();
        return seq([spoil(list, record, 1), spoil(list, record, 2), keep(list, record), list]);
      });
    `);
      expect((await p.run("main")).value).toEqual([
        [4, 0],
        [4, 0],
        [3, 2],
        [1, 2, 3],
      ]);
    },
  );
});

describe("lifted functions", () => {
  it("run, and are replayed, without the body that calls them", async () => {
    const p = project(`
      const mapped = task(() => { note("mapped"); return 90; });
      const rate = lift((mapped: number, total: number) => { note("rate"); return mapped / total; });
      export const main = task((total: number) => { note("main"); return rate(mapped(), total); });
      export const inside = task((total: number) => { note("inside"); return lift((a: number) => { note("lifted"); return a + 1; })(mapped()); });
    `);
    expect(await p.run("main", [100])).toMatchObject({ value: 0.9, ran: ["main", "mapped", "rate"] });
    expect(await p.run("main", [100])).toMatchObject({ value: 0.9, ran: [] });
    expect(await p.run("inside", [100])).toMatchObject({ value: 91, ran: ["inside", "lifted"] });
    p.edit("workflow.ts", "return 90", "return 80");
    expect(await p.run("main", [100])).toMatchObject({ value: 0.8, ran: ["mapped", "rate"] });
    expect(await p.run("inside", [100])).toMatchObject({ value: 81, ran: ["lifted"] });
  });
});

describe("tasks as values", () => {
  const TASKS = `
    const double = task((x: number) => { note("double"); return 2 * x; });
    const square = task((x: number) => { note("square"); return x * x; });
    const twice = task((f: typeof double, x: number) => { note("twice"); return f(f(x)); });
    const choose = task((name: string) => { note("choose"); return name === "double" ? double : square; });
    const apply = task((f: typeof double, x: number) => { note("apply"); return f(x); });
    export const main = task(() => twice(double, 3));
    export const chosen = task((name: string) => apply(choose(name), 3));
    export const each = task(() => map([double, square], (f) => apply(f, 5)));
  `;

  it("are arguments", async () => {
    const p = project(TASKS);
    expect(await p.run("main")).toMatchObject({ value: 12, ran: ["twice", "double", "double"] });
    expect(await p.run("main")).toMatchObject({ value: 12, ran: [] });
    p.edit("workflow.ts", "2 * x", "3 * x");
    expect(await p.run("main")).toMatchObject({ value: 27, ran: ["double", "double"] });
  });

  it("are results", async () => {
    const p = project(TASKS);
    expect(await p.run("chosen", ["double"])).toMatchObject({ value: 6, ran: ["choose", "apply", "double"] });
    expect(await p.run("chosen", ["double"])).toMatchObject({ value: 6, ran: [] });
    expect(await p.run("chosen", ["square"])).toMatchObject({ value: 9, ran: ["choose", "apply", "square"] });
  });

  it("are items", async () => {
    const p = project(TASKS);
    expect(await p.run("each")).toMatchObject({ value: [10, 25] });
  });
});

describe("a lazy value made when the module is loaded", () => {
  it("is a call like any other, of every task that uses it", async () => {
    const p = project(`
      const index = task({ version: "1" }, (name: string) => { note("index"); return name + ".idx"; });
      const shared = index("chr17");
      const one = task((x: number) => { note("one"); return { x, index: shared }; });
      const two = task({ check: "shallow" }, (x: number) => { note("two"); return { x, index: shared }; });
      export const main = task(() => [one(1), two(2)]);
    `);
    const value = [
      { x: 1, index: "chr17.idx" },
      { x: 2, index: "chr17.idx" },
    ];
    expect(await p.run("main")).toMatchObject({ value, ran: ["one", "two", "index"] });
    expect((await p.run("main")).ran).toEqual([]);
    // Below a result that is trusted as a whole, too, a task that changed is seen.
    p.edit("workflow.ts", `version: "1"`, `version: "2"`);
    p.edit("workflow.ts", ".idx", ".fai");
    const second = await p.run("main");
    expect(second.value).toEqual([
      { x: 1, index: "chr17.fai" },
      { x: 2, index: "chr17.fai" },
    ]);
    expect(counts(second.ran)["index"]).toBe(1);
  });
});

describe("combinators", () => {
  it("reduce folds call by call: a list that grew at its end goes on where it grew", async () => {
    const p = project(`
      const merge = task((a: string, b: string) => { note("merge " + a + "+" + b); return a + b; });
      export const main = task((list: string[]) => reduce(list, merge));
      export const from = task((list: string[]) => reduce(list, (a, b) => merge(a, b), "-"));
    `);
    expect(await p.run("main", [["a", "b", "c"]])).toMatchObject({ value: "abc", ran: ["merge a+b", "merge ab+c"] });
    expect(await p.run("main", [["a", "b", "c", "d"]])).toMatchObject({ value: "abcd", ran: ["merge abc+d"] });
    expect(await p.run("from", [[]])).toMatchObject({ value: "-", ran: [] });
    expect(await p.run("main", [[]])).toMatchObject({ error: { code: "LIGASE_E_EMPTY" } });
  });

  it("seq starts each when the one before has finished, and stops at a failure", async () => {
    const p = project(`
      const step = task(async (name: string) => { note(name + " begins"); await new Promise((done) => setTimeout(done, 2)); if (name === "bad") throw new Error("no"); note(name + " ends"); return name; });
      export const main = task(() => seq([step("a"), step("b"), step("c")]));
      export const failing = task(() => seq([step("x"), step("bad"), step("y")]));
    `);
    expect(await p.run("main")).toMatchObject({
      value: ["a", "b", "c"],
      ran: ["a begins", "a ends", "b begins", "b ends", "c begins", "c ends"],
    });
    expect(await p.run("failing")).toMatchObject({
      error: { message: "no" },
      ran: ["x begins", "x ends", "bad begins"],
    });
  });

  it("zip, flatten, get and all work on what is not there yet", async () => {
    const p = project(`
      const list = task((n: number) => Array.from({ length: n }, (_, i) => i));
      const record = task(() => ({ then: 1, deep: { list: [[7]] } }));
      export const main = task(() => ({
        zip: zip(list(2), ["a", "b"]),
        flat: flatten([list(1), list(2)]),
        then: get(record(), "then"),
        deep: record().deep.list[0]![0],
        all: all({ one: list(1), two: [list(2)] }).two,
      }));
      export const uneven = task(() => zip(list(2), list(3)));
    `);
    expect((await p.run("main")).value).toEqual({
      zip: [
        [0, "a"],
        [1, "b"],
      ],
      flat: [0, 0, 1],
      then: 1,
      deep: 7,
      all: [[0, 1]],
    });
    expect((await p.run("uneven")).error).toMatchObject({ code: "LIGASE_E_ZIP" });
  });

  it("a fan-out is found in what a task reads, deep inside what others give", async () => {
    const p = project({
      "samples.csv": "s1\ns2\n",
      "workflow.ts": `
        const sheet = task(async (file: File) => { note("sheet"); return { rows: (await file.text()).trim().split("\\n").map((id) => ({ id })) }; });
        const work = task((row: { id: string }) => { note("work " + row.id); return row.id.toUpperCase(); });
        const join = task((all: { of: string[] }) => { note("join"); return all.of.join(); });
        export const main = task(() => join({ of: map(sheet(new File("samples.csv")).rows, work) }));
      `,
    });
    expect(await p.run("main")).toMatchObject({ value: "S1,S2" });
    p.write({ "samples.csv": "s1\ns3\ns2\n" });
    const { value, ran } = await p.run("main");
    expect(value).toBe("S1,S3,S2");
    expect(ran.toSorted()).toEqual(["join", "sheet", "work s3"]);
  });
});

describe("values that cannot be stored", () => {
  it.each([
    ["a function in an argument", "take({ deep: [() => 1] })", /take.*record\.deep\[0\]|deep\[0\]/],
    ["a function in a result", "give()", /result of give.*deep\[0\]/],
    ["a cycle in an argument", "take(ring)", /self/],
  ])("%s: an error that names the place", async (_, call, words) => {
    const p = project(`
      const ring: any = { name: "ring" }; ring.self = ring;
      const take = task((record: any) => { note("take"); return 1; });
      const give = task((): any => ({ deep: [() => 1] }));
      export const main = task((): any => ${call});
    `);
    const { error, ran } = await p.run("main");
    expect(ran).toEqual([]);
    expect(error).toMatchObject({ code: "LIGASE_E_UNSERIALISABLE" });
    expect(error?.message).toMatch(words);
  });
});
