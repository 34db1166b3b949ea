import { execFileSync, spawnSync } from "node:child_process";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Project, project } from "./project.ts";

const repository = resolve(import.meta.dirname, "../..");
const third = mkdtempSync(join(tmpdir(), "ligase third party "));
afterAll(() => rmSync(third, { recursive: true, force: true, maxRetries: 5 }));

beforeAll(() => {
  // What goes into a bundle is the built package.
  const built = statSync(join(repository, "dist/.built"), { throwIfNoEntry: false })?.mtimeMs ?? 0;
  if (built > statSync(join(repository, "src/archive/bundle/add-packages.ts")).mtimeMs) return;
  execFileSync(process.execPath, [join(repository, "scripts/setup.mjs"), "--build"], { stdio: "pipe" });
}, 300_000);

const FILES = {
  "package.json":
    '{ "name": "lanes", "type": "module", "devDependencies": { "left": "1" }, "imports": { "#lib/*": "./lib/*" } }',
  "ligase.config.ts": 'import { cpus } from "./settings.ts";\nexport default { cpus };\n',
  "settings.ts": "export const cpus = 2;\n",
  "tsconfig.json": '{ "extends": "./tsconfig.base.json" }',
  "tsconfig.base.json": "{}",
  "flows/main.ts": `
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Dir, File, map, script, task } from "ligase";
import { loud } from "loud";
import panel from "./panel.json";
import { trim } from "#lib/trim.ts";

const count = task({ cpu: 1 }, (reads: File) => script({ outputs: "n.txt" })\`wc -c < \${reads} > n.txt\`);
const clean = task(async (reads: File) => File.write("clean.fq", trim(await reads.text())));
/** The whole of it. */
export const main = task((lanes: File[], extra: Dir, label: string = "x", { deep = false }: { deep?: boolean } = {}) => ({
  counts: map(lanes, (lane) => count(clean(lane))),
  label: loud(label) + panel.length + deep,
  extra,
}));
export const chance = task(async () => File.write("chance.txt", String(Math.random())));
export const ofMap = task((n: number, m: Map<string, number> = new Map()) => n);
export const fails = task(() => { throw new Error("no"); });
`,
  "flows/panel.json": "[1, 2]",
  "lib/trim.ts": 'export const trim = (text: string): string => text.replace(/A+/, "");\n',
  "node_modules/loud/package.json":
    '{ "name": "loud", "version": "1.2.3", "type": "module", "exports": "./index.js", "dependencies": { "louder": "*" } }',
  "node_modules/loud/index.js": 'export { loud } from "louder";\n',
  "node_modules/louder/package.json":
    '{ "name": "louder", "version": "2.0.0", "type": "module", "exports": "./index.js" }',
  "node_modules/louder/index.js": "export const loud = (text) => text.toUpperCase();\n",
  "data/a.fq": "ACGTA",
  "data/more/b.txt": "b",
};

/** Takes a bundle to where there is nothing of the project, and runs its check with next to no environment. */
function verify(folder: string, ...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(folder, "verify.mjs"), ...args], {
    cwd: "/",
    env: { PATH: "/usr/bin:/bin", TMPDIR: third },
    encoding: "utf8",
  });
  return { status, stdout, stderr };
}

/** Makes a bundle and moves it away, with the project gone. */
async function taken(p: Project, name: string, ...args: string[]): Promise<string> {
  const { path } = await p.json<{ path: string }>("bundle", "--out", "the.bundle", ...args);
  renameSync(path, join(third, name));
  return join(third, name);
}

