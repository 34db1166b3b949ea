import { symlinkSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { EndpointView, JobView, LogLineView, WorkerView } from "../../src/remote/index.ts";
import { ROOT } from "../docs/markdown.ts";
import { project, type Started, until } from "./project.ts";

const p = project({
  "app.ts": `import { existsSync } from "node:fs";
import { endpoint } from "ligase";

/** Doubles a number. */
export const double = endpoint(
  async function ({ n, until }: { n: number; until?: string }) {
    console.log("doubling", n);
    console.error("to stderr");
    while (until !== undefined && !existsSync(until)) await new Promise((resolve) => setTimeout(resolve, 10));
    if (n === 13) throw new Error("unlucky");
    return n * 2;
  },
  { maxWorkers: 1, idleTimeout: "1h" },
);
`,
});
let server: Started;
let url = "";
let key = "";

beforeAll(async () => {
  p.write("node_modules/.keep", "");
  symlinkSync(ROOT, p.path("node_modules/ligase"));
  server = p.start(["serve", "--port", "0"]);
  await server.printed("serving ");
  url = /serving \S+ at (\S+)/.exec(server.said())![1]!;
  await p.ok("deploy", "app.ts", "--yes");
  key = (await p.ok("key", "create", "test")).trim();
});

afterAll(async () => {
  server.child.kill("SIGTERM");
  await server.ended;
});

async function submit(call: "run" | "runsync", input: object): Promise<{ id: string; status: string }> {
  const answer = await fetch(`${url}/v2/double/${call}`, {
    method: "POST",
    headers: { Authorization: `Bearer ${key}` },
    body: JSON.stringify({ input }),
  });
  return (await answer.json()) as { id: string; status: string };
}

describe("the commands that look at a server", () => {
  it("tell of an endpoint, its worker, its jobs and their logs", async () => {
    const good = await submit("runsync", { n: 2 });
    const bad = await submit("runsync", { n: 13 });
    expect([good.status, bad.status]).toEqual(["COMPLETED", "FAILED"]);

    const [listed] = await p.json<EndpointView[]>("endpoint", "ls");
    expect(listed).toMatchObject({ name: "double", maxWorkers: 1, jobs: { completed: 1, failed: 1, inQueue: 0 } });
    expect(listed!.stats).toMatchObject({ completed: 1, failed: 1, coldStarts: 1 });
    const table = await p.ok("endpoint", "ls");
    expect(table).toMatch(/^endpoint +version +workers +queued/);
    expect(table).toMatch(/\ndouble +\S+ v1 +1 of 1 +0 +0 +1 +1 /);
    const shown = await p.ok("endpoint", "show", "double");
    expect(shown).toContain("about     Doubles a number.");
    expect(shown).toContain("so far    1 done, 1 failed, 0 retried");

    const [worker] = await p.json<WorkerView[]>("worker", "ls", "double");
    expect(worker).toMatchObject({ endpoint: "double", state: "ready", jobs: 2 });
    const id = worker!.id.slice(0, 8);
    expect(shown).toContain(worker!.id);
    const logs = await p.run("worker", "logs", id);
    expect([logs.stdout, logs.stderr]).toEqual(["doubling 2\ndoubling 13\n", "to stderr\nto stderr\n"]);
    const ofAll = await p.json<LogLineView[]>("endpoint", "logs", "double");
    expect(ofAll).toContainEqual({ from: worker!.id, stream: "stdout", text: "doubling 13" });

    const jobs = await p.json<JobView[]>("job", "ls", "double", "--state", "failed");
    expect(jobs.map((job) => job.id)).toEqual([bad.id]);
    const failed = await p.ok("job", "show", bad.id.slice(0, 12));
    expect(failed).toMatch(/^job \S+ FAILED/);
    expect(failed).toContain("Error: unlucky");
    expect(failed).toContain("app.ts:10");
    expect(await p.json<JobView>("job", "show", good.id)).toMatchObject({ input: { n: 2 }, output: 4 });
    expect(await p.ok("job", "ls", "-n", "1")).toContain(bad.id);
  });

  it("follow logs, cancel, retry and purge", async () => {
    const gate = p.path("gate");
    const follower = p.start(["endpoint", "logs", "double", "-f"]);
    const first = await submit("run", { n: 21, until: gate });
    const second = await submit("run", { n: 13, until: gate });
    const third = await submit("run", { n: 23, until: gate });
    await follower.printed("doubling 21");
    follower.child.kill("SIGINT");
    await follower.ended;

    const waiting = await p.json<JobView[]>("job", "ls", "--state", "in_queue");
    expect(new Set(waiting.map((job) => job.id))).toEqual(new Set([second.id, third.id]));
    expect(await p.ok("job", "cancel", third.id)).toBe(`job ${third.id} is CANCELLED\n`);
    expect(await p.ok("job", "cancel", first.id)).toBe(`job ${first.id} is CANCELLED\n`);
    p.write("gate", "");
    await until(async () => (await p.json<JobView>("job", "show", second.id)).status === "FAILED", "the second job");
    expect(await p.ok("job", "retry", second.id)).toBe(`job ${second.id} is IN_QUEUE\n`);
    expect(await p.run("job", "retry", third.id)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("LIGASE_E_JOB_STATE"),
    });

    const busy = await submit("run", { n: 1, until: p.path("never") });
    await until(async () => (await p.json<JobView>("job", "show", busy.id)).status === "IN_PROGRESS", "the job");
    await submit("run", { n: 1 });
    expect((await p.run("endpoint", "purge", "double")).stderr).toContain("--yes");
    expect(await p.ok("endpoint", "purge", "double", "--yes")).toBe("1 job of double removed\n");
    expect(await p.ok("job", "cancel", busy.id)).toBe(`job ${busy.id} is CANCELLED\n`);
  });

  it("scale, open a shell inside a worker, and stop it", async () => {
    const scaled = await p.ok("endpoint", "scale", "double", "--min", "1", "--max", "1");
    expect(scaled).toBe("endpoint double has 1 to 1 workers from now on\n");
    let id = "";
    await until(async () => {
      const [worker] = await p.json<WorkerView[]>("worker", "ls");
      id = worker?.id ?? "";
      return worker?.state === "ready";
    }, "a worker");
    const shell = p.start(["worker", "shell", id], { stdin: Buffer.from("echo inside; pwd; exit 3\n") });
    const { code, stdout } = await shell.ended;
    expect([code, stdout]).toEqual([3, expect.stringContaining("inside\n")]);
    expect(await p.ok("worker", "stop", id)).toContain(`worker ${id} ends`);
    await until(async () => {
      const found = await p.json<WorkerView[]>("worker", "ls");
      return found.length === 1 && found[0]!.id !== id;
    }, "another worker");
    expect(await p.ok("worker", "ls", "--all")).toMatch(new RegExp(`${id} .*ended`));
  });

  it("are completed with what the server has", async () => {
    const offered = async (...words: string[]): Promise<string> => p.ok("__complete", ...words);
    const told = await Promise.all([
      offered("endpoint", ""),
      offered("endpoint", "show", ""),
      offered("key", "revoke", ""),
      offered("key", "create", "x", "--endpoint", ""),
      project().ok("__complete", "endpoint", "show", ""),
    ]);
    expect(told[0]).toBe("ls\nshow\nlogs\nscale\npurge\n");
    expect(told[1]).toMatch(/^double\tof \S+, version 1\n$/);
    expect(told[2]).toBe("test\tsubmit\n");
    expect(told[3]).toBe(told[1]);
    expect(told[4]).toBe("");
  });

  it("name what is nearest to what is not there", async () => {
    const said = async (words: string): Promise<string> => (await p.run(...words.split(" "))).stderr;
    const expected = {
      "endpoint show dobule": "did you mean double?",
      "endpoint sohw": "did you mean ligase endpoint show?",
      "job ls dobule": "did you mean double?",
      "worker logs zzz": "there is no worker zzz",
      "job show zzz": "there is no job zzz",
      "endpoint scale double": "needs --min or --max",
    };
    const told = await Promise.all(Object.keys(expected).map(said));
    for (const [i, sentence] of Object.values(expected).entries()) expect(told[i]).toContain(sentence);
  });
});
