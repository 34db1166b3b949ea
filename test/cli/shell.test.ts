import { spawnSync } from "node:child_process";
import { existsSync, rmSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { BIN, type Project, project } from "./project.ts";

const FILES = {
  "workflow.ts": `
import { File, script, task } from "ligase";

export const count = task({ cpu: 1, env: { UNIT: "it's a line" } }, (reads: File, prefix: string) => script({ outputs: "count.txt" })\`
  echo \${prefix} $(wc -l < \${reads}) > count.txt
\`);
export const broken = task((reads: File) => script\`
  echo partial > partial.txt; echo "no header" >&2; exit 4
\`);
export const inline = task((reads: File, when: Date, options: { n: number }) => options.n);
export const main = task((reads: File) => [count(reads, "lines"), broken(reads)]);
`,
  "a.fq": "ACGT\nAC\n",
};

async function ran(): Promise<Project> {
  const p = project(FILES);
  await p.run("run", "workflow.ts", "--quiet", "--reads", "a.fq");
  return p;
}

/** `ligase shell` with commands on its stdin. */
function pipe(p: Project, args: readonly string[], commands: string, env: NodeJS.ProcessEnv = {}) {
  return spawnSync(process.execPath, [BIN, "shell", ...args], {
    cwd: p.dir,
    input: commands,
    encoding: "utf8",
    env: { ...process.env, NO_COLOR: "1", ...env },
  });
}

describe.concurrent("ligase shell", () => {
  it("opens the directory that a failed job left, with its files and variables", async () => {
    const p = await ran();
    const { stdout, stderr, status } = pipe(p, ["broken"], "pwd; cat partial.txt; echo cpu $LIGASE_CPU; exit 3\n", {
      SHELL: "/bin/bash",
    });
    expect(stdout).toMatch(/\/\.ligase\/work\/\w+-1\npartial\ncpu 1\n$/);
    expect(status).toBe(3);
    expect(stderr).toMatch(
      /^job \w{8} broken: failed\n {2}its work directory, as it left it: \.ligase\/work\/\w+-1\n {2}bash \.command\.sh runs its script\n/,
    );
    expect(stderr).toMatch(/kept: \.ligase\/work\/\w+-1\n$/);
    const again = await p.run("shell", "broken", "--", "bash", ".command.sh");
    expect(again).toMatchObject({ code: 4, stderr: "no header\n" });
  });

  it("stages the inputs of one that succeeded anew, and runs one command there", async () => {
    const p = await ran();
    expect(await p.ok("shell", "count", "--", "cat", "a.fq")).toBe("ACGT\nAC\n");
    expect(await p.ok("shell", "count", "--", 'echo "$UNIT" | tr a-z A-Z')).toBe("IT'S A LINE\n");
    const made = await p.run("shell", "count", "--", "bash .command.sh && cat count.txt");
    expect(made).toMatchObject({ code: 0, stdout: "lines 2\n" });
    const dir = /kept: (\S+)/.exec(made.stderr)![1]!;
    expect(p.read(`${dir}/count.txt`)).toBe("lines 2\n");
    expect((await p.run("shell", "count", "--", "false")).code).toBe(1);
    // What made nothing leaves nothing.
    const left = await p.ok("shell", "count", "--", "pwd");
    expect(existsSync(left.trim())).toBe(false);
  });

  it("makes a new directory of a failed job, too, if asked", async () => {
    const p = await ran();
    const { stderr, stdout } = pipe(p, ["broken", "--fresh"], "ls\n", { SHELL: "/bin/sh" });
    expect(stdout).toBe("");
    expect(stderr).toMatch(/a new directory, with its inputs: (\S+)\n[^]*\1 is removed\n$/);
  });

  it("gives of a body in TypeScript the arguments as JSON, and the files in them", async () => {
    const p = await ran();
    await p.ok(
      "run",
      "workflow.ts",
      "inline",
      "--quiet",
      "--reads",
      "a.fq",
      "--when",
      "2026-01-02",
      "--options",
      '{"n":3}',
    );
    const { stderr, stdout } = pipe(p, ["inline"], "cat arguments.json; cat a.fq\n", { SHELL: "/bin/sh" });
    expect(JSON.parse(stdout.slice(0, stdout.lastIndexOf("]") + 1))).toEqual([
      "a.fq",
      "2026-01-02T00:00:00.000Z",
      { n: 3 },
    ]);
    expect(stdout).toMatch(/ACGT\nAC\n$/);
    expect(stderr).toMatch(
      /a body in TypeScript: its arguments are in arguments\.json; ligase rerun \w{8} runs it again/,
    );
  });

  it("says that an input has changed, and refuses one that is gone", async () => {
    const p = await ran();
    p.write("a.fq", "ACGT\nACT\nC\n");
    expect(await p.run("shell", "count", "--", "true")).toMatchObject({
      code: 0,
      stderr: expect.stringContaining("a.fq is no longer what the job was given"),
    });
    rmSync(p.path("a.fq"));
    expect(await p.run("shell", "count", "--", "true")).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("a.fq"),
    });
  });

  it("works without the workflow file, but for the variables it sets", async () => {
    const p = await ran();
    rmSync(p.path("workflow.ts"));
    const ended = await p.run("shell", "count", "--", "echo [$UNIT]");
    expect(ended).toMatchObject({
      code: 0,
      stdout: "[]\n",
      stderr: expect.stringContaining("the variables and volumes of count are not here"),
    });
  });

  it("refuses what it cannot open", async () => {
    const p = await ran();
    const [{ id }] = await p.json("log");
    expect(await p.run("shell", id)).toMatchObject({ code: 2, stderr: expect.stringContaining("is a run") });
    expect(await p.run("shell", "cuont")).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("did you mean count?"),
    });
    expect(await p.run("shell")).toMatchObject({ code: 2 });
    expect(await p.run("shell", "count", "--", "nosuchprogram")).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/nosuchprogram could not be started[^]*LIGASE_E_SHELL/),
    });
  });
});
