import { beforeAll, describe, expect, it } from "vitest";
import { type Ended, project, until } from "./project.ts";

const WORKFLOW = `
import { attempt, cond, File, flatten, lift, map, script, task } from "ligase";

interface Sample { id: string; reads: string }

export const readSheet = task(async (sheet: File): Promise<Sample[]> =>
  (await sheet.text()).trim().split("\\n").map((line) => ({ id: line, reads: \`\${line}.fq\` })));

export const trim = task((reads: string) => ({ fastq: reads.replace(".fq", ".trimmed.fq"), dropped: reads.length }));

export const align = task((sample: string, fastq: string) =>
  script({ outputs: { bam: "out.bam" } })\`
    if [ \${sample} = bad ]; then exit 3; fi
    echo \${sample} \${fastq} > out.bam
  \`);

/** One sample. */
export const processSample = task((sample: Sample) => {
  const trimmed = trim(sample.reads);
  const aligned = attempt(align(sample.id, trimmed.fastq).bam, () => null);
  return { bam: aligned, dropped: trimmed.dropped };
});

export const summarise = task((bams: (File | null)[], dropped: number) => \`\${bams.length} \${dropped}\`);

const write = task((text: string, name: string) => File.write(name, text));

export const main = task((sheet: File) => {
  const samples = map(readSheet(sheet), processSample);
  const dropped = lift((all: number[]) => all.reduce((a, b) => a + b, 0))(map(samples, (one) => one.dropped));
  return write(summarise(map(samples, (one) => one.bam), dropped), "summary.txt");
});

export const count = task((n: number): any => (n === 0 ? 0 : count(n - 1)));

export const pick = task((step: any, x: number) => cond(x, () => step(x), count(x)));
`;

const p = project({ "workflow.ts": WORKFLOW, "samples.txt": "HG1\nHG2\nbad\n" });
let run = "";

beforeAll(async () => {
  await p.ok("run", "workflow.ts", "count", "--n", "5");
  await p.ok("run", "workflow.ts", "main", "--sheet", "samples.txt");
  const [newest] = await p.json<{ id: string }[]>("log", "-n", "1");
  run = newest!.id;
});

/** What Ligase prints on a screen of a width. */
async function on(columns: number, ...args: string[]): Promise<string[]> {
  const ended = await p.start(["graph", ...args], { env: { COLUMNS: String(columns) } }).ended;
  expect(ended).toMatchObject({ code: 0, stderr: "" });
  return ended.stdout.trimEnd().split("\n");
}

