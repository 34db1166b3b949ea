import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { open } from "node:fs/promises";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, it } from "vitest";
import { openStore, type WriteBatch } from "../../src/store/index.ts";
import { hashText } from "../../src/kernel/index.ts";
import * as rows from "../unit/store/rows.ts";
import { T0 } from "../unit/store/rows.ts";
import { type Project, project, until } from "./project.ts";

const GIB = 2 ** 30;

const FILES = {
  "workflow.ts": `
import { attempt, type File, map, script, task } from "ligase";

/** Counts the reads of a lane. And more. */
export const count = task((reads: File, unit: string = "read") => script({ outputs: { n: "n.txt" } })\`
  grep -c '^@' \${reads} > n.txt
  echo counted \${unit} >&2
\`);

/** Fails, and says so in its own way. */
export const broken = task((why: string) => script\`
  printf '\\033[31mred\\033[0m <script>alert(1)</script> \\377 %s\\n' \${why} >&2
  exit 3
\`);

export const main = task((lanes: File[], label: string = "all", apiToken: string = "none") => map(lanes, (lane) => count(lane)));
export const fails = task((n: number) => map(Array.from({ length: n }, (_, i) => \`reason \${i}\`), (why) => broken(why)));
export const recovers = task(() => attempt(broken("once"), () => "fine"));
export const sleeps = task((file: string) => script\`touch \${file}; sleep 60\`);
`,
  "a.fq": "@r1\nACGT\n+\nIIII\n",
  "b.fq": "@r1\nAC\n+\nII\n@r2\nAC\n+\nII\n",
};

const RUN = ["run", "workflow.ts", "main", "--quiet", "--lanes", "a.fq", "b.fq"];

/** A project whose store holds these rows, without anything having run. */
async function recorded(batch: WriteBatch, files: Readonly<Record<string, string>> = {}): Promise<Project> {
  const p = project(files);
  const store = await openStore(p.path(".ligase"), { create: true });
  await store.commit(batch);
  await store.close();
  return p;
}

function sql(p: Project, statement: string): void {
  const database = new DatabaseSync(p.path(".ligase/store.db"));
  database.exec(statement);
  database.close();
}

/** The page that a report was written to. */
async function page(p: Project, ...args: string[]): Promise<string> {
  return p.read((await p.ok("report", ...args)).trim());
}

/** What is written on a page, without its elements. */
const plain = (html: string): string =>
  html
    .replace(/<(style|script)>[^]*?<\/\1>/g, "")
    .replace(/<[^>]+>/g, " ")
    .replace(/\s+/g, " ");

