import { describe, expect, it } from "vitest";
import { FILES, newest, RUN } from "./lanes.ts";
import { project } from "./project.ts";

describe.concurrent("ligase log and show", () => {
  it("lists runs newest first, shows one as a tree and a job in full", async () => {
    const p = project(FILES);
    await p.ok(...RUN);
    await p.ok(...RUN);
    const lines = (await p.ok("log")).trimEnd().split("\n");
    expect(lines).toHaveLength(2);
    expect(lines[0]).toMatch(/^✓ \w{8} +main +just now +.* done +5 cached$/);
    expect(lines[1]).toMatch(/5 done$/);
    expect((await p.ok("log", "--task", "trim")).trimEnd().split("\n")).toHaveLength(2);

    const { id } = await newest(p);
    const tree = await p.ok("log", id.slice(0, 7));
    expect(tree.split("\n")[0]).toMatch(new RegExp(`run ${id.slice(0, 8)} main: done`));
    expect(tree).toMatch(/\n  ↺ main .*\n    ↺ trim .*\n    ↺ trim .*\n    ↺ trim .*\n    ↺ merge /);
    expect(await p.ok("show", id)).toBe(tree);

    const { jobs } = await p.json("log", id);
    const merge = jobs.find((job: { task: string }) => job.task === "merge");
    const report = await p.ok("show", merge.id);
    expect(report).toMatch(/args +all: \["ACGTACGTACGT","ACCACCACC","ACTTACTTACTT"\]|args +all: \["ACGTACGTACGT/);
    expect(report).toMatch(/result +"/);
    expect(report).toContain("code      workflow.ts:9");
    expect(await p.json("show", merge.id)).toMatchObject({ task: "merge", state: "cached" });
    expect(JSON.parse(await p.ok("show", merge.argsValue))).toEqual([expect.any(Array)]);
  });

  it("shows the recorded code of a task", async () => {
    const p = project(FILES);
    await p.ok(...RUN);
    p.edit("workflow.ts", 'join(",")', 'join(";")');
    await p.ok(...RUN);
    expect(await p.ok("show", "merge")).toMatch(
      /merge +workflow\.ts:9 +2 versions\nJoins what was trimmed\.\n[^]*join\(";"\)/,
    );
    expect(await p.json("show", "merge")).toHaveLength(2);
  });
});

describe.concurrent("ligase tasks", () => {
  it("lists tasks with parameters, docs and places; --json has the schema of their input", async () => {
    const p = project({
      ...FILES,
      "lib/more.ts": 'import { task } from "ligase";\nexport const inner = task((n: number) => n);\n',
    });
    p.append("workflow.ts", 'import { inner } from "./lib/more.ts";\nexport const outer = task(() => inner(1));\n');
    const lines = (await p.ok("tasks", "workflow.ts")).split("\n");
    expect(lines).toContain("trim(reads: File, depth: number = 3)  workflow.ts:6");
    expect(lines).toContain("    Trims the reads of a lane.");
    expect(lines).toContain("inner(n: number)  lib/more.ts:2, not exported");
    const tasks = await p.json("tasks", "workflow.ts");
    expect(tasks.find((task: { name: string }) => task.name === "trim")).toMatchObject({
      file: "workflow.ts",
      line: 6,
      exported: true,
      doc: "Trims the reads of a lane.",
      input: {
        type: "object",
        properties: { reads: { type: "string", format: "path" }, depth: { type: "number", default: 3 } },
        required: ["reads"],
      },
    });
    expect(await p.run("tasks", "workflo.ts")).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("did you mean workflow.ts?"),
    });
  });
});
