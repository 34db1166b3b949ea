import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { openDrivers } from "../../../src/endpoints/calls/drivers.ts";
import type { CallingJob, Drivers, Evaluated } from "../../../src/endpoints/calls/types.ts";
import type { LiveEndpoint } from "../../../src/endpoints/types.ts";
import { Codec, type Log } from "../../../src/kernel/index.ts";
import { encodeExpression } from "../../../src/expr/index.ts";
import { makeCall } from "../../../src/expr/task.ts";
import { openProject, type Project } from "../../../src/project/index.ts";
import { LIVE } from "../../support/live-endpoint.ts";

const APP = `
import { appendFileSync } from "node:fs";
import { task, script } from "ligase";

const ledger = process.env.LEDGER!;
export const add = task((a: number, b: number) => {
  appendFileSync(ledger, "add ");
  return a + b;
});
export const twice = task((n: number) => add(n, n));
export const broken = task((n: number): number => {
  throw new RangeError(n + " is too much");
});
export const slow = task({ cpu: 1 }, async () => {
  appendFileSync(ledger, "slow ");
  await new Promise((resolve) => setTimeout(resolve, 60_000));
  return 1;
});
export const shell = task(() => script\`echo hello\`);
export const die = task((): number => {
  process.kill(process.pid, "SIGKILL");
  return 1;
});
`;

let dir: string;
let project: Project;
let drivers: Drivers;
let said: string[];
const codec = new Codec([]);
const never = new AbortController().signal;

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), "ligase-drivers-"));
  for (const folder of ["project", "code"]) mkdirSync(join(dir, folder));
  writeFileSync(join(dir, "project", "package.json"), "{}");
  writeFileSync(join(dir, "code", "package.json"), "{}");
  writeFileSync(join(dir, "code", "app.ts"), APP);
  writeFileSync(join(dir, "ledger"), "");
  vi.stubEnv("LEDGER", join(dir, "ledger"));
  project = await openProject(join(dir, "project"));
  said = [];
  drivers = openDrivers({ project, log: logTo(said) });
});

afterAll(async () => {
  await drivers.close();
  await project.close();
  vi.unstubAllEnvs();
  rmSync(dir, { recursive: true, force: true });
});

function logTo(lines: string[]): Log {
  const add = (message: string): void => void lines.push(message);
  return { debug() {}, info: add, warn: add };
}

function endpoint(facts: Partial<LiveEndpoint> = {}): LiveEndpoint {
  return {
    ...LIVE,
    name: "fold",
    app: "app",
    deployment: "d1",
    codeDir: join(dir, "code"),
    bundle: "app.ts",
    ...facts,
  };
}

function job(id: string, facts: Partial<CallingJob> = {}): CallingJob {
  return { id, endpoint: endpoint(), attempt: 1, input: '{"n":2}', ...facts };
}

/** An expression that calls a task by its name. */
function call(task: string, ...args: unknown[]): string {
  return encodeExpression(makeCall(task, args), codec).text;
}

function valueOf(answer: Evaluated): unknown {
  if ("error" in answer) throw new Error(`${answer.error.code}: ${answer.error.message}`);
  return JSON.parse(answer.value);
}

/** What ran since the ledger was last emptied. */
const ledger = (): string => readFileSync(join(dir, "ledger"), "utf8");
const forget = (): void => writeFileSync(join(dir, "ledger"), "");

describe("evaluate", () => {
  test("answers what calls give, and records them below the handler's call in a run of the job", async () => {
    expect(valueOf(await drivers.evaluate(job("j1"), call("add", 1, 2), never))).toBe(3);
    expect(valueOf(await drivers.evaluate(job("j1"), call("twice", 5), never))).toBe(10);
    const id = await drivers.ended("j1", { output: '{"sum":13}' });
    const run = await project.store.getRun(id!);
    expect(run).toMatchObject({ state: "done", task: "endpoint:fold", tags: { endpoint: "fold", job: "j1" } });
    const jobs = await project.store.listJobs({ run: id! });
    const root = jobs.find((each) => each.parent === null)!;
    expect(root).toMatchObject({ task: "endpoint:fold", state: "done" });
    expect(
      jobs
        .filter((each) => each.parent === root.id)
        .map((each) => each.task)
        .sort(),
    ).toEqual(["add", "twice"]);
    const values = await project.store.findValues([run!.resultValue!, root.argsValue]);
    expect(JSON.parse(values.get(run!.resultValue!)!)).toEqual({ sum: 13 });
    expect(JSON.parse(values.get(root.argsValue)!)).toEqual([{ n: 2 }]);
  });

  test("takes what tasks gave before from the cache, and runs the handler each time", async () => {
    forget();
    const runs = [];
    for (const id of ["j1", "j2"]) {
      expect(valueOf(await drivers.evaluate(job(id), call("add", 100, 2), never))).toBe(102);
      runs.push(await drivers.ended(id, { output: "3" }));
    }
    expect(ledger()).toBe("add ");
    const jobs = await project.store.listJobs({ run: runs[1]! });
    expect(jobs.map(({ task, state }) => `${task} ${state}`).sort()).toEqual(["add cached", "endpoint:fold done"]);
  });

  test("answers the error of a task, and the handler may go on", async () => {
    const answer = await drivers.evaluate(job("j1"), call("broken", 7), never);
    expect(answer).toMatchObject({ error: { name: "RangeError", message: "7 is too much" } });
    expect(valueOf(await drivers.evaluate(job("j1"), call("add", 1, 1), never))).toBe(2);
    const error = JSON.stringify({ error_type: "RangeError", error_message: "7 is too much" });
    const run = await project.store.getRun((await drivers.ended("j1", { error }))!);
    expect(run?.state).toBe("failed");
    const text = (await project.store.findValues([run!.errorValue!])).get(run!.errorValue!)!;
    expect(text).toContain("7 is too much");
  });

  test("answers with the name of a task that is not there", async () => {
    expect(await drivers.evaluate(job("j3"), call("nothing"), never)).toMatchObject({
      error: { code: "LIGASE_E_NO_TASK" },
    });
    await drivers.ended("j3", "cancelled");
  });

  test("answers with what the code throws when it is opened, and with what it is once that is mended", async () => {
    writeFileSync(join(dir, "code", "bad.ts"), `throw new TypeError("no model here");`);
    const bad = endpoint({ bundle: "bad.ts", deployment: "d0" });
    const answer = await drivers.evaluate(job("j1", { endpoint: bad }), call("add", 1, 2), never);
    expect(answer).toMatchObject({ error: { name: "TypeError", message: "no model here" } });
    expect(await drivers.ended("j1", { error: "no model here" })).toBeNull();
    expect(valueOf(await drivers.evaluate(job("j1"), call("add", 1, 2), never))).toBe(3);
  });
});

