/** What is told, reported and handed on of jobs that really ran in environments, and of functions in Python. */
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { CrateGraph, violations } from "../cli/crate-rules.ts";
import { Project } from "../cli/project.ts";
import { describeWith } from "../support/needs.ts";
import { smallRoot } from "./support/small-root.ts";

const PROGRAMS = ["sh", "bash", "cat", "date", "head", "ls", "mkdir", "sleep", "tail", "wc"];

/** A root file system as a tar file, which says that a version of samtools is installed in it. */
function rootWith(dir: string, tar: string, version: string): void {
  const root = smallRoot(join(dir, version), PROGRAMS);
  mkdirSync(join(root, "var/lib/dpkg"), { recursive: true });
  const fields = ["Package: samtools", "Status: install ok installed", "Architecture: amd64", `Version: ${version}`];
  writeFileSync(join(root, "var/lib/dpkg/status"), `${fields.join("\n")}\n\n`);
  execFileSync("tar", ["-C", root, "-cf", tar, "."]);
}

describeWith({ programs: ["bwrap", "tar"] })("the record of environments", () => {
  let dir: string;
  let p: Project;
  const run = (...args: string[]) =>
    p.start(args, { env: { LIGASE_IMAGES: join(dir, "images"), LIGASE_CONTAINER: "sandbox" } }).ended;
  const ok = async (...args: string[]): Promise<string> => {
    const ended = await run(...args);
    expect({ args, ...ended, stdout: "" }).toMatchObject({ code: 0 });
    return ended.stdout;
  };

  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), "ligase-records-"));
    p = new Project({
      "workflow.ts": `
import { Image, script, task } from "ligase";
const tools = Image.archive("root.tar");
export const main = task({ image: tools, cpu: 1, memory: "256 MiB" }, (n: number) =>
  script({ outputs: "n.txt" })\`head -n 9 /var/lib/dpkg/status > n.txt; echo \${n} >> n.txt\`);
`,
    });
    rootWith(dir, p.path("root.tar"), "1.16.1-1");
    await ok("run", "workflow.ts", "main", "--n", "1", "--quiet");
    rootWith(dir, p.path("root.tar"), "1.17-1");
    await ok("run", "workflow.ts", "main", "--n", "1", "--quiet");
  }, 120_000);
  afterAll(() => {
    p.remove();
    rmSync(dir, { recursive: true, force: true, maxRetries: 5 });
  });

  test("why and diff tell of the image and of the packages that were installed", async () => {
    const why = await ok("why", "main");
    expect(why).toMatch(/archive root\.tar \(sha256 [0-9a-f]{12}\) → root\.tar \(sha256 [0-9a-f]{12}\)\n/);
    expect(why).toContain("samtools 1.16.1-1 → 1.17-1\n");
    expect(await ok("diff")).toMatch(
      /\nenvironments\n {2}main {2}sha256:[0-9a-f]{12} → sha256:[0-9a-f]{12}\n[^]*samtools 1\.16\.1-1 → 1\.17-1\n/,
    );
    expect(await ok("log", "@", "--jobs", "--columns", "task,image")).toMatch(
      /archive root\.tar \(sandbox, [0-9a-f]{12}\)/,
    );
  });

  test("a report and a crate name what was in it", async () => {
    const report = JSON.parse(await ok("report", "--json"));
    expect(report.environments.used).toMatchObject([
      { engine: "sandbox", digest: expect.stringMatching(/^sha256:[0-9a-f]{64}$/), tasks: ["main"] },
    ]);
    expect(report.environments.used[0].packages).toEqual({ apt: { samtools: "1.17-1" } });
    const folder = (await ok("export", "--format", "ro-crate")).trim();
    expect(violations(p.path(folder))).toEqual([]);
    const graph = new CrateGraph(JSON.parse(p.read(`${folder}/ro-crate-metadata.json`)));
    expect(graph.ofType("ContainerImage")).toMatchObject([{ name: "archive root.tar" }]);
  });

  test("a bundle makes the environment again, and finds what came out then", async () => {
    await ok("bundle", "--out", "the.bundle");
    expect(existsSync(p.path("the.bundle/workflow/root.tar"))).toBe(true);
    const verify = (...args: string[]) =>
      spawnSync(process.execPath, [p.path("the.bundle/verify.mjs"), ...args], {
        cwd: "/",
        env: { PATH: process.env["PATH"] ?? "", TMPDIR: dir, LIGASE_IMAGES: join(dir, "other") },
        encoding: "utf8",
      });
    const { status, stdout, stderr } = verify();
    expect({ status, stderr: status === 0 ? "" : stderr }).toEqual({ status: 0, stderr: "" });
    expect(stdout).toContain("--container sandbox");
    expect(stdout).toMatch(/OK: the result and its 1 files are what they were/);
    // Where the engine is not there, it says what to ask.
    const without = verify("--container", "nonsense");
    expect(without.status).toBe(1);
    expect(without.stdout).toContain("bin/ligase doctor");
  }, 120_000);
});

