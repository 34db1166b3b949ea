import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type RecordingOptions, startRecording } from "../../../src/endpoints/calls/record.ts";
import type { QueueListener } from "../../../src/endpoints/queue/types.ts";
import { silentLog } from "../../../src/kernel/index.ts";
import { selectJobs, selectRuns, type Selection } from "../../../src/record/select.ts";
import { openStore } from "../../../src/store/index.ts";
import type { QueueJobRow, Store } from "../../../src/store/types.ts";
import { queueJob } from "../store/serving-rows.ts";

let dir: string;
let store: Store;
let listeners: QueueListener[];

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), "ligase-record-"));
  store = await openStore(dir);
  listeners = [];
});

afterEach(async () => {
  await store.close();
  rmSync(dir, { recursive: true, force: true });
});

function row(facts: Partial<QueueJobRow> & { readonly id: string }): QueueJobRow {
  return queueJob({
    endpoint: "fold",
    deployment: "d1",
    state: "COMPLETED",
    createdAt: 1000,
    queuedAt: 1000,
    takenAt: 2000,
    endedAt: 3000,
    collectAt: 90_000,
    attempts: 1,
    worker: "w1",
    input: '{"n":1}',
    output: '{"sum":2}',
    outputSize: 9,
    ...facts,
  });
}

/** Puts jobs into the store, records them, and ends. */
async function record(jobs: readonly QueueJobRow[], options: Partial<RecordingOptions> = {}): Promise<void> {
  if (jobs.length > 0) await store.commitQueue({ added: jobs });
  const recording = startRecording({
    store,
    storeDir: dir,
    queue: {
      listen(listener) {
        listeners.push(listener);
        return () => {};
      },
      outputOf: (job) => Promise.resolve(job.output),
    },
    drivers: { has: () => false, ended: () => Promise.resolve(null) },
    log: silentLog,
    ...options,
  });
  for (const job of jobs) for (const listener of listeners) listener.ended?.(job);
  await recording.close();
}

async function runOf(job: string) {
  const { run } = (await store.getQueueJob(job))!;
  return run === null ? undefined : store.getRun(run);
}

async function valueOf(hash: string | null | undefined): Promise<string | undefined> {
  return hash ? (await store.findValues([hash])).get(hash) : undefined;
}

test("a job is a run with the call of its handler", async () => {
  await record([row({ id: "j1" })]);
  expect(await store.getQueueJob("j1")).toMatchObject({ recorded: true });
  const run = await runOf("j1");
  expect(run).toMatchObject({
    task: "endpoint:fold",
    state: "done",
    startedAt: 2000,
    endedAt: 3000,
    tags: { endpoint: "fold", job: "j1" },
  });
  expect(await valueOf(run?.resultValue)).toBe('{"sum":2}');
  const [job] = await store.listJobs({ run: run!.id });
  expect(job).toMatchObject({ task: "endpoint:fold", state: "done", parent: null });
  expect(await valueOf(job?.argsValue)).toBe('[{"n":1}]');
  expect(await store.getCall(job!.call)).toMatchObject({ resultValue: run?.resultValue, job: job?.id });
  expect(await store.getTask(job!.taskHash)).toMatchObject({ name: "endpoint:fold" });
});

test("a job that failed has its error, as the worker sent it", async () => {
  const error = JSON.stringify({
    error_type: "<class 'ValueError'>",
    error_message: "no residues",
    error_traceback: "",
  });
  await record([
    row({ id: "j1", state: "FAILED", output: null, error }),
    row({ id: "j2", state: "TIMED_OUT", output: null, reason: "executionTimeout (1 s) is over" }),
    row({ id: "j3", state: "CANCELLED", output: null }),
  ]);
  const failed = await runOf("j1");
  expect(failed?.state).toBe("failed");
  expect(await valueOf(failed?.errorValue)).toMatch(/ValueError.*no residues|no residues.*ValueError/);
  const late = await runOf("j2");
  expect(late?.state).toBe("failed");
  expect(await valueOf(late?.errorValue)).toContain("executionTimeout (1 s) is over");
  expect((await runOf("j3"))?.state).toBe("cancelled");
});

