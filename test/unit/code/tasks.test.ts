import { describe, expect, it } from "vitest";
import { diagnose } from "../../../src/code/tasks/diagnose.ts";
import { analysed, type Files } from "./support/project.ts";

function names(files: Files): string[] {
  return analysed(files).definitions.map((one) => one.name);
}

describe("a task is found and named", () => {
  it.each<[string, Files, string[]]>([
    ["by its variable", { "workflow.ts": `import { task } from "ligase";\nconst align = task(() => 1);` }, ["align"]],
    [
      "under an alias of `task`",
      { "workflow.ts": `import { task as t } from "ligase";\nexport const align = t(() => 1);` },
      ["align"],
    ],
    [
      "through a namespace",
      { "workflow.ts": `import * as l from "ligase";\nexport const align = l.task(() => 1);` },
      ["align"],
    ],
    [
      "through a re-export",
      {
        "workflow.ts": `import { t, l } from "./my.ts";\nexport const a = t(() => 1);\nexport const b = l.task(() => 2);`,
        "my.ts": `export { task as t } from "ligase";\nexport * as l from "ligase";`,
      },
      ["a", "b"],
    ],
    [
      "by the path in an object",
      {
        "workflow.ts": `import { task } from "ligase";\nexport const tools = { bam: { sort: task(() => 1), "view": task(() => 2) } };`,
      },
      ["tools.bam.sort", "tools.bam.view"],
    ],
    [
      "by the file of a default export",
      {
        "workflow.ts": `import a from "./lib/align.ts";\nexport const b = a;`,
        "lib/align.ts": `import { task } from "ligase";\nexport default task(() => 1);`,
      },
      ["align"],
    ],
    [
      "by a static field",
      { "workflow.ts": `import { task } from "ligase";\nexport class Tools { static sort = task(() => 1); }` },
      ["Tools.sort"],
    ],
    [
      "by an assignment",
      {
        "workflow.ts": `import { task } from "ligase";\nexport const tools: Record<string, unknown> = {};\ntools.sort = task(() => 1);`,
      },
      ["tools.sort"],
    ],
    [
      "inside withOptions",
      {
        "workflow.ts": `import { task, withOptions } from "ligase";\nexport const sort = withOptions(task(() => 1), { cpu: 2 });`,
      },
      ["sort"],
    ],
    [
      "by its own name",
      {
        "workflow.ts": `import { task } from "ligase";\nexport const sort = task({ cpu: 2, name: "samtools-sort" }, () => 1);`,
      },
      ["samtools-sort"],
    ],
    [
      "with type arguments and comments before the parenthesis",
      { "workflow.ts": `import { task } from "ligase";\nexport const a = task<[], number> /* ( */ (() => 1);` },
      ["a"],
    ],
    [
      "but not when another function is called task",
      { "workflow.ts": `const task = (f: () => number) => f();\nexport const a = task(() => 1);` },
      [],
    ],
    [
      "but not when its module is only imported for types",
      {
        "workflow.ts": `import type { b } from "./b.ts";\nexport type B = typeof b;`,
        "b.ts": `import { task } from "ligase";\nexport const b = task(() => 1);`,
      },
      [],
    ],
  ])("%s", (_, files, expected) => {
    expect(names(files)).toEqual(expected);
  });

  it("with its comment, its place, its text and whether people may run it", () => {
    const { definitions } = analysed({
      "workflow.ts": `import { task } from "ligase";

/**
 * Align the reads.
 *
 * Sorted by position.
 * @param reads The reads
 */
export const align = task({ cpu: 4 }, (reads: string, depth = 3) => reads + depth);

// not a doc comment
const hidden = task(() => 1);
export { hidden as shown };
const inner = task(() => 2);
`,
    });
    expect(definitions).toMatchObject([
      { name: "align", doc: "Align the reads.\n\nSorted by position.", line: 9, file: "workflow.ts", exported: true },
      { name: "hidden", doc: "", exported: true },
      { name: "inner", exported: false },
    ]);
    expect(definitions[0]!.code).toBe(
      `export const align = task({ cpu: 4 }, (reads: string, depth = 3) => reads + depth);`,
    );
    expect(definitions[0]!.parameters).toMatchObject([
      { name: "reads", type: { kind: "string" }, optional: false, doc: "The reads" },
      { name: "depth", type: { kind: "number" }, optional: true, default: 3 },
    ]);
  });

  it("with the parameters of a function that is only named, and types of other modules", () => {
    const { definitions } = analysed({
      "workflow.ts": `import { task } from "ligase";\nimport { type Sample, go } from "./types.ts";\nexport const a = task(go);\nexport const b = task((sample: Sample) => sample.id);`,
      "types.ts": `export * from "./sample.ts";\nexport const go = (mode: "fast" | "slow") => mode;`,
      "sample.ts": `interface Base { /** Its name */ id: string }\nexport type { Base as Sample };`,
    });
    expect(definitions[0]!.parameters).toMatchObject([
      { name: "mode", type: { kind: "enum", values: ["fast", "slow"] } },
    ]);
    expect(definitions[1]!.parameters).toMatchObject([
      { name: "sample", type: { kind: "object", fields: [{ name: "id", doc: "Its name" }] } },
    ]);
  });

  it("as a lift, by its hash, with where it is", () => {
    const { definitions } = analysed({
      "workflow.ts": `import { task, lift } from "ligase";\nexport const rate = lift((a: number, b: number) => a / b);\nexport const a = task((x: number) => lift((n: number) => n + 1)(rate(x, 2)));`,
    });
    const lifts = definitions.filter((one) => one.name.startsWith("lift:"));
    expect(lifts.map((one) => one.doc)).toEqual(["a lift in rate", "a lift in a"]);
    for (const one of lifts) expect(one.name).toBe(`lift:${one.closureHash.slice(0, 12)}`);
  });
});

