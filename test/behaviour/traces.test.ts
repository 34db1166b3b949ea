import { describe, expect, it } from "vitest";
import { project } from "./project.ts";

// An async body leaves no expression: the trace of what it awaited stands for it.

const TRACED = `
  const a = task((x: number) => { note("a"); return x + 1; });
  const b = task((x: number) => { note("b"); return x * 10; });
  export const main = task(async (x: number) => {
    note("main");
    const first = await a(x);
    return (await b(first)) + 1;
  });
`;

describe("an async body", () => {
  it("does not run when nothing changed", async () => {
    const p = project(TRACED);
    expect(await p.run("main", [1])).toMatchObject({ value: 21, ran: ["main", "a", "b"] });
    expect(await p.run("main", [1])).toMatchObject({ value: 21, ran: [] });
  });

  it("does not run when what it calls was edited and gives the same value", async () => {
    const p = project(TRACED);
    await p.run("main", [1]);
    p.edit("workflow.ts", "x + 1;", "1 + x;");
    expect(await p.run("main", [1])).toMatchObject({ value: 21, ran: ["a"] });
    expect(await p.run("main", [1])).toMatchObject({ value: 21, ran: [] });
  });

  it("runs when what it calls gives another value, with the calls that stayed from the cache", async () => {
    const p = project(TRACED);
    await p.run("main", [1]);
    p.edit("workflow.ts", "x * 10", "x * 100");
    expect(await p.run("main", [1])).toMatchObject({ value: 201, ran: ["b", "main"] });
    p.edit("workflow.ts", "x + 1;", "x + 2;");
    expect(await p.run("main", [1])).toMatchObject({ value: 301, ran: ["a", "main", "b"] });
    p.edit("workflow.ts", "x + 2;", "x + 1;");
    expect((await p.run("main", [1])).ran.filter((name) => name !== "main")).toEqual([]);
  });

  it("makes no call on its way to the cache that it would not make now", async () => {
    const p = project(`
      const wanted = task(() => { note("wanted"); return true; });
      const costly = task(() => { note("costly"); return 1; });
      export const main = task(async () => {
        note("main");
        return (await wanted()) ? await costly() : 0;
      });
    `);
    expect(await p.run("main")).toMatchObject({ value: 1, ran: ["main", "wanted", "costly"] });
    p.edit("workflow.ts", "return true", "return false");
    p.edit("workflow.ts", "return 1", "return 2");
    expect(await p.run("main")).toMatchObject({ value: 0, ran: ["wanted", "main"] });
    expect(await p.run("main")).toMatchObject({ value: 0, ran: [] });
  });

  it("stops calling what it no longer asks for, in a loop of an awaited length", async () => {
    const p = project(`
      const count = task(() => { note("count"); return 3; });
      const step = task((i: number) => { note("step " + i); return i; });
      export const main = task(async () => {
        note("main");
        const found = [];
        for (let i = 0; i < (await count()); i++) found.push(await step(i));
        return found;
      });
    `);
    expect(await p.run("main")).toMatchObject({
      value: [0, 1, 2],
      ran: ["main", "count", "step 0", "step 1", "step 2"],
    });
    p.edit("workflow.ts", "return 3", "return 2");
    expect(await p.run("main")).toMatchObject({ value: [0, 1], ran: ["count", "main"] });
    p.edit("workflow.ts", "return 2", "return 4");
    expect(await p.run("main")).toMatchObject({ value: [0, 1, 2, 3], ran: ["count", "main", "step 3"] });
  });

  it("may await several calls at once", async () => {
    const p = project(`
      const one = task(async () => { note("one"); await until("two"); return 1; });
      const two = task(() => { note("two"); return 2; });
      const both = task((x: number, y: number) => { note("both"); return [x, y]; });
      export const main = task(async () => {
        note("main");
        const [x, y] = await Promise.all([one(), two()]);
        return both(x, y);
      });
    `);
    const first = await p.run("main");
    expect(first.value).toEqual([1, 2]);
    expect(first.ran.toSorted()).toEqual(["both", "main", "one", "two"]);
    expect(await p.run("main")).toMatchObject({ value: [1, 2], ran: [] });
    p.edit("workflow.ts", "return [x, y]", "return [y, x]");
    // What an async function returns, it awaits.
    expect(await p.run("main")).toMatchObject({ value: [2, 1], ran: ["both", "main"] });
  });

  it("that caught a failure runs again, to see what happens now", async () => {
    const p = project(`
      const faulty = task((x: number) => { note("faulty"); if (x > 0) throw new RangeError("no"); return x; });
      export const main = task(async () => {
        note("main");
        try { return await faulty(1); } catch (error) { return (error as Error).message; }
      });
    `);
    expect(await p.run("main")).toMatchObject({ value: "no", ran: ["main", "faulty"] });
    expect((await p.run("main")).ran.toSorted()).toEqual(["faulty", "main"]);
    p.edit("workflow.ts", "x > 0", "x > 1");
    expect(await p.run("main")).toMatchObject({ value: 1 });
    expect(await p.run("main")).toMatchObject({ value: 1, ran: [] });
  });

  it("in a process of its own calls, awaits and is replayed in the same way", async () => {
    const p = project(TRACED.replace("task(async", `task({ memory: "64 MiB" }, async`));
    expect(await p.run("main", [1])).toMatchObject({ value: 21, ran: ["main", "a", "b"] });
    expect(await p.run("main", [1])).toMatchObject({ value: 21, ran: [] });
    p.edit("workflow.ts", "x * 10", "10 * x");
    expect(await p.run("main", [1])).toMatchObject({ value: 21, ran: ["b"] });
    p.edit("workflow.ts", "10 * x", "20 * x");
    expect(await p.run("main", [1])).toMatchObject({ value: 41, ran: ["b", "main"] });
  });

  it("gets copies: what it does to a value, no other body sees, nor the replay", async () => {
    const p = project(`
      const list = task(() => { note("list"); return [1, 2, 3]; });
      const spoils = task(async () => { const mine = await list(); mine.push(99); return mine.length; });
      const reads = task(async (_: number) => { const mine = await list(); return mine.length; });
      export const main = task(() => seq([spoils(), reads(1), list()]));
    `);
    expect(await p.run("main")).toMatchObject({ value: [4, 3, [1, 2, 3]], ran: ["list"] });
    expect(await p.run("main")).toMatchObject({ value: [4, 3, [1, 2, 3]], ran: [] });
  });
});
