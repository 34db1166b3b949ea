import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { openRuns } from "../../../src/endpoints/calls/runs.ts";
import type { SubmittedRuns } from "../../../src/endpoints/services.ts";
import { encodeExpression } from "../../../src/expr/index.ts";
import { makeCall } from "../../../src/expr/task.ts";
import { Codec, silentLog } from "../../../src/kernel/index.ts";
import { openProject, type Project } from "../../../src/project/index.ts";
import type { LogLineView, NewRun } from "../../../src/remote/index.ts";

const FLOW = `
import { appendFileSync, existsSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { script, task } from "ligase";

export const add = task((a: number, b: number) => a + b);
export const hello = task((name: string) => script\`echo hello \${name}\`);
export const broken = task((): number => {
  throw new RangeError("too much");
});
export const wait = task(async (gate: string) => {
  appendFileSync(process.env.LEDGER!, "begun ");
  // It outlives the server; not the test, whatever becomes of that.
  while (!existsSync(gate) && existsSync(process.env.LEDGER!)) await sleep(20);
  return "opened";
});
export const main = task((x: number) => add(x, 1));
`;

const WAIT_MS = 30_000;
const codec = new Codec([]);

let dir: string;
let project: Project;
let runs: SubmittedRuns;

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), "ligase-runs-"));
  for (const folder of ["project", "code"]) mkdirSync(join(dir, folder));
  writeFileSync(join(dir, "project", "package.json"), "{}");
  writeFileSync(join(dir, "code", "package.json"), "{}");
  writeFileSync(join(dir, "code", "flow.ts"), FLOW);
  vi.stubEnv("LEDGER", join(dir, "ledger"));
  project = await openProject(join(dir, "project"));
  runs = open();
});

afterEach(async () => {
  await runs.close();
  await project.close();
  vi.unstubAllEnvs();
  rmSync(dir, { recursive: true, force: true });
});

function open(most?: number): SubmittedRuns {
  const deployments = { codeDir: () => Promise.resolve(join(dir, "code")) };
  return openRuns({ project, deployments, log: silentLog, ...(most !== undefined && { most }) });
}

function given(what: Pick<NewRun, "expression" | "command"> & Partial<NewRun>): NewRun {
  const code = ["flow.ts", "package.json"].map((path) => {
    const content = readFileSync(join(dir, "code", path));
    return { path, hash: createHash("sha256").update(content).digest("hex"), size: content.length, executable: false };
  });
  return { code, entry: "flow.ts", ...what };
}

function call(task: string, ...args: unknown[]): Pick<NewRun, "expression"> {
  return { expression: encodeExpression(makeCall(task, args), codec).text };
}

function without({ code, entry }: NewRun): NewRun {
  return { code, entry };
}

async function lines(id: string, follow: boolean): Promise<LogLineView[]> {
  const found: LogLineView[] = [];
  for await (const line of runs.logs(id, { follow })) found.push(line);
  return found;
}

describe("submit", () => {
  test("runs an expression in a process of its own, under the id that it answers", async () => {
    const { id, state } = await runs.submit(given({ ...call("add", 1, 2), name: "sum", tags: { lab: "x" } }), "ada");
    expect(state).toBe("pending");
    const view = await runs.get(id, WAIT_MS);
    expect(view).toMatchObject({ id, task: "sum", state: "done", result: "3", jobs: { done: 1 } });
    const row = await project.store.getRun(id);
    expect(row?.tags).toEqual({ lab: "x", "submitted-by": "ada" });
    expect(row?.pid).not.toBe(process.pid);
  });

  test("runs a task with words of the command line", async () => {
    const { id } = await runs.submit(given({ command: { task: "main", argv: ["--x", "41"] } }), "ada");
    expect(await runs.get(id, WAIT_MS)).toMatchObject({ id, task: "main", state: "done", result: "42" });
  });

  test("no word of the task leads to another store", async () => {
    const argv = ["--x", "1", "--store", join(dir, "elsewhere")];
    const { id } = await runs.submit(given({ command: { task: "main", argv } }), "ada");
    expect(await runs.get(id, WAIT_MS)).toMatchObject({ state: "done", result: "2" });
    expect(existsSync(join(dir, "elsewhere"))).toBe(false);
  });

  test("tells what failed", async () => {
    const { id } = await runs.submit(given(call("broken")), "ada");
    expect(await runs.get(id, WAIT_MS)).toMatchObject({
      state: "failed",
      error: { name: "RangeError", message: "too much" },
    });
  });

  test("tells what kept it from beginning", async () => {
    const { id } = await runs.submit(given(call("nothing")), "ada");
    expect(await runs.get(id, WAIT_MS)).toMatchObject({ state: "failed", error: { code: "LIGASE_E_NO_TASK" } });
  });

  test.each([
    ["no code", (run: NewRun) => ({ ...run, code: [] }), "code"],
    ["an entry that is not there", (run: NewRun) => ({ ...run, entry: "app.ts" }), "entry"],
    ["nothing to run", (run: NewRun) => without(run), "command"],
    [
      "a flag for a task",
      (run: NewRun) => ({ ...without(run), command: { task: "--store", argv: [] } }),
      "command.task",
    ],
  ])("refuses %s", async (_what, change, field) => {
    const refused = runs.submit(change(given(call("add", 1, 2))), "ada");
    await expect(refused).rejects.toMatchObject({ code: "LIGASE_E_RUN", facts: { field } });
  });
});