describe.concurrent("ligase report", () => {
  it("writes one file that says what there is to know of the newest run", async () => {
    const p = project(FILES);
    await p.ok(...RUN, "--tag", "batch=7");
    const path = (await p.ok("report")).trim();
    expect(path).toMatch(/^report-\w{8}\.html$/);
    const html = p.read(path);
    const text = plain(html);
    for (const title of ["Summary", "Tasks", "Timeline", "Resources", "Slowest and largest", "Inputs and outputs"]) {
      expect(html).toContain(`>${title}</h2>`);
    }
    for (const title of ["Parameters", "Cost", "Code", "Software", "Methods"]) expect(html).toContain(`>${title}</h2>`);
    expect(html).not.toContain(">Failures</h2>");
    expect(text).toContain("main ✓ done");
    expect(text).toMatch(/Jobs 3 3 done/);
    expect(text).toContain("ligase run workflow.ts main --quiet --lanes a.fq b.fq --tag batch=7");
    expect(text).toContain("batch=7");
    expect(text).toContain("Counts the reads of a lane. ");
    expect(text).not.toContain("And more");
    expect(text).toMatch(/label &quot;all&quot; default/);
    for (const lane of ["a.fq", "b.fq"] as const) {
      expect(text).toContain(createHash("sha256").update(FILES[lane]).digest("hex"));
    }
    expect(text).toContain(createHash("sha256").update("1\n").digest("hex"));
    expect(text).toMatch(/The data were processed with the workflow main of workflow\.ts/);
    expect(text).toMatch(/No executor has a price\. In ligase\.config\.ts ?: prices:/);
    // Nothing is left beside it.
    expect(readdirSync(p.dir).filter((name) => /report|tmp/.test(name))).toEqual([path]);
  });

  it("loads nothing, and lets no script run but its own", async () => {
    const p = project(FILES);
    await p.ok(...RUN);
    const html = await page(p);
    const [, script = ""] = /<script>([^]*?)<\/script>/.exec(html) ?? [];
    expect(html.match(/<script/g)).toHaveLength(1);
    const policy = /http-equiv="Content-Security-Policy"\s+content="([^"]*)"/.exec(html)![1]!.replaceAll("&#39;", "'");
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain(`script-src 'sha256-${createHash("sha256").update(script).digest("base64")}'`);
    expect(html).not.toMatch(/\bsrc=|<link|<img|<iframe|<object|@import|url\(/i);
    const links = Array.from(html.matchAll(/href="([^"]*)"/g), ([, target]) => target!);
    expect(links.filter((target) => !target.startsWith("#"))).toEqual([]);
    for (const target of links) expect(html).toContain(`id="${target.slice(1)}"`);
  });

  it("prints the same facts for programs, and writes no file then", async () => {
    const p = project(FILES);
    await p.ok(...RUN);
    const facts = await p.json("report");
    expect(facts).toMatchObject({
      summary: { task: "main", state: "done", mode: "normal", jobs: { done: 3, cached: 0, failed: 0 } },
      tasks: [
        { task: "main", jobs: { done: 1 } },
        { task: "count", jobs: { done: 2 }, ranMs: expect.any(Number) },
      ],
      graph: { title: "main" },
      timeline: { tasks: ["count"], lanes: [{ kind: "slots", executor: "process", jobs: 2 }] },
      resources: { tasks: [{ task: "count", jobs: 2, cpuAsked: 1, memoryAsked: null, outcomes: { done: 2 } }] },
      failures: { jobs: 0, groups: [] },
      files: { inputs: { count: 2 }, outputs: { count: 2, bytes: 4 } },
      cost: { total: null, currency: null },
      code: { entry: "workflow.ts" },
    });
    expect(facts.parameters).toEqual([
      { name: "lanes", value: '["a.fq","b.fq"]', isDefault: false },
      { name: "label", value: '"all"', isDefault: true },
      { name: "apiToken", value: "…", isDefault: true },
    ]);
    expect((await p.ok("report", "--jsonl")).trim().split("\n")).toHaveLength(1);
    expect(readdirSync(p.dir).filter((name) => name.endsWith(".html"))).toEqual([]);
  });

  it("says what the cache spared, and which tools the cached results are of", async () => {
    const p = project(FILES);
    await p.ok(...RUN);
    const first = await p.json("report");
    await p.ok(...RUN);
    const facts = await p.json("report");
    expect(facts.summary.jobs).toMatchObject({ done: 0, cached: 3 });
    expect(facts.summary.spared).toMatchObject({ jobs: 3, estimated: false });
    expect(facts.summary.spared.wallMs).toBeGreaterThan(0);
    expect(facts.software.tools).toEqual(first.software.tools);
    expect(facts.methods.text).toContain("3 results were taken from earlier runs");
    expect(plain(await page(p))).toMatch(/Spared by the cache \w+/);
  });

  it("takes the run by a part of its id, or of the id of a job in it", async () => {
    const p = project(FILES);
    await p.ok(...RUN);
    const [first] = await p.json("log");
    await p.ok(...RUN, "--label", "other");
    expect((await p.json("report", first.id.slice(0, 8))).summary.id).toBe(first.id);
    const { jobs } = await p.json("log", first.id);
    expect((await p.json("report", jobs.at(-1).id)).summary.id).toBe(first.id);

    const unknown = await p.run("report", "zzzzzzzz");
    expect(unknown.code).toBe(2);
    expect(unknown.stderr).toContain("there is no run or job zzzzzzzz");
    expect((await p.run("report", "a", "b")).code).toBe(2);
  });

  it("says so where nothing has run", async () => {
    const p = await recorded({});
    const { code, stderr } = await p.run("report");
    expect(code).toBe(1);
    expect(stderr).toContain("nothing has run here yet");
  });
});

