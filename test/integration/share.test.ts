/** The germline variants example, shared: a colleague replays it without a tool, and a third party runs it anew and finds the same. */
import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { CrateGraph, violations } from "../cli/crate-rules.ts";
import { describeWith } from "../support/needs.ts";

const repository = realpathSync(join(import.meta.dirname, "..", ".."));
const folder = mkdtempSync(join(tmpdir(), "ligase share "));
const LIGASE = join(repository, "bin", "ligase");

/** The example in a folder of its own. */
function example(name: string): string {
  const at = join(folder, name);
  cpSync(join(repository, "examples", "germline-variants"), at, {
    recursive: true,
    filter: (from) => !/\/(results|\.ligase)$/.test(from),
  });
  mkdirSync(join(at, "node_modules"));
  symlinkSync(repository, join(at, "node_modules", "ligase"));
  return at;
}

function ligase(
  cwd: string,
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>> = process.env,
): string {
  return execFileSync(process.execPath, [LIGASE, ...args], {
    cwd,
    env,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
  });
}

const RUN = ["run", "workflow.ts", "main", "--quiet", "--reference", "data/chr17_1-4200.fa", "--samples"];
const NO_TOOLS = { PATH: dirname(process.execPath), HOME: folder };

describeWith({ programs: ["bwa", "samtools", "bcftools", "tabix", "fastp"] })("the germline example, shared", () => {
  const ada = join(folder, "ada");

  beforeAll(() => {
    example("ada");
    ligase(ada, [...RUN, "data/samples.csv"]);
  }, 120_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));

  it("a colleague replays it without a tool, with the reads elsewhere", () => {
    ligase(ada, ["export", "--out", join(folder, "run.ligase.tar.gz")]);
    const bob = example("bob");
    renameSync(join(bob, "data"), join(bob, "reads"));
    ligase(bob, ["import", join(folder, "run.ligase.tar.gz")]);
    const here = RUN.map((word) => word.replace("data/", "reads/"));
    ligase(bob, [...here, "reads/samples.csv"], NO_TOOLS);
    const summary = (at: string): string => readFileSync(join(at, "results", "summary.tsv"), "utf8");
    expect(summary(bob)).toBe(summary(ada));
    const { jobs } = JSON.parse(ligase(bob, ["log", "@", "--json"])) as { jobs: { task: string; state: string }[] };
    expect(jobs.filter((job) => job.task === "script" && job.state !== "cached")).toEqual([]);
  });

  it("is a crate that keeps the rules, with the tools and their versions", () => {
    ligase(ada, ["export", "--format", "ro-crate", "--include-inputs", "--license", "CC-BY-4.0", "--out", "run.crate"]);
    expect(violations(join(ada, "run.crate"))).toEqual([]);
    const graph = new CrateGraph(JSON.parse(readFileSync(join(ada, "run.crate", "ro-crate-metadata.json"), "utf8")));
    const align = graph.get("#task-align")!;
    const tools = graph.refs(align, "softwareRequirements").map((tool) => [tool?.["name"], tool?.["softwareVersion"]]);
    expect(tools).toContainEqual(["bwa", expect.stringMatching(/^0\.7\./)]);
    expect(graph.referring("instrument", "#task-align").length).toBe(74);
  });

  it("a third party runs it from its bundle, and gets the same files", () => {
    const { path } = JSON.parse(ligase(ada, ["bundle", "--json", "--out", "run.bundle"])) as { path: string };
    const there = join(folder, "third party");
    renameSync(path, there);
    const { status, stdout } = spawnSync(process.execPath, [join(there, "verify.mjs")], {
      cwd: "/",
      env: { PATH: "/usr/local/bin:/usr/bin:/bin", TMPDIR: folder },
      encoding: "utf8",
    });
    expect(stdout).toMatch(/\nOK: the result and its 11 files are what they were\n$/);
    expect(status).toBe(0);
  }, 180_000);
});
