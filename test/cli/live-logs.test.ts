import { describe, expect, it } from "vitest";
import { project } from "./project.ts";

const FILES = {
  "workflow.ts": `
import { map, script, task } from "ligase";

export const talk = task((n: number) => script({ outputs: "done" })\`
  echo begin \${n}; echo warn \${n} >&2
  while [ ! -e "$HOME/go" ]; do sleep 0.05; done
  printf '10%%\\r60%%\\r100%%\\n\\033[2J\\033]0;title\\007clean\\n'
  printf '\\303'; sleep 0.4; printf '\\251 no newline'; touch done\`);
export const body = task({ cpu: 0.5 }, async (n: number) => { console.log("body", n); console.error("oops", n); return n; });
export const flood = task(() => script({ outputs: "done" })\`seq 1 200000; echo the end; touch done\`);
export const fails = task(() => script\`echo out; echo reason >&2; exit 3\`);
export const quick = task((n: number) => script\`echo quick \${n}\`);
export const many = task(() => map(Array.from({ length: 60 }, (_, i) => i), (n) => quick(n)));
export const main = task(() => [map([1, 2], (n) => talk(n)), map([1], (n) => body(n))]);
`,
};

/** The lines that jobs wrote, of what was printed. */
const shown = (text: string): string[] => text.split("\n").filter((line) => / [│┆] /.test(line));

describe.concurrent("ligase run --logs", () => {
  it("shows what jobs write while they run, and the rest when they end", async () => {
    const p = project(FILES);
    const run = p.start(["run", "workflow.ts", "--logs", "--cpus", "4"], { env: { HOME: p.dir } });
    for (const line of [
      "talk[1] │ begin 1",
      "talk[2] │ begin 2",
      "talk[1] ┆ warn 1",
      "body[1] │ body 1",
      "body[1] ┆ oops 1",
    ]) {
      await run.printed(line);
    }
    expect(run.said()).not.toContain("clean");
    p.write("go", "");
    const { code, stdout, stderr } = await run.ended;
    expect(code).toBe(0);
    const first = shown(stderr).filter((line) => line.startsWith("talk[1] │"));
    expect(first).toEqual(["begin 1", "100%", "clean", "é no newline"].map((text) => `talk[1] │ ${text}`));
    // The result alone is on stdout, and nothing that jobs wrote moves the cursor.
    expect(JSON.parse(stdout)).toHaveLength(2);
    expect(stderr).not.toContain("\u001b");
  });

  it("shows each line of many short jobs once", async () => {
    const p = project(FILES);
    const { stderr } = await p.run("run", "workflow.ts", "many", "--logs");
    expect(
      shown(stderr)
        .map((line) => line.split(" │ ")[1]!)
        .toSorted(),
    ).toEqual(Array.from({ length: 60 }, (_, n) => `quick ${n}`).toSorted());
    // What is cached writes nothing.
    expect(shown((await p.run("run", "workflow.ts", "many", "--logs")).stderr)).toEqual([]);
  });

  it("shows no more than one can read of a flood, and its end; the log has all of it", async () => {
    const p = project(FILES);
    const { stderr } = await p.run("run", "workflow.ts", "flood", "--logs");
    const lines = shown(stderr);
    expect(lines.length).toBeLessThan(1500);
    expect(lines[0]).toBe("flood[1] │ 1");
    expect(lines.at(-1)).toBe("flood[1] │ the end");
    const [, job] = /^flood\[1\] │ … .* not shown; ligase logs (\w{8}) has them$/m.exec(stderr)!;
    const log = (await p.ok("logs", job!)).split("\n");
    expect([log.length, log[0], log[199_999], log[200_000]]).toEqual([200_002, "1", "200000", "the end"]);
  });

  it("shows what a job wrote before it failed", async () => {
    const p = project(FILES);
    const { code, stderr } = await p.run("run", "workflow.ts", "fails", "--logs");
    expect(code).toBe(1);
    expect(shown(stderr)).toEqual(["fails[1] │ out", "fails[1] ┆ reason"]);
    expect(stderr).toContain("✗ fails failed");
  });

  it.each([
    ["by default, for jobs on this machine as it is", []],
    ["with --quiet", ["--logs", "--quiet"]],
    ["with --no-logs", ["--logs", "--no-logs"]],
  ])("shows nothing %s", async (_, flags) => {
    const p = project(FILES);
    const { code, stderr } = await p.run("run", "workflow.ts", "many", ...flags);
    expect([code, shown(stderr)]).toEqual([0, []]);
  });

  it("colours names, by task, where colours are wanted", async () => {
    const p = project(FILES);
    const { stderr } = await p.start(["run", "workflow.ts", "fails", "--logs"], { env: { FORCE_COLOR: "2" } }).ended;
    expect(stderr).toContain("\u001b[38;5;30mfails[1]\u001b[39m \u001b[38;5;243m│\u001b[39m out\n");
  });

  it("goes with rerun", async () => {
    const p = project(FILES);
    await p.run("run", "workflow.ts", "many");
    const { stderr } = await p.run("rerun", "quick", "--logs");
    expect(shown(stderr)).toEqual([expect.stringMatching(/^quick\[1\] │ quick \d+$/)]);
  });
});
