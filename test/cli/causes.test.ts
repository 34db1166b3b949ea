/**
 * What is said of the likely cause of a failure, by `run` when it ends and by `why` afterwards.
 *
 * @module
 */
import { gzipSync } from "node:zlib";
import { writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { project } from "./project.ts";

const WORKFLOW = `
import { File, script, task } from "ligase";

export const mistyped = task(() => script\`samtols --version\`);
export const filter = task((reads: File, word: string) => script({ outputs: "kept.txt" })\`
  grep \${word} \${reads} > kept.txt || true
\`);
export const sorted = task((kept: File) => script({ outputs: "sorted.txt" })\`sort \${kept} > sorted.txt\`);
export const summary = task((table: File) => script\`
  [ -s \${table} ] || { echo "error: nothing to do" >&2; for i in $(seq 1 15); do echo "note $i" >&2; done; exit 2; }
\`);
export const upstream = task((reads: File, word: string = "nothing") => summary(sorted(filter(reads, word))));
export const unzipped = task((reads: File) => script\`gzip -dc \${reads} > /dev/null\`);
export const grouped = task((sheet: string) =>
  sheet.split("\\n").filter(Boolean).map((line) => lookup({ group: line.split(",")[1]! })));
const lookup = task((sample: { group: string }) => script\`[ -e \${sample.group} ] || { echo "no such group" >&2; exit 1; }\`);
export const missing = task(() => script\`cat config/settings.txt\`);
export const thrown = task(async () => { await fetch("http://nosuch.invalid/"); });
export const unfound = task(() => script\`grep needle /dev/null | cat\`);
`;

describe.concurrent("the likely cause of a failure", () => {
  it("of a program that is not there names what was meant, and how it is installed", async () => {
    const p = project({ "workflow.ts": WORKFLOW });
    const { stderr } = await p.run("run", "workflow.ts", "mistyped");
    expect(stderr).toMatch(/there is no program samtols here\n[^]*try +install it \(conda install/);
    expect(await p.json("why", "mistyped")).toMatchObject({
      failure: { causes: [{ kind: "missing-tool", says: expect.stringContaining("was samtools meant?"), told: true }] },
    });
  });

  it("of a file that is empty names the first job that left it so, and the command that tells more", async () => {
    const p = project({ "workflow.ts": WORKFLOW, "a.txt": "reads\n" });
    const { stderr } = await p.run("run", "workflow.ts", "upstream", "--reads", "a.txt", "--word", "x");
    expect(stderr).toMatch(/likely +sorted\.txt \(argument table\), made by filter \(\w{8}\), is empty\n/);
    const id = /try +ligase why (\w{8}) tells/.exec(stderr)![1]!;
    expect(await p.ok("why", id)).toContain("filter");
    // The first error is further up than the last lines.
    expect(stderr).toMatch(/first +line 1: error: nothing to do\n +stderr +note 6\n/);
    const why = await p.ok("why", "summary");
    expect(why).toMatch(
      /in +upstream\(reads: "a\.txt", word: "x"\) +\w{8}\n +→ summary\(table: "…\/sorted\.txt"\) +\w{8}\n/,
    );
  });

  it("of a damaged file names it, and a compressed one in which nothing stands counts as empty", async () => {
    const p = project({ "workflow.ts": WORKFLOW });
    writeFileSync(p.path("cut.gz"), gzipSync("ACGT\n".repeat(1000)).subarray(0, 30));
    const cut = await p.run("run", "workflow.ts", "unzipped", "--reads", "cut.gz");
    expect(cut.stderr).toMatch(/likely +cut\.gz \(argument reads\) is cut off or damaged/);
    writeFileSync(p.path("none.gz"), gzipSync(""));
    const none = await p.run("run", "workflow.ts", "summary", "--table", "none.gz");
    expect(none.code).toBe(0);
    p.edit("workflow.ts", "gzip -dc ${reads} > /dev/null", "gzip -dc ${reads} | grep ACGT");
    const empty = await p.run("run", "workflow.ts", "unzipped", "--reads", "none.gz");
    expect(empty.stderr).toMatch(/likely +none\.gz \(argument reads\) is empty/);
  });

  it("of a sheet from Windows names the argument with the carriage return", async () => {
    const p = project({ "workflow.ts": WORKFLOW });
    const { stderr } = await p.run("run", "workflow.ts", "grouped", "--sheet", "a,g1\r\nb,g2\r\n");
    expect(stderr).toMatch(/likely +argument sample\.group ends in \\r: the sheet it came from has Windows line ends/);
  });

  it("of files that are not staged, of the network, and of commands that end without a word", async () => {
    const p = project({ "workflow.ts": WORKFLOW });
    const missing = await p.run("run", "workflow.ts", "missing");
    expect(missing.stderr).toMatch(
      /likely +there is no (file )?\S*settings\.txt[^]*try +a script runs in a folder of its own/,
    );
    const thrown = await p.run("run", "workflow.ts", "thrown");
    expect(thrown.stderr).toMatch(/likely +the (name of the server|server could)/);
    const unfound = await p.run("run", "workflow.ts", "unfound");
    expect(unfound.stderr).toMatch(/likely +grep ends with status 1 when no line matches/);
  });

  it("is in the answer of why for a run, with the chain of calls", async () => {
    const p = project({ "workflow.ts": WORKFLOW, "a.txt": "reads\n" });
    await p.run("run", "workflow.ts", "upstream", "--reads", "a.txt", "--quiet");
    expect(await p.json("why")).toMatchObject({
      state: "failed",
      failure: {
        task: "summary",
        chain: [{ task: "upstream" }, { task: "summary", args: expect.stringContaining("sorted.txt") }],
        firstError: { text: "error: nothing to do", line: 1 },
        causes: [{ kind: "empty-input", told: false }],
      },
    });
    expect(await p.ok("why")).toMatch(/1 failed: summary|2 failed: /);
    expect((await p.start(["why"], { env: { COLUMNS: "40" } }).ended).stdout).toMatch(
      /likely +sorted\.txt \(argument table\),\n/,
    );
  });
});
