import { appendFileSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { expect, it } from "vitest";
import { counts, file, project } from "./project.ts";

// The behaviour table of DESIGN section 3, line by line. What ran is read from the ledger alone.

const CHAIN = `
  const b = task((x: number) => { note("b"); return x + 1; });
  const a = task((x: number) => { note("a"); return b(x * 2); });
  export const main = task((x: number) => { note("main"); return a(x); });
`;

it("1. main→a→b, run twice: the second run calls no body", async () => {
  const p = project(CHAIN);
  expect(await p.run("main", [5])).toMatchObject({ value: 11, ran: ["main", "a", "b"] });
  expect(await p.run("main", [5])).toMatchObject({ value: 11, ran: [] });
});

it("2. b edited: only b runs; reverted: nothing runs", async () => {
  const p = project(CHAIN);
  await p.run("main", [5]);
  p.edit("workflow.ts", "x + 1", "x + 2");
  expect(await p.run("main", [5])).toMatchObject({ value: 12, ran: ["b"] });
  p.edit("workflow.ts", "x + 2", "x + 1");
  expect(await p.run("main", [5])).toMatchObject({ value: 11, ran: [] });
});

it("3. step2(step1(10)), step1 edited: step1 and step2 run, main's body does not", async () => {
  const p = project(`
    const step1 = task((x: number) => { note("step1"); return x + 1; });
    const step2 = task((x: number) => { note("step2"); return x * 2; });
    export const main = task(() => { note("main"); return step2(step1(10)); });
  `);
  expect(await p.run("main")).toMatchObject({ value: 22, ran: ["main", "step1", "step2"] });
  p.edit("workflow.ts", "x + 1", "x + 5");
  expect(await p.run("main")).toMatchObject({ value: 30, ran: ["step1", "step2"] });
});

it("3. step1 edited so that its value stays: only step1 runs", async () => {
  const p = project(`
    const step1 = task((x: number) => { note("step1"); return x + 1; });
    const step2 = task((x: number) => { note("step2"); return x * 2; });
    export const main = task(() => { note("main"); return step2(step1(10)); });
  `);
  await p.run("main");
  p.edit("workflow.ts", "x + 1", "1 + x");
  expect(await p.run("main")).toMatchObject({ value: 22, ran: ["step1"] });
});

it("4. same version, new body: does not run", async () => {
  const p = project(`
    const b = task({ version: "1" }, (x: number) => { note("b"); return x + 1; });
    export const main = task((x: number) => b(x));
  `);
  expect(await p.run("main", [1])).toMatchObject({ value: 2, ran: ["b"] });
  p.edit("workflow.ts", "x + 1", "x + 100");
  expect(await p.run("main", [1])).toMatchObject({ value: 2, ran: [] });
  p.edit("workflow.ts", `version: "1"`, `version: "2"`);
  expect(await p.run("main", [1])).toMatchObject({ value: 101, ran: ["b"] });
  p.edit("workflow.ts", `version: "2"`, `version: "1"`);
  expect(await p.run("main", [1])).toMatchObject({ value: 2, ran: [] });
});

it("5. fib(25), naive recursion, empty store: each distinct fib(n) once", async () => {
  const p = project(`
    const plus = lift((a: number, b: number) => a + b);
    export const fib = task((n: number): any => { note("fib " + n); return n < 2 ? n : plus(fib(n - 1), fib(n - 2)); });
  `);
  const { value, ran } = await p.run("fib", [25]);
  expect(value).toBe(75025);
  expect(counts(ran)).toEqual(Object.fromEntries(Array.from({ length: 26 }, (_, n) => [`fib ${n}`, 1])));
  expect(await p.run("fib", [25])).toMatchObject({ value: 75025, ran: [] });
});

it("6. recursion 100,000 deep succeeds in bounded stack, and replays", async () => {
  const p = project(`
    export const down = task((n: number): any => { if (n % 20_000 === 0) note("down " + n); return n === 0 ? "bottom" : down(n - 1); });
  `);
  const levels = [100_000, 80_000, 60_000, 40_000, 20_000, 0].map((n) => `down ${n}`);
  expect(await p.run("down", [100_000])).toMatchObject({ value: "bottom", ran: levels });
  expect(await p.run("down", [100_000])).toMatchObject({ value: "bottom", ran: [] });
}, 60_000);

it("6. a loop of 100,000 chained calls succeeds in bounded stack; one of 10,000 replays", async () => {
  const p = project(`
    const step = task((x: number) => { if (x % 5000 === 0) note("step " + x); return x + 1; });
    export const main = task((n: number) => {
      note("main");
      let x: any = 0;
      for (let i = 0; i < n; i++) x = step(x);
      return x;
    });
  `);
  const steps = (n: number): string[] => Array.from({ length: n / 5000 }, (_, i) => `step ${i * 5000}`);
  expect(await p.run("main", [10_000])).toMatchObject({ value: 10_000, ran: ["main", ...steps(10_000)] });
  expect(await p.run("main", [10_000])).toMatchObject({ value: 10_000, ran: [] });
  const rest = steps(100_000).slice(steps(10_000).length);
  expect(await p.run("main", [100_000])).toMatchObject({ value: 100_000, ran: ["main", ...rest] });
}, 60_000);

it("7. [add(1, id(2)), add(1, 2)]: add's body runs once", async () => {
  const p = project(`
    const id = task((x: number) => { note("id"); return x; });
    const add = task((x: number, y: number) => { note("add"); return x + y; });
    export const main = task(() => [add(1, id(2)), add(1, 2)]);
  `);
  const { value, ran } = await p.run("main");
  expect(value).toEqual([3, 3]);
  expect(counts(ran)).toEqual({ id: 1, add: 1 });
});

it("8. two equal failing calls in a run: the body runs once, both fail; the next run tries again", async () => {
  const p = project(`
    const bad = task((x: number) => { note("bad"); throw new RangeError("no " + x); });
    export const main = task(async () => {
      const both = await Promise.allSettled([bad(1), bad(1)]);
      return both.map((each: any) => each.reason.message);
    });
    export const plain = task(() => [bad(1), bad(1)]);
  `);
  expect(await p.run("main")).toMatchObject({ value: ["no 1", "no 1"], ran: ["bad"] });
  expect(await p.run("main")).toMatchObject({ value: ["no 1", "no 1"], ran: ["bad"] });
  expect(await p.run("plain")).toMatchObject({ error: { name: "RangeError", message: "no 1" }, ran: ["bad"] });
  expect(await p.run("plain")).toMatchObject({ error: { name: "RangeError", message: "no 1" }, ran: ["bad"] });
});

it("9. a default argument changed: the new default is used", async () => {
  const p = project(`
    const scale = task((x: number, by = 10) => { note("scale"); return x * by; });
    export const main = task(() => { note("main"); return [scale(2), scale(2, 3)]; });
  `);
  expect(await p.run("main")).toMatchObject({ value: [20, 6], ran: ["main", "scale", "scale"] });
  p.edit("workflow.ts", "by = 10", "by = 100");
  const { value, ran } = await p.run("main");
  expect(value).toEqual([200, 6]);
  expect(ran).not.toContain("main");
  expect(await p.run("main")).toMatchObject({ value: [200, 6], ran: [] });
});

const FILES = `
  const make = task((text: string) => { note("make"); return File.write("made.txt", text); });
  const count = task(async (made: File) => { note("count"); return (await made.text()).length; });
  export const main = task((text: string) => { const made = make(text); return { made, length: count(made) }; });
`;

interface Made {
  readonly made: { readonly file: string };
  readonly length: number;
}

it("10. an output deleted: its producer runs, content restored", async () => {
  const p = project(FILES);
  const first = await p.run("main", ["ACGT"]);
  expect(first.ran).toEqual(["make", "count"]);
  const { made } = first.value as Made;
  rmSync(p.path(made.file));
  expect(await p.run("main", ["ACGT"])).toMatchObject({ ran: ["make"], value: { made, length: 4 } });
  expect(p.read(made.file)).toBe("ACGT");
  expect((await p.run("main", ["ACGT"])).ran).toEqual([]);
});

it("10. an output tampered with, size and times restored: its producer runs, content restored", async () => {
  const p = project(FILES);
  const { made } = (await p.run("main", ["ACGT"])).value as Made;
  const path = p.path(made.file);
  const { atime, mtime } = statSync(path);
  writeFileSync(path, "TGCA");
  utimesSync(path, atime, mtime);
  expect(await p.run("main", ["ACGT"])).toMatchObject({ ran: ["make"], value: { made, length: 4 } });
  expect(p.read(made.file)).toBe("ACGT");
});

it("11. an input file edited: the reader runs; touched only: nothing runs", async () => {
  const p = project({
    "reads.txt": "ACGT\n",
    "workflow.ts": `
      const lines = task(async (reads: File) => { note("lines"); return (await reads.text()).split("\\n").length - 1; });
      const other = task(() => { note("other"); return 1; });
      export const main = task((reads: File) => { note("main"); return [lines(reads), other()]; });
    `,
  });
  expect(await p.run("main", [file("reads.txt")])).toMatchObject({ value: [1, 1], ran: ["main", "lines", "other"] });
  p.touch("reads.txt");
  expect(await p.run("main", [file("reads.txt")])).toMatchObject({ value: [1, 1], ran: [] });
  appendFileSync(p.path("reads.txt"), "TTTT\n");
  expect(await p.run("main", [file("reads.txt")])).toMatchObject({ value: [2, 1], ran: ["main", "lines"] });
});

it("12. a script that exits with 3: an error with stderr's tail and the work directory; not cached", async () => {
  const p = project(`
    export const main = task(() => script\`echo ran >> "$LEDGER"; echo partial; echo "index is missing" >&2; exit 3\`);
  `);
  for (let time = 0; time < 2; time++) {
    const { error, ran } = await p.run("main");
    expect(ran).toEqual(["ran"]);
    expect(error?.message).toMatch(/3/);
    expect(error?.facts?.["stderrTail"]).toEqual(["index is missing"]);
    const workDir = String(error?.facts?.["workDir"]);
    expect(statSync(workDir).isDirectory()).toBe(true);
  }
});

it("12. a declared output that is missing: an error with the work directory; not cached", async () => {
  const p = project(`
    export const main = task(() => script({ outputs: { bam: "sorted.bam" } })\`echo ran >> "$LEDGER"; echo "wrote nothing" >&2; touch sorted.bai\`);
  `);
  for (let time = 0; time < 2; time++) {
    const { error, ran } = await p.run("main");
    expect(ran).toEqual(["ran"]);
    expect(error).toMatchObject({ code: "LIGASE_E_MISSING_OUTPUT" });
    expect(error?.message).toContain("sorted.bam");
    expect(statSync(String(error?.facts?.["workDir"])).isDirectory()).toBe(true);
  }
});
