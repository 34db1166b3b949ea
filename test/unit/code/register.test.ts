import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { project } from "./support/project.ts";

const SRC = new URL("../../../src/", import.meta.url);

/** A project that has Ligase installed. */
function installed(app: string): string {
  const url = (name: string) => `export * from ${JSON.stringify(new URL(name, SRC).href)};`;
  return project({
    "package.json": `{ "type": "module" }`,
    "node_modules/ligase/package.json": `{ "name": "ligase", "version": "0.0.0", "type": "module", "exports": { ".": "./index.js", "./register": "./register.js" } }`,
    "node_modules/ligase/index.js": url("index.ts"),
    "node_modules/ligase/register.js": url("register.ts"),
    "node_modules/tool/cli.js": `console.log("a tool");`,
    "app.ts": app,
    "lib.ts": `import { task } from "ligase";\nexport const b = task(() => 2);`,
  });
}

const APP = `import "ligase/register";
import { task } from "ligase";
import { registeredProgram } from "ligase/register";
import { b } from "./lib.ts";
export const a = task((x: number) => [x, b()]);
const program = registeredProgram();
console.log(JSON.stringify({
  tasks: [...(program?.tasks.keys() ?? [])],
  hash: program?.tasks.get("a")?.definition?.closureHash.length,
  bundle: program?.bundle,
  main: import.meta.main,
  args: process.argv.slice(2),
}));
`;

function node(
  cwd: string,
  ...args: string[]
): { status: number | null; signal: string | null; stdout: string; stderr: string } {
  return spawnSync(process.execPath, args, { cwd, encoding: "utf8", env: { ...process.env, NODE_OPTIONS: "" } });
}

describe("ligase/register", () => {
  it.each([
    ["imported by the program", ["app.ts", "x", "--y"]],
    ["given to --import", ["--import", "ligase/register", "app.ts", "x", "--y"]],
    ["given to --import=", ["--import=ligase/register", "app.ts", "x", "--y"]],
  ])("%s, gives its tasks names and hashes", (_, args) => {
    const ran = node(installed(APP), ...args);
    expect(ran.stderr).toBe("");
    expect(JSON.parse(ran.stdout)).toMatchObject({ tasks: ["b", "a"], hash: 40, main: true, args: ["x", "--y"] });
  });

  it("runs the program once", () => {
    const ran = node(installed(`${APP}console.log("ran");`), "app.ts");
    expect(ran.stdout.match(/^ran$/gm)).toHaveLength(1);
  });

  it("takes TypeScript that Node alone does not, given to --import", () => {
    const ran = node(
      installed(`${APP}enum Mode { A = 7 }\nconsole.log(Mode.A);`),
      "--import",
      "ligase/register",
      "app.ts",
    );
    expect(ran.stdout.trim().split("\n").at(-1)).toBe("7");
  });

  it("has a bundle for workers that does not do what the program does", () => {
    const root = installed(`${APP}const K = 3;
      const size = String(64);
      const stub = Function.prototype.bind.call(() => 0, null);
      export const c = task({ memory: size + " MiB", stub }, () => K);
      console.log("did it");`);
    const { bundle } = JSON.parse(node(root, "app.ts").stdout.split("\n")[0]!) as { bundle: string };
    const worker = `import { importBundle } from ${JSON.stringify(new URL("code/index.ts", SRC).href)};
      const { tasks } = await importBundle(${JSON.stringify(bundle)});
      console.log(JSON.stringify([[...tasks.keys()], tasks.get("c").fn()]));`;
    const ran = node(root, "--input-type=module", "-e", worker);
    expect(ran.stderr).toBe("");
    expect(JSON.parse(ran.stdout)).toEqual([["b", "a", "c"], 3]);
  });

  it("passes on the exit code", () => {
    expect(node(installed(`${APP}process.exit(7);`), "app.ts").status).toBe(7);
  });

  it("passes on the signal the program ended with", () => {
    expect(
      node(
        installed(`${APP}process.kill(process.pid, "SIGTERM"); await new Promise(() => setTimeout(() => {}, 1e6));`),
        "app.ts",
      ).signal,
    ).toBe("SIGTERM");
  });

  it("passes signals to the program", async () => {
    const app = `${APP}process.on("SIGTERM", () => { console.log("caught"); process.exit(9); });\nconsole.log("ready");\nsetInterval(() => {}, 1000);`;
    const child: ChildProcess = spawn(process.execPath, ["app.ts"], {
      cwd: installed(app),
      stdio: ["ignore", "pipe", "inherit"],
    });
    let out = "";
    child.stdout!.on("data", (chunk: Buffer) => {
      out += chunk.toString();
      if (out.includes("ready") && !child.killed) child.kill("SIGTERM");
    });
    const [code] = await once(child, "close");
    expect(code).toBe(9);
    expect(out).toContain("caught");
  });

  it("shows the user's own line when an error is not caught", () => {
    const ran = node(installed(`${APP}interface A { a: 1 }\nthrow new Error("boom");`), "app.ts");
    expect(ran.status).toBe(1);
    expect(ran.stderr).toMatch(/app\.ts:15\b/);
    expect(ran.stderr).toContain("Error: boom");
  });

  it("says what is wrong with the code without a stack of its own", () => {
    const ran = node(installed(`${APP}export const f = (x: number) => task(() => x);`), "app.ts");
    expect(ran.status).toBe(1);
    expect(ran.stderr).toMatch(/^app\.ts:14:33: a task defined inside a function\n/);
    expect(ran.stderr).not.toContain(fileURLToPath(SRC));
  });

  it("leaves tools alone that are started under the same options", () => {
    const root = installed(APP);
    const ran = node(root, "--import", "ligase/register", join(root, "node_modules/tool/cli.js"));
    expect(ran).toMatchObject({ status: 0, stdout: "a tool\n", stderr: "" });
  });
});
