import { rmSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { counts, project } from "./project.ts";

const config = (text: string): string => `import { defineConfig } from "ligase"; export default defineConfig(${text});`;

describe(`check: "shallow"`, () => {
  const SHALLOW = `
    const make = task((text: string) => { note("make"); return File.write("made.txt", text); });
    const half = task(async (made: File) => { note("half"); return File.write("half.txt", (await made.text()).slice(2)); });
    const inner = task((text: string) => { note("inner"); return { made: make(text), half: half(make(text)) }; });
    export const main = task({ check: "shallow" }, (text: string) => { note("main"); return get(inner(text), "half"); });
    export const made = task((text: string) => make(text));
  `;

  it("trusts the recorded subtree: an intermediate file may be gone", async () => {
    const p = project(SHALLOW);
    const { file } = (await p.run("made", ["ACGT"])).value as { file: string };
    await p.run("main", ["ACGT"]);
    rmSync(file);
    expect(await p.run("main", ["ACGT"])).toMatchObject({
      ran: [],
      value: { file: expect.stringMatching(/half\.txt$/) },
    });
    p.edit("workflow.ts", `{ check: "shallow" }`, `{ check: "full" }`);
    expect(await p.run("main", ["ACGT"])).toMatchObject({ ran: ["make"] });
  });

  it("does not when the final file is gone", async () => {
    const p = project(SHALLOW);
    const { file } = (await p.run("main", ["ACGT"])).value as { file: string };
    rmSync(file);
    expect((await p.run("main", ["ACGT"])).ran).toContain("half");
    expect(p.read(file)).toBe("GT");
  });

  it("does not when a task anywhere in it was edited, and then looks at each call", async () => {
    const p = project(SHALLOW);
    await p.run("main", ["ACGT"]);
    p.edit("workflow.ts", "slice(2)", "slice(3)");
    const { ran, value } = await p.run("main", ["ACGT"]);
    expect(ran).toEqual(["half"]);
    expect(p.read((value as { file: string }).file)).toBe("T");
    expect((await p.run("main", ["ACGT"])).ran).toEqual([]);
  });

  it("does not when a call in it is never cached", async () => {
    const p = project(SHALLOW.replace("half = task(", "half = task({ cache: false }, "));
    await p.run("main", ["ACGT"]);
    expect((await p.run("main", ["ACGT"])).ran).toEqual(["half"]);
  });
});

describe("cache: false", () => {
  it("runs the body in every run, once in each, and what depends on it only when its value changed", async () => {
    const p = project(`
      const now = task({ cache: false }, (x: number) => { note("now"); return noted().includes("later") ? x + 1 : x; });
      const after = task((x: number) => { note("after"); return x * 2; });
      export const main = task(() => { note("main"); return [after(now(1)), now(1)]; });
    `);
    expect(await p.run("main")).toMatchObject({ value: [2, 1], ran: ["main", "now", "after"] });
    expect(await p.run("main")).toMatchObject({ value: [2, 1], ran: ["now"] });
    p.note("later");
    expect(await p.run("main")).toMatchObject({ value: [4, 2], ran: ["now", "after"] });
  });
});

describe("settings of a run", () => {
  const TWO = `
    const a = task((x: number) => { note("a"); return x + 1; });
    const b = task((x: number) => { note("b"); return x + 1; });
    const text = task((x: number) => script\`echo text >> "$LEDGER"; echo \${x}\`);
    export const main = task((x: number) => { note("main"); return text(b(a(x))); });
  `;

  it("noCache runs everything once, and records it", async () => {
    const p = project(TWO);
    await p.run("main", [1]);
    expect((await p.run("main", [1], { settings: { noCache: true } })).ran).toEqual(["main", "a", "b", "text"]);
    expect((await p.run("main", [1])).ran).toEqual([]);
  });

  it.each([["b"], ["text"]])("force runs the bodies of %s and of no other", async (name) => {
    const p = project(TWO);
    await p.run("main", [1]);
    expect((await p.run("main", [1], { settings: { force: new Set([name]) } })).ran).toEqual([name]);
  });
});

describe("version", () => {
  it("may be given at the call", async () => {
    const p = project(`
      const a = task((x: number) => { note("a"); return x + 1; });
      export const main = task(() => withOptions(a, { version: "7" })(1));
    `);
    await p.run("main");
    p.edit("workflow.ts", "x + 1", "x + 2");
    expect(await p.run("main")).toMatchObject({ value: 2, ran: [] });
    p.edit("workflow.ts", `"7"`, `"8"`);
    expect(await p.run("main")).toMatchObject({ value: 3, ran: ["a"] });
  });
});

describe("retries", () => {
  const FLAKY = (options: string, fails: number): string => `
    const flaky = task(${options}, async (x: number) => {
      note("flaky " + process.env.LIGASE_ATTEMPT + " " + process.env.LIGASE_MEMORY);
      if (noted().filter((line) => line.startsWith("flaky")).length <= ${fails}) throw new RangeError("not yet");
      return x;
    });
    export const main = task(() => flaky(1));
  `;

  it("try again as often as they say, and no more once it works", async () => {
    const p = project(FLAKY("{ retries: { times: 5, delay: 0 } }", 2));
    const { value, ran, jobs } = await p.run("main");
    expect(value).toBe(1);
    expect(ran).toHaveLength(3);
    expect(jobs.find(({ task }) => task === "flaky")).toMatchObject({ state: "done", attempts: 3 });
    expect((await p.run("main")).ran).toEqual([]);
  });

  it("end with the last error when it never works", async () => {
    const p = project(FLAKY("{ retries: { times: 2, delay: 0 } }", 100));
    expect(await p.run("main")).toMatchObject({
      error: { name: "RangeError", message: "not yet" },
      ran: { length: 3 },
    });
  });

  it("wait longer and longer, but at most the longest wait", async () => {
    const p = project(`
      const flaky = task({ retries: { times: 4, delay: 0.02, factor: 4, maxDelay: 0.1 } }, (x: number) => { note(String(performance.now())); throw new Error("no"); });
      export const main = task(() => flaky(1));
    `);
    const at = (await p.run("main")).ran.map(Number);
    const waits = at.slice(1).map((time, i) => time - at[i]!);
    // Half of each wait is left to chance, so that jobs which failed together do not return together.
    for (const [i, least] of [10, 40, 50, 50].entries()) expect(waits[i]).toBeGreaterThan(least - 2);
  });

  it("of a process may ask for more memory each time", async () => {
    const p = project(FLAKY(`{ memory: ({ attempt }) => attempt * 2 ** 26, retries: { times: 2, delay: 0 } }`, 2));
    expect(await p.run("main")).toMatchObject({
      value: 1,
      ran: ["flaky 1 67108864", "flaky 2 134217728", "flaky 3 201326592"],
    });
  });

  it("of a script that fails, each in a directory of its own", async () => {
    const p = project(`
      const text = task({ retries: { times: 3, delay: 0 } }, (x: number) =>
        script({ outputs: "out.txt" })\`echo "$LIGASE_ATTEMPT $(ls | wc -l)" >> "$LEDGER"; echo half > out.txt; [ "$LIGASE_ATTEMPT" = 3 ]; echo \${x} > out.txt\`);
      export const main = task(() => text(1));
    `);
    const { value, ran } = await p.run("main");
    expect(ran).toEqual(["1 0", "2 0", "3 0"]);
    expect(p.read((value as { file: string }).file)).toBe("1\n");
  });

  it("come from the run where the task does not say", async () => {
    const p = project(FLAKY("{ tags: {} }", 1).replace("times", ""));
    expect(await p.run("main", [], { settings: { retries: 1 } })).toMatchObject({ value: 1, ran: { length: 2 } });
  }, 10_000);
});

describe("timeout", () => {
  it.each([
    ["an async body", `task({ timeout: 0.05 }, async () => { note("slow"); await new Promise(() => {}); return 1; })`],
    ["a body in a process", `task({ timeout: 2, memory: "64 MiB" }, () => { note("slow"); for (;;); return 1; })`],
    ["a script", `task({ timeout: 0.2 }, () => script\`echo slow >> "$LEDGER"; sleep 60\`)`],
  ])("ends %s", async (_, slow) => {
    const p = project(`const slow = ${slow}; export const main = task(() => slow());`);
    for (let time = 0; time < 2; time++) {
      expect(await p.run("main")).toMatchObject({
        ran: ["slow"],
        error: { code: "LIGASE_E_TIMEOUT", mend: expect.stringContaining("timeout") },
      });
    }
  });
});

describe("priority", () => {
  it("says who starts first; equal ones start in order", async () => {
    const p = project({
      "ligase.config.ts": config("{ limits: { one: 1 } }"),
      "workflow.ts": `
        const go = task({ limits: ["one"] }, async (name: string) => { note(name); await new Promise((done) => setTimeout(done, 1)); return name; });
        const at = (priority: number) => withOptions(go, { priority });
        export const main = task(() => [go("a"), at(-1)("last"), at(5)("first"), go("b"), at(1)("second"), go("c")]);
      `,
    });
    expect((await p.run("main")).ran).toEqual(["first", "second", "a", "b", "c", "last"]);
  });
});

describe("env", () => {
  it("reaches a script and is part of what it computes", async () => {
    const p = project(`
      const text = task({ env: { WORD: "one" } }, () => script\`echo text >> "$LEDGER"; echo "$WORD"\`);
      export const main = task(() => text());
    `);
    expect(await p.run("main")).toMatchObject({ value: "one\n", ran: ["text"] });
    expect((await p.run("main")).ran).toEqual([]);
    p.edit("workflow.ts", `"one"`, `"two"`);
    expect(await p.run("main")).toMatchObject({ value: "two\n", ran: ["text"] });
  });
});

describe("input", () => {
  const SCHEMA = `
    const sample = { "~standard": { version: 1 as const, vendor: "test", validate: (value: any) =>
      typeof value?.depth === "string" && !(Number(value.depth) > 0)
        ? { issues: [{ message: "must be above 0", path: ["depth"] }] }
        : { value: { id: value.id, depth: Number(value.depth) } } } };
    const count = task({ input: sample }, (s: any) => { note("count"); return [s.id, s.depth]; });
    const give = task((depth: string) => ({ id: "s", depth }));
    export const main = task((depth: string) => count(give(depth)));
    export const two = task(() => [count({ id: "s", depth: "3" }), count({ id: "s", depth: 3, more: "dropped" })]);
  `;

  it("makes the arguments what the schema says, and they are what counts", async () => {
    const p = project(SCHEMA);
    expect(await p.run("main", ["3"])).toMatchObject({ value: ["s", 3], ran: ["count"] });
    const { value, ran } = await p.run("two");
    expect(value).toEqual([
      ["s", 3],
      ["s", 3],
    ]);
    expect(counts(ran)).toEqual({});
  });

  it("refuses an argument before the body runs, and names it", async () => {
    const p = project(SCHEMA);
    const { error, ran } = await p.run("main", ["0"]);
    expect(ran).toEqual([]);
    expect(error?.code).toMatch(/^LIGASE_E_/);
    expect(error?.message).toMatch(/count.*depth.*above 0/);
  });
});