describe("diagnose", () => {
  const of = (body: string) => {
    const text = `import { task, lift, map, cond } from "ligase";
const count = task((x: number) => x);
const tools = { view: task((x: number) => ({ n: x })) };
export const main = task(${body});`;
    return diagnose(analysed({ "workflow.ts": text })).map((one) => `${one.code} ${one.line}`);
  };

  it.each<[string, string]>([
    ["if", "(x: number) => { const n = count(x); if (n) return 1; return n; }"],
    ["a negation", "(x: number) => { const n = count(x); return !n; }"],
    ["a comparison", "(x: number) => { const n = count(x); return n === 1; }"],
    ["a ternary", "(x: number) => { const n = tools.view(x); return n ? 1 : 2; }"],
    ["&&", "(x: number) => { const n = lift((y: number) => y)(x); return n && 2; }"],
    ["a field of a call", "(x: number) => { const r = tools.view(x); return r.n > 1 ? r : 1; }"],
    ["a call itself", "(x: number) => { if (count(x)) return 1; return 2; }"],
    ["the result of map", "(xs: number[]) => { const all = map(xs, count); while (!all) {} return all; }"],
  ])("warns of %s on a call", (_, body) => {
    expect(of(body)).toContain("LIGASE_W_LAZY_TEST 4");
  });

  it.each<[string, string]>([
    ["a dropped call", "(x: number) => { count(x); return 1; }"],
    ["a variable that is never used", "(x: number) => { const n = count(x); return 1; }"],
    ["a dropped call of an object's task", "(x: number) => { tools.view(x); return 1; }"],
  ])("warns of %s", (_, body) => {
    expect(of(body)).toEqual(["LIGASE_W_UNUSED_CALL 4"]);
  });

  it.each<[string, string]>([
    [
      "awaited values",
      "async (x: number) => { const n = await count(x); if (n === 1) return 2; await count(2); return 1; }",
    ],
    ["plain values", "(x: number) => { const n = x + 1; if (n) return !n; return n && 1; }"],
    [
      "another variable of the same name",
      "(x: number) => { const n = count(x); return lift((n: number) => (n ? 1 : 2))(n); }",
    ],
    ["calls that are used", "(x: number) => { const n = count(x); return [n, cond(n, 1, 2)]; }"],
  ])("says nothing of %s", (_, body) => {
    expect(of(body)).toEqual([]);
  });
});