describe.concurrent("ligase graph of a run", () => {
  it("is a tree: who calls whom, the states of the jobs, and where arguments come from", async () => {
    expect(await p.ok("graph")).toBe(`\
main              ✓ done
├─ readSheet      ✓ done
├─ processSample  ✓ 3 done              ← readSheet
│  ├─ trim        ✓ 3 done
│  └─ align       ✗ 1 failed, ✓ 2 done  ← trim.fastq
├─ summarise      ✓ done                ← processSample.dropped, processSample.bam
└─ write          ✓ done                ← summarise
`);
  });

  it("takes any run by its prefix, or by a job of it", async () => {
    const newest = await p.ok("graph");
    expect(await p.ok("graph", run.slice(0, 7))).toBe(newest);
    const { jobs } = await p.json<{ jobs: { id: string }[] }>("log", run);
    expect(await p.ok("graph", jobs.at(-1)!.id)).toBe(newest);
    const [, older] = await p.json<{ id: string }[]>("log");
    expect(await p.ok("graph", older!.id)).toBe("count  ✓ 6 done  ↻ calls itself\n");
  });

  it("fits a screen of 40 columns, and one of 100", async () => {
    for (const columns of [40, 100]) {
      for (const more of [[], ["--calls"], ["--expand", "align", "--files"]]) {
        const lines = await on(columns, ...more);
        expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(columns);
      }
    }
    expect(await on(40)).toEqual([
      "main              ✓ done",
      "├─ readSheet      ✓ done",
      "├─ processSample  ✓ 3",
      "│  │  ← readSheet",
      "│  ├─ trim        ✓ 3",
      "│  └─ align       ✗ 1  ✓ 2",
      "│        ← trim.fastq",
      "├─ summarise      ✓ done",
      "│     ← processSample.dropped,",
      "│       processSample.bam",
      "└─ write          ✓ done",
      "      ← summarise",
    ]);
  });

  it("colours states for a screen, and not for a pipe", async () => {
    const coloured = await p.start(["graph"], { env: { FORCE_COLOR: "1" } }).ended;
    expect(coloured.stdout).toContain("\x1b[31m1 failed\x1b[39m");
    expect(await p.ok("graph")).not.toContain("\x1b");
  });

  it("draws calls as edges with --calls", async () => {
    const tree = await p.ok("graph", "--calls");
    expect(tree).toMatch(/^main {3,}✓ done +⇢ readSheet, processSample, summarise, write\n/);
    expect(tree).toMatch(/\nprocessSample +✓ 3 done +← readSheet {2}⇢ trim, align\n/);
  });

  it("shows the jobs of a task with --expand, those that failed first", async () => {
    const align = (text: string): string[] => text.split("\n").filter((line) => /^│ {5}[├└]/.test(line));
    expect(align(await p.ok("graph", "--expand", "align")).map((line) => line.replace(/ \w{8}$/, " <id>"))).toEqual([
      expect.stringMatching(/^│ {5}├─ bad +✗ failed +<id>$/),
      expect.stringMatching(/^│ {5}├─ HG1 +✓ done +<id>$/),
      expect.stringMatching(/^│ {5}└─ HG2 +✓ done +<id>$/),
    ]);
    expect(align(await p.ok("graph", "-e", "align", "-n", "1"))).toEqual([
      expect.stringMatching(/├─ bad +✗ failed/),
      expect.stringMatching(/└─ … and 2 more +✓ 2 done$/),
    ]);
    const both = await p.json("graph", "-e", "align", "-e", "processSample");
    expect(both.nodes.filter(({ kind }: { kind: string }) => kind === "job")).toHaveLength(6);
  });

  it("shows what flows from job to job where a task takes what it gave", async () => {
    const chain = project({
      "workflow.ts": `import { lift, task } from "ligase";
export const step = task((x: number) => x + 1);
export const main = task(() => step(step(lift((x: number) => x * 2)(step(1)))));`,
    });
    await chain.ok("run", "workflow.ts");
    expect(await chain.ok("graph", "--expand", "step")).toMatch(
      /^main .*\n└─ step +✓ 3 done\n {3}├─ x 1 +✓ done +\w{8}\n {3}├─ x 4 +✓ done +\w{8} {2}← x 1\n {3}└─ x 5 +✓ done +\w{8} {2}← x 4\n$/,
    );
  });

  it("shows the files of the run with --files", async () => {
    const tree = await p.ok("graph", "--files");
    expect(tree).toMatch(/\n├─ samples\.txt +input\n├─ readSheet +✓ done +← samples\.txt\n/);
    expect(tree).toMatch(/\n└─ summary\.txt +result {2}← write\n$/);
  });

  it("counts a file among the inputs that a task was given by default, and none that it made", async () => {
    const defaults = project({
      "workflow.ts": `import { File, task } from "ligase";
export const copy = task(async (from: File) => File.write("copy.txt", await from.text()));
export const length = task(async (of: File) => (await of.text()).length);
export const main = task((reference: File = new File("ref.fa")) => length(copy(reference)));`,
      "ref.fa": "ACGT",
    });
    await defaults.ok("run", "workflow.ts");
    expect(await defaults.ok("graph", "--files")).toBe(`\
main       ✓ done
├─ ref.fa          input
├─ copy    ✓ done  ← ref.fa
└─ length  ✓ done  ← copy
`);
  });

  it("answers as JSON", async () => {
    const graph = await p.json("graph");
    expect(graph).toMatchObject({ title: "main", detail: `run ${run.slice(0, 8)}, done, 13 jobs` });
    expect(graph.nodes[3]).toEqual({
      id: "trim",
      kind: "task",
      label: "trim",
      counts: { done: 3 },
      group: "processSample",
    });
    expect(graph.edges).toContainEqual({
      from: "trim",
      to: "align",
      kind: "data",
      flows: [{ part: "fastq", parameter: "fastq" }],
      count: 3,
    });
    expect(JSON.parse(await p.ok("graph", "--jsonl"))).toEqual(graph);
  });

  it("writes dot, Mermaid and SVG", async () => {
    expect(await p.ok("graph", "--format", "dot")).toMatch(/^digraph "main" \{\n[^]*label="readSheet\\ndone"[^]*\}\n$/);
    expect(await p.ok("graph", "-f", "mermaid")).toMatch(/^flowchart TB\n[^]*subgraph n0\["main<br\/>done"\]/);
    expect(await p.ok("graph", "-f", "svg")).toMatch(/^<svg [^]*<\/svg>\n$/);
    expect(await p.ok("graph", "-f", "terminal")).toBe(await p.ok("graph"));
  });

  it("writes a file, in the format that its name says", async () => {
    for (const [file, start] of [
      ["run.svg", "<svg "],
      ["run.DOT", "digraph "],
      ["run.gv", "digraph "],
      ["run.mmd", "flowchart "],
      ["run.mermaid", "flowchart "],
      ["run.txt", "main  "],
    ] as const) {
      const ended = await p.start(["graph", "--out", file], { env: { FORCE_COLOR: "1", COLUMNS: "40" } }).ended;
      expect(ended).toMatchObject({ code: 0, stdout: "" });
      expect(ended.stderr).toContain(`wrote ${file}`);
      expect(p.read(file).startsWith(start)).toBe(true);
      expect(p.read(file)).not.toContain("\x1b");
    }
    await p.ok("graph", "--out", "other.name", "--format", "dot");
    expect(p.read("other.name")).toMatch(/^digraph/);
    expect(p.read("run.txt")).toContain("← processSample.dropped, processSample.bam");
  });

  it("shows a run that goes on as it is", async () => {
    const slow = project({
      "workflow.ts": `import { map, task } from "ligase"; import { existsSync } from "node:fs";
const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
export const wait = task(async (n: number) => { while (n > 1 && !existsSync("go")) await sleep(10); return n; });
export const main = task(() => map([1, 2, 3], (n) => wait(n)));`,
    });
    const started = slow.start(["run", "workflow.ts"]);
    await until(async () => (await slow.run("graph")).stdout.includes("1 done"), "the first job");
    expect(await slow.ok("graph")).toMatch(/^main +● running\n└─ wait +● 2 running, ✓ 1 done\n$/);
    slow.write("go", "");
    expect((await started.ended).code).toBe(0);
    expect(await slow.ok("graph")).toMatch(/^main +✓ done\n└─ wait +✓ 3 done\n$/);
  });

  it("keeps 10,000 jobs readable", async () => {
    const many = project({
      "workflow.ts": `import { map, task } from "ligase";
export const square = task((n: number) => n * n);
export const sum = task((all: number[]) => all.length);
export const main = task((n: number) => sum(map(Array.from({ length: n }, (_, i) => i), (i) => square(i))));`,
    });
    await many.ok("run", "workflow.ts", "main", "--n", "10000", "--quiet");
    expect(await many.ok("graph")).toBe(
      "main       ✓ done\n├─ square  ✓ 10,000 done\n└─ sum     ✓ done         ← square\n",
    );
    const expanded = await many.ok("graph", "--expand", "square");
    expect(expanded.split("\n")).toHaveLength(4 + 41);
    expect(expanded).toMatch(/│ {2}└─ … and 9,960 more +✓ 9,960 done\n/);
    expect((await many.ok("graph", "--expand", "square", "--format", "svg")).length).toBeLessThan(100_000);
  });
});