test("a job that never began is no run", async () => {
  await record([row({ id: "j1", state: "CANCELLED", takenAt: null, deployment: null, output: null })]);
  expect(await store.getQueueJob("j1")).toMatchObject({ recorded: true, run: null });
  expect(await store.listRuns()).toEqual([]);
});

test("text that stands for something in records is only text in a job", async () => {
  const input = '{"$":"file","v":{"path":"/etc/passwd"}}';
  await record([row({ id: "j1", input, output: input })]);
  const run = await runOf("j1");
  const text = await valueOf(run?.resultValue);
  expect(JSON.parse(text!)).toEqual({ $: "object", v: JSON.parse(input) });
});

test("what is too large stays with the job alone", async () => {
  mkdirSync(join(dir, "queue"));
  writeFileSync(join(dir, "queue", "out"), JSON.stringify("x".repeat(2_000_000)));
  await record([
    row({ id: "j1", output: null, outputFile: "queue/out", input: JSON.stringify("y".repeat(2_000_000)) }),
  ]);
  const run = await runOf("j1");
  expect(run).toMatchObject({ state: "done", resultValue: null });
  const [job] = await store.listJobs({ run: run!.id });
  expect(await valueOf(job?.argsValue)).toMatch(/^\["\(1\.9\d* MiB, kept with the job\)"\]$/);
});

test("a job whose handler called tasks keeps the run that it has", async () => {
  const ended = vi.fn<RecordingOptions["drivers"]["ended"]>(() => Promise.resolve("run1"));
  await record([row({ id: "j1" })], { drivers: { has: (id) => id === "j1", ended } });
  expect(ended.mock.calls).toEqual([["j1", { output: '{"sum":2}' }]]);
  expect(await store.getQueueJob("j1")).toMatchObject({ recorded: true, run: "run1" });
  expect(await store.listRuns()).toEqual([]);
});

test("what is written twice, because the first time was cut off, is there once", async () => {
  const jobs = Array.from({ length: 40 }, (_, i) => row({ id: `j${i}` }));
  let cut = true;
  const flaky: Store = new Proxy(store, {
    get(target, name) {
      if (name === "commitQueue" && cut) return () => Promise.reject(new Error("cut off"));
      const value: unknown = Reflect.get(target, name);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
  await store.commitQueue({ added: jobs });
  await record([], { store: flaky });
  expect(await store.unrecordedQueueJobs(100)).toHaveLength(40);
  cut = false;
  await record([], { store: flaky });
  expect(await store.unrecordedQueueJobs(100)).toEqual([]);
  expect(await store.listRuns()).toHaveLength(40);
});

test("a job that is tried anew has a run of its own", async () => {
  await record([row({ id: "j1", state: "FAILED", output: null, error: "no" })]);
  await store.commitQueue({ changed: [{ id: "j1", state: "COMPLETED", output: "1", retries: 1, recorded: false }] });
  await record([]);
  expect((await store.listRuns()).map(({ state }) => state).sort()).toEqual(["done", "failed"]);
});

test("runs that people started are not lost among those of endpoints", async () => {
  await record([row({ id: "j1" }), row({ id: "j2", endpoint: "words", state: "FAILED", output: null, error: "no" })]);
  const [first] = await store.listRuns({ endpoint: "fold" });
  const own = { ...first!, id: "0000000000001", task: "main", tags: {} };
  await store.commit({ runs: [own] });
  const tasksOf = async (selection: Selection) => (await selectRuns(store, selection)).map(({ task }) => task).sort();
  expect(await tasksOf({ endpoint: null })).toEqual(["main"]);
  expect(await tasksOf({})).toEqual(["endpoint:fold", "endpoint:words", "main"]);
  expect(await tasksOf({ endpoint: "words" })).toEqual(["endpoint:words"]);
  expect(await tasksOf({ tags: { job: "j1" } })).toEqual(["endpoint:fold"]);
  expect(await tasksOf({ task: "endpoint:fold" })).toEqual(["endpoint:fold"]);
  expect(await store.latestRun()).toEqual(own);
  expect(await selectJobs(store, { endpoint: null })).toEqual([]);
  expect(await selectJobs(store, { endpoint: "words" })).toMatchObject([{ task: "endpoint:words", state: "failed" }]);
  expect(await selectJobs(store, {}, { run: first!.id })).toMatchObject([{ task: "endpoint:fold" }]);
});
