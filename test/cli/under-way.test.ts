import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { BIN, type Project, project, until } from "./project.ts";

const FILES = {
  "workflow.ts": `
import { map, script, task } from "ligase";

export const talk = task((n: number) => script\`
  for i in 1 2 3 4 5; do echo out \${n} $i; echo err \${n} $i >&2; sleep 0.1; done
  printf 'no newline %s' \${n}
\`);
export const body = task({ cpu: 0.5 }, async (n: number) => {
  for (let i = 1; i <= 3; i++) {
    console.log("body", n, i);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
});
export const main = task(() => [map([1, 2, 3, 4], (n) => talk(n)), map([1, 2, 3, 4], (n) => body(n))]);

export const wait = task(() => script\`echo $$ > "$HOME/pid"; echo waiting; while [ ! -e "$HOME/go" ]; do sleep 0.05; done\`);
export const stubborn = task(() => script\`echo $$ > "$HOME/pid"; trap "" TERM; while true; do sleep 0.1; done\`);
`,
};

function start(p: Project, task: string) {
  return p.start(["run", "workflow.ts", task, "--cpus", "4"], { env: { HOME: p.dir } });
}

async function newestId(p: Project): Promise<string> {
  const [run] = await p.json<{ id: string }[]>("log", "-n", "1");
  return run!.id;
}

const isGone = (p: Project) => () => !existsSync(`/proc/${Number(p.read("pid"))}`);

describe.concurrent("ligase log of a run under way", () => {
  it("shows what runs below bodies that were taken from the cache", async () => {
    const p = project({
      "workflow.ts": FILES["workflow.ts"].replace(
        "export const wait",
        "export const outer = task(() => wait());\nexport const wait",
      ),
    });
    const shown = async () => {
      await until(async () => (await p.run("log", "@")).stdout.includes(" wait "), "the record of it");
      return p.ok("log", "@");
    };
    const first = start(p, "outer");
    expect(await shown()).toMatch(/^● run \w+ outer: running.*\n.*\n {2}[●○] outer .*\n {4}[●○] wait /);
    first.child.kill("SIGKILL");
    await first.ended;
    const second = start(p, "outer");
    await until(async () => (await p.json("log", "-n", "0")).length === 2, "the second run");
    expect(await shown()).toMatch(/^● run \w+ outer: running.*\n.*\n {2}[●○] outer .*\n {4}[●○] wait /);
    p.write("go", "");
    expect((await second.ended).code).toBe(0);
    expect(await p.ok("log", "@")).toMatch(/\n {2}↺ outer .*\n {4}✓ wait /);
  });
});

