import { describe, expect, it } from "vitest";
import { LigaseError } from "../../../src/kernel/index.ts";
import { analysed, type Files } from "./support/project.ts";

const TASK = `import { task, lift } from "ligase";\n`;

interface Refusal {
  readonly what: string;
  readonly files: Files;
  readonly code: string;
  /** Where, and what is said. */
  readonly says: string;
  readonly mend: string;
}

const REFUSALS: readonly Refusal[] = [
  {
    what: "a computed import",
    files: { "workflow.ts": `export const load = (name: string) =>\n  import(\`./\${name}.ts\`);` },
    code: "LIGASE_E_COMPUTED_IMPORT",
    says: "workflow.ts:2:3",
    mend: "literal",
  },
  {
    what: "a task in a function",
    files: { "workflow.ts": `${TASK}export function make(k: number) {\n  return task((x: number) => x * k);\n}` },
    code: "LIGASE_E_TASK_PLACE",
    says: "workflow.ts:3:10: a task defined inside a function",
    mend: "top level",
  },
  {
    what: "a task in a condition",
    files: {
      "workflow.ts": `${TASK}export const a = process.env.X ? task((x: number) => x) : task((x: number) => -x);`,
    },
    code: "LIGASE_E_TASK_PLACE",
    says: "in a condition",
    mend: "choose which one to call",
  },
  {
    what: "a task in a loop",
    files: { "workflow.ts": `${TASK}const all: unknown[] = [];\nfor (const k of [1, 2]) all.push(task(() => k));` },
    code: "LIGASE_E_TASK_PLACE",
    says: "workflow.ts:3:34: a task defined in a loop",
    mend: "top level",
  },
  {
    what: "a task without a name",
    files: { "workflow.ts": `${TASK}task(() => 1);` },
    code: "LIGASE_E_TASK_NAME",
    says: "workflow.ts:2:1: a task without a name",
    mend: "assign it to a variable",
  },
  {
    what: "a computed name",
    files: { "workflow.ts": `${TASK}const n = "x";\nexport const a = task({ name: n }, () => 1);` },
    code: "LIGASE_E_TASK_NAME",
    says: "workflow.ts:3:25",
    mend: "literal",
  },
  {
    what: "two tasks of one name",
    files: {
      "workflow.ts": `${TASK}import "./other.ts";\nexport const a = task(() => 1);`,
      "other.ts": `${TASK}\nexport const a = task(() => 2);`,
    },
    code: "LIGASE_E_DUPLICATE_TASK",
    says: `two tasks are called "a": workflow.ts:3 and other.ts:3`,
    mend: `task({ name: "…" }, …)`,
  },
  {
    what: "task under another name",
    files: { "workflow.ts": `${TASK}const make = task;\nexport const a = make(() => 1);` },
    code: "LIGASE_E_TASK_ALIAS",
    says: "workflow.ts:2:14",
    mend: "call it where it is used",
  },
  {
    what: "a lift that uses a parameter of the function around it",
    files: {
      "workflow.ts": `${TASK}export const a = task((x: number, limit: number) =>\n  lift((n: number) => n > limit)(x));`,
    },
    code: "LIGASE_E_LIFT_CAPTURE",
    says: `workflow.ts:3:27: this lift uses "limit"`,
    mend: "lift((n: number, limit) => …)",
  },
  {
    what: "a lift that uses `this`",
    files: { "workflow.ts": `${TASK}export class C { k = 1; go() { return lift((n: number) => n + this.k)(1); } }` },
    code: "LIGASE_E_LIFT_CAPTURE",
    says: `this lift uses "this"`,
    mend: "pass it as an argument",
  },
  {
    what: "a lift of a local function",
    files: {
      "workflow.ts": `${TASK}export const a = task((x: number) => { const f = (n: number) => n; return lift(f)(x); });`,
    },
    code: "LIGASE_E_LIFT_CAPTURE",
    says: `this lift uses "f"`,
    mend: "pass it as an argument",
  },
  {
    what: "a lift in a lift",
    files: {
      "workflow.ts": `${TASK}export const a = task((x: number) => lift((n: number) => lift((m: number) => m)(n))(x));`,
    },
    code: "LIGASE_E_LIFT_NESTED",
    says: "a lift inside a lift",
    mend: "plain functions",
  },
  {
    what: "eval",
    files: { "workflow.ts": `export const a = eval("1");` },
    code: "LIGASE_E_EVAL",
    says: "workflow.ts:1:18",
    mend: "write a function",
  },
  {
    what: "new Function",
    files: { "workflow.ts": `export const a = new Function("x", "return x");` },
    code: "LIGASE_E_EVAL",
    says: "workflow.ts:1:18",
    mend: "write a function",
  },
  {
    what: "require",
    files: { "workflow.ts": `export const a = require("fs");` },
    code: "LIGASE_E_REQUIRE",
    says: "workflow.ts:1:18",
    mend: "import x from",
  },
  {
    what: "a require of a computed name",
    files: {
      "workflow.ts": `import { createRequire } from "node:module";\nconst load = createRequire(import.meta.url);\nexport const a = (name: string) => load(name);`,
    },
    code: "LIGASE_E_REQUIRE",
    says: "workflow.ts:3:36",
    mend: "literal",
  },
  {
    what: "eval under another name",
    files: { "workflow.ts": `const run = eval;\nexport const a = run("1");` },
    code: "LIGASE_E_EVAL",
    says: "workflow.ts:1:13",
    mend: "write a function",
  },
  {
    what: "JSX",
    files: {
      "workflow.ts": `import { a } from "./view.tsx";\nexport const b = a;`,
      "view.tsx": `export const a = () => <b>1</b>;`,
    },
    code: "LIGASE_E_UNSUPPORTED_SYNTAX",
    says: "view.tsx:1:24: JSX",
    mend: "template string",
  },
  {
    what: "a syntax error, in the user's own file",
    files: { "workflow.ts": `import "./lib/broken.ts";`, "lib/broken.ts": "export const a = 1;\nexport const b = ;\n" },
    code: "LIGASE_E_SYNTAX",
    says: "lib/broken.ts:2:18: Unexpected token\n  1 | export const a = 1;\n> 2 | export const b = ;\n    |                  ^",
    mend: "correct the syntax",
  },
  {
    what: "a file that is not there",
    files: { "workflow.ts": `\nimport { a } from "./nowhere.ts";\nexport const b = a;` },
    code: "LIGASE_E_UNRESOLVED_IMPORT",
    says: `workflow.ts:2:19: cannot find "./nowhere.ts"`,
    mend: "check the path",
  },
  {
    what: "a package that is not installed",
    files: { "workflow.ts": `import { a } from "@scope/nowhere/deep";\nexport const b = a;` },
    code: "LIGASE_E_UNRESOLVED_IMPORT",
    says: `cannot find "@scope/nowhere/deep"`,
    mend: "npm install @scope/nowhere",
  },
  {
    what: "a name that a module does not export",
    files: {
      "workflow.ts": `import { trm } from "./lib.ts";\nexport const b = trm;`,
      "lib.ts": "export const trim = 1;",
    },
    code: "LIGASE_E_NO_EXPORT",
    says: `workflow.ts:1:10: lib.ts does not export "trm"`,
    mend: `did you mean "trim"?`,
  },
  {
    what: "a CommonJS module",
    files: { "workflow.ts": `import a from "./lib.cjs";\nexport const b = a;`, "lib.cjs": "module.exports = 1;" },
    code: "LIGASE_E_REQUIRE",
    says: `workflow.ts:1:15: "./lib.cjs" is a CommonJS module`,
    mend: "rename it",
  },
];

