import { describe, expect, it } from "vitest";
import { recordedGraph } from "../../../src/code/modules/recorded.ts";
import { shapeOfProgram } from "../../../src/code/shape/shape.ts";
import { findTasks } from "../../../src/code/tasks/find.ts";
import { analysed, type Files } from "./support/project.ts";

const HEAD = `
import { all, attempt, attemptAll, cond, flatten, get, groupBy, lift, local, map, raw, reduce, run, script, seq, task,
  withOptions, zip } from "ligase";
export const a = task((x: any) => ({ bam: x, bai: x }));
export const b = task((x: any, y?: any) => [x, y]);
export const c = task((x: any) => x);
`;

/** What `main` calls, with marks, and what flows: `a×N`, `a.bam → b.1`. */
function shape(main: string, more: Files = {}): { calls: string[]; flows: string[] } {
  return shapeOf(shapeOfProgram(analysed({ "workflow.ts": `${HEAD}\nexport const main = task(${main});`, ...more })));
}

function shapeOf(read: ReturnType<typeof shapeOfProgram>): { calls: string[]; flows: string[] } {
  const { calls, flows } = read("main")!;
  return {
    calls: calls.map(({ callee, known, each, maybe }) =>
      [callee, known ? "" : " dynamic", each ? "×N" : "", maybe ? "?" : ""].join(""),
    ),
    flows: flows.map(({ from, part, to, argument }) => `${from}${part === "" ? "" : `.${part}`} → ${to}.${argument}`),
  };
}