describe.concurrent("ligase graph of a workflow file", () => {
  it("is what the source says, and runs nothing", async () => {
    const fresh = project({ "workflow.ts": WORKFLOW.replace("interface", 'console.log("evaluated");\ninterface') });
    expect(await fresh.ok("graph", "workflow.ts")).toBe(`\
main
├─ readSheet
├─ processSample ×N  ← readSheet
│  ├─ trim
│  └─ align          ← trim.fastq
├─ summarise         ← processSample.bam, processSample.dropped
└─ write             ← summarise
`);
    // Nothing of it was evaluated, nor is anything left behind.
    expect(fresh.read(".ligase/store.db")).toBe("");
  });

  it("takes a task, and marks what is not sure or not known", async () => {
    expect(await p.ok("graph", "workflow.ts", "pick")).toBe("pick\n├─ step(…) ?\n└─ count ?    ↻ calls itself\n");
    expect((await p.ok("graph", "workflow.ts", "processSample")).split("\n")[0]).toBe("processSample");
    // Also one that the file does not export.
    expect(await p.ok("graph", "workflow.ts", "write")).toBe("write\n");
  });

  it("draws all tasks that the file exports, where none is called main", async () => {
    const two = project({
      "workflow.ts": `import { task } from "ligase"; export const a = task(() => 1);
export const b = task(() => a()); const c = task(() => 1); export const d = task(() => c());`,
    });
    expect(await two.ok("graph", "workflow.ts")).toBe("a\nb     ⇢ a\nd\n└─ c\n");
    expect(await two.ok("graph", "workflow.ts", "--calls")).toBe("a\nb  ⇢ a\nd  ⇢ c\nc\n");
  });

  it("writes every format", async () => {
    expect(await p.ok("graph", "workflow.ts", "-f", "svg")).toContain("workflow.ts, as far as its source says");
    expect(await p.ok("graph", "workflow.ts", "-f", "dot")).toContain('label="processSample ×N"');
    expect(await p.ok("graph", "workflow.ts", "-f", "mermaid")).toContain('["processSample ×N"]');
    expect((await p.json("graph", "workflow.ts")).nodes[2]).toMatchObject({ label: "processSample", repeat: ["each"] });
  });

  it("tells what is wrong with the code", async () => {
    const wrong = project({ "workflow.ts": 'import { task } from "ligase";\nexport const main = task(() => {' });
    const ended = await wrong.run("graph", "workflow.ts");
    expect(ended).toMatchObject({ code: 1, stdout: "" });
    expect(ended.stderr).toContain("workflow.ts:2:");
  });
});

