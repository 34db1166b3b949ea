import { spawnSync } from "node:child_process";
import {
  existsSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { importBundle, importModule, loadProgram, mapStack } from "../../../src/code/index.ts";
import type { Program } from "../../../src/code/types.ts";
import { type Files, project, write } from "./support/project.ts";

const TASK = `import { task, lift } from "ligase";\n`;

async function loaded(files: Files): Promise<Program> {
  return loadProgram(join(project(files), "workflow.ts"));
}

/** Calls the body of a task, as an executor would. */
function call(program: Program, name: string, ...args: readonly unknown[]): unknown {
  const task = program.tasks.get(name);
  if (!task) throw new Error(`no task ${name}: ${[...program.tasks.keys()].join(", ")}`);
  return Reflect.apply(task.fn, undefined, args);
}

/** Runs code in a process of its own, where no test runner stands between Ligase and Node. */
function inNode(body: string): unknown {
  const code = new URL("../../../src/code/index.ts", import.meta.url).href;
  const script = `import { loadProgram, mapStack } from ${JSON.stringify(code)};
const result = await (async () => { ${body} })();
console.log(JSON.stringify(result));`;
  const ran = spawnSync(process.execPath, ["--input-type=module", "-e", script], { encoding: "utf8" });
  if (ran.status !== 0) throw new Error(ran.stderr);
  return JSON.parse(ran.stdout.trim().split("\n").at(-1)!);
}

describe("loadProgram", () => {
  it("gives every task of every module, exported or not, and lifts", async () => {
    const program = await loaded({
      "workflow.ts": `${TASK}import { trim } from "./lib/trim.ts";\nconst inner = task((x: number) => x + 1);\nexport const main = task((x: number) => lift((n: number) => n * 2)(inner(trim(x))));`,
      "lib/trim.ts": `${TASK}export const trim = task((x: number) => x - 1);\nexport const tools = { sort: task(() => "sorted") };`,
    });
    const names = [...program.tasks.keys()].sort();
    expect(names.filter((name) => !name.startsWith("lift:"))).toEqual(["inner", "main", "tools.sort", "trim"]);
    const lift = names.find((name) => name.startsWith("lift:"))!;
    expect(program.tasks.get(lift)).toMatchObject({ name: lift, lifted: true });
    expect(call(program, lift, 21)).toBe(42);
    expect(call(program, "tools.sort")).toBe("sorted");
    expect(program.tasks.get("trim")).toMatchObject({
      name: "trim",
      lifted: false,
      definition: { file: "lib/trim.ts", line: 2 },
    });
    expect(program).toMatchObject({
      entry: "workflow.ts",
      modules: [{ path: "workflow.ts" }, { path: "lib/trim.ts" }],
    });
  });

  it("bundles once for the same sources", async () => {
    const root = project({ "workflow.ts": `${TASK}export const a = task(() => 1);` });
    const first = await loadProgram(join(root, "workflow.ts"));
    const before = statSync(first.bundle);
    const second = await loadProgram(join(root, "workflow.ts"));
    expect(second.id).toBe(first.id);
    expect(second.tasks.get("a")).toBe(first.tasks.get("a"));
    expect(statSync(second.bundle).ino).toBe(before.ino);
  });

  it("takes an edit, and the earlier bundle again when it is taken back", async () => {
    const root = project({
      "workflow.ts": `${TASK}import { k } from "./k.ts";\nexport const a = task(() => k);`,
      "k.ts": "export const k = 1;",
    });
    const entry = join(root, "workflow.ts");
    const first = await loadProgram(entry);
    write(root, { "k.ts": "export const k = 2;" });
    const second = await loadProgram(entry);
    expect([call(first, "a"), call(second, "a")]).toEqual([1, 2]);
    const before = statSync(first.bundle).ino;
    write(root, { "k.ts": "export const k = 1;" });
    expect((await loadProgram(entry)).id).toBe(first.id);
    expect(statSync(first.bundle).ino).toBe(before);
  });

  it("notices a file that comes before the one an import led to", async () => {
    const root = project({
      "workflow.ts": `${TASK}import { k } from "./k";\nexport const a = task(() => k);`,
      "k/index.ts": "export const k = 1;",
    });
    const entry = join(root, "workflow.ts");
    expect(call(await loadProgram(entry), "a")).toBe(1);
    write(root, { "k.ts": "export const k = 2;" });
    expect(call(await loadProgram(entry), "a")).toBe(2);
  });

  it.each(["", "half"])("never believes a bundle that is %j", async (what) => {
    const root = project({ "workflow.ts": `${TASK}export const a = task(() => 1);` });
    const { bundle } = await loadProgram(join(root, "workflow.ts"));
    const text = readFileSync(bundle, "utf8");
    truncateSync(bundle, what === "" ? 0 : Math.floor(text.length / 2));
    await loadProgram(join(root, "workflow.ts"));
    expect(readFileSync(bundle, "utf8")).toBe(text);
  });

  it.each(["json", "mjs.map"])("makes a bundle anew whose .%s is broken", async (extension) => {
    const root = project({ "workflow.ts": `${TASK}export const a = task(() => 1);` });
    const { bundle, id } = await loadProgram(join(root, "workflow.ts"));
    const file = bundle.replace(/mjs$/, extension);
    if (extension === "json") writeFileSync(file, "{");
    else rmSync(file);
    expect((await loadProgram(join(root, "workflow.ts"))).id).toBe(id);
    expect(existsSync(file)).toBe(true);
  });

  it("gives one program one id, wherever it lies", async () => {
    const files = {
      "workflow.ts": `${TASK}import "./lib.ts";\nexport const a = task(() => 1);`,
      "lib.ts": "export {};",
    };
    expect((await loaded(files)).id).toBe((await loaded(files)).id);
  });

  it("lets modules import one another in a circle", async () => {
    const program = await loaded({
      "workflow.ts": `${TASK}import { even } from "./even.ts";\nexport const a = task((n: number) => even(n));\nexport const K = 2;`,
      "even.ts": `import { odd } from "./odd.ts";\nexport const even = (n: number): boolean => n === 0 || odd(n - 1);`,
      "odd.ts": `import { even } from "./even.ts";\nimport { K } from "./workflow.ts";\nexport const odd = (n: number): boolean => n !== 0 && even(n - 1) && K === 2;`,
    });
    expect(call(program, "a", 4)).toBe(true);
  });

  it("takes enums, namespaces, path aliases, legacy decorators and class fields as the tsconfig says", async () => {
    const program = await loaded({
      "tsconfig.json": `{ "compilerOptions": { "experimentalDecorators": true, "useDefineForClassFields": false, "paths": { "@/*": ["./src/*"] } } } // with a comment`,
      "src/lib.ts": `
        export enum Mode { Fast = "fast", Slow = "slow" }
        export namespace Units { export const kb = 1000; }
        function mark(target: object, key: string) { (target as Record<string, unknown>)["marked"] = key; }
        export class C { @mark go() { return "marked" in this ? (this as { marked?: unknown }).marked : "?"; } declared: string; }
        export const fields = Object.keys(new C());
      `,
      "workflow.ts": `${TASK}import { Mode, Units, C, fields } from "@/lib.ts";\nexport const a = task(() => [Mode.Slow, Units.kb, new C().go(), fields]);`,
    });
    expect(call(program, "a")).toEqual(["slow", 1000, "go", []]);
  });

  it("imports JSON, text and bytes", async () => {
    const program = await loaded({
      "workflow.ts": `${TASK}import data from "./d.json" with { type: "json" };\nimport sql from "./q.sql";\nimport bytes from "./b.dat";\nimport raw from "./d.json" with { type: "text" };\nexport const a = task(() => [data, sql, [...bytes], raw]);`,
      "d.json": "[1]",
      "q.sql": "select 1",
      "b.dat": "AC",
    });
    expect(call(program, "a")).toEqual([[1], "select 1", [65, 67], "[1]"]);
  });

  it("says where a module's own file is, not where the bundle is", async () => {
    const root = project({
      "workflow.ts": `${TASK}import { here } from "./lib/here.ts";\nexport const a = task(() => here);`,
      "lib/here.ts": `export const here = [import.meta.dirname, import.meta.filename, new URL("./x.bed", import.meta.url).pathname, import.meta.main];`,
      "lib/x.bed": "chr17",
    });
    const program = await loadProgram(join(root, "workflow.ts"));
    expect(call(program, "a")).toEqual([join(root, "lib"), join(root, "lib/here.ts"), join(root, "lib/x.bed"), false]);
  });

  it("resolves packages as the project does, wherever the bundle is; a workspace package is source with packages of its own", async () => {
    const zod = (version: string) => ({ name: "zod", version, type: "module", exports: "./i.js" });
    const root = project({
      "node_modules/zod/package.json": JSON.stringify(zod("4.0.0")),
      "node_modules/zod/i.js": "export const version = 4;",
      "packages/lib/package.json": `{ "name": "lib", "version": "1.0.0", "type": "module", "exports": "./lib.ts", "sideEffects": false }`,
      "packages/lib/lib.ts": `${TASK}import { version } from "zod";\nexport const b = task(() => version);\nexport const unused = task(() => 1);`,
      "packages/lib/node_modules/zod/package.json": JSON.stringify(zod("3.0.0")),
      "packages/lib/node_modules/zod/i.js": "export const version = 3;",
      "workflow.ts": `${TASK}import { version } from "zod";\nimport { b } from "lib";\nexport const a = task(() => [version, b]);`,
    });
    symlinkSync("../packages/lib", join(root, "node_modules/lib"));
    const elsewhere = realpathSync(mkdtempSync(join(tmpdir(), "ligase-cache-")));
    onTestFinished(() => rmSync(elsewhere, { recursive: true, force: true }));
    const found = inNode(`
      const program = await loadProgram(${JSON.stringify(join(root, "workflow.ts"))}, { cacheDir: ${JSON.stringify(elsewhere)} });
      const { tasks, packages, bundle } = program;
      return { names: [...tasks.keys()].sort(), a: tasks.get("a").fn()[0], b: tasks.get("b").fn(), packages, bundle, closure: tasks.get("b").definition.closure };
    `);
    expect(found).toMatchObject({
      names: ["a", "b", "unused"],
      a: 4,
      b: 3,
      bundle: expect.stringMatching(`^${elsewhere}`),
      packages: [
        { name: "zod", version: "3.0.0" },
        { name: "zod", version: "4.0.0" },
      ],
      closure: { "npm:zod@3.0.0": "3.0.0" },
    });
  });

  it("keeps a file that is only imported for its effects, and drops what is only a type", async () => {
    const program = await loaded({
      "tsconfig.json": `{ "compilerOptions": { "verbatimModuleSyntax": true } }`,
      "workflow.ts": `${TASK}import "./setup.ts";\nimport { Shape } from "./nowhere.ts";\nexport const a = task((s: Shape) => Reflect.get(globalThis, "ligaseSetup"));`,
      "setup.ts": `Reflect.set(globalThis, "ligaseSetup", 7);`,
    });
    expect(call(program, "a")).toBe(7);
  });

  it("hoists lifts out of loops, classes and nested functions without changing what they give", async () => {
    const program = await loaded({
      "workflow.ts": `${TASK}
        const half = (n: number) => n / 2;
        export const a = task((xs: number[]) => xs.map((x) => {
          const f = () => [lift(async function named(n: number, by = 2) { return n * by; })(x), lift(half)(x), lift<[number], number>((n) => { return n; })(x)];
          return f();
        }));
        export const b = task((x: number) => lift(({ n }: { n: number }) => ({ n, [\`\${n}\`]: half(n) }))({ n: x }));
      `,
    });
    const lifts = [...program.tasks.values()].filter((task) => task.lifted);
    expect(lifts).toHaveLength(4);
    const results = await Promise.all(
      lifts.map((task) => Reflect.apply(task.fn, undefined, task.definition?.doc === "a lift in b" ? [{ n: 8 }] : [8])),
    );
    expect(results.map((one) => JSON.stringify(one)).sort()).toEqual(["16", "4", "8", `{"8":4,"n":8}`]);
    expect(() => call(program, "a", [1])).not.toThrow();
  });

  it("gives the tasks of modules that are only imported while a task runs", async () => {
    const program = await loaded({
      "workflow.ts": `${TASK}export const a = task(async () => (await import("./late.ts")).k);`,
      "late.ts": `${TASK}export const k = 5;\nexport const b = task(() => k);`,
    });
    expect(call(program, "b")).toBe(5);
    expect(await call(program, "a")).toBe(5);
  });

  it("takes a byte order mark, characters beyond the basic plane, CRLF and paths with spaces", async () => {
    const root = project({
      "a b/ü #1/workflow.ts": `\uFEFF/* 🧬 */ ${TASK}const dna = "🧬";\r\nexport const a = task(\r\n  // 🧬 (\r\n  (x: string) => lift((y: string) => dna + y)(x));\r\nexport const b = task(() => dna);`,
    });
    const program = await loadProgram(join(root, "a b/ü #1/workflow.ts"));
    const lift = [...program.tasks.values()].find((task) => task.lifted)!;
    expect(Reflect.apply(lift.fn, undefined, ["!"])).toBe("🧬!");
    expect(call(program, "b")).toBe("🧬");
    expect(program.tasks.get("b")?.definition).toMatchObject({ line: 6, code: "export const b = task(() => dna);" });
  });

  it("takes a project that lies in node_modules", async () => {
    const root = project({
      "node_modules/flow/package.json": "{}",
      "node_modules/flow/workflow.ts": `${TASK}import { k } from "./k.ts";\nexport const a = task(() => k);`,
      "node_modules/flow/k.ts": "enum K { A = 3 }\nexport const k = K.A;",
    });
    expect(call(await loadProgram(join(root, "node_modules/flow/workflow.ts")), "a")).toBe(3);
  });

  it("says that a bundle cannot be written, and where", async () => {
    const root = project({
      "workflow.ts": `${TASK}export const a = task(() => 1);`,
      ".ligase": "a file where a folder must be",
    });
    await expect(loadProgram(join(root, "workflow.ts"))).rejects.toMatchObject({ code: "LIGASE_E_CODE_CACHE" });
  });

  it("says that the tsconfig is at fault", async () => {
    const root = project({
      "tsconfig.json": `{ "extends": "./nowhere.json" }`,
      "workflow.ts": `import { k } from "./k.ts";\nexport const a = k;`,
      "k.ts": "export const k = 1;",
    });
    await expect(loadProgram(join(root, "workflow.ts"))).rejects.toMatchObject({
      mend: expect.stringContaining("tsconfig"),
    });
  });

  it("refuses a name that only the run time knows", async () => {
    await expect(
      loaded({ "workflow.ts": `${TASK}const options = { name: "b" };\nexport const a = task(options, () => 1);` }),
    ).rejects.toMatchObject({ code: "LIGASE_E_TASK_NAME", message: expect.stringContaining("workflow.ts:3") });
  });

  it("shows what esbuild refuses with the user's line", async () => {
    await expect(loaded({ "workflow.ts": "const a = 1;\nconst a = 2;\nexport { a };" })).rejects.toMatchObject({
      code: "LIGASE_E_SYNTAX",
      message: expect.stringMatching(/^workflow\.ts:2:7: .*"a".*\n {2}1 \| const a = 1;\n> 2 \| const a = 2;/),
    });
  });

  it("refuses a file that is not there", async () => {
    await expect(loadProgram(join(project({}), "nowhere.ts"))).rejects.toMatchObject({ code: "LIGASE_E_NO_FILE" });
  });

  it("gives what a module throws while it is loaded as it is, with the user's lines", async () => {
    const root = project({
      "workflow.ts": `import { a } from "./lib/a.ts";\nexport const b = a();`,
      "lib/a.ts": `interface Nothing { a: 1 }\n\nexport function a(): number {\n  throw new TypeError("no");\n}`,
    });
    const frames = inNode(`
      const error = await loadProgram(${JSON.stringify(join(root, "workflow.ts"))}).catch((thrown) => thrown);
      return error instanceof TypeError && error.stack.split("\\n").slice(0, 3);
    `);
    expect(frames).toEqual(["TypeError: no", "    at a (lib/a.ts:4:9)", "    at workflow.ts:2:18"]);
  });
});

describe("mapStack", () => {
  it("points at the user's own lines, in tasks and in lifts that were moved", () => {
    const root = project({
      "workflow.ts": `${TASK}
export const a = task(
  (x: number) => {
    return lift((n: number) => {
      if (n > 0) throw new Error("in a lift");
      return n;
    })(x);
  },
);
export const b = task((): number => { throw new Error("in a task"); });`,
    });
    const frames = inNode(`
      const { tasks } = await loadProgram(${JSON.stringify(join(root, "workflow.ts"))});
      return [...tasks.values()].map((task) => {
        try { task.fn(1); return ""; } catch (error) { return mapStack(error.stack).split("\\n")[1]; }
      });
    `) as string[];
    expect(frames.some((frame) => /workflow\.ts:6:24\)?$/.test(frame))).toBe(true);
    expect(frames.some((frame) => /workflow\.ts:11:45\)?$/.test(frame))).toBe(true);
  });

  it("leaves out Node and Ligase, and keeps all else", () => {
    const ligase = new URL("../../../src/engine/x.ts", import.meta.url);
    expect(
      mapStack(
        [
          "Error: at last",
          "  at home",
          `    at run (${ligase.href}:1:2)`,
          "    at process.processTicksAndRejections (node:internal/process/task_queues:105:5)",
          "    at fn (/elsewhere/x.js:1:2)",
        ].join("\n"),
      ),
    ).toBe(["Error: at last", "  at home", "    at fn (/elsewhere/x.js:1:2)"].join("\n"));
  });
});

describe("importBundle", () => {
  it("gives the same tasks in the same process", async () => {
    const program = await loaded({ "workflow.ts": `${TASK}export const a = task(() => 1);\nexport const shown = 5;` });
    const bundle = await importBundle(program.bundle);
    expect(bundle.tasks.get("a")).toBe(program.tasks.get("a"));
    expect(bundle["shown"]).toBe(5);
  });
});

describe("importModule", () => {
  it("imports a TypeScript file without looking for tasks", async () => {
    const root = project({
      "ligase.config.ts": `import { more } from "./more.ts";\nenum A { B = 1 }\nexport default { cpus: A.B, ...more };`,
      "more.ts": "export const more = { memory: 2 };",
    });
    expect(await importModule(join(root, "ligase.config.ts"))).toEqual({ default: { cpus: 1, memory: 2 } });
  });
});