test("logs has the lines of jobs and of the process, until it has ended", async () => {
  const { id } = await runs.submit(given(call("hello", "you")), "ada");
  const found = await lines(id, true);
  expect(found).toContainEqual({ from: expect.any(String), task: "hello", stream: "stdout", text: "hello you" });
  expect(await lines(id, false)).toEqual(found);
});

test("cancel ends one that runs, and one that waits for a place", async () => {
  runs = open(1);
  const first = await runs.submit(given(call("wait", join(dir, "gate"))), "ada");
  const second = await runs.submit(given(call("add", 1, 1)), "ada");
  await vi.waitFor(() => expect(readFileSync(join(dir, "ledger"), "utf8")).toBe("begun "), { timeout: WAIT_MS });
  expect(await runs.get(second.id, 0)).toMatchObject({ state: "pending" });
  expect(await runs.cancel(second.id)).toMatchObject({ state: "cancelled" });
  await runs.cancel(first.id);
  expect(await runs.get(first.id, WAIT_MS)).toMatchObject({ state: "cancelled" });
  expect(await runs.get(second.id, WAIT_MS)).toMatchObject({ state: "cancelled" });
});

describe("a server that ends", () => {
  test("leaves its runs as they are, and the next one finds them", async () => {
    const { id } = await runs.submit(given(call("wait", join(dir, "gate"))), "ada");
    await vi.waitFor(() => expect(readFileSync(join(dir, "ledger"), "utf8")).toBe("begun "), { timeout: WAIT_MS });
    await runs.close();
    runs = open();
    await vi.waitFor(async () => expect(await runs.get(id, 0)).toMatchObject({ state: "running" }), {
      timeout: WAIT_MS,
    });
    writeFileSync(join(dir, "gate"), "");
    expect(await runs.get(id, WAIT_MS)).toMatchObject({ state: "done", result: '"opened"' });
  });

  test("starts those that waited for a place", async () => {
    const none = open(0);
    const { id } = await none.submit(given(call("add", 20, 22)), "ada");
    expect(await none.get(id, 0)).toMatchObject({ state: "pending" });
    await none.close();
    runs = open();
    expect(await runs.get(id, WAIT_MS)).toMatchObject({ state: "done", result: "42" });
  });
});

test("a process that is killed leaves an interrupted run", async () => {
  const { id } = await runs.submit(given(call("wait", join(dir, "gate"))), "ada");
  await vi.waitFor(async () => expect(await runs.get(id, 0)).toMatchObject({ state: "running" }), { timeout: WAIT_MS });
  process.kill((await project.store.getRun(id))!.pid, "SIGKILL");
  expect(await runs.get(id, WAIT_MS)).toMatchObject({ state: "interrupted" });
});

test("get knows nothing of what was never handed in", async () => {
  expect(await runs.get("0000000000000", 0)).toBeUndefined();
  expect(await runs.get("../../etc", 0)).toBeUndefined();
  expect(await lines("../../etc", true)).toEqual([]);
});
