import { copyFileSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { type Project, project } from "./project.ts";

const FILES = {
  "workflow.ts": `
import { Dir, File, map, script, task } from "ligase";

/** Keeps lines that are long enough. */
export const trim = task((reads: File, minLength: number) => script({ outputs: "trimmed.txt" })\`
  awk -v min=\${minLength} 'length($0) >= min' \${reads} > trimmed.txt
\`);

export const count = task(async (reads: File) => (await reads.text()).split("\\n").length - 1);

export const report = task((counts: number[], parts: File[]) => script({ outputs: { file: "report.txt", sidecars: "report.txt.idx" } })\`
  echo \${counts} > report.txt; cat \${parts} >> report.txt
  echo index of \${counts} > report.txt.idx
\`);

export const split = task((report: File) => script({ outputs: "parts/" })\`
  mkdir parts; head -n 1 \${report} > parts/head.txt; tail -n +2 \${report} > parts/rest.txt
\`);

const publish = task(async (report: File, parts: Dir) => [await report.publish("results/"), await parts.publish("results/parts")]);

export const main = task((reads: File[], minLength: number = 3) => {
  const trimmed = map(reads, (each) => trim(each, minLength));
  const made = report(map(trimmed, (each) => count(each)), trimmed);
  return publish(made, split(made));
});
`,
  "a.fq": "ACGT\nAC\nGGG\n",
  "b.fq": "TTTTT\n",
};

const RUN = ["run", "workflow.ts", "--quiet", "--reads", "a.fq", "b.fq"];

async function ran(files: Record<string, string> = FILES): Promise<Project> {
  const p = project(files);
  await p.ok(...RUN);
  return p;
}

describe.concurrent("ligase lineage", () => {
  it("finds a file by its content, moved and renamed, and tells what made it, up to the sources", async () => {
    const p = await ran();
    mkdirSync(p.path("elsewhere"));
    renameSync(p.path("results/report.txt"), p.path("elsewhere/old.dat"));
    const tree = await p.ok("lineage", "elsewhere/old.dat");
    expect(tree).toMatch(/^elsewhere\/old\.dat  \d+ B  sha256 [0-9a-f]{12}\n  recorded as report\.txt\n/);
    expect(tree).toMatch(/made by report  job \w{8}, run \w{8}, \d{4}-.*\n│  workflow\.ts:11, version [0-9a-f]{10}/);
    expect(tree).toMatch(/parts\[\]  trimmed\.txt ← trim  job \w{8}\n/);
    expect(tree).toContain("minLength: 3");
    expect(tree).toMatch(/reads  a\.fq  source: a\.fq/);
    expect(tree).toMatch(/… and 1 more in parts\[\] from trim/);
    expect(tree).toMatch(/counts  ← count  job/);
    expect(tree).toMatch(/\nsources\n  a\.fq  \d+ B\n  b\.fq  6 B\n$/);

    const answer = await p.json("lineage", "elsewhere/old.dat");
    expect(answer).toMatchObject({
      by: "content",
      places: expect.arrayContaining([expect.objectContaining({ name: "report.txt" })]),
      madeBy: {
        task: "report",
        run: expect.stringMatching(/^\w{13}$/),
        code: { file: "workflow.ts", line: 11 },
        inputs: expect.arrayContaining([
          expect.objectContaining({
            argument: "parts[1]",
            name: "trimmed.txt",
            madeBy: expect.objectContaining({ task: "trim", arguments: [{ name: "minLength", value: "3" }] }),
          }),
        ]),
      },
      near: [],
    });
    expect(JSON.parse(await p.ok("lineage", "elsewhere/old.dat", "--jsonl"))).toEqual(answer);
  });

  it("knows files beside others, files in published folders, folders, and what was compressed since", async () => {
    const p = await ran();
    for (const known of ["results/report.txt.idx", "results/parts", "results/parts/rest.txt"]) {
      expect(await p.ok("lineage", known)).toMatch(/made by (report|split)  job/);
    }
    expect(await p.ok("lineage", "results/parts/rest.txt")).toContain("a part of results/parts/");
    writeFileSync(p.path("report.txt.gz"), gzipSync(p.read("results/report.txt")));
    expect(await p.ok("lineage", "report.txt.gz")).toMatch(
      /its decompressed content is report\.txt\nmade by report  job/,
    );
  });

  it("says of a source that it is one, and with --down what was made of it", async () => {
    const p = await ran();
    copyFileSync(p.path("a.fq"), p.path("copy.fq"));
    expect(await p.ok("lineage", "copy.fq")).toContain("a source: nothing recorded here made it");
    const down = await p.ok("lineage", "copy.fq", "--down");
    expect(down).toMatch(/└─ reads of trim  job \w{8}, run/);
    expect(down).toMatch(/reads of count  job \w{8}\n.*→ 2\n/);
    expect(down).toMatch(/parts\[0\] of report  job/);
    expect(down).toMatch(/→ report\.txt, report\.txt\.idx/);
    expect(down).toMatch(/\npublished\n  results\/parts\n  results\/report\.txt\n  results\/report\.txt\.idx\n$/);
    const { usedBy } = await p.json("lineage", "copy.fq", "--down");
    expect(usedBy).toMatchObject([
      { task: "trim", argument: "reads", files: [{ name: "trimmed.txt", copied: false }] },
    ]);
    expect(await p.ok("lineage", "results/report.txt.idx", "--down")).not.toContain("trim");
  });

  it("names the task that made a published file, also when it was made again for another caller", async () => {
    const p = project({
      "workflow.ts": `
import { File, task } from "ligase";
const direct = task(async (text: string) => (await File.write("x.txt", text)).publish("out/"));
export const main = task((text: string) => direct(text));
export const again = task((text: string) => ({ file: direct(text) }));
`,
    });
    await p.ok("run", "workflow.ts", "--text", "abc", "--quiet");
    rmSync(p.path("out/x.txt"));
    await p.ok("run", "workflow.ts", "again", "--text", "abc", "--quiet");
    expect(await p.ok("lineage", "out/x.txt")).toMatch(/made by direct  job \w{8}/);
  });

  it("says plainly that a file is not known, and names those of its name; one that changed is told", async () => {
    const p = await ran();
    p.write("notes.txt", "unheard of");
    const unknown = await p.run("lineage", "notes.txt");
    expect(unknown.code).toBe(1);
    expect(unknown.stdout).toContain("not in the record: no run here made it, or was given it");
    p.append("results/report.txt", "edited by hand\n");
    const changed = await p.run("lineage", "results/report.txt");
    expect(changed.code).toBe(1);
    expect(changed.stdout).toContain("another content was recorded in this place");
    expect(changed.stdout).toMatch(/of this name are known\n +\.ligase\/outputs\//);
    p.write("results/report.txt.bai", "unheard of, too");
    expect((await p.run("lineage", "results/report.txt.bai")).stdout).toContain("ligase lineage results/report.txt");
    expect(JSON.parse((await p.run("lineage", "notes.txt", "--json")).stdout)).toMatchObject({
      madeBy: null,
      near: [],
    });
  });

  it("refuses what is not there, with what was meant", async () => {
    const p = await ran();
    expect(await p.run("lineage", "results/repotr.txt")).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("did you mean results/report.txt?"),
    });
    expect(await p.run("lineage", "gone/report.txt")).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("one of that name was recorded: "),
    });
    expect(await p.run("lineage")).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("needs <file or folder>"),
    });
  });

  it("fits a narrow terminal, and leaves the list of 50 things to a line", async () => {
    const p = project({
      ...FILES,
      ...Object.fromEntries(Array.from({ length: 30 }, (_, i) => [`r${i}.fq`, `${"ACGT".repeat(i + 1)}\n`])),
    });
    await p.ok("run", "workflow.ts", "--quiet", "--reads", ...Array.from({ length: 30 }, (_, i) => `r${i}.fq`));
    const { stdout } = await p.start(["lineage", "results/report.txt"], { env: { COLUMNS: "40" } }).ended;
    const lines = stdout.trimEnd().split("\n");
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(40);
    expect(lines.length).toBeLessThan(50);
    expect(stdout).toContain("… and 29 more in parts[]");
  });
});