describe.concurrent("ligase report --out", () => {
  it("writes to a file, into a folder, and to stdout", async () => {
    const p = await recorded({ runs: [rows.run({ state: "done", endedAt: T0 + 5 })] });
    expect(await p.ok("report", "--out", "new/deep/r.html")).toBe("new/deep/r.html\n");
    expect(p.read("new/deep/r.html")).toMatch(/^<!doctype html>[^]*<\/html>\s*$/);
    p.write("old.html", "old");
    await p.ok("report", "-o", "old.html");
    expect(p.read("old.html")).toContain("<!doctype html>");
    mkdirSync(p.path("folder"));
    expect(await p.ok("report", "--out", "folder")).toBe("folder/report-run00000.html\n");
    expect(await p.ok("report", "--out", "other/")).toBe("other/report-run00000.html\n");
    const { stdout } = await p.run("report", "--out", "-");
    expect(stdout).toMatch(/^<!doctype html>[^]*<\/html>\s*$/);
    expect(
      execFileSync(
        "bash",
        ["-c", `"$0" "$1" report --out - | head -c 15`, process.execPath, (await import("./project.ts")).BIN],
        { cwd: p.dir, encoding: "utf8" },
      ),
    ).toBe("<!doctype html>");
  });

  it("shows the file, where there is something to show it", async () => {
    const p = await recorded({ runs: [rows.run({ state: "done", endedAt: T0 + 5 })] });
    mkdirSync(p.path("bin"));
    writeFileSync(p.path("bin/xdg-open"), '#!/bin/sh\nprintf %s "$1" > "$0.shown"\n');
    chmodSync(p.path("bin/xdg-open"), 0o755);
    const shown = await p.start(["report", "--open"], { env: { PATH: `${p.path("bin")}:${process.env["PATH"]}` } })
      .ended;
    expect(shown).toMatchObject({ code: 0, stdout: "report-run00000.html\n", stderr: "" });
    expect(p.read("bin/xdg-open.shown")).toBe(p.path("report-run00000.html"));

    mkdirSync(p.path("none"));
    const none = await p.start(["report", "--open"], { env: { PATH: p.path("none") } }).ended;
    expect(none).toMatchObject({ code: 0, stdout: "report-run00000.html\n" });
    expect(none.stderr).toContain("open the file by hand");
  });

  it.skipIf(process.getuid?.() !== 0)("says what is wrong where it may not write", async () => {
    const p = await recorded({ runs: [rows.run({ state: "done", endedAt: T0 + 5 })] });
    mkdirSync(p.path("shut"), { mode: 0o555 });
    // Nobody's folder lets nobody write; for root every one does.
    chmodSync(p.dir, 0o755);
    const { code, stderr } = await p.start(["report", "--out", "shut/r.html"], { uid: 65534 }).ended;
    expect(code).toBe(1);
    expect(stderr).toMatch(/cannot write .*shut\/r\.html: permission denied/);
    const here = await p.start(["report"], { uid: 65534, cwd: p.path("shut") }).ended;
    expect(here.stderr).toMatch(/permission denied\s+--out <file> writes it to another place/);
    expect(readdirSync(p.path("shut"))).toEqual([]);
  });
});

