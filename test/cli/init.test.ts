import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { project } from "./project.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

describe("ligase init", () => {
  it("starts a project that runs at once, and again runs nothing", async () => {
    const p = project();
    const printed = await p.ok("init", "my project");
    expect(printed).toContain("created  workflow.ts");
    expect(printed).toMatch(/Next\n +cd my project\n +ligase run workflow\.ts/);
    expect(readdirSync(p.path("my project")).toSorted()).toEqual(
      [
        ".gitignore",
        "README.md",
        "data",
        "ligase.config.ts",
        "package.json",
        "tsconfig.json",
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

  it("types check where ligase is installed", async () => {
    const p = project();
    await p.ok("init");
    mkdirSync(p.path("node_modules"));
    // As npm would install it: what was built. `npm test` builds before it tests.
    symlinkSync(ROOT, p.path("node_modules/ligase"));
    expect(existsSync(join(ROOT, "dist/index.d.ts"))).toBe(true);
    const tsc = join(ROOT, "node_modules/typescript/bin/tsc");
    const check = () => spawnSync(process.execPath, [tsc], { cwd: p.dir, encoding: "utf8" });
    expect(check()).toMatchObject({ status: 0, stdout: "" });
    p.edit("workflow.ts", "summarise(count(fasta).table, minLength)", "summarise(count(fasta).tabel, minLength)");
    expect(check().stdout).toContain("tabel");
  });
});