describeWith({ programs: ["python3"] })("functions in Python in the record", () => {
  let p: Project;
  afterAll(() => p.remove());

  test("a bundle has their modules and what they read, but not what .ligaseignore and secrecy leave out", async () => {
    p = new Project({
      "workflow.ts": `
import { python, task } from "ligase";
const weigh = python<(text: string, factor?: number) => number>("./py/weigh.py", "weigh");
export const main = task((text: string) => weigh(text));
`,
      "py/weigh.py": `import json, os

from helpers import scale


def weigh(text: str, factor: float = 2.0) -> float:
    """Weighs a text."""
    here = os.path.dirname(os.path.abspath(__file__))
    with open(os.path.join(here, "panel.json")) as panel:
        return scale(len(text), factor) + json.load(panel)["more"]
`,
      "py/helpers.py": "def scale(n, by):\n    return n * by\n",
      "py/panel.json": '{ "more": 1 }\n',
      ".ligaseignore": "*.big\n",
      "huge.big": "x",
      ".env": "TOKEN=s3cret-of-mine\n",
      "py/service.pem": "s3cret-of-mine\n",
    });
    expect(await p.ok("run", "workflow.ts", "main", "--text", "abc", "--quiet")).toBe("7\n");
    expect(await p.ok("log", "@", "--jobs", "--task", "weigh", "--columns", "args")).toContain('text: "abc"');
    const report = await p.json("report");
    expect(report.code.tasks).toContainEqual(
      expect.objectContaining({ name: "weigh", file: "py/weigh.py", line: 6, doc: "Weighs a text." }),
    );
    p.write("py/panel.json", '{ "more": 100 }\n'); // what is bundled is what ran
    const { stderr } = await p.run("bundle", "--out", "the.bundle");
    expect(stderr).toContain("left out: py/service.pem");
    const workflow = (path: string): string => p.path("the.bundle/workflow", path);
    for (const path of ["py/weigh.py", "py/helpers.py", ".ligaseignore"]) expect(existsSync(workflow(path))).toBe(true);
    expect(readFileSync(workflow("py/panel.json"), "utf8")).toBe('{ "more": 1 }\n');
    for (const path of ["huge.big", ".env", "py/service.pem"]) expect(existsSync(workflow(path))).toBe(false);
    const { status, stdout } = spawnSync(process.execPath, [p.path("the.bundle/verify.mjs")], {
      cwd: "/",
      env: { PATH: process.env["PATH"] ?? "" },
      encoding: "utf8",
    });
    expect({ status, stdout }).toEqual({ status: 0, stdout: expect.stringContaining("OK: the result is what it was") });
  }, 120_000);

  test("a run of an app in Python is bundled too", async () => {
    const q = new Project({
      "app.py": `from ligase import function


@function(cpu=1)
def double(n: int = 2) -> int:
    return n * 2


@function(cpu=1)
def main(n: int = 3) -> int:
    return double.remote(n)
`,
    });
    try {
      expect((await q.ok("run", "app.py:main", "--n", "5", "--quiet")).trim()).toBe("10");
      await q.ok("bundle", "--out", "the.bundle");
      expect(JSON.parse(q.read("the.bundle/workflow/params.json"))).toEqual({ n: 5 });
      const { status, stdout, stderr } = spawnSync(process.execPath, [q.path("the.bundle/verify.mjs")], {
        cwd: "/",
        env: { PATH: process.env["PATH"] ?? "" },
        encoding: "utf8",
      });
      expect({ status, stdout, stderr: status === 0 ? "" : stderr }).toEqual({
        status: 0,
        stdout: expect.stringContaining("OK: the result is what it was"),
        stderr: "",
      });
    } finally {
      q.remove();
    }
  }, 120_000);
});