describe("reduce", () => {
  test("answers the value of what the handler returned as JSON", async () => {
    const returned = encodeExpression({ sum: makeCall("twice", [4]), of: [4, new Date(0)] }, codec).text;
    expect(valueOf(await drivers.reduce(job("j1"), returned, never))).toEqual({
      sum: 8,
      of: [4, "1970-01-01T00:00:00.000Z"],
    });
    const run = await project.store.getRun((await drivers.ended("j1", { output: "{}" }))!);
    expect(run?.state).toBe("done");
    expect((await project.store.findValues([run!.resultValue!])).get(run!.resultValue!)).toContain('"sum":8');
  });

  test("runs scripts", async () => {
    expect(valueOf(await drivers.reduce(job("j4"), call("shell"), never))).toEqual("hello\n");
    await drivers.ended("j4", { output: "{}" });
  });
});

describe("ended", () => {
  test("answers null for a job that called nothing", async () => {
    expect(await drivers.ended("j0", { output: "1" })).toBeNull();
  });

  test("closes the run of a job that is cancelled, and what it called ends", async () => {
    forget();
    const stop = new AbortController();
    const answer = drivers.evaluate(job("j1"), call("slow"), stop.signal);
    await vi.waitFor(() => expect(ledger()).toBe("slow "), { timeout: 20_000, interval: 20 });
    stop.abort();
    expect(await answer).toMatchObject({ error: { code: "LIGASE_E_CANCELLED" } });
    const id = await drivers.ended("j1", "cancelled");
    expect(await project.store.getRun(id!)).toMatchObject({ state: "cancelled" });
    const jobs = await project.store.listJobs({ run: id! });
    expect(jobs.map(({ state }) => state)).toEqual(["cancelled", "cancelled"]);
  });

  test("another attempt has a run of its own", async () => {
    forget();
    await drivers.evaluate(job("k1"), call("add", 200, 2), never);
    await drivers.evaluate(job("k1", { attempt: 2 }), call("add", 200, 2), never);
    const id = await drivers.ended("k1", { output: "3" });
    const runs = await project.store.listRuns({ tags: { job: "k1" } });
    expect(runs.map(({ state }) => state).sort()).toEqual(["done", "failed"]);
    expect(runs.find((run) => run.id === id)?.state).toBe("done");
    expect(ledger()).toBe("add ");
  });
});

describe("a driver that is killed", () => {
  test("fails the calls under way, and the next one starts another", async () => {
    await drivers.evaluate(job("l1"), call("add", 1, 1), never);
    await vi.waitFor(async () => expect(await project.store.listRuns({ tags: { job: "l1" } })).toHaveLength(1));
    expect(await drivers.evaluate(job("l1"), call("die"), never)).toMatchObject({
      error: { code: "LIGASE_E_DRIVER", message: expect.stringContaining("SIGKILL") },
    });
    expect(said.join("\n")).toContain("SIGKILL");
    expect(valueOf(await drivers.evaluate(job("l1"), call("add", 1, 2), never))).toBe(3);
    const id = await drivers.ended("l1", { output: "3" });
    const runs = await project.store.listRuns({ tags: { job: "l1" } });
    expect(runs.map(({ state }) => state).sort()).toEqual(["done", "interrupted"]);
    expect(runs.find((run) => run.id === id)?.state).toBe("done");
  });
});

test("a driver with nothing to do ends", async () => {
  await drivers.close();
  forget();
  const hasty = openDrivers({ project, log: logTo(said), idleMs: 1 });
  expect(valueOf(await hasty.evaluate(job("m1"), call("add", 300, 2), never))).toBe(302);
  await hasty.ended("m1", { output: "3" });
  await vi.waitFor(async () => expect(await project.store.listEngines()).toEqual([]), { timeout: 20_000 });
  expect(valueOf(await hasty.evaluate(job("m2"), call("add", 300, 3), never))).toBe(303);
  await hasty.close();
  expect(ledger()).toBe("add add ");
});