describe.concurrent("a report of a run that", () => {
  it("failed: each kind of failure once, with the end of its stderr, whatever is in it", async () => {
    const p = project(FILES);
    expect((await p.run("run", "workflow.ts", "fails", "--n", "5", "--tag", "who=<b>me</b>")).code).toBe(1);
    const html = await page(p);
    const text = plain(html);
    expect(text).toContain("fails ✗ failed");
    expect(text).toContain("5 jobs failed.");
    expect(text).toContain("broken: the script exited with status 3");
    expect(text).toContain("5 jobs failed so; this is one of them.");
    expect(text).toMatch(/ligase why \w{8}/);
    expect(html).toMatch(/red &lt;script&gt;alert\(1\)&lt;\/script&gt; \ufffd reason \d/);
    expect(html).toContain("who=&lt;b&gt;me&lt;/b&gt;");
    expect(text).toContain("This run is not complete: it failed.");
    expect(await p.json("report")).toMatchObject({
      failures: {
        jobs: 5,
        recovered: false,
        rest: 0,
        groups: [{ task: "broken", jobs: 5, path: ["fails", "broken"] }],
      },
    });
  });

  it("recovered from a failure", async () => {
    const p = project(FILES);
    await p.ok("run", "workflow.ts", "recovers", "--quiet");
    expect(plain(await page(p))).toContain("1 job failed; the run went on without them");
  });

  it("goes on, was cancelled, or whose process was killed", async () => {
    const p = project(FILES);
    const started = p.start(["run", "workflow.ts", "sleeps", "--file", p.path("there")]);
    await until(() => existsSync(p.path("there")), "the script");
    expect(plain(await page(p))).toMatch(
      /sleeps ● running Still going on, .*This run is not complete: it still goes on/,
    );
    started.child.kill("SIGKILL");
    await started.ended;
    await until(async () => (await p.json("report")).summary.state === "interrupted", "the end");
    expect(plain(await page(p))).toContain("Interrupted: its process ended without a word");

    const again = p.start(["run", "workflow.ts", "sleeps", "--file", p.path("again")]);
    await until(() => existsSync(p.path("again")), "the script");
    again.child.kill("SIGINT");
    await again.ended;
    expect(plain(await page(p))).toMatch(/sleeps – cancelled Cancelled after/);
    expect((await p.json("report")).summary.jobs.cancelled).toBe(1);
  });

  it("was interrupted: it ends with its last sign of life, not when that was noticed", async () => {
    const DAY = 86_400_000;
    const p = await recorded({
      runs: [rows.run({ state: "interrupted", endedAt: T0 + DAY })],
      jobs: [rows.job({ state: "running", executor: "process", startedAt: T0 + 2000 })],
      attempts: [rows.attempt({ startedAt: T0 + 3000, endedAt: T0 + DAY, outcome: "lost" })],
    });
    const { summary, timeline } = await p.json("report");
    expect(summary.durationMs).toBe(3000);
    expect(timeline).toMatchObject({ from: T0, to: T0 + 3000 });
  });

  it("never came to have a job", async () => {
    const errorValue = hashText("error");
    const p = await recorded({
      runs: [rows.run({ state: "failed", endedAt: T0 + 5, errorValue })],
      values: [{ hash: errorValue, text: '{"$":"error","v":{"name":"Error","message":"the disk <is> full"}}' }],
    });
    const html = await page(p);
    expect(html).toContain("the disk &lt;is&gt; full");
    expect(plain(html)).toMatch(/Jobs 0 nothing ran/);
    expect(html).not.toContain('id="timeline"');
  });

  it("was a sample, or a stub", async () => {
    for (const mode of ["sample", "stub"] as const) {
      const p = await recorded({ runs: [rows.run({ mode, state: "done", endedAt: T0 + 5 })] });
      expect(plain(await page(p))).toMatch(new RegExp(`${mode} run.*This was a ${mode} run`));
    }
  });

  it("is missing rows: code, arguments, errors, parents", async () => {
    const p = project(FILES);
    await p.run("run", "workflow.ts", "fails", "--n", "2");
    sql(
      p,
      "delete from tasks; delete from programs; delete from stored_values; delete from calls; delete from jobs where parent is null",
    );
    const text = plain(await page(p));
    expect(text).toContain("fails ✗ failed");
    expect(text).toContain("broken");
    expect(text).toContain("2 other failures of other kinds");
  });

  it("has thousands of jobs in many slots: it stays small", async () => {
    const jobs = Array.from({ length: 4000 }, (_, i) =>
      rows.job({
        id: `job${String(i).padStart(10, "0")}`,
        state: "done",
        executor: "slurm",
        startedAt: T0 + i,
        endedAt: T0 + i + 50,
      }),
    );
    const p = await recorded({
      runs: [rows.run({ state: "done", endedAt: T0 + 4050 })],
      jobs,
      attempts: jobs.map(({ id }, i) =>
        rows.attempt({
          job: id,
          executor: "slurm",
          startedAt: T0 + i,
          endedAt: T0 + i + 50,
          wallMs: 50,
          cpuMs: 40,
          outcome: "done",
        }),
      ),
    });
    const html = await page(p);
    expect(html.length).toBeLessThan(300_000);
    expect(plain(html)).toContain("slurm on laptop: 4,000 attempts in up to 50 at once");
    expect((await p.json("report")).timeline.lanes).toMatchObject([{ kind: "running", slots: 50 }]);
  });
});

