import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { type PackedCode, type PackedFile, packFiles, packProgram } from "../../../src/code/pack/index.ts";
import { jsonSchema } from "../../../src/code/parameters/index.ts";
import { type Files, project, write } from "./support/project.ts";

/** Puts packed code into a folder of its own: where it was sent to. */
function unpack({ files }: PackedCode): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "ligase-packed-")));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  for (const { path, from } of files) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), contentOf({ from }));
  }
  return folder;
}

function contentOf({ from }: Pick<PackedFile, "from">): Uint8Array {
  return typeof from === "string" ? spawnSync("cat", [from]).stdout : from;
}

/** Loads packed code in a process of its own, and evaluates an expression with its exports `e` and tasks `t`. */
function inNode(folder: string, bundle: string, expression: string): unknown {
  const pack = new URL("../../../src/code/pack/index.ts", import.meta.url).href;
  const script = `import { loadPacked } from ${JSON.stringify(pack)};
const { exports: e, tasks: t } = await loadPacked(${JSON.stringify(folder)}, ${JSON.stringify(bundle)});
console.log(JSON.stringify(await (async () => (${expression}))()));`;
  const ran = spawnSync(process.execPath, ["--input-type=module", "-e", script], { encoding: "utf8", cwd: "/" });
  if (ran.status !== 0) throw new Error(ran.stderr);
  return JSON.parse(ran.stdout.trim().split("\n").at(-1)!);
}

const PACKAGES: Files = {
  "node_modules/shout/package.json": `{ "name": "shout", "version": "1.0.0", "type": "module", "exports": "./main.js" }`,
  "node_modules/shout/main.js": `import low from "low"; export const shout = (text) => low(text).toUpperCase() + "!";`,
  "node_modules/low/package.json": `{ "name": "low", "version": "2.0.0", "main": "index.cjs" }`,
  "node_modules/low/index.cjs": `const { basename } = require("path"); const data = require("./data.json");
module.exports = (text) => text + data.mark + typeof __dirname + basename(__filename).length;`,
  "node_modules/low/data.json": `{ "mark": "?" }`,
};