describe.concurrent("ligase graph refuses", () => {
  const assertRefused = (ended: Ended, code: number, ...texts: string[]): void => {
    expect(ended).toMatchObject({ code, stdout: "" });
    for (const text of texts) expect(ended.stderr).toContain(text);
  };

  it("what is not there, with what was meant", async () => {
    assertRefused(await p.run("graph", "zzzz"), 2, "there is no run or job zzzz");
    assertRefused(await p.run("graph", "--expand", "algn"), 2, "nothing of algn is in run", "did you mean align?");
    assertRefused(await p.run("graph", "workflw.ts"), 2, "workflw.ts does not exist", "did you mean workflow.ts?");
    assertRefused(
      await p.run("graph", "workflow.ts", "mian"),
      2,
      "there is no task mian in workflow.ts",
      "did you mean main?",
    );
    assertRefused(await project().run("graph"), 1, "store");
    const none = project({ "workflow.ts": "export const a = 1;" });
    assertRefused(await none.run("graph", "workflow.ts"), 2, "workflow.ts exports no task");
  });

  it("flags that do not go together", async () => {
    assertRefused(
      await p.run("graph", "--format", "png"),
      2,
      "--format png is no format",
      "terminal, dot, mermaid, svg",
    );
    assertRefused(await p.run("graph", "--out", "run.png"), 2, "run.png does not say its format", ".svg");
    assertRefused(await p.run("graph", "--out", "no/such/folder.svg"), 1, "cannot write no/such/folder.svg");
    assertRefused(
      await p.run("graph", run, "main"),
      2,
      "a task goes with a workflow file",
      "ligase graph workflow.ts main",
    );
    assertRefused(await p.run("graph", "workflow.ts", "--expand", "align"), 2, "--expand and --files go with a run");
    assertRefused(await p.run("graph", "workflow.ts", "--files"), 2, "--expand and --files go with a run");
    assertRefused(await p.run("graph", "--limit", "few"), 2, "--limit few is not a number");
  });
});