describe("shapeOfProgram", () => {
  it.each<[string, string, string[], string[]]>([
    ["a call in a call", "(x) => b(a(x), 1)", ["a", "b"], ["a → b.0"]],
    ["a field", "(x) => b(1, a(x).bam)", ["a", "b"], ["a.bam → b.1"]],
    ["a variable", "(x) => { const one = a(x); return b(one.bam, one); }", ["a", "b"], ["a.bam → b.0", "a → b.1"]],
    [
      "a pattern",
      "(x) => { const { bam: one, ...rest } = a(x); return b(one, rest); }",
      ["a", "b"],
      ["a.bam → b.0", "a → b.1"],
    ],
    ["a pattern of a list", "(x) => { const [, second] = b(x); return a(second); }", ["b", "a"], ["b.1 → a.0"]],
    ["what stands deep in an argument", "(x) => c({ list: [{ it: a(x).bam }] })", ["a", "c"], ["a.bam → c.0"]],
    [
      "a field of an object that was built",
      "(x) => { const o = { one: a(x), two: c(x) }; return b(o.two); }",
      ["a", "c", "b"],
      ["c → b.0"],
    ],
    ["what is spread", "(x) => b(...[a(x), c(x)])", ["a", "c", "b"], ["a → b.0", "c → b.0"]],
    ["an object that is spread", "(x) => { const o = { ...{ k: a(x) } }; return c(o.k); }", ["a", "c"], ["a → c.0"]],
    ["await", "async (x) => { const one = await a(x); return c(one.bai); }", ["a", "c"], ["a.bai → c.0"]],
    ["text made of a result", "(x) => c(`${a(x).bam}.bai`)", ["a", "c"], ["a.bam → c.0"]],
    ["an operator", "async (x) => c((await a(x)) + 1 + 2)", ["a", "c"], ["a → c.0"]],
    ["a variable that is assigned to", "(x) => { let y; y = a(x); return c(y); }", ["a", "c"], ["a → c.0"]],
    [
      "the rest of the arguments",
      "(x) => { const last = (...all: any[]) => c(all[1]); return last(1, a(x)); }",
      ["a", "c"],
      ["a → c.0"],
    ],
    ["cast and non-null", "(x) => c((a(x) as any)!.bam)", ["a", "c"], ["a.bam → c.0"]],
    ["as of", "(x) => c(a(x)['bam'])", ["a", "c"], ["a.bam → c.0"]],
    ["itself", "(n): any => main(n)", ["main"], []],
    ["nothing", "(x) => x + 1", [], []],
  ])("reads %s", (_, body, calls, flows) => {
    expect(shape(body)).toEqual({ calls, flows });
  });

  it.each<[string, string, string[], string[]]>([
    ["map", "(xs) => c(map(xs, (x) => a(x)))", ["a×N", "c"], ["a → c.0"]],
    ["map with a task", "(xs) => map(b(xs), a)", ["b", "a×N"], ["b → a.0"]],
    [
      "the items of a map",
      "(xs) => map(map(xs, (x) => ({ k: a(x) })), (o) => c(o.k.bam))",
      ["a×N", "c×N"],
      ["a.bam → c.0"],
    ],
    ["cond", "(x) => cond(a(x), () => b(x), c(x))", ["a", "b?", "c?"], []],
    ["what cond gives", "(x) => c(cond(x, a(x), b(x)))", ["a?", "b?", "c"], ["a → c.0", "b → c.0"]],
    ["attempt", "(x) => c(attempt(a(x), (error) => b(error)))", ["a", "b?", "c"], ["a → c.0", "b → c.0"]],
    ["attemptAll", "(xs) => attemptAll(map(xs, a), (all) => c(all))", ["a×N", "c?"], ["a → c.0"]],
    ["reduce", "(xs) => reduce(map(xs, a), (sum, x) => b(sum, x), 0)", ["a×N", "b×N"], ["a → b.1", "b → b.0"]],
    [
      "zip and flatten",
      "(x) => map(zip(a(x), flatten(map(x, b))), ([p, q]) => b(p, q))",
      ["a", "b×N"],
      ["a → b.0", "b → b.1"],
    ],
    [
      "groupBy",
      "(x) => map(groupBy(a(x), (one) => one.key), ({ key, items }) => b(key, items))",
      ["a", "b×N"],
      ["a.key → b.0", "a → b.1"],
    ],
    ["get, all and seq", "(x) => c(get(all(seq([a(x)])), 0))", ["a", "c"], ["a → c.0"]],
    ["a lift", "(x) => c(lift((one, two) => one + two)(a(x).bam, 1))", ["a", "c"], ["a.bam → c.0"]],
    ["a lift that has a name", "(x) => { const add = lift((v) => v); return c(add(a(x))); }", ["a", "c"], ["a → c.0"]],
    ["withOptions", "(x) => { const big = withOptions(a, { cpu: 2 }); return c(big(x)); }", ["a", "c"], ["a → c.0"]],
    ["local", "(x) => local(c)(a(x))", ["a"], []],
    ["a script", "(x) => { const s = script`cat ${a(x).bam}`; return c(s.stdout); }", ["a", "c"], []],
  ])("knows %s", (_, body, calls, flows) => {
    const { calls: found, flows: flowed } = shape(body);
    expect(found).toEqual(calls);
    expect(flowed.toSorted()).toEqual(flows.toSorted());
  });

  it.each<[string, string, string[], string[]]>([
    [
      "for … of",
      "(xs) => { const out = []; for (const x of xs) out.push(a(x)); return c(out); }",
      ["a×N", "c"],
      ["a → c.0"],
    ],
    [
      "a loop that feeds itself",
      "(x) => { let y = x; for (let i = 0; i < 3; i++) y = a(y); return y; }",
      ["a×N"],
      ["a → a.0"],
    ],
    ["while", "async (x) => { while (await a(x)) b(x); }", ["a×N", "b×N"], []],
    ["if", "(x) => { if (x) return a(x); else return b(x); }", ["a?", "b?"], []],
    ["a choice", "(x) => c(x ? a(x) : b(x))", ["a?", "b?", "c"], ["a → c.0", "b → c.0"]],
    ["a fallback", "(x) => x ?? a(x)", ["a?"], []],
    ["switch", "(x) => { switch (x) { case 1: return a(x); default: return b(x); } }", ["a?", "b?"], []],
    ["try", "async (x) => { try { return await a(x); } catch { return b(x); } }", ["a", "b?"], []],
    ["a call that is made for sure somewhere", "(x) => { if (x) a(1); return a(2); }", ["a"], []],
    [
      "lists of JavaScript",
      "(xs) => c(xs.map((x) => a(x)).filter(Boolean).map((y) => y.bam))",
      ["a×N", "c"],
      ["a.bam → c.0"],
    ],
    [
      "flatMap, reduce, find",
      "(xs) => c(xs.flatMap((x) => [a(x)]).reduce((s, y) => b(s, y)))",
      ["a×N", "b×N", "c"],
      ["a → b.0", "a → b.1", "a → c.0", "b → b.0", "b → c.0"],
    ],
    [
      "Promise.all",
      "async (xs) => { const [p, q] = await Promise.all([a(1), b(2)]); return b(q, p); }",
      ["a", "b"],
      ["b → b.0", "a → b.1"],
    ],
    ["then", "(x) => a(x).then((y) => c(y.bam))", ["a", "c"], ["a.bam → c.0"]],
    ["Object.entries", "(x) => Object.entries({ k: a(x) }).map(([k, v]) => c(v))", ["a", "c×N"], ["a → c.0"]],
    [
      "what is kept by key",
      "(xs) => { const by = {}; for (const x of xs) by[x] = a(x); return c(by); }",
      ["a×N", "c"],
      ["a → c.0"],
    ],
    ["a function of a package", "(xs) => lodash.map(xs, (x) => a(x))", ["a?"], []],
  ])("follows %s", (_, body, calls, flows) => {
    const { calls: found, flows: flowed } = shape(body);
    expect(found).toEqual(calls);
    expect(flowed.toSorted()).toEqual(flows.toSorted());
  });

  it("follows helpers of the project, in this and in other modules", () => {
    const files = {
      "workflow.ts": `import { a, b } from "./tasks.ts"; import * as steps from "./steps/index.ts"; import { task } from "ligase";
        const both = (x: any) => steps.pair(a(x), 1);
        export const main = task((x: any) => b(both(x).first));`,
      "tasks.ts": `import { task } from "ligase"; export const a = task((x: any) => x); export const b = task((x: any) => x);`,
      "steps/index.ts": `export * from "./pair.ts";`,
      "steps/pair.ts": `import { b } from "../tasks.ts"; export function pair(x: any, y: any) { return { first: x, second: b(y) }; }`,
    };
    expect(shapeOf(shapeOfProgram(analysed(files)))).toEqual({ calls: ["a", "b"], flows: ["a → b.0"] });
  });

  it("finds tasks in objects, in classes, under other names and as default exports", () => {
    const files = {
      "workflow.ts": `import { task, withOptions } from "ligase"; import index, { tools as all } from "./index-reference.ts";
        class Steps { static sort = task((x: any) => x); }
        const big = withOptions(all.align, { cpu: 4 });
        export const main = task((x: any) => Steps.sort(big(index(x))));`,
      "index-reference.ts": `import { task } from "ligase"; export default task((x: any) => x);
        export const tools = { align: task((x: any) => x) };`,
    };
    expect(shapeOf(shapeOfProgram(analysed(files)))).toEqual({
      calls: ["index-reference", "tools.align", "Steps.sort"],
      flows: ["index-reference → tools.align.0", "tools.align → Steps.sort.0"],
    });
  });

  it("says what only a run knows", () => {
    expect(shape("(step: any, xs: any) => c(map(xs, (x) => step(x)))")).toEqual({
      calls: ["step(…) dynamic×N", "c"],
      flows: ["step(…) → c.0"],
    });
    expect(shape("(step: any, xs: any) => map(xs, step)").calls).toEqual(["step(…) dynamic×N"]);
    // A method of a plain value is no call of a task.
    expect(shape("(text: any) => text.trim().split(',')").calls).toEqual([]);
  });

  it("takes either of two tasks", () => {
    expect(shape("(x) => { const step = x ? a : c; return b(step(x)); }")).toEqual({
      calls: ["a?", "c?", "b"],
      flows: ["a → b.0", "c → b.0"],
    });
  });

  it("comes to an end with helpers that call themselves or one another, and with long chains", () => {
    const helper = "const up = (n: any): any => (n ? down(a(n)) : n); const down = (n: any): any => up(n);";
    expect(shape("(x) => up(x)", { "x.ts": "" }).calls).toEqual([]);
    const files = { "workflow.ts": `${HEAD}\n${helper}\nexport const main = task((x: any) => c(up(x)));` };
    expect(shapeOf(shapeOfProgram(analysed(files))).calls).toEqual(["a?", "c"]);
    const chain = `(x) => c(${Array.from({ length: 30 }, () => "x").join(".f(a(x)).")})`;
    expect(shape(chain).calls).toEqual(["a", "c"]);
    const sum = `(x) => c(${Array.from({ length: 20_000 }, () => "1").join(" + ")} + a(x))`;
    expect(shape(sum)).toEqual({ calls: ["a", "c"], flows: ["a → c.0"] });
  });

  it("knows nothing of what is no task", () => {
    const read = shapeOfProgram(analysed({ "workflow.ts": HEAD }));
    expect([read("main"), read("lift:1")]).toEqual([undefined, undefined]);
  });
});

describe("recordedGraph", () => {
  const texts = new Map([
    [
      "workflow.ts",
      `${HEAD}\nimport { two } from "./lib/two.js"; import z from "zod";\nexport const main = task((x: any) => two(x));`,
    ],
    [
      "lib/two.ts",
      `import { a, b } from "../workflow.ts"; import * as fs from "node:fs"; export const two = (x: any) => b(a(x));`,
    ],
  ]);

  it("reads a program whose files are gone", () => {
    const graph = recordedGraph(texts, "workflow.ts")!;
    expect(shapeOf(shapeOfProgram({ graph, tasks: findTasks(graph) }))).toEqual({
      calls: ["a", "b"],
      flows: ["a → b.0"],
    });
  });

  it("is nothing without the entry", () => {
    expect(recordedGraph(texts, "other.ts")).toBeUndefined();
  });
});