/** What analysing throws. */
function refusal(files: Files): LigaseError {
  try {
    analysed(files);
  } catch (error) {
    if (error instanceof LigaseError) return error;
    throw error;
  }
  throw new Error("nothing was refused");
}

describe("analyse refuses", () => {
  it.each(REFUSALS)("$what", ({ files, code, says, mend }) => {
    const error = refusal(files);
    expect(error.message).toContain(says);
    expect(error.code).toBe(code);
    expect(error.mend).toContain(mend);
  });
});

describe("analyse allows", () => {
  it.each<[string, Files]>([
    [
      "a literal dynamic import of a package that may be missing",
      { "workflow.ts": `export const a = () => import("nowhere").catch(() => 1);` },
    ],
    [
      "an import that is only a type",
      { "workflow.ts": `import { Shape } from "./nowhere.ts";\nexport const a = (s: Shape) => s;` },
    ],
    [
      "a re-exported type without `type`",
      {
        "workflow.ts": `export { Shape } from "./shapes.ts";\nimport { Shape } from "./shapes.ts";\nexport { Shape as Form };`,
        "shapes.ts": "export interface Shape { a: 1 }",
      },
    ],
    [
      "a local function called require or eval",
      { "workflow.ts": `const require = (x: string) => x;\nexport const a = require("b");` },
    ],
    [
      "a lift of a function of the module",
      {
        "workflow.ts": `${TASK}const half = (n: number) => n / 2;\nexport const a = task((x: number) => lift(half)(x));`,
      },
    ],
    [
      "a lift with locals, defaults and inner functions of its own",
      {
        "workflow.ts": `${TASK}const K = 2;\nexport const a = task((xs: number[]) => lift((ns: number[], [k] = [K]) => { const by = k ?? 1; return ns.map((n) => n * by); })(xs));`,
      },
    ],
    [
      "a hashbang and directives",
      { "workflow.ts": `#!/usr/bin/env node\n"use strict";\n${TASK}export const a = task(() => 1);` },
    ],
  ])("%s", (_, files) => {
    expect(() => analysed(files)).not.toThrow();
  });
});