describe("packProgram", () => {
  it("makes a bundle that needs nothing of the project: packages, assets and named files are with it", async () => {
    const root = project({
      ...PACKAGES,
      "src/app.ts": `import { readFileSync } from "node:fs";
import { endpoint, task } from "ligase";
import { shout } from "shout";
import words from "./words.txt" with { type: "text" };
import { suffix } from "./lib.ts";
const __dirname = import.meta.dirname;
export const loud = task((text: string) => shout(text) + suffix + words.trim());
export const fold = endpoint(loud, { maxWorkers: 2 });
export const stored = () => readFileSync(new URL("./model.bin", import.meta.url), "utf8") + __dirname.length;`,
      "src/lib.ts": `export const suffix: string = "-lib-";`,
      "src/words.txt": "words\n",
      "src/model.bin": "weights",
      "data/large.csv": "not named",
    });
    const packed = await packProgram(join(root, "src/app.ts"));
    expect(packed.files.map(({ path }) => path.replace(/[0-9a-f]{40}/, "*"))).toEqual([
      ".ligase/code/*.json",
      ".ligase/code/*.mjs",
      ".ligase/code/*.mjs.map",
      "src/app.ts",
      "src/lib.ts",
      "src/model.bin",
    ]);
    const folder = unpack(packed);
    rmSync(root, { recursive: true, force: true });
    expect(inNode(folder, packed.bundle, `t.get("loud").fn("hi")`)).toMatch(/^HI\?STRING\d+!-lib-words$/);
    expect(inNode(folder, packed.bundle, "e.stored()")).toBe(`weights${`${folder}/src`.length}`);
    expect(inNode(folder, packed.bundle, "[e.fold.options, t.get('loud').definition.file]")).toEqual([
      { maxWorkers: 2 },
      "src/app.ts",
    ]);
  });

  it("names the same code the same, wherever the project lies, and other code otherwise", async () => {
    const files = { ...PACKAGES, "app.ts": `import { shout } from "shout";\nexport const loud = shout("a");` };
    const [one, other] = [project(files), project(files)];
    const first = await packProgram(join(one, "app.ts"));
    expect((await packProgram(join(other, "app.ts"))).codeHash).toBe(first.codeHash);
    // The version of the package stays: somebody patched it.
    write(other, { "node_modules/low/data.json": `{ "mark": "!" }` });
    expect((await packProgram(join(other, "app.ts"))).codeHash).not.toBe(first.codeHash);
  });

  it("refuses what cannot go: native addons, files outside", async () => {
    const native = project({
      "node_modules/fast/package.json": `{ "name": "fast", "version": "1.0.0", "main": "index.js" }`,
      "node_modules/fast/index.js": `module.exports = require("./build/fast.node");`,
      "node_modules/fast/build/fast.node": "\u007fELF",
      "app.ts": `import fast from "fast";\nexport const x = fast;`,
    });
    await expect(packProgram(join(native, "app.ts"))).rejects.toMatchObject({
      code: "LIGASE_E_NATIVE_PACKAGE",
      message: expect.stringContaining("the package fast"),
    });
    const found = project({
      "node_modules/@a/fast/package.json": `{ "name": "@a/fast", "version": "1.0.0", "main": "index.js" }`,
      "node_modules/@a/fast/index.js": `module.exports = require("node-gyp-build")(__dirname);`,
      "app.ts": `import fast from "@a/fast";\nexport const x = fast;`,
    });
    await expect(packProgram(join(found, "app.ts"))).rejects.toMatchObject({ facts: { package: "@a/fast" } });
    const outside = project({
      "a/package.json": "{}",
      "b.bin": "b",
      "a/app.ts": `new URL("../b.bin", import.meta.url);`,
    });
    await expect(packProgram(join(outside, "a/app.ts"))).rejects.toMatchObject({ code: "LIGASE_E_DEPLOY_FILE" });
  });

  it("reads what handlers take, of tasks and of plain functions, in the order of the exports", async () => {
    const root = project({
      "app.ts": `import { endpoint, task, web } from "ligase";
import { fold } from "./handlers.ts";
/** Folds a sequence. @param k ignored */
export const zeta = endpoint(fold);
/** Says words. */
export const words = endpoint(async function* (text: string, times: number = 2) { yield text.repeat(times); });
export const whole = endpoint(({ a, b = 1 }: { a: string; b?: number }) => a + b);
/** A site. */
export const site = web(() => new Response("hi"));
export const unknown = endpoint(JSON.parse);
export const other = 1;
export * from "./more.ts";`,
      "handlers.ts": `/** Folds.\n * @param sequence - of amino acids */
export function fold(sequence: string, k?: number) { return sequence.length + (k ?? 0); }`,
      "more.ts": `import { endpoint } from "ligase";\nexport const last = endpoint((x: number) => x);`,
    });
    const { handlers } = await packProgram(join(root, "app.ts"));
    expect([...handlers].map(([name, { doc, parameters }]) => [name, doc, parameters?.map((one) => one.name)])).toEqual(
      [
        ["zeta", "Folds a sequence. @param k ignored", ["sequence", "k"]],
        ["words", "Says words.", ["text", "times"]],
        ["whole", "", ["options"]],
        ["site", "A site.", []],
        ["unknown", "", undefined],
        ["last", "", ["x"]],
      ],
    );
    expect(jsonSchema(handlers.get("words")?.parameters ?? [])).toMatchObject({
      properties: { text: { type: "string" }, times: { type: "number", default: 2 } },
      required: ["text"],
    });
  });
});

describe("packFiles", () => {
  it("takes the files of a project, those that links within it lead to, and nothing that is ignored", () => {
    const root = project({
      "handler.py": "print(1)\n",
      "lib/a.py": "",
      ".ligaseignore": "data/\n",
      "data/big.bin": "x",
      ".ligase/x": "",
      "node_modules/a/index.js": "",
    });
    symlinkSync("lib/a.py", join(root, "b.py"));
    symlinkSync("lib", join(root, "old"));
    symlinkSync("/etc/passwd", join(root, "passwd"));
    const { files, skipped } = packFiles(root);
    expect(files.map(({ path }) => path)).toEqual([
      ".ligaseignore",
      "b.py",
      "handler.py",
      "lib/a.py",
      "old/a.py",
      "package.json",
    ]);
    expect(skipped).toEqual([expect.objectContaining({ path: "passwd", why: "outside" })]);
  });
});