describe.concurrent("what a report says of", () => {
  it("resources: advice in sentences; and of cost: what the prices make of it", async () => {
    const jobs = Array.from({ length: 4 }, (_, i) =>
      rows.job({ id: `job000000000${i}`, executor: "process", state: "done" }),
    );
    const p = await recorded(
      {
        runs: [rows.run({ state: "done", endedAt: T0 + 3_600_000 })],
        jobs,
        attempts: jobs.map(({ id }) =>
          rows.attempt({
            job: id,
            outcome: "done",
            endedAt: T0 + 3_600_000,
            wallMs: 3_600_000,
            cpuMs: 3_700_000,
            cpu: 4,
            memory: 8 * GIB,
            peakMemory: 1.2 * GIB,
          }),
        ),
      },
      {
        "ligase.config.ts":
          'export default { currency: "EUR", prices: { process: { cpuHour: 0.04, memoryGiBHour: 0.005 } } };',
      },
    );
    const text = plain(await page(p));
    expect(text).toContain("align asked for 8 GiB and peaked at 1.2 GiB: memory: &quot;2 GiB&quot; would do.");
    expect(text).toContain("align asked for 4 CPUs and used 1: cpu: 2 would do.");
    expect(text).toContain("0.80 EUR for what jobs asked for");
    expect((await p.json("report")).cost).toEqual({
      currency: "EUR",
      total: expect.closeTo(4 * (4 * 0.04 + 8 * 0.005)),
      executors: [
        expect.objectContaining({
          executor: "process",
          attempts: 4,
          hours: 4,
          cpuHours: 16,
          memoryGiBHours: 32,
          gpuHours: 0,
        }),
      ],
    });
  });

  it("secrets: nothing", async () => {
    const p = project(FILES);
    await p.ok(...RUN, "--apiToken", "hunter2");
    const html = await page(p);
    expect(html).toContain("--apiToken …");
    expect(html).not.toContain("hunter2");
    expect(await p.ok("report", "--json")).not.toContain("hunter2");
  });
});

it("a run that is deleted under a report leaves a clear error, and no file", async () => {
  const errorValue = hashText("error");
  const p = await recorded({
    runs: [rows.run({ state: "failed", endedAt: T0 + 5 })],
    jobs: [rows.job({ state: "failed", errorValue, endedAt: T0 + 5 })],
    // Whoever reads these waits for us.
    attempts: [rows.attempt({ outcome: "exit", endedAt: T0 + 5, stderr: "first", stdout: "second" })],
    values: [{ hash: errorValue, text: '{"$":"error","v":{"name":"Error","message":"broke"}}' }],
  });
  execFileSync("mkfifo", [p.path("first"), p.path("second")]);
  const report = p.start(["report", "--out", "r.html"]);
  const first = await open(p.path("first"), "w");
  sql(p, "delete from runs; delete from jobs; delete from attempts");
  const second = await open(p.path("second"), "w");
  const { code, stdout, stderr } = await report.ended;
  await Promise.all([first.close(), second.close()]);
  expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
  expect(stderr).toContain("run run00000 was deleted while its report was made");
  expect(readdirSync(p.dir).toSorted()).toEqual([".ligase", "first", "package.json", "second"]);
});
