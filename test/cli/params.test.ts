import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { BIN, project } from "./project.ts";

const WORKFLOW = `
import { File, task } from "ligase";
export const main = task((samples: { id: string; reads: File }[], minDepth: number = 1) =>
  ({ ids: samples.map((sample) => sample.id), minDepth, reads: text(samples[0]!.reads) }));
const text = task((reads: File) => reads.text());
`;

/** The real command line behind a pipe. */
async function piped(p: ReturnType<typeof project>, input: string, ...args: string[]) {
  const running = promisify(execFile)(process.execPath, [BIN, "run", "workflow.ts", ...args], { cwd: p.dir });
  running.child.stdin!.end(input);
  return running.then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    (error: { code: number; stdout: string; stderr: string }) => error,
  );
}

describe.concurrent("ligase run --params", () => {
  it("reads parameters from a file, over which flags win, with paths that start in its folder", async () => {
    const p = project({
      "workflow.ts": WORKFLOW,
      "in/params.yaml": "samples:\n  - { id: s1, reads: a.fq }\nmin-depth: 5\n",
      "in/a.fq": "ACGT",
    });
    expect(await p.json("run", "workflow.ts", "--params", "in/params.yaml")).toEqual({
      ids: ["s1"],
      minDepth: 5,
      reads: "ACGT",
    });
    expect(await p.json("run", "workflow.ts", "--params", "in/params.yaml", "--min-depth", "7")).toMatchObject({
      minDepth: 7,
    });
  });

  it("reads them from stdin, JSON or YAML, with paths that start here", async () => {
    const p = project({ "workflow.ts": WORKFLOW, "a.fq": "ACGT" });
    const json = JSON.stringify({ samples: [{ id: "s1", reads: "a.fq" }], minDepth: 3 });
    const result = '{"ids":["s1"],"minDepth":3,"reads":"ACGT"}\n';
    expect(await piped(p, json, "--json", "--params", "-")).toMatchObject({ code: 0, stdout: result });
    const yaml = "samples:\n  - id: s1\n    reads: a.fq\nminDepth: 3\n";
    expect(await piped(p, yaml, "--json", "--params", "-")).toMatchObject({ code: 0, stdout: result });
    expect(await piped(p, "min: 3\n", "--params", "-")).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("stdin:1: min is not known here"),
    });
  });

  it("names the line of what is wrong, Windows line endings or not", async () => {
    const p = project({
      "workflow.ts": WORKFLOW,
      "params.yaml": "samples: []\r\n\r\nminDept: 3\r\n",
      "params.json": '{\r\n  "samples": [],\r\n  "minDepth": "deep"\r\n}\r\n',
    });
    expect(await p.run("run", "workflow.ts", "--params", "params.yaml")).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/params\.yaml:3: minDept is not known here\n.*did you mean minDepth\?/),
    });
    expect(await p.run("run", "workflow.ts", "--params", "params.json")).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('params.json:3: minDepth must be a number, got "deep"'),
    });
  });
});
