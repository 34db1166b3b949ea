import { renameSync, rmSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { type Project, project } from "./project.ts";

const FILES = {
  "workflow.ts": `
import { File, script, task } from "ligase";
import { appendFileSync } from "node:fs";
import { factor } from "./lib/factor.ts";

const note = (line: string) => appendFileSync(process.env.NOTES!, line + "\\n");

export const scaled = task((text: string, by: number) => { note("scaled " + text); return by * factor * text.length; });
export const table = task((reads: File) => script({ outputs: "table.txt" })\`sort \${reads} > table.txt\`);
export const fails = task((text: string) => { throw new Error("no " + text); });
export const main = task((reads: File) => [scaled("abc", 2), table(reads)]);
`,
  "lib/factor.ts": "export const factor = 10;\n",
  "a.fq": "TT\nAC\n",
};

class Noted {
  readonly p: Project = project(FILES);
  readonly env = { NOTES: this.p.path("notes") };

  run(...args: string[]) {
    return this.p.start(args, { env: this.env }).ended;
  }

  notes(): string[] {
    const lines = this.p.read("notes").trim().split("\n");
    this.p.write("notes", "");
    return lines;
  }
}

async function ran(): Promise<Noted> {
  const noted = new Noted();
  await noted.run("run", "workflow.ts", "--quiet", "--reads", "a.fq");
  noted.notes();
  return noted;
}

describe.concurrent("ligase rerun", () => {
  it("runs one body again with the recorded arguments, as a run of its own", async () => {
    const noted = await ran();
    const { code, stdout, stderr } = await noted.run("rerun", "scaled");
    expect({ code, stdout }).toEqual({ code: 0, stdout: "60\n" });
    expect(stderr).toMatch(/the same result as in run \w{8}\n$/);
    expect(noted.notes()).toEqual(["scaled abc"]);
    const [run, first] = await noted.p.json("log");
    const { jobs } = await noted.p.json("log", first.id);
    const job = jobs.find((each: { task: string }) => each.task === "scaled");
    expect(run).toMatchObject({
      task: "scaled",
      state: "done",
      tags: { rerun: job.id },
      argv: ["ligase", "rerun", "scaled"],
    });
    expect(await noted.p.ok("why", "scaled")).toContain("it was told to run again");
  });

  it("takes files as they were recorded, and the script of a body too", async () => {
    const { p } = await ran();
    const [{ id }] = await p.json("log");
    const { jobs } = await p.json("log", id);
    const table = jobs.find((each: { task: string }) => each.task === "table");
    const { code, stdout } = await p.run("rerun", table.id.slice(0, 9), "--json", "--keep-work", "--tag", "lane=2");
    expect(code).toBe(0);
    expect(p.read(JSON.parse(stdout))).toBe("AC\nTT\n");
    expect((await p.json("log"))[0].tags).toEqual({ rerun: table.id, lane: "2" });
  });

  it("runs with the code of today, and says what came out differently; --recorded takes that of then", async () => {
    const noted = await ran();
    const job = /^job (\w+)/.exec(await noted.p.ok("why", "scaled"))![1]!;
    noted.p.write("lib/factor.ts", "export const factor = 11;\n");
    const today = await noted.run("rerun", job);
    expect(today.stdout).toBe("66\n");
    expect(today.stderr).toMatch(/another result than in run \w{8}:\n +\(all\)\n +- 60\n +\+ 66\n/);
    const then = await noted.run("rerun", job, "--recorded", "--json");
    expect(then.stdout).toBe("60\n");
    expect(then.stderr).toMatch(/the same result as in run/);
    rmSync(noted.p.path(".ligase/code"), { recursive: true });
    expect(await noted.run("rerun", job, "--recorded")).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("is not kept any more"),
    });
  });

  it("shows a failure as a run does", async () => {
    const { p } = await ran();
    await p.run("run", "workflow.ts", "fails", "--text", "luck");
    const ended = await p.run("rerun", "fails");
    expect(ended.code).toBe(1);
    expect(ended.stderr).toMatch(/✗ fails failed: Error: no luck[^]*args +text: "luck"/);
  });

  it("says what to do when the workflow file or the task is gone", async () => {
    const noted = await ran();
    renameSync(noted.p.path("workflow.ts"), noted.p.path("flow.ts"));
    expect(await noted.run("rerun", "scaled")).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/workflow\.ts, which the job came from, is gone\n.*--file/),
    });
    expect((await noted.run("rerun", "scaled", "--file", "flow.ts", "--json")).stdout).toBe("60\n");
    noted.p.edit("flow.ts", "scaled = task", "other = task");
    noted.p.edit("flow.ts", 'scaled("abc", 2)', 'other("abc", 2)');
    const [first] = (await noted.p.json("log")).toReversed();
    const { jobs } = await noted.p.json("log", first.id);
    const job = jobs.find((each: { task: string }) => each.task === "scaled").id;
    expect(await noted.run("rerun", job, "--file", "flow.ts")).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/there is no task scaled in flow\.ts any more\n.*--recorded/),
    });
    expect((await noted.run("rerun", job, "--recorded", "--json")).stdout).toBe("60\n");
  });

  it("refuses runs and unknown words", async () => {
    const { p } = await ran();
    const [{ id }] = await p.json("log");
    expect(await p.run("rerun", id)).toMatchObject({ code: 2, stderr: expect.stringContaining("is a run") });
    expect(await p.run("rerun", "scalde")).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("did you mean scaled?"),
    });
    expect(await p.run("rerun", "scaled", "--forse")).toMatchObject({ code: 2 });
  });
});
