import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { TEMPLATES } from "../../src/cli/scaffold/index.ts";
import { project } from "./project.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

describe("ligase init", () => {
  it("starts a project that runs at once, and again runs nothing", async () => {
    const p = project();
    const printed = await p.ok("init", "my project");
    expect(printed).toContain("created  workflow.ts");
    expect(printed).toMatch(/Next\n +cd "my project"\n +ligase run workflow\.ts/);
    expect(readdirSync(p.path("my project")).toSorted()).toEqual(
      [
        ".gitignore",
        ".oxlintrc.json",
        "README.md",
        "data",
        "ligase.config.ts",
        "package.json",
        "tsconfig.json",
        "workflow.test.ts",
        "workflow.ts",
      ].toSorted(),
    );
    const cwd = p.path("my project");
    const first = await p.start(["run", "workflow.ts", "--json"], { cwd }).ended;
    expect(first.code).toBe(0);
    expect(JSON.parse(first.stdout)).toEqual([
      { name: "alpha", length: 33, gc: 0.455 },
      { name: "beta", length: 81, gc: 0.815 },
      { name: "gamma", length: 78, gc: 0.09 },
    ]);
    const again = await p.start(["run", "workflow.ts", "--json"], { cwd }).ended;
    expect(again.stdout).toBe(first.stdout);
    expect(again.stderr).toMatch(/total +3\/3 +3 cached/);
    expect(JSON.parse(p.read("my project/package.json"))).toMatchObject({
      name: "my-project",
      dependencies: { ligase: expect.stringMatching(/^file:/) },
    });
    // The commands that its README names.
    p.write("my project/my.fa", ">x\nGGCC\n");
    const own = await p.start(["run", "workflow.ts", "--json", "--fasta", "my.fa", "--min-length", "3"], { cwd }).ended;
    expect(JSON.parse(own.stdout)).toEqual([{ name: "x", length: 4, gc: 1 }]);
  });

  it("never overwrites a file", async () => {
    const p = project({ "workflow.ts": "// mine\n", "package.json": '{ "name": "mine", "type": "module" }' });
    const printed = await p.ok("init");
    expect(printed).toContain("kept     workflow.ts");
    expect(printed).toContain("created  README.md");
    expect(p.read("workflow.ts")).toBe("// mine\n");
    expect(p.read("package.json")).toContain("mine");
    p.write("README.md", "changed");
    expect(await p.ok("init")).not.toContain("created");
    expect(p.read("README.md")).toBe("changed");
    expect(await p.run("init", "workflow.ts")).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("workflow.ts is a file"),
    });
  });

  it("lists its templates, and suggests the right one", async () => {
    const p = project();
    expect(await p.ok("init", "--list")).toMatch(/^minimal +.*\nsequencing +.*\npython +/);
    expect(await p.run("init", "--template", "sequence")).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("did you mean sequencing?"),
    });
    expect(readdirSync(p.dir)).toEqual(["package.json"]);
  });

  it("says which programs a template needs and this machine lacks", async () => {
    const p = project();
    const bin = p.path("bin");
    mkdirSync(bin);
    symlinkSync(process.execPath, join(bin, "node"));
    const { stdout } = await p.start(["init", "x", "-t", "sequencing"], { env: { PATH: bin } }).ended;
    expect(stdout).toMatch(/install bwa and samtools/);
  });

  it("brings a Node for the project's tests where that of the machine is too old", async () => {
    const p = project();
    const bin = p.path("bin");
    mkdirSync(bin);
    const devDependencies = async (version: string): Promise<Record<string, string>> => {
      // `ligase` itself is started by the real one, which it finds beside its package.
      writeFileSync(
        join(bin, "node"),
        `#!/bin/sh\ncase "$1" in -p) echo ${version} ;; *) exec ${process.execPath} "$@" ;; esac\n`,
        { mode: 0o755 },
      );
      const { code } = await p.start(["init", version], { env: { PATH: `${bin}:${process.env["PATH"]}` } }).ended;
      expect(code).toBe(0);
      const description = JSON.parse(p.read(`${version}/package.json`)) as { devDependencies: Record<string, string> };
      return description.devDependencies;
    };
    expect(await devDependencies("20.20.2")).toHaveProperty("node");
    expect(await devDependencies("24.1.0")).not.toHaveProperty("node");
  });

  for (const template of Object.keys(TEMPLATES)) {
    describe(`the template ${template}`, () => {
      const p = project();
      const cwd = p.path("project");

      it("type checks and has no unused call where ligase is installed", async () => {
        await p.ok("init", "project", "--template", template);
        mkdirSync(join(cwd, "node_modules/@types"), { recursive: true });
        // As npm would install it: what was built. `npm test` builds before it tests.
        expect(existsSync(join(ROOT, "dist/index.d.ts"))).toBe(true);
        symlinkSync(ROOT, join(cwd, "node_modules/ligase"));
        for (const name of ["@types/node", "undici-types", "oxlint", "oxlint-tsgolint", "@oxlint-tsgolint"]) {
          if (existsSync(join(ROOT, "node_modules", name))) {
            symlinkSync(join(ROOT, "node_modules", name), join(cwd, "node_modules", name));
          }
        }
        expect(check(cwd, "typescript/bin/tsc")).toMatchObject({ status: 0, stdout: "" });
        expect(check(cwd, "oxlint/bin/oxlint", "--type-aware")).toMatchObject({ status: 0 });
      });

      it("finds a mistake", () => {
        const path = "project/workflow.ts";
        const text = p.read(path);
        p.write(path, text.replace(/^export const main/m, "const wrong: number = main;\n$&"));
        expect(check(cwd, "typescript/bin/tsc").stdout).toMatch(/is not assignable to type 'number'/);
        p.write(path, `${text}\nexport const forgets = task(() => {\n  main();\n  return 1;\n});\n`);
        expect(check(cwd, "oxlint/bin/oxlint", "--type-aware").stdout).toContain("no-floating-promises");
        p.write(path, text);
      });

      // The others call tools that a machine with only Node lacks: test/integration/templates.test.ts runs theirs.
      if (template === "minimal") {
        it("passes its own tests", () => {
          const { status, stdout } = spawnSync(process.execPath, ["--test"], { cwd, encoding: "utf8" });
          expect(stdout).toMatch(/pass 2\n.*fail 0/);
          expect(status).toBe(0);
        });
      }
    });
  }
});

/** Runs a program of npm in a project. */
function check(cwd: string, program: string, ...args: string[]) {
  return spawnSync(process.execPath, [join(ROOT, "node_modules", program), ...args], { cwd, encoding: "utf8" });
}
