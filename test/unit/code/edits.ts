import type { Files } from "./support/project.ts";

/** An edit of a project, and the tasks whose code it changes. All others must keep their hash. */
export interface Edit {
  readonly what: string;
  readonly before: Files;
  /** Files that differ afterwards. */
  readonly after: Files;
  readonly changes: readonly string[];
}

/** Two tasks: `align` reaches `lib/trim.ts`, `count` does not. */
const BASE: Files = {
  "workflow.ts": `
    import { task } from "ligase";
    import { trim } from "./lib/trim.ts";
    export const align = task((reads: string) => trim(reads));
    export const count = task((reads: string) => reads.length);
  `,
  "lib/trim.ts": `
    import { cut } from "./cut.ts";
    const LIMIT = 20;
    export function trim(reads: string) { return cut(reads, LIMIT); }
    export function unused() { return 1; }
  `,
  "lib/cut.ts": `export function cut(text: string, n: number) { return text.slice(0, n); }`,
};

/** `align` has a stub with a helper and a constant of its own; `count` calls it. */
const STUBBED: Files = {
  "workflow.ts": `
    import { task } from "ligase";
    import { fake } from "./lib/fake.ts";
    const LIMIT = 20;
    export const align = task({ stub: (reads) => fake(reads + LIMIT), memory: "1 GiB" }, (reads: string) => reads.trim());
    export const count = task((reads: string) => align(reads));
  `,
  "lib/fake.ts": `export const fake = (reads: string) => reads.slice(0, 1);`,
};

/** A module's text with one piece replaced. */
function replaced(files: Files, path: string, from: string, to: string): Files {
  const text = files[path];
  if (text === undefined || !text.includes(from)) throw new Error(`${path} has no ${from}`);
  return { [path]: text.replace(from, to) };
}

function edit(what: string, before: Files, path: string, from: string, to: string, changes: readonly string[]): Edit {
  return { what, before, after: replaced(before, path, from, to), changes };
}

/** `main` uses what `lib.ts` has; `other` uses nothing of it. */
function lib(text: string, use: string, imports: string, more: Files = {}): Files {
  return {
    "workflow.ts": `import { task } from "ligase";\n${imports}\nexport const main = task((x: number) => ${use});\nexport const other = task((x: number) => x);`,
    "lib.ts": text,
    ...more,
  };
}

function inLib(
  what: string,
  text: string,
  use: string,
  from: string,
  to: string,
  changes: readonly string[],
  more: Files = {},
): Edit {
  return edit(what, lib(text, use, `import * as lib from "./lib.ts";`, more), "lib.ts", from, to, changes);
}

const REGISTRY = `export const registry = new Map<string, number>();\nregistry.set("a", 1);\nexport const free = 1;`;
const ZOD = (version: string) => JSON.stringify({ name: "zod", version, type: "module", exports: "./index.js" });

