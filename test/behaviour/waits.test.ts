import { describe, expect, it } from "vitest";
import { project } from "./project.ts";

// No silent wait: what a body does not need while it waits is free for others, and what can never come is an error.

const config = (text: string): string => `import { defineConfig } from "ligase"; export default defineConfig(${text});`;

describe("a body that awaits its children gives up", () => {
  it("its named limits", async () => {
    const p = project({
      "ligase.config.ts": config("{ limits: { db: 1 } }"),
      "workflow.ts": `
        const child = task({ limits: ["db"] }, async (x: number) => { note("child begins"); await new Promise((done) => setTimeout(done, 2)); note("child ends"); return x; });
        const parent = task({ limits: ["db"] }, async (x: number) => { const y = await child(x); note("parent begins"); await new Promise((done) => setTimeout(done, 2)); note("parent ends"); return y; });
        export const main = task(() => map([1, 2, 3], parent));
      `,
    });
    const { value, ran } = await p.run("main");
    expect(value).toEqual([1, 2, 3]);
    // Whoever goes on has the limit again: nothing begins before what began has ended.
    expect(
      ran.filter((_, i) => i % 2 === 0).every((line, i) => ran[2 * i + 1] === line.replace("begins", "ends")),
    ).toBe(true);
  });

  it("its processors and memory", async () => {
    const p = project({
      "ligase.config.ts": config(`{ cpus: 1, memory: "256 MiB" }`),
      "workflow.ts": `
        const child = task({ cpu: 1, memory: "256 MiB" }, (n: number) => { note("child"); return n; });
        const parent = task({ cpu: 1, memory: "256 MiB" }, async (n: number) => { note("parent"); const got = await child(n); note("on"); return got + 1; });
        export const main = task(() => parent(1));
      `,
    });
    expect(await p.run("main")).toMatchObject({ value: 2, ran: ["parent", "child", "on"] });
  });
});

describe("a call that waits for itself is an error that names the circle", () => {
  it("through what bodies return", async () => {
    const p = project(`
      const a = task((x: number): any => { note("a"); return b(x); });
      const b = task((x: number): any => { note("b"); return a(x); });
      export const main = task(() => a(1));
    `);
    const { error, ran } = await p.run("main");
    expect(ran).toEqual(["a", "b"]);
    expect(error).toMatchObject({ code: "LIGASE_E_CYCLE" });
    expect(error?.message).toMatch(/a\(1\) → b\(1\) → a\(1\)|b\(1\) → a\(1\) → b\(1\)/);
  });

  it("through what bodies await", async () => {
    const p = project(`
      const a = task(async (x: number): Promise<any> => { note("a"); return (await b(x)) + 1; });
      const b = task(async (x: number): Promise<any> => { note("b"); return (await a(x)) + 1; });
      export const main = task(() => a(1));
    `);
    const { error, ran } = await p.run("main");
    expect(ran).toEqual(["a", "b"]);
    expect(error).toMatchObject({ code: "LIGASE_E_CYCLE" });
  });

  it("through arguments, and itself alone", async () => {
    const p = project(`
      const loop = task((x: number): any => loop(id(x)));
      const id = task((x: number) => x);
      export const main = task(() => loop(1));
    `);
    expect(await p.run("main")).toMatchObject({
      error: { code: "LIGASE_E_CYCLE", message: expect.stringContaining("loop(1)") },
    });
  });

  it("at once, while others still run", async () => {
    const p = project(`
      const a = task((x: number): any => b(x));
      const b = task((x: number): any => a(x));
      const told = task((error: Error) => { note("told"); return error.message; });
      const slow = task(async () => { await until("told"); return "slow"; });
      export const main = task(() => [attempt(a(1), told), slow()]);
    `);
    const { value, error } = await p.run("main");
    expect(error).toBeUndefined();
    expect(value).toEqual([expect.stringMatching(/waits for itself/), "slow"]);
  });
});

it("a run in which nothing can ever proceed is an immediate error", async () => {
  const p = project({
    "ligase.config.ts": config("{ gpus: 1 }"),
    "workflow.ts": `
      const child = task({ gpu: 1 }, (x: number) => x);
      const parent = task({ gpu: 1 }, async (x: number) => { note("parent"); return (await child(x)) + 1; });
      export const main = task(() => parent(1));
    `,
  });
  // A body keeps its GPU while it waits: what lies in its memory cannot be moved.
  expect(await p.run("main")).toMatchObject({
    ran: ["parent"],
    error: { code: "LIGASE_E_STALLED", mend: expect.stringContaining("GPU") },
  });
});

describe("a call whose value nothing ever uses", () => {
  it("is a warning that names it, and does not run", async () => {
    const p = project(`
      const load = task((x: number) => { note("load"); return x; });
      const query = task((x: number) => x + 1);
      export const main = task((x: number) => { load(x); return query(x); });
    `);
    const { value, ran, warnings } = await p.run("main", [1]);
    expect(value).toBe(2);
    expect(ran).toEqual([]);
    expect(warnings.join("\n")).toMatch(/main.*load/);
    expect(warnings.join("\n")).toMatch(/workflow\.ts:\d+/);
  });

  it("is no warning when it is passed on, awaited or returned inside something", async () => {
    const p = project(`
      const load = task((x: number) => x);
      const query = task((x: number) => x + 1);
      export const main = task(async (x: number) => { const one = load(x); const two = await query(one); return { three: [load(two)] }; });
    `);
    expect(await p.run("main", [1])).toMatchObject({ value: { three: [2] }, warnings: [] });
  });
});

it("a body that went on without a call it asked for holds nothing afterwards", async () => {
  const p = project({
    "ligase.config.ts": config("{ limits: { db: 1 } }"),
    "workflow.ts": `
      const slow = task(async () => { await until("raced"); note("slow"); return 1; });
      const racing = task({ limits: ["db"] }, async () => {
        const first = await Promise.race([slow(), new Promise<number>((done) => setTimeout(done, 5, 0))]);
        note("raced");
        return first;
      });
      const next = task({ limits: ["db"] }, async (n: number) => { note("next"); return n; });
      const last = task({ limits: ["db"] }, async (n: number, _: number) => n);
      export const main = task(() => { const value = next(racing()); return [value, last(slow(), value)]; });
    `,
  });
  expect(await p.run("main")).toMatchObject({ value: [0, 1] });
});