describe.concurrent("ligase logs", () => {
  it("follows a run to its end, and loses no line of any job", async () => {
    const p = project(FILES);
    const run = start(p, "main");
    await until(() => existsSync(p.path(".ligase/work")), "the run");
    const follow = p.start(["logs", "-f"]);
    const [{ code }, logs] = await Promise.all([run.ended, follow.ended]);
    expect(code).toBe(0);
    expect(logs.code).toBe(0);
    const lines = logs.stdout
      .trimEnd()
      .split("\n")
      .map((line) => line.replace(/^(\w+) \w{8} +│ /, "$1: "));
    const wanted = [1, 2, 3, 4].flatMap((n) => [
      ...[1, 2, 3, 4, 5].flatMap((i) => [`talk: out ${n} ${i}`, `talk: err ${n} ${i}`]),
      `talk: no newline ${n}`,
      ...[1, 2, 3].map((i) => `body: body ${n} ${i}`),
    ]);
    expect(lines.toSorted()).toEqual(wanted.toSorted());
    // The same afterwards, of all, of one task, and of one stream.
    const text = (line: string) => line.replace(/^.*│ /, "");
    const all = (await p.ok("logs")).trimEnd().split("\n").map(text);
    expect(all.toSorted()).toEqual(wanted.map((line) => line.replace(/^\w+: /, "")).toSorted());
    expect((await p.ok("logs", "--task", "body")).trimEnd().split("\n")).toHaveLength(12);
    expect(
      (await p.ok("logs", "--stderr"))
        .trimEnd()
        .split("\n")
        .map(text)
        .every((line) => line.startsWith("err")),
    ).toBe(true);
  });

  it("prints what one job wrote as it is, by the id of its task's job too", async () => {
    const p = project(FILES);
    await p.start(["run", "workflow.ts", "talk", "--n", "7"], { env: { HOME: p.dir } }).ended;
    const { jobs } = await p.json("log", await newestId(p));
    const wanted = `${[1, 2, 3, 4, 5].map((i) => `out 7 ${i}\n`).join("")}no newline 7`;
    for (const { id } of jobs) {
      const { stdout, stderr } = await p.run("logs", id);
      expect(stdout).toBe(wanted);
      expect(stderr).toBe([1, 2, 3, 4, 5].map((i) => `err 7 ${i}\n`).join(""));
      expect(await p.run("logs", id, "--stdout")).toMatchObject({ stdout: wanted, stderr: "" });
    }
  });

  it("ends when its reader has enough; a line without end and bytes that are no text do not stop it", async () => {
    const p = project({
      "workflow.ts": `
import { script, task } from "ligase";
export const main = task(() => script({ outputs: { done: "done" } })\`
  seq 100000; printf 'caf\\351 \\377\\n' >&2
  head -c 3000000 /dev/zero | tr '\\0' x >&2
  touch done
\`);
`,
    });
    await p.ok("run", "workflow.ts");
    const line = '"$NODE" "$LIGASE" logs --stdout 2>err | head -1';
    const env = { ...process.env, NODE: process.execPath, LIGASE: BIN };
    const { stdout } = await promisify(execFile)("bash", ["-o", "pipefail", "-c", line], { cwd: p.dir, env });
    expect(stdout).toMatch(/│ 1\n$/);
    expect(p.read("err")).toBe("");
    const text = await p.ok("logs", "--stderr");
    expect(text).toContain("│ caf\ufffd \ufffd\n");
    // Not each x: the id of the job before the line may have some.
    expect(text.match(/x{100,}/g)?.join("")).toHaveLength(3_000_000);
    expect(await p.ok("logs", "--stdout")).toContain("│ 100000\n");
  });

  it("follows one job, and notices when the process of its run is gone", async () => {
    const p = project(FILES);
    const run = start(p, "wait");
    await until(() => p.read("pid").endsWith("\n"), "the script");
    const follow = p.start(["logs", "-f"]);
    await follow.printed("waiting");
    run.child.kill("SIGKILL");
    const { stdout, stderr, code } = await follow.ended;
    expect({ code, stdout }).toMatchObject({ code: 0, stdout: expect.stringMatching(/^wait \w{8} │ waiting\n$/) });
    expect(stderr).toMatch(/the process of run \w{8} is gone/);
    p.write("go", "");
  });
});

describe.concurrent("ligase cancel", () => {
  it("stops a run and waits until it has stopped", async () => {
    const p = project(FILES);
    const run = start(p, "wait");
    await until(() => p.read("pid").endsWith("\n"), "the script");
    const id = await newestId(p);
    expect(await p.run("cancel", id.slice(0, 8))).toMatchObject({
      code: 0,
      stderr: `run ${id.slice(0, 8)} is cancelled\n`,
    });
    expect(isGone(p)()).toBe(true);
    expect(await run.ended).toMatchObject({ code: 130 });
    expect(await p.run("cancel", id)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("does not run: it is cancelled"),
    });
    const { jobs } = await p.json("log", id);
    expect(await p.run("cancel", jobs[0].id)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining(`ligase cancel ${id.slice(0, 8)}`),
    });
  });

  it("--force ends its process at once, and what it left running", async () => {
    const p = project(FILES);
    const run = start(p, "stubborn");
    await until(() => p.read("pid").endsWith("\n"), "the script");
    const id = await newestId(p);
    expect(await p.run("cancel", id, "--force")).toMatchObject({
      code: 0,
      stderr: expect.stringContaining("marked as interrupted"),
    });
    expect(await run.ended).toMatchObject({ signal: "SIGKILL" });
    expect(await p.json("log", "--state", "interrupted")).toMatchObject([{ id }]);
    await until(isGone(p), "the end of the script");
  });

  it("marks a run whose process is gone as interrupted", async () => {
    const p = project(FILES);
    const run = start(p, "wait");
    await until(() => p.read("pid").endsWith("\n"), "the script");
    run.child.kill("SIGKILL");
    await run.ended;
    const id = await newestId(p);
    expect(await p.ok("log")).toContain("interrupted");
    expect(await p.run("cancel", id)).toMatchObject({
      code: 0,
      stderr: expect.stringMatching(/is gone: the run is marked as interrupted/),
    });
    expect(await p.run("cancel", id)).toMatchObject({ code: 1, stderr: expect.stringContaining("it is interrupted") });
    await until(isGone(p), "the end of the script");
  });
});
