import { describe, expect, it } from "vitest";
import { type Project, project } from "./project.ts";

const FILES = {
  "workflow.ts": `
import { File, map, script, task } from "ligase";
import { clean } from "./lib/clean.ts";

export const trim = task(async (reads: File, options: { minLength: number }) =>
  clean(await reads.text()).split("\\n").filter((line) => line.length >= options.minLength));

export const table = task(async (all: string[][]) => File.write("table.txt", all.map((lines) => lines.join(" ")).join("\\n") + "\\n"));

export const risky = task((ok: boolean) => script\`[ \${ok} = true ] || { echo "bad sector" >&2; exit 3; }\`);

export const main = task((reads: File[], minLength: number = 2) => {
  const kept = map(reads, (each) => trim(each, { minLength }));
  return { table: table(kept), kept };
});
`,
  "lib/clean.ts": "export function clean(text: string): string {\n  return text.trim();\n}\n",
  "a.fq": "ACGT\nAC\n",
  "b.fq": "TTTTT\n",
};

const run = (p: Project, ...more: string[]) =>
  p.ok("run", "workflow.ts", "--quiet", "--reads", "a.fq", "b.fq", ...more);
const ids = async (p: Project): Promise<string[]> =>
  (await p.json<{ id: string }[]>("log", "-n", "9")).map(({ id }) => id).toReversed();

describe.concurrent("ligase diff", () => {
  it("tells of two runs what differs in code, arguments, results and tasks", async () => {
    const p = project(FILES);
    await run(p);
    p.edit("lib/clean.ts", "text.trim()", "text.trim().toLowerCase()");
    await run(p, "--min-length", "3", "--tag", "batch=7");
    const [first = "", second = ""] = await ids(p);
    const told = await p.ok("diff", first.slice(0, 8), second.slice(0, 8));
    expect(told).toMatch(
      new RegExp(`^✓ ${first.slice(0, 8)} +main .* done +before\n✓ ${second.slice(0, 8)} +main .* after\n`),
    );
    expect(told).toMatch(/\ncircumstances\n[^]*tags +none → batch=7\n/);
    expect(told).toMatch(/\ncode\n +lib\/clean\.ts#clean +edited +reached by trim\n/);
    expect(told).toMatch(/\narguments\n +argument minLength\n +- not given\n +\+ 3\n/);
    expect(told).toMatch(/\n {4}kept\[0\]\[0\]\n +- "ACGT"\n +\+ "acgt"\n/);
    expect(told).toMatch(/\n {4}kept\[0\]\[1\]\n +- "AC"\n +\+ not there\n/);
    expect(told).toMatch(/\n {4}table\n[^]*\d bytes? fewer; line 1 is the first to differ\n +- ACGT AC\n +\+ acgt\n/);
    expect(told).toMatch(/\ntasks\n[^]*trim +2 ran +→ +2 ran/);
    expect(told).toMatch(
      /lib\/clean\.ts:1\n[^]*- +return text\.trim\(\);\n[^]*\+ +return text\.trim\(\)\.toLowerCase\(\);/,
    );

    const answer = await p.json("diff", first, second);
    expect(answer).toMatchObject({
      before: { run: first, task: "main", state: "done" },
      after: { run: second },
      facts: expect.arrayContaining([{ name: "tags", after: "batch=7" }]),
      code: [{ name: "lib/clean.ts#clean", how: "edited", tasks: ["trim"] }],
      arguments: [{ path: "minLength", after: "3" }],
      tasks: expect.arrayContaining([
        expect.objectContaining({ task: "trim", after: expect.objectContaining({ ran: 2 }) }),
      ]),
      failures: { before: [], after: [] },
    });
    expect(JSON.parse(await p.ok("diff", first, second, "--jsonl"))).toEqual(answer);
  });

  it("counts of scripts the time they took, not that they waited", async () => {
    const p = project({
      "workflow.ts": `
        import { map, script, task } from "ligase";
        const nap = task((n: number) => script\`sleep 0.05; echo \${n}\`);
        export const main = task(() => map([1, 2, 3], (n) => nap(n)));
      `,
    });
    await p.ok("run", "workflow.ts", "--cpus", "1");
    await p.ok("run", "workflow.ts", "--cpus", "1", "--no-cache");
    const { tasks } = await p.json<{ tasks: { task: string; after: { wallMs: number } }[] }>("diff");
    const naps = await p.json<{ id: string }[]>("log", "@", "--jobs", "--task", "nap");
    const jobs = await Promise.all(naps.map(({ id }) => p.json<{ attempts: { wallMs: number }[] }>("show", id)));
    const took = jobs.flatMap(({ attempts }) => attempts).reduce((sum, { wallMs }) => sum + wallMs, 0);
    expect(took).toBeGreaterThan(0);
    expect(tasks.find(({ task }) => task === "nap")?.after.wallMs).toBe(took);
  });

  it("compares one run with the one before of its task, and none with the newest", async () => {
    const p = project(FILES);
    await run(p);
    await p.ok("run", "workflow.ts", "trim", "--quiet", "--reads", "a.fq", "--options", '{"minLength":1}');
    await run(p);
    const [first = "", , third = ""] = await ids(p);
    const told = await p.ok("diff");
    expect(told).toContain(first.slice(0, 8));
    expect(told).toMatch(/\nresults\n {2}the same\n/);
    expect(told).toMatch(/main +1 ran +→ +1 cached/);
    expect(told).not.toContain("\ncode\n");
    expect(await p.ok("diff", third)).toBe(told);
    expect(await p.run("diff", first)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining(`${first.slice(0, 8)} is the first run of main`),
    });
  });

  it("tells failures that came, went and stayed", async () => {
    const p = project(FILES);
    const risky = (...more: string[]) => p.run("run", "workflow.ts", "risky", "--quiet", ...more);
    await risky("--no-ok");
    await risky("--ok");
    await risky("--no-ok");
    const [bad = "", good = "", again = ""] = await ids(p);
    expect(await p.ok("diff", bad, good)).toMatch(
      /\nfailures\n +gone +risky: .*exited with status 3 +ligase why \w{8}\n/,
    );
    expect(await p.ok("diff", good, again)).toMatch(/\nfailures\n +new +risky: /);
    const told = await p.ok("diff", bad, again);
    expect(told).toMatch(/\nfailures\n +still +risky: /);
    expect(told).not.toContain("\nresults\n");
    expect(await p.json("diff", good, again)).toMatchObject({
      failures: { before: [], after: [{ task: "risky", count: 1 }] },
    });
  });

  it("refuses jobs, unknown ids and an empty store", async () => {
    const p = project(FILES);
    expect(await p.run("diff")).toMatchObject({ code: 1 });
    await run(p);
    const { jobs } = await p.json("log", (await ids(p))[0]!);
    expect(await p.run("diff", jobs[0].id)).toMatchObject({ code: 2, stderr: expect.stringContaining("is a job") });
    expect(await p.run("diff", "zzzzzzzz")).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("there is no run"),
    });
    expect(await p.run("diff", "a", "b", "c")).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("takes 2 words"),
    });
  });
});