describe.concurrent("ligase bundle", () => {
  it("a third party runs it with nothing but Node, and finds what came out then", async () => {
    const p = project(FILES);
    const outside = join(mkdtempSync(join(third, "outside-")), "c.fq");
    writeFileSync(outside, "AAGG");
    await p.ok(
      "run",
      "flows/main.ts",
      "main",
      "--lanes",
      "data/a.fq",
      outside,
      "--extra",
      "data/more",
      "--label",
      "hi",
    );
    p.edit("lib/trim.ts", "A+", "C+"); // what is bundled is what ran
    const bundle = await taken(p, "first of all");
    rmSync(outside);
    expect(await p.run("bundle", "--out", "gone.bundle")).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("c.fq, which the run was given, is not what it was"),
    });
    expect(existsSync(p.path("gone.bundle"))).toBe(false);
    p.remove();
    const files = readdirSync(join(bundle, "workflow"), { recursive: true }).map(String);
    expect(files).toEqual(
      expect.arrayContaining([
        "flows/main.ts",
        "flows/panel.json",
        "lib/trim.ts",
        "ligase.config.ts",
        "settings.ts",
        "tsconfig.base.json",
        "data/a.fq",
        "data/more/b.txt",
        "inputs/c.fq",
        "params.json",
        "package-lock.json",
        "vendor/ligase-0.1.0.tgz",
        "node_modules/loud/index.js",
        "node_modules/louder/index.js",
        "node_modules/ligase/bin/ligase",
      ]),
    );
    const { status, stdout, stderr } = verify(bundle);
    expect({ status, stderr: status === 0 ? "" : stderr }).toEqual({ status: 0, stderr: "" });
    expect(stdout).toMatch(/^same +[0-9a-f]{16} {2}n\.txt$/m);
    expect(stdout).toMatch(/\nOK: the result and its 3 files are what they were\n$/);
    // And once more, where nothing may be written.
    chmodSync(bundle, 0o555);
    expect(verify(bundle).status).toBe(0);
    chmodSync(bundle, 0o755);

    const read = (path: string) => JSON.parse(execFileSync("cat", [join(bundle, path)], { encoding: "utf8" }));
    expect(read("workflow/package.json")).toMatchObject({
      name: "lanes",
      imports: { "#lib/*": "./lib/*" },
      dependencies: { ligase: "file:vendor/ligase-0.1.0.tgz", loud: "1.2.3" },
    });
    expect(read("workflow/package.json").devDependencies).toBeUndefined();
    const lock = read("workflow/package-lock.json").packages;
    expect(lock["node_modules/ligase"]).toMatchObject({
      resolved: "file:vendor/ligase-0.1.0.tgz",
      integrity: expect.stringMatching(/^sha512-/),
    });
    // For other kinds of machines as well.
    expect(Object.keys(lock)).toEqual(
      expect.arrayContaining(["node_modules/@esbuild/darwin-arm64", "node_modules/louder"]),
    );
    expect(read("workflow/params.json")).toEqual({
      lanes: ["data/a.fq", "inputs/c.fq"],
      extra: "data/more",
      label: "hi",
    });
    expect(read("bundle.json")).toMatchObject({ format: "ligase-bundle", entry: "flows/main.ts", task: "main" });

    // A changed input or module is seen before anything runs.
    execFileSync("sh", ["-c", 'printf T >> "$0"', join(bundle, "workflow/data/a.fq")]);
    expect(verify(bundle)).toMatchObject({
      status: 2,
      stderr: expect.stringContaining("workflow/data/a.fq is not what it was"),
    });
    rmSync(join(bundle, "workflow/lib/trim.ts"));
    expect(verify(bundle)).toMatchObject({
      status: 2,
      stderr: expect.stringContaining("workflow/lib/trim.ts is not there"),
    });
  });

  it("says which outputs differ, and exits with 1", async () => {
    const p = project(FILES);
    await p.ok("run", "flows/main.ts", "chance");
    const bundle = await taken(p, "chance");
    const { status, stdout } = verify(bundle);
    expect(status).toBe(1);
    expect(stdout).toMatch(/^DIFFERS +[0-9a-f]{16} {2}chance\.txt, which is [0-9a-f]{16} here$/m);
    expect(stdout).toMatch(/^DIFFERENT: 1 of 1 files differ$/m);
  });

  it("can leave the inputs to whoever runs it", async () => {
    const p = project(FILES);
    await p.ok("run", "flows/main.ts", "main", "--lanes", "data/a.fq", "--extra", "data/more");
    const bundle = await taken(p, "without", "--without-inputs");
    expect(existsSync(join(bundle, "workflow/data"))).toBe(false);
    expect(verify(bundle)).toMatchObject({
      status: 2,
      stderr: expect.stringMatching(/data\/a\.fq is not there \(5 bytes, SHA-256 [0-9a-f]{64}\)/),
    });
    cpSync(p.path("data"), join(bundle, "workflow/data"), { recursive: true });
    expect(verify(bundle).status).toBe(0);
  });

  it("refuses what cannot be run again from its arguments", async () => {
    const p = project(FILES);
    const refused = async (): Promise<string> => {
      const { code, stderr } = await p.run("bundle", "--out", "no.bundle");
      expect(existsSync(p.path("no.bundle"))).toBe(false);
      return `${code} ${stderr}`;
    };
    await p.run("run", "flows/main.ts", "fails");
    expect(await refused()).toMatch(/^1 .*cannot be bundled: it is failed/s);
    await p.ok("run", "flows/main.ts", "chance");
    expect((await p.run("bundle", "--out", ".")).stdout).toMatch(/^chance-\w{8}\.bundle\n$/);
    expect(await p.run("bundle", "nothing")).toMatchObject({ code: 2 });
  });
});
