import { chmodSync, readdirSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { project, type Project, until } from "./project.ts";

const WORKFLOW = `
import { existsSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
import { File, script, task } from "ligase";

export const align = task((sample: string) => script({ outputs: { bam: "x.bam" } })\`
  echo aligning; printf %s \${sample} > x.bam
\`);
export const main = task((sample: string) => align(sample).bam);
export const broken = task((sample: string) => script\`printf %s \${sample} > left.txt; exit 3\`);
export const wait = task(async (sample: string, until: string) => {
  const { bam } = await align(sample);
  while (!existsSync(until)) await setTimeout(20);
  return await bam.text();
});
`;

async function runs(p: Project): Promise<{ id: string; task: string; pinned: boolean }[]> {
  return p.json("log", "-n", "0");
}

/** Runs of the samples, oldest first; answers their ids. */
async function ran(p: Project, ...samples: readonly string[]): Promise<string[]> {
  for (const sample of samples)
    await p.ok("run", "workflow.ts", "main", "--sample", sample, "--tag", `sample=${sample}`);
  return (await runs(p)).map(({ id }) => id).toReversed();
}

const outputs = (p: Project): number =>
  readdirSync(p.path(".ligase/outputs")).flatMap((part) => readdirSync(p.path(".ligase/outputs", part))).length;

describe.concurrent("ligase gc", () => {
  it("frees nothing that a recorded run needs, where nothing is said, and does not ask", async () => {
    const p = project({ "workflow.ts": WORKFLOW });
    await ran(p, "one", "two");
    expect(await p.ok("gc")).toBe("nothing to free\n");
    expect(await p.json("gc")).toMatchObject({ runs: [], calls: [], beside: false });
    expect(outputs(p)).toBe(2);
    expect((await p.run("run", "workflow.ts", "main", "--sample", "one")).stderr).toContain("cached");
  });

  it("says what would go and what would run again; goes no further without a yes", async () => {
    const p = project({ "workflow.ts": WORKFLOW });
    const [first] = await ran(p, "one", "three");
    const plan = await p.ok("gc", first!, "--dry-run");
    expect(plan).toMatch(/^1 run would be forgotten\n.*main, done/);
    expect(plan).toMatch(/\d+ B would be freed/);
    expect(plan).toMatch(/files of results +3 B +1 call\n/);
    expect(plan).toMatch(/logs +\d+ B +1 run\n/);
    expect(plan).toContain("will run again when asked for: ");
    expect(plan).toMatch(/align/);
    expect(await p.json("gc", first!, "-n")).toMatchObject({
      runs: [first],
      stay: [],
      calls: expect.arrayContaining([{ task: "align", calls: 1 }]),
      frees: expect.arrayContaining([{ kind: "outputs", things: 1, bytes: 3 }]),
    });
    const refused = await p.run("gc", first!);
    const timeless = (text: string): string => text.replace(/, (just now|\d+\w+ ago)/, "");
    expect(refused.code).toBe(2);
    expect(timeless(refused.stdout)).toBe(timeless(plan));
    expect(refused.stderr).toMatch(/nobody can be asked\n.*--yes/);
    expect(await p.run("gc", first!, "--json")).toMatchObject({ code: 2, stdout: "" });
    expect(await runs(p)).toHaveLength(2);
    expect(outputs(p)).toBe(2);
  });

  it("forgets a run that is named, and frees what it alone needed", async () => {
    const p = project({ "workflow.ts": WORKFLOW });
    const [first, second] = await ran(p, "one", "two");
    expect(await p.ok("gc", first!.slice(0, 8), "--yes")).toMatch(
      /^\d.* freed, 1 run forgotten\n[^]*will run again when asked for: /,
    );
    expect((await runs(p)).map(({ id }) => id)).toEqual([second]);
    expect(outputs(p)).toBe(1);
    expect(await p.run("log", first!)).toMatchObject({ code: 2, stderr: expect.stringContaining("there is no run") });
    expect((await p.run("run", "workflow.ts", "main", "--sample", "two")).stderr).toMatch(/2 cached|cached/);
    expect((await p.json<{ state: string }[]>("log", "--jobs", "--task", "align", "-n", "1"))[0]!.state).toBe("cached");
    await p.ok("run", "workflow.ts", "main", "--sample", "one");
    expect((await p.json<{ state: string }[]>("log", "--jobs", "--task", "align", "-n", "1"))[0]!.state).toBe("done");
  });

  it("forgets runs by age, number, state, task, tag and input, and keeps those with a tag", async () => {
    const p = project({ "workflow.ts": WORKFLOW });
    const [one, two, three] = await ran(p, "one", "two", "three");
    await p.run("run", "workflow.ts", "broken", "--sample", "x");
    const [failed] = (await runs(p)).map(({ id }) => id);
    const meant = async (...flags: string[]): Promise<string[]> =>
      (await p.json<{ runs: string[] }>("gc", "-n", ...flags)).runs.toSorted();
    const sorted = (...ids: (string | undefined)[]) => ids.map(String).toSorted();
    expect(await meant("--all")).toEqual(sorted(one, two, three, failed));
    expect(await meant("--older-than", "0s")).toEqual(sorted(one, two, three, failed));
    expect(await meant("--older-than", "1d")).toEqual([]);
    expect(await meant("--keep-last", "1")).toEqual(sorted(one, two, three));
    expect(await meant("--keep-last", "0")).toEqual(sorted(one, two, three, failed));
    expect(await meant("--failed")).toEqual(sorted(failed));
    expect(await meant("--state", "done", "--keep-last", "2")).toEqual(sorted(one));
    expect(await meant("--task", "broken")).toEqual(sorted(failed));
    expect(await meant("--tag", "sample=two")).toEqual(sorted(two));
    expect(await meant("--input", "thre")).toEqual(sorted(three));
    expect(await meant("--all", "--keep", "sample=one", "--keep", "sample=two")).toEqual(sorted(three, failed));
    expect(await meant(one!, two!)).toEqual(sorted(one, two));
    await p.ok("gc", "--failed", "--yes");
    expect((await runs(p)).map(({ id }) => id)).toEqual([three, two, one]);
    await p.ok("gc", "--keep-last", "1", "--yes");
    expect((await runs(p)).map(({ id }) => id)).toEqual([three]);
  });

  it("removes the work directories of runs that stay only when that is asked for", async () => {
    const p = project({ "workflow.ts": WORKFLOW });
    await p.run("run", "workflow.ts", "broken", "--sample", "abcdef");
    const work = () => readdirSync(p.path(".ligase/work")).length;
    expect(await p.ok("gc")).toBe("nothing to free\n");
    expect(work()).toBe(1);
    expect(await p.run("gc", "--work")).toMatchObject({ code: 2, stdout: expect.stringContaining("work directories") });
    expect(await p.ok("gc", "--work", "--yes")).toMatch(/work directories .* 1 attempt/);
    expect(work()).toBe(0);
    expect(await runs(p)).toHaveLength(1);
  });

  it("never forgets a pinned run", async () => {
    const p = project({ "workflow.ts": WORKFLOW });
    const [first, second] = await ran(p, "one", "two");
    expect(await p.ok("pin", first!, "@")).toBe(
      `run ${first!.slice(0, 8)} of main is pinned\nrun ${second!.slice(0, 8)} of main is pinned\n`,
    );
    expect(await p.ok("unpin", second!)).toContain("no longer pinned");
    expect((await runs(p)).map(({ pinned }) => pinned)).toEqual([false, true]);
    expect(await p.ok("gc", "--all", "-n")).toContain("kept: 1 run, pinned or going on");
    await p.ok("gc", "--all", "--yes");
    expect((await runs(p)).map(({ id }) => id)).toEqual([first]);
    expect(outputs(p)).toBe(1);
    await p.ok("unpin", first!);
    await p.ok("gc", "--all", "--yes");
    expect(await runs(p)).toEqual([]);
    expect(outputs(p)).toBe(0);
    expect(await p.ok("gc", "--all", "--yes")).toBe("nothing to free\n");
  });

  it("leaves a run alone that goes on, with all that it needs", async () => {
    const p = project({ "workflow.ts": WORKFLOW });
    const gate = project();
    await ran(p, "one", "two");
    const started = p.start(["run", "workflow.ts", "wait", "--sample", "one", "--until", gate.path("go"), "--json"]);
    await until(
      async () => (await p.json<unknown[]>("log", "--jobs", "--task", "align", "--state", "cached")).length > 0,
      "the hit",
    );
    const gc = await p.run("gc", "--all", "--yes");
    expect(gc).toMatchObject({ code: 0, stderr: expect.stringContaining("a run goes on") });
    expect((await runs(p)).map(({ task }) => task)).toEqual(["wait"]);
    // That of the sample it is about.
    expect(outputs(p)).toBe(1);
    gate.write("go", "");
    expect(await started.ended).toMatchObject({ code: 0, stdout: '"one"\n' });
  });

  it("forgets a run whose process is gone", async () => {
    const p = project({ "workflow.ts": WORKFLOW });
    const started = p.start(["run", "workflow.ts", "wait", "--sample", "one", "--until", "/nowhere"]);
    await until(
      async () => (await p.run("log", "--jobs", "--task", "align", "--state", "done")).stdout.includes("align"),
      "the file",
    );
    started.child.kill("SIGKILL");
    await started.ended;
    expect(await p.ok("gc", "--state", "interrupted", "--yes")).toContain("1 run forgotten");
    expect(await runs(p)).toEqual([]);
    expect(outputs(p)).toBe(0);
  });

  it("refuses what it does not understand", async () => {
    const p = project({ "workflow.ts": WORKFLOW });
    expect(await p.run("gc")).toMatchObject({ code: 1, stderr: expect.stringContaining("nothing has run here yet") });
    const [one] = await ran(p, "one");
    for (const [args, says] of [
      [["zzzzzz"], /there is no run or job zzzzzz/],
      [[one!, "--failed"], /named, or described by flags, not both/],
      [["--older-than", "long"], /long/],
      [["--keep-last", "-1"], /--keep-last/],
      [["--keep-last", "1.5"], /--keep-last 1.5 is no number of runs/],
      [["--all", "--keep", "novalue"], /novalue/],
      [["--keep", "a=b"], /with --all all others are/],
      [["--task", "algin"], /did you mean align\?/],
      [["--state", "dun"], /--state dun is no state/],
      [["--al"], /did you mean --all\?/],
    ] as const) {
      const { code, stdout, stderr } = await p.run("gc", "-n", ...args);
      expect({ code, stdout, stderr }).toEqual({ code: 2, stdout: "", stderr: expect.stringMatching(says) });
    }
    expect(await p.run("pin")).toMatchObject({ code: 2, stderr: expect.stringContaining("usage: ligase pin") });
    expect(await p.run("pin", "zzzzzz")).toMatchObject({ code: 2 });
  });

  it("says that it cannot where nothing can be written", async () => {
    const p = project({ "workflow.ts": WORKFLOW });
    const [one] = await ran(p, "one");
    const folder = p.path(".ligase");
    chmodSync(p.dir, 0o755);
    chmodSync(`${folder}/store.db`, 0o444);
    chmodSync(folder, 0o555);
    const uid = process.getuid?.() === 0 ? { uid: 65534 } : {};
    const as = (...args: string[]) => p.start(args, uid).ended;
    const gc = await as("gc", "--all", "--yes");
    expect(gc).toMatchObject({ code: 1, stderr: expect.stringMatching(/cannot be written.*\n.*writable/) });
    expect(await as("pin", one!)).toMatchObject({ code: 1, stderr: expect.stringContaining("cannot be written") });
    // Looking is possible.
    expect(await as("gc", "--all", "-n")).toMatchObject({ code: 0, stdout: expect.stringContaining("1 run") });
    expect(await as("du", "--by", "run")).toMatchObject({ code: 0, stdout: expect.stringContaining("main") });
    chmodSync(folder, 0o755);
  });
});

describe.concurrent("ligase du", () => {
  it("tells what takes space by kind, run and task", async () => {
    const p = project({ "workflow.ts": WORKFLOW });
    const [one, two] = await ran(p, "one", "three");
    await p.ok("run", "workflow.ts", "align", "--sample", "three");
    const kinds = await p.ok("du");
    expect(kinds).toMatch(/^\d.* in \.ligase\n/);
    expect(kinds).toMatch(/files of results +8 B +2 calls\n/);
    for (const name of ["database", "bundled code", "logs"]) expect(kinds).toContain(name);
    expect(await p.json("du")).toEqual(expect.arrayContaining([{ kind: "outputs", things: 2, bytes: 8 }]));
    expect((await p.ok("du", "--jsonl")).trim().split("\n").length).toBeGreaterThan(3);

    const byRun = await p.json<Record<string, unknown>[]>("du", "--by", "run");
    const of = (id: string | undefined) => byRun.find(({ run }) => run === id);
    // What the second needs, the third needs too.
    expect(of(one)).toMatchObject({ task: "main", outputs: 3, own: (of(one)!["logs"] as number) + 3 });
    expect(of(two)).toMatchObject({ task: "main", outputs: 5, own: of(two)!["logs"] });
    expect(await p.ok("du", "--by", "run")).toMatch(/run +needs +alone +task +when/);

    expect(await p.json("du", "--by", "task")).toEqual(
      expect.arrayContaining([expect.objectContaining({ task: "align", outputs: 8, calls: 2 })]),
    );
    expect(await p.ok("du", "--by", "task")).toMatch(/align .* 2 calls +files 8 B, logs \d+ B, values/);
    expect(await p.json("du", one!)).toMatchObject([{ task: "align", outputs: 3 }]);
    expect(await p.ok("du", one!)).toMatch(/^align +\d+ B/);
  });

  it("refuses what it does not understand", async () => {
    const p = project({ "workflow.ts": WORKFLOW });
    const [one] = await ran(p, "one");
    expect(await p.run("du", "--by", "size")).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/kind, run, task/),
    });
    expect(await p.run("du", one!, "--by", "run")).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("by task"),
    });
    expect(await p.run("du", "zzzzzz")).toMatchObject({ code: 2 });
  });

  it("fits forty columns", async () => {
    const p = project({ "workflow.ts": WORKFLOW });
    await ran(p, "one");
    for (const args of [["du"], ["du", "--by", "run"], ["du", "--by", "task"], ["gc", "--all", "-n"]]) {
      const { stdout } = await p.start(args, { env: { COLUMNS: "40" } }).ended;
      for (const line of stdout.split("\n")) expect(line.length).toBeLessThanOrEqual(40);
    }
  });
});