/** The edits, in the order of what they are about. */
export const EDITS: readonly Edit[] = [
  // Who reaches what.
  edit("a task's own body", BASE, "workflow.ts", "reads.length", "reads.length + 1", ["count"]),
  edit("a helper", BASE, "lib/trim.ts", "cut(reads, LIMIT)", "cut(reads, LIMIT).trim()", ["align"]),
  edit("a helper two modules away", BASE, "lib/cut.ts", "slice(0, n)", "slice(1, n)", ["align"]),
  edit("a constant", BASE, "lib/trim.ts", "LIMIT = 20", "LIMIT = 21", ["align"]),
  edit("a helper that nobody reaches", BASE, "lib/trim.ts", "return 1", "return 2", []),
  edit("a new helper", BASE, "lib/trim.ts", "const LIMIT", "export const more = 3;\nconst LIMIT", []),
  edit("a stub, and what it alone reaches", STUBBED, "workflow.ts", "reads + LIMIT", "reads.length + 2 * LIMIT", []),
  edit("a stub's helper", STUBBED, "lib/fake.ts", "reads.slice", "reads.trim().slice", []),
  edit("a stub that goes", STUBBED, "workflow.ts", "stub: (reads) => fake(reads + LIMIT), ", "", []),
  // What means nothing.
  edit("a comment", BASE, "lib/cut.ts", "{ return text", "{ // the first n\n return /* of */ text", []),
  edit("formatting", BASE, "lib/cut.ts", "{ return text.slice(0, n); }", "{\n  return text\n    .slice(0,n)\n}", []),
  edit("quotes and number notation", BASE, "lib/trim.ts", "LIMIT = 20", "LIMIT = 0x14", []),
  edit("a type annotation", BASE, "lib/cut.ts", "n: number)", "n: 5 | 20): string", []),
  edit(
    "a cast, a non-null assertion, satisfies",
    BASE,
    "lib/cut.ts",
    "text.slice(0, n)",
    "((text as any)!.slice(0, n) satisfies string)",
    [],
  ),
  edit(
    "an interface",
    BASE,
    "lib/cut.ts",
    "export function",
    "export interface Cut { n: number }\nexport type Text = string;\nexport function",
    [],
  ),
  edit(
    "overloads",
    BASE,
    "lib/cut.ts",
    "export function",
    "export function cut(text: string, n: number): string;\nexport function",
    [],
  ),
  edit("parentheses and a trailing comma", BASE, "lib/trim.ts", "cut(reads, LIMIT)", "(cut)(reads, (LIMIT),)", []),
  {
    what: "reordered declarations and imports",
    before: BASE,
    after: {
      "lib/trim.ts": `
        export function unused() { return 1; }
        export function trim(reads: string) { return cut(reads, LIMIT); }
        const LIMIT = 20;
        import { cut } from "./cut.ts";
      `,
      "workflow.ts": `
        import { trim } from "./lib/trim.ts";
        import { task } from "ligase";
        export const count = task((reads: string) => reads.length);
        export const align = task((reads: string) => trim(reads));
      `,
    },
    changes: [],
  },
  {
    what: "a helper moves to another file",
    before: BASE,
    after: {
      "lib/trim.ts": BASE["lib/trim.ts"]!.replace("./cut.ts", "./moved.ts"),
      "lib/moved.ts": BASE["lib/cut.ts"]!,
    },
    changes: [],
  },
  edit(
    "a type-only import",
    BASE,
    "workflow.ts",
    `import { trim }`,
    `import type { Nothing } from "./lib/nowhere.ts";\nimport { trim }`,
    [],
  ),
  // Tasks and their options.
  edit("options", BASE, "workflow.ts", "count = task((", `count = task({ cpu: 2, memory: "4 GiB", retries: 2 }, (`, []),
  edit(
    "an option's function",
    {
      "workflow.ts": `import { task } from "ligase";\nexport const a = task({ memory: ({ attempt }) => attempt * 4e9 }, (x: number) => x);`,
    },
    "workflow.ts",
    "4e9",
    "8e9",
    [],
  ),
  {
    what: "the body of a task that another calls",
    before: {
      "workflow.ts": `import { task } from "ligase";\nconst b = task((x: number) => x + 1);\nexport const a = task((x: number) => b(x));`,
    },
    after: {
      "workflow.ts": `import { task } from "ligase";\nconst b = task((x: number) => x + 2);\nexport const a = task((x: number) => b(x));`,
    },
    changes: ["b"],
  },
  {
    what: "the body of a task called through local()",
    before: {
      "workflow.ts": `import { task, local } from "ligase";\nconst b = task((x: number) => x + 1);\nexport const a = task((x: number) => local(b)(x));\nexport const c = task((x: number) => b(x));`,
    },
    after: {
      "workflow.ts": `import { task, local } from "ligase";\nconst b = task((x: number) => x + 2);\nexport const a = task((x: number) => local(b)(x));\nexport const c = task((x: number) => b(x));`,
    },
    changes: ["a", "b"],
  },
  edit(
    "the explicit name of a task that another calls",
    {
      "workflow.ts": `import { task } from "ligase";\nconst b = task({ name: "b" }, (x: number) => x + 1);\nexport const a = task((x: number) => b(x));`,
    },
    "workflow.ts",
    `name: "b"`,
    `name: "b2"`,
    ["a", "b", "b2"],
  ),
  edit(
    "a task in an object, seen by a task that calls its neighbour",
    {
      "workflow.ts": `import { task } from "ligase";\nexport const tools = { sort: task((x: number) => x), index: task((x: number) => x) };\nexport const a = task((x: number) => tools.sort(x));`,
    },
    "workflow.ts",
    "index: task((x: number) => x)",
    "index: task((x: number) => x + 1), view: task((x: number) => x)",
    ["tools.index", "tools.view"],
  ),
  edit("a default argument", BASE, "workflow.ts", "count = task((reads: string)", 'count = task((reads = "")', [
    "count",
  ]),
  edit(
    "the default of a default argument",
    {
      "workflow.ts": `import { task } from "ligase";\nconst DEPTH = 10;\nexport const a = task((x: number, depth = DEPTH) => x * depth);\nexport const b = task((x: number) => x);`,
    },
    "workflow.ts",
    "DEPTH = 10",
    "DEPTH = 11",
    ["a"],
  ),
  edit(
    "an image, which is an option",
    {
      "workflow.ts": `import { task } from "ligase";\nconst image = { identity: "12" };\nexport const a = task({ image }, (x: number) => x);`,
    },
    "workflow.ts",
    `"12"`,
    `"13"`,
    [],
  ),
  edit(
    "a lift",
    {
      "workflow.ts": `import { task, lift } from "ligase";\nexport const a = task((x: number) => lift((y: number) => y + 1)(x));\nexport const b = task((x: number) => x);`,
    },
    "workflow.ts",
    "y + 1",
    "y + 2",
    ["a", "a lift in a"],
  ),
  // Imports.
  inLib("a namespace: the member used", `export const a = 1;\nexport const b = 2;`, "lib.a + x", "a = 1", "a = 3", [
    "main",
  ]),
  inLib("a namespace: another member", `export const a = 1;\nexport const b = 2;`, "lib.a + x", "b = 2", "b = 3", []),
  inLib(
    "a namespace used as a value: any member",
    `export const a = 1;\nexport const b = 2;`,
    "Object.keys(lib).length + x",
    "b = 2",
    "b = 3",
    ["main"],
  ),
  edit(
    "a default export",
    lib("export default (x: number) => x + 1;", "f(x)", `import f from "./lib.ts";`),
    "lib.ts",
    "x + 1",
    "x + 2",
    ["main"],
  ),
  edit(
    "a default class",
    lib("export default class { go() { return 1; } }", "new C().go() + x", `import C from "./lib.ts";`),
    "lib.ts",
    "return 1",
    "return 2",
    ["main"],
  ),
  edit(
    "through a re-export under another name",
    lib(`export { deep as shallow, deeper } from "./deep.ts";`, "shallow(x)", `import { shallow } from "./lib.ts";`, {
      "deep.ts": "export const deep = (x: number) => x + 1;\nexport const deeper = 2;",
    }),
    "deep.ts",
    "x + 1",
    "x + 2",
    ["main"],
  ),
  edit(
    "through export *",
    lib(`export * from "./deep.ts";`, "deep(x)", `import { deep } from "./lib.ts";`, {
      "deep.ts": "export const deep = (x: number) => x + 1;\nexport const deeper = 2;",
    }),
    "deep.ts",
    "x + 1",
    "x + 2",
    ["main"],
  ),
  edit(
    "another name of export *",
    lib(`export * from "./deep.ts";`, "deep(x)", `import { deep } from "./lib.ts";`, {
      "deep.ts": "export const deep = (x: number) => x + 1;\nexport const deeper = 2;",
    }),
    "deep.ts",
    "deeper = 2",
    "deeper = 3",
    [],
  ),
  edit(
    "through export * as",
    lib(`export * as deeps from "./deep.ts";`, "deeps.deep(x)", `import { deeps } from "./lib.ts";`, {
      "deep.ts": "export const deep = (x: number) => x + 1;\nexport const deeper = 2;",
    }),
    "deep.ts",
    "deeper = 2",
    "deeper = 3",
    [],
  ),
  edit(
    "a literal dynamic import",
    lib("export const a = 1;", `import("./lib.ts").then((m) => m.a + x)`, ""),
    "lib.ts",
    "a = 1",
    "a = 2",
    ["main"],
  ),
  edit(
    "a cycle between modules",
    {
      "workflow.ts": `import { task } from "ligase";\nimport { even } from "./even.ts";\nexport const main = task((x: number) => even(x));\nexport const other = task((x: number) => x);`,
      "even.ts": `import { odd } from "./odd.ts";\nexport function even(n: number): boolean { return n === 0 || odd(n - 1); }`,
      "odd.ts": `import { even } from "./even.ts";\nexport function odd(n: number): boolean { return n !== 0 && even(n - 1); }`,
    },
    "odd.ts",
    "n !== 0",
    "n > 0",
    ["main"],
  ),
  edit(
    "a tsconfig path alias",
    lib("export const a = 1;", "a + x", `import { a } from "@lib";`, {
      "tsconfig.json": `{ "compilerOptions": { "paths": { "@lib": ["./lib.ts"] } } }`,
    }),
    "lib.ts",
    "a = 1",
    "a = 2",
    ["main"],
  ),
  edit(
    "an npm version",
    lib("", "z.parse(x)", `import { z } from "zod";`, {
      "node_modules/zod/package.json": ZOD("4.0.0"),
      "node_modules/zod/index.js": "export const z = { parse: (x) => x };",
    }),
    "node_modules/zod/package.json",
    "4.0.0",
    "4.0.1",
    ["main"],
  ),
  edit(
    "the files of an npm package of one version",
    lib("", "z.parse(x)", `import { z } from "zod";`, {
      "node_modules/zod/package.json": ZOD("4.0.0"),
      "node_modules/zod/index.js": "export const z = { parse: (x) => x };",
    }),
    "node_modules/zod/index.js",
    "(x) => x",
    "(y) => y",
    [],
  ),
  edit(
    "a JSON file",
    lib("", "data.length + x", `import data from "./data.json" with { type: "json" };`, { "data.json": "[1, 2]" }),
    "data.json",
    "[1, 2]",
    "[1, 2, 3]",
    ["main"],
  ),
  edit(
    "a text file",
    lib("", "sql.length + x", `import sql from "./query.sql";`, { "query.sql": "select 1" }),
    "query.sql",
    "1",
    "2",
    ["main"],
  ),
  edit(
    "a file named by its URL",
    lib("", "String(panel).length + x", `const panel = new URL("./panel.bed", import.meta.url);`, {
      "panel.bed": "chr17",
    }),
    "panel.bed",
    "chr17",
    "chr13",
    ["main"],
  ),
  edit(
    "which export of an npm package",
    lib("", "f(x)", `import { parse as f } from "zod";`, {
      "node_modules/zod/package.json": ZOD("4.0.0"),
      "node_modules/zod/index.js": "",
    }),
    "workflow.ts",
    "parse as f",
    "safe as f",
    ["main"],
  ),
  edit(
    "which file of an npm package",
    lib("", "f(x)", `import f from "zod/a.js";`, {
      "node_modules/zod/package.json": `{ "name": "zod", "version": "4.0.0" }`,
      "node_modules/zod/a.js": "",
      "node_modules/zod/b.js": "",
    }),
    "workflow.ts",
    "zod/a.js",
    "zod/b.js",
    ["main"],
  ),
  edit(
    "which export of Node",
    lib("", "f(String(x))", `import { basename as f } from "node:path";`),
    "workflow.ts",
    "basename as f",
    "dirname as f",
    ["main"],
  ),
  edit(
    "which export of Ligase",
    lib("", "f(x)", `import { get as f } from "ligase";`),
    "workflow.ts",
    "get as f",
    "all as f",
    ["main"],
  ),
  edit(
    "as what a file is imported",
    lib("", "data.length + x", `import data from "./data.json" with { type: "json" };`, { "data.json": "[1, 2]" }),
    "workflow.ts",
    `"json"`,
    `"text"`,
    ["main"],
  ),
  edit(
    "a file that is required",
    lib(
      "",
      "data.length + x",
      `import { createRequire } from "node:module";\nconst data = createRequire(import.meta.url)("./data.json") as number[];\nconst load = createRequire(import.meta.url);\nconst more = load("./more.json") as number[];`,
      { "data.json": "[1, 2]", "more.json": "[]" },
    ),
    "workflow.ts",
    "data.length",
    "more.length",
    ["main"],
  ),
  edit(
    "what a file that is required holds",
    lib(
      "",
      "data.length + x",
      `import { createRequire } from "node:module";\nconst data = createRequire(import.meta.url)("./data.json") as number[];`,
      { "data.json": "[1, 2]" },
    ),
    "data.json",
    "[1, 2]",
    "[1]",
    ["main"],
  ),
  // Statements that change bindings.
  inLib(
    "a `let` assigned elsewhere",
    `export let limit = 1;\nlimit = 2;\nexport const free = 1;`,
    "lib.limit + x",
    "limit = 2",
    "limit = 3",
    ["main"],
  ),
  inLib(
    "a `let` assigned elsewhere, and not reached",
    `export let limit = 1;\nlimit = 2;\nexport const free = 1;`,
    "lib.free + x",
    "limit = 2",
    "limit = 3",
    [],
  ),
  inLib(
    "a `let` assigned in a function that is called",
    `export let limit = 1;\nfunction init() { limit = 2; }\ninit();`,
    "lib.limit + x",
    "limit = 2",
    "limit = 3",
    ["main"],
  ),
  inLib("a map that is filled", REGISTRY, "lib.registry.size + x", `"a", 1`, `"a", 2`, ["main"]),
  inLib("a map that is filled, and not reached", REGISTRY, "lib.free + x", `"a", 1`, `"a", 2`, []),
  inLib(
    "a map that is filled by a loop",
    `export const registry = new Map<string, number>();\nfor (const k of ["a"]) registry.set(k, 1);`,
    "lib.registry.size + x",
    `["a"]`,
    `["b"]`,
    ["main"],
  ),
  inLib(
    "a map that is filled by another module",
    "export const registry = new Map<string, number>();",
    "lib.registry.size + x",
    "new Map<string, number>()",
    `new Map<string, number>([["a", 1]])`,
    ["main"],
  ),
  edit(
    "the module that fills it",
    lib(
      "export const registry = new Map<string, number>();",
      "registry.size + x",
      `import { registry } from "./lib.ts";\nimport "./fill.ts";`,
      { "fill.ts": `import { registry } from "./lib.ts";\nregistry.set("a", 1);` },
    ),
    "fill.ts",
    `"a", 1`,
    `"a", 2`,
    ["main", "other"],
  ),
  inLib(
    "a field that is set",
    "export const o: { a?: number } = {};\no.a = 1;",
    "(lib.o.a ?? 0) + x",
    "o.a = 1",
    "o.a = 2",
    ["main"],
  ),
  inLib(
    "Object.assign",
    "export const o = {};\nObject.assign(o, { a: 1 });",
    "Object.keys(lib.o).length + x",
    "a: 1",
    "a: 2",
    ["main"],
  ),
  inLib(
    "a prototype that is patched",
    "export class C { go() { return 1; } }\nC.prototype.go = () => 2;",
    "new lib.C().go() + x",
    "=> 2",
    "=> 3",
    ["main"],
  ),
  inLib(
    "a call with the binding as argument",
    "export const o = { a: 1 };\nfunction fill(target: { a: number }) { target.a = 2; }\nfill(o);",
    "lib.o.a + x",
    "target.a = 2",
    "target.a = 3",
    ["main"],
  ),
  inLib(
    "a helper called on it by a declaration",
    "export const o = { a: 1 };\nfunction fill(target: { a: number }) { target.a = 2; return target; }\nexport const p = fill(o);",
    "lib.o.a + x",
    "target.a = 2",
    "target.a = 3",
    ["main"],
  ),
  inLib(
    "a pure helper called on it by a declaration",
    "export const o = { a: 1 };\nconst copy = (target: { a: number }) => ({ ...target, b: 1 });\nexport const p = copy(o);",
    "lib.o.a + x",
    "b: 1",
    "b: 2",
    [],
  ),
  inLib(
    "what is logged of it",
    'export const o = { a: 1 };\nconsole.log("one", o);',
    "lib.o.a + x",
    `"one"`,
    `"two"`,
    [],
  ),
  inLib(
    "the order of two statements that change it",
    "export const list: number[] = [];\nlist.push(1);\nlist.push(2);",
    "lib.list.length + x",
    "list.push(1);\nlist.push(2);",
    "list.push(2);\nlist.push(1);",
    ["main"],
  ),
  inLib(
    "another name of it",
    "export const list: number[] = [];\nconst same = list;\nsame.push(1);",
    "lib.list.length + x",
    "push(1)",
    "push(2)",
    ["main"],
  ),
  inLib(
    "a part of it under another name",
    "export const o = { list: [] as number[] };\nconst { list } = o;\nlist.push(1);",
    "lib.o.list.length + x",
    "push(1)",
    "push(2)",
    ["main"],
  ),
  inLib(
    "an object that holds it",
    "export const list: number[] = [];\nconst all = { list };\nall.list.push(1);",
    "lib.list.length + x",
    "push(1)",
    "push(2)",
    ["main"],
  ),
  inLib(
    "a local name of it",
    "export const list: number[] = [];\n{ const same = list; same.push(1); }",
    "lib.list.length + x",
    "push(1)",
    "push(2)",
    ["main"],
  ),
  inLib(
    "a callback that is given it",
    "export const o = { a: 1 };\nfunction configure(set: (target: { a: number }) => void) { set(o); }\nconfigure((target) => { target.a = 2; });",
    "lib.o.a + x",
    "target.a = 2",
    "target.a = 3",
    ["main"],
  ),
  inLib(
    "a method that writes to its own object, called by a declaration",
    "class Registry { n = 0; add(k: number) { this.n += k; return this; } }\nexport const registry = new Registry();\nexport const added = registry.add(1);",
    "lib.registry.n + x",
    "add(1)",
    "add(2)",
    ["main"],
  ),
  inLib(
    "an object that keeps it",
    "export const o = { a: 1 };\nclass Client { o: object; constructor(o: object, n: number) { this.o = o; } }\nexport const client = new Client(o, 1);",
    "lib.o.a + x",
    "Client(o, 1)",
    "Client(o, 2)",
    [],
  ),
  inLib(
    "a schema made of it",
    "const z = { object: (shape: object) => ({ shape, extend: (more: object) => ({ ...shape, ...more }) }) };\nexport const base = z.object({ a: 1 });\nexport const more = base.extend({ b: 2 });",
    "Object.keys(lib.base).length + x",
    "b: 2",
    "b: 3",
    [],
  ),
  edit(
    "a side-effect import",
    lib("", "Number(process.env.LIMIT) + x", `import "./setup.ts";`, { "setup.ts": `process.env.LIMIT = "1";` }),
    "setup.ts",
    `"1"`,
    `"2"`,
    ["main", "other"],
  ),
  edit(
    "a function that a side-effect import calls",
    lib("", "x", `import "./setup.ts";`, { "setup.ts": `function go() { process.env.LIMIT = "1"; }\ngo();` }),
    "setup.ts",
    `"1"`,
    `"2"`,
    ["main", "other"],
  ),
  edit(
    "what the program does with its tasks",
    {
      "workflow.ts": `import { task, run } from "ligase";\nexport const main = task((x: number) => x);\nconst result = await run(main(1));\nconsole.log(result);`,
    },
    "workflow.ts",
    "console.log(result)",
    'console.log("result", result); process.exitCode = 1',
    [],
  ),
  // Kinds of declarations.
  inLib("an enum member", "export enum Mode { Fast = 1, Slow = 2 }", "lib.Mode.Fast + x", "Fast = 1", "Fast = 3", [
    "main",
  ]),
  inLib("a class method", "export class C { go() { return 1; } }", "new lib.C().go() + x", "return 1", "return 2", [
    "main",
  ]),
  inLib(
    "a private method",
    "export class C { #no() { return 1; } go() { return this.#no(); } }",
    "new lib.C().go() + x",
    "return 1",
    "return 2",
    ["main"],
  ),
  inLib("a getter", "export const o = { get a() { return 1; } };", "lib.o.a + x", "return 1", "return 2", ["main"]),
  inLib(
    "a base class",
    "class Base { go() { return 1; } }\nexport class C extends Base {}",
    "new lib.C().go() + x",
    "return 1",
    "return 2",
    ["main"],
  ),
  inLib(
    "a static block",
    "export class C { static a: number; static { C.a = 1; } }",
    "lib.C.a + x",
    "C.a = 1",
    "C.a = 2",
    ["main"],
  ),
  inLib(
    "a decorator",
    "function twice(value: Function) { return value; }\n@twice export class C { go() { return 1; } }",
    "new lib.C().go() + x",
    "return value",
    "return value ?? 1",
    ["main"],
  ),
  inLib(
    "types of class members",
    "export class C { private a = 1; go(): number { return this.a; } }",
    "new lib.C().go() + x",
    "private a = 1; go(): number",
    "protected readonly a: number = 1; declare b: string; go()",
    [],
  ),
  inLib(
    "abstract members",
    "export abstract class B { go() { return 1; } }\nexport class C extends B {}",
    "new lib.C().go() + x",
    "go()",
    "abstract stop(): void; go()",
    [],
  ),
  inLib(
    "a destructured declaration",
    "export const [first, { second }] = [1, { second: 2 }] as const;",
    "lib.second + x",
    "second: 2",
    "second: 3",
    ["main"],
  ),
  inLib(
    "a template",
    'const unit = "bp";\nexport const text = (n: number) => `${n} ${unit}`;',
    "lib.text(x).length",
    '"bp"',
    '"kb"',
    ["main"],
  ),
  inLib(
    "what a tag sees",
    "const tag = (s: TemplateStringsArray) => s.raw[0]!;\nexport const text = tag`a`;",
    "lib.text.length + x",
    "tag`a`",
    "tag`\\u0061`",
    ["main"],
  ),
  inLib(
    "a regular expression",
    "export const base = /[ACGT]/;",
    'Number(lib.base.test("A")) + x',
    "/[ACGT]/",
    "/[ACGT]/i",
    ["main"],
  ),
  inLib("a bigint", "export const big = 10n;", "Number(lib.big) + x", "10n", "11n", ["main"]),
  inLib("a generator", "export function* all() { yield 1; }", "[...lib.all()].length + x", "yield 1", "yield* [1]", [
    "main",
  ]),
  inLib(
    "a namespace declaration",
    "export namespace Units { export const kb = 1000; }",
    "lib.Units.kb + x",
    "1000",
    "1024",
    ["main"],
  ),
  inLib(
    "a local variable of the same name as a helper",
    "export const limit = 1;\nexport const f = (n: number) => { const limit = 2; return n + limit; };",
    "lib.f(x)",
    "limit = 1",
    "limit = 5",
    [],
  ),
];
