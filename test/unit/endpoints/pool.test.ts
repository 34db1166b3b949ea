import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import type { WebTarget, WorkerView } from "../../../src/endpoints/pool/types.ts";
import { processStart } from "../../../src/executors/index.ts";
import { openPoolBench, type PoolBench, WORKER } from "./pool-bench.ts";

let bench: PoolBench;
afterEach(() => bench.close());

const as =
  (state: string, endpoint = "fold") =>
  (worker: WorkerView): boolean =>
    worker.state === state && worker.endpoint === endpoint;

const MIB = 2 ** 20;
/** A machine may have much else to do. */
const SOON = { timeout: 30_000, interval: 20 };
const NOTHING = { cpu: 0, memory: 0, gpu: 0, gpuKind: null, disk: 0 };
const broken = { kind: "command", command: [...WORKER, "broken"] } as const;

describe("a pool", () => {
  test("starts a worker for the first job, keeps it for the next, and ends it when it has been idle", async () => {
    bench = await openPoolBench();
    bench.live({ name: "fold", idleTimeout: 300 });
    expect(bench.pools.workers()).toEqual([]);
    const first = await bench.run("fold");
    const second = await bench.run("fold");
    expect(first.state).toBe("COMPLETED");
    expect(second.value).toEqual(first.value);
    expect(bench.pools.counts("fold")).toMatchObject({ idle: 1, ready: 1, initializing: 0 });
    expect(bench.pools.workers()[0]?.memory).toBeGreaterThan(10 * MIB);
    const ended = await bench.worker(as("ended"));
    expect(ended).toMatchObject({
      jobs: 2,
      reason: expect.stringMatching(/^had nothing to do for 3\d\d ms$/) as string,
    });
    expect(bench.pools.counts("fold")).toMatchObject({ idle: 0, ready: 0 });
  });

  test("keeps as many as the minimum says, and follows when that is changed, without a restart", async () => {
    bench = await openPoolBench();
    bench.live({ name: "fold", minWorkers: 2, maxWorkers: 2 });
    await bench.worker((worker) => worker.state === "ready" && bench.pools.counts("fold").ready === 2);
    const ids = bench.pools.workers().map(({ id }) => id);
    bench.live({ name: "fold", minWorkers: 0, maxWorkers: 1, deployment: "d2" });
    const ended = await bench.worker(as("ended"));
    expect(ids).toContain(ended.id);
    expect(bench.pools.counts("fold").ready).toBe(1);
    expect(ids).toContain(bench.pools.workers()[0]?.id);
  });

  test("starts more by request count, and lets each worker of an endpoint have its own token", async () => {
    bench = await openPoolBench();
    bench.live({ name: "fold", maxWorkers: 2, scaler: { requestCount: 1 } });
    const jobs = await Promise.all([1, 2].map(() => bench.submit("fold", { do: "wait", ms: 200 })));
    const ends = await Promise.all(jobs.map(({ id }) => bench.end(id)));
    expect(new Set(ends.map(({ value }) => value?.["worker"])).size).toBe(2);
    expect(bench.pools.authenticate("")).toBeUndefined();
  });

  test("ends the workers of an endpoint that is stopped, or is gone, when they have finished", async () => {
    bench = await openPoolBench();
    bench.live({ name: "fold" }, { name: "other", minWorkers: 1 });
    const job = await bench.submit("fold", { do: "wait", ms: 300 });
    await bench.worker(as("ready", "other"));
    await expect.poll(() => bench.queue.counts("fold").inProgress, SOON).toBe(1);
    bench.live({ name: "fold", stopped: true });
    const [end, gone, stopped] = await Promise.all([
      bench.end(job.id),
      bench.worker(as("ended", "other")),
      bench.worker(as("ended")),
    ]);
    expect(end.state).toBe("COMPLETED");
    expect(gone.reason).toBe("the endpoint was removed");
    expect(stopped.reason).toBe("the endpoint was stopped");
    expect(bench.pools.reason("fold")).toBe("the endpoint is stopped");
    const later = await bench.submit("fold", {});
    bench.live({ name: "fold" });
    expect((await bench.end(later.id)).state).toBe("COMPLETED");
  });

  test("gives secrets to its workers, and takes them out of their logs", async () => {
    process.env["LIGASE_SECRET_TOKEN"] = "hush-hush-hush";
    bench = await openPoolBench();
    bench.live({ name: "fold", secrets: ["TOKEN"], program: { kind: "command", command: [...WORKER, "says"] } });
    const { value } = await bench.run("fold");
    expect(value?.["secret"]).toBe("hush-hush-hush");
    const { id } = await bench.worker(as("ready"));
    await bench.pools.stop(id, "enough");
    const { stdout, reason } = await bench.worker(as("ended"));
    expect(reason).toBe("enough");
    expect(readFileSync(stdout, "utf8")).toContain("the secret is ");
    expect(readFileSync(stdout, "utf8")).not.toContain("hush");
  });

  test("records workers, and closes at the start what a server that was killed left open", async () => {
    bench = await openPoolBench();
    bench.live({ name: "fold" });
    await bench.run("fold");
    const { id, stdout } = await bench.worker(as("ready"));
    const { store } = bench.project;
    await expect
      .poll(() => store.getWorker(id), SOON)
      .toMatchObject({ state: "ready", stdout: `logs/workers/${id}.out`, pgid: expect.any(Number) });
    await bench.pools.stop(id, "enough");
    await bench.pools.close(0);
    expect(await store.getWorker(id)).toMatchObject({ state: "ended", reason: "enough", jobs: 1 });
    expect(existsSync(stdout)).toBe(true);
    const row = await store.getWorker(id);
    const day = 24 * 60 * 60_000;
    await store.putWorkers([{ ...row!, id: "old00000old00", endedAt: Date.now() - 8 * day }]);
    await store.putWorkers([{ ...row!, id: "lost0000lost0", state: "ready", endedAt: null, pgid: null }]);
    const again = await openPoolBench({ at: bench.project.root });
    await expect
      .poll(() => again.project.store.getWorker("lost0000lost0"), SOON)
      .toMatchObject({ state: "failed", reason: "lost: the server ended before it" });
    // Of those that ended long ago nothing is kept.
    await expect.poll(() => again.project.store.getWorker("old00000old00"), SOON).toBeUndefined();
    await expect.poll(() => existsSync(stdout), SOON).toBe(false);
    expect(await again.project.store.getWorker(id)).toBeDefined();
    await again.close();
  });

  test("shows how to look inside of a worker", async () => {
    bench = await openPoolBench();
    bench.live({ name: "fold", env: { COLOUR: "green" } });
    await bench.run("fold");
    const { id } = await bench.worker(as("ready"));
    const shell = bench.pools.shell(id);
    expect(shell).toMatchObject({ cwd: bench.codeDir, env: { COLOUR: "green", RUNPOD_POD_ID: id } });
    expect(shell?.command[0]).toBe("/bin/sh");
    expect(Object.keys(shell?.env ?? {})).not.toContain("RUNPOD_AI_API_KEY");
    expect(bench.pools.shell("nobody")).toBeUndefined();
  });
});

describe("a worker that cannot start", () => {
  test("is tried again later and later, and the reason is told", async () => {
    bench = await openPoolBench();
    bench.live({ name: "fold", program: broken });
    const job = await bench.submit("fold", {});
    const failed = await bench.worker(as("failed"));
    expect(failed).toMatchObject({
      exitCode: 1,
      reason: "worker exits with code 1: TypeError: it cannot be",
      readyAt: null,
    });
    expect(bench.pools.reason("fold")).toBe(failed.reason);
    await bench.worker((worker) => worker.state === "failed" && worker.id !== failed.id);
    await expect
      .poll(() => bench.pools.counts("fold"), SOON)
      .toMatchObject({ throttled: 1, unhealthy: 1, initializing: 0 });
    expect((await bench.queue.get(job.id))?.state).toBe("IN_QUEUE");
    // A new deployment is tried at once.
    bench.live({ name: "fold", deployment: "d2", version: 2 });
    expect((await bench.end(job.id)).state).toBe("COMPLETED");
    expect(bench.pools.reason("fold")).toBeNull();
    expect(bench.pools.counts("fold")).toMatchObject({ throttled: 0, unhealthy: 0 });
  });

  test("says at import of what was not found, and what a program wrote last", async () => {
    bench = await openPoolBench();
    writeFileSync(join(bench.codeDir, "lacks.mjs"), 'import "./torch.mjs";');
    bench.live(
      { name: "fold", program: { kind: "command", command: ["node", "lacks.mjs"] } },
      { name: "sh", program: { kind: "command", command: ["sh", "-c", "echo first; echo last words >&2; exit 7"] } },
      { name: "none", program: { kind: "command", command: ["there-is-no-such-program"] } },
    );
    const settled = await Promise.allSettled(["fold", "sh", "none"].map((name) => bench.pools.settled(name, "d1")));
    expect(settled.map((each) => each.status)).toEqual(["rejected", "rejected", "rejected"]);
    expect(bench.pools.reason("fold")).toMatch(
      /^worker exits with code 1 at import: Error.*Cannot find module .*torch\.mjs/,
    );
    expect(bench.pools.reason("sh")).toBe("worker exits with code 7: last words");
    expect(bench.pools.reason("none")).toMatch(/^worker could not be started: .*there-is-no-such-program/);
  });

  test("is given up when it is not ready in time", async () => {
    bench = await openPoolBench();
    bench.live({ name: "fold", startTimeout: 300, program: { kind: "command", command: [...WORKER, "silent"] } });
    await bench.submit("fold", {});
    const failed = await bench.worker(as("failed"));
    expect(failed).toMatchObject({ reason: "worker was not ready within 300 ms", readyAt: null });
  });

  test("keeps a deployment from settling, which tells why", async () => {
    bench = await openPoolBench();
    bench.live({ name: "fold", program: broken }, { name: "fine" });
    await expect(bench.pools.settled("fold", "d1")).rejects.toMatchObject({
      code: "LIGASE_E_WORKER_START",
      message: "fold: worker exits with code 1: TypeError: it cannot be",
    });
    await bench.pools.settled("fine", "d1");
    expect(bench.pools.counts("fine").ready).toBe(1);
  });

  test("names a secret that is not set", async () => {
    bench = await openPoolBench();
    bench.live({ name: "fold", secrets: ["NOT_THERE"] });
    await expect(bench.pools.settled("fold", "d1")).rejects.toMatchObject({
      message: expect.stringContaining("fold needs the secret NOT_THERE, which is not set") as string,
    });
  });
});

describe("a worker that misbehaves", () => {
  test("dies with a job: the job goes to another, and fails when it was begun too often", async () => {
    bench = await openPoolBench();
    bench.live({ name: "fold", maxAttempts: 2 });
    await bench.run("fold");
    const job = await bench.run("fold", { do: "die" });
    expect(job).toMatchObject({ state: "FAILED", attempts: 2 });
    expect(job.error).toContain("worker exits with code 3: Error: it has had enough");
    expect((await bench.run("fold")).state).toBe("COMPLETED");
  });

  test("blocks: it is ended soon after its job is cancelled, and the next job gets a new one", async () => {
    bench = await openPoolBench();
    bench.live({ name: "fold" });
    const { value } = await bench.run("fold");
    const job = await bench.submit("fold", { do: "block" });
    await expect.poll(async () => (await bench.queue.get(job.id))?.state, SOON).toBe("IN_PROGRESS");
    expect((await bench.queue.cancel(job.id))?.state).toBe("CANCELLED");
    const next = await bench.run("fold");
    expect(next.state).toBe("COMPLETED");
    expect(next.value?.["pid"]).not.toBe(value?.["pid"]);
    expect(() => process.kill(Number(value?.["pid"]), 0)).toThrow(/ESRCH/);
  });

  test("blocks beyond the execution timeout: it is ended, and the job is timed out", async () => {
    bench = await openPoolBench();
    bench.live({ name: "fold" });
    await bench.run("fold");
    const job = await bench.submit("fold", { do: "block" }, { executionTimeout: 200 });
    expect((await bench.end(job.id)).state).toBe("TIMED_OUT");
    await bench.worker(as("ended"));
    expect((await bench.run("fold")).state).toBe("COMPLETED");
  });

  test("hangs without a sign of life: it is ended, and its job goes to another", async () => {
    bench = await openPoolBench({ leaseMs: 400 });
    bench.live({ name: "fold", maxAttempts: 2 });
    await bench.run("fold");
    const job = await bench.run("fold", { do: "block" });
    expect(job.state).toBe("FAILED");
    expect((await bench.run("fold")).state).toBe("COMPLETED");
    const failed = await bench.worker(as("failed"));
    expect(failed.reason).toMatch(/^worker hangs: its worker was not heard of for/);
    expect((await bench.run("fold")).state).toBe("COMPLETED");
  });

  test("floods its stdout: the log is cut, and it lives on", async () => {
    bench = await openPoolBench({ settings: { maxLogSize: MIB } });
    bench.live({ name: "fold" });
    const { value } = await bench.run("fold", { do: "flood", mib: 64 });
    const { stdout, id } = await bench.worker(as("ready"));
    await expect.poll(() => statSync(stdout).size, SOON).toBeLessThan(2 * MIB);
    expect(readFileSync(stdout, "utf8")).toContain("left out here");
    expect((await bench.run("fold")).value?.["worker"]).toBe(value?.["worker"]);
    expect(id).toBe(value?.["worker"]);
  });

  test("hides a process from its group: that ends with it too", async () => {
    bench = await openPoolBench();
    writeFileSync(
      join(bench.codeDir, "hide.mjs"),
      'import { spawn } from "node:child_process"; import { writeFileSync } from "node:fs";' +
        'writeFileSync("hidden", String(spawn("sleep", ["1000"], { stdio: "ignore", detached: true }).pid));' +
        'await import("./pool-worker.mjs");',
    );
    bench.live({ name: "fold", program: { kind: "command", command: ["node", "hide.mjs"] } });
    await bench.run("fold");
    const child = Number(readFileSync(join(bench.codeDir, "hidden"), "utf8"));
    expect(processStart(child)).not.toBeNull();
    const { id } = await bench.worker(as("ready"));
    await bench.pools.stop(id, "enough");
    expect(processStart(child)).toBeNull();
  });

  test("leaves processes behind: they end with it", async () => {
    bench = await openPoolBench();
    writeFileSync(
      join(bench.codeDir, "parent.mjs"),
      'import { spawn } from "node:child_process"; import { writeFileSync } from "node:fs";' +
        'writeFileSync("child", String(spawn("sleep", ["1000"], { stdio: "ignore" }).pid)); process.exit(1);',
    );
    bench.live({ name: "fold", program: { kind: "command", command: ["node", "parent.mjs"] } });
    await expect(bench.pools.settled("fold", "d1")).rejects.toThrow("exits with code 1");
    const child = Number(readFileSync(join(bench.codeDir, "child"), "utf8"));
    expect(processStart(child)).toBeNull();
  });
});

describe("a new version", () => {
  test("takes over once it is ready, and loses no job of those that keep coming", async () => {
    bench = await openPoolBench();
    const version = (n: number, more = {}): Parameters<PoolBench["live"]>[0] => ({
      name: "fold",
      env: { VERSION: String(n) },
      deployment: `d${n}`,
      version: n,
      maxWorkers: 2,
      scaler: { requestCount: 4 },
      ...more,
    });
    bench.live(version(1));
    await bench.run("fold");
    let goesOn = true;
    const jobs: Promise<Awaited<ReturnType<PoolBench["end"]>>>[] = [];
    const load = (async () => {
      while (goesOn) {
        const { id } = await bench.submit("fold", { do: "wait", ms: 5 });
        jobs.push(bench.end(id));
        await new Promise((resolve) => setTimeout(resolve, 3));
      }
    })();
    bench.live(version(2));
    await bench.pools.settled("fold", "d2");
    // One that never serves leaves the work to the version before it.
    bench.live(version(3, { program: broken }));
    await expect(bench.pools.settled("fold", "d3")).rejects.toThrow("TypeError: it cannot be");
    bench.live(version(4));
    await bench.pools.settled("fold", "d4");
    const { id } = await bench.submit("fold", {});
    const last = await bench.end(id);
    goesOn = false;
    await load;
    const ends = await Promise.all(jobs);
    expect(ends.filter(({ state }) => state !== "COMPLETED")).toEqual([]);
    expect(new Set(ends.map(({ attempts }) => attempts))).toEqual(new Set([1]));
    expect(new Set(ends.map(({ value }) => value?.["version"]))).toEqual(new Set(["1", "2", "4"]));
    expect(last.value?.["version"]).toBe("4");
    await expect
      .poll(() => bench.pools.workers().filter(({ endedAt }) => endedAt === null).length, SOON)
      .toBeLessThan(3);
    expect(bench.pools.workers().filter(({ endedAt, version: its }) => endedAt === null && its !== 4)).toEqual([]);
  });

  test("settles at once where nothing is to run", async () => {
    bench = await openPoolBench();
    bench.live({ name: "fold", stopped: true }, { name: "none", maxWorkers: 0 });
    await bench.pools.settled("fold", "d1");
    await bench.pools.settled("none", "d1");
    await bench.pools.settled("nobody", "d1");
    expect(bench.pools.workers()).toEqual([]);
  });
});

describe("the room on a machine", () => {
  test("what can never fit is told, and what does not fit now waits its turn", async () => {
    bench = await openPoolBench({ settings: { cpus: 2 } });
    const one = { ...NOTHING, cpu: 2 };
    bench.live(
      { name: "large", resources: { ...NOTHING, cpu: 3 } },
      { name: "gpu", resources: { ...NOTHING, gpu: 2 } },
      { name: "a", resources: one },
      { name: "b", resources: one },
    );
    await bench.submit("large", {});
    await bench.submit("gpu", {});
    const first = await bench.submit("a", { do: "wait", ms: 300 });
    await bench.worker(as("starting", "a"));
    const second = await bench.submit("b", {});
    await expect.poll(() => bench.pools.reason("b"), SOON).toBe("no capacity: needs 2 CPUs, 0 of 2 are free");
    expect(bench.pools.counts("b")).toMatchObject({ throttled: 1, unhealthy: 0 });
    expect((await bench.end(first.id)).state).toBe("COMPLETED");
    // The idle one makes room.
    expect((await bench.end(second.id)).state).toBe("COMPLETED");
    expect((await bench.worker(as("ended", "a"))).reason).toBe("made room for b");
    expect(bench.pools.reason("b")).toBeNull();
    expect(bench.pools.reason("large")).toBe("no capacity: needs 3 CPUs, machine has 2");
    await expect.poll(() => bench.pools.reason("gpu"), SOON).toBe("no capacity: needs 2 GPUs, machine has 0");
    await expect(bench.pools.settled("large", "d1")).rejects.toThrow("needs 3 CPUs, machine has 2");
  });

  test("a new version that fits only in the place of the old one gets it", async () => {
    bench = await openPoolBench({ settings: { cpus: 1 } });
    const settings = { name: "fold", minWorkers: 1, maxWorkers: 1, resources: { ...NOTHING, cpu: 1 } };
    bench.live(settings);
    await bench.worker(as("ready"));
    bench.live({ ...settings, env: { VERSION: "2" }, deployment: "d2" });
    await bench.pools.settled("fold", "d2");
    expect((await bench.run("fold")).value?.["version"]).toBe("2");
  });

  test("GPUs are given by index and kind, and told to the worker", async () => {
    process.env["LIGASE_GPU_LIST"] = "0:Tesla T4,1:NVIDIA A100-SXM4-80GB";
    bench = await openPoolBench();
    bench.live(
      { name: "fold", minWorkers: 1, resources: { ...NOTHING, gpu: 1, gpuKind: "A100" } },
      { name: "other", resources: { ...NOTHING, gpu: 1, gpuKind: "H100" } },
    );
    const { gpus, id } = await bench.worker(as("ready"));
    expect(gpus).toEqual([1]);
    expect(bench.pools.shell(id)).toBeDefined();
    await bench.submit("other", {});
    await expect
      .poll(() => bench.pools.reason("other"), SOON)
      .toBe("no capacity: needs 1 H100 GPU, machine has 0 among Tesla T4, NVIDIA A100-SXM4-80GB");
    delete process.env["LIGASE_GPU_LIST"];
  });
});

describe("a web app", () => {
  const app =
    'import { createServer } from "node:http"; const port = process.argv[2];' +
    "createServer((q, s) => setTimeout(() => s.end(process.env.RUNPOD_POD_ID ?? String(process.pid)), 50)).listen(port, '127.0.0.1');";

  const get = (target: WebTarget): Promise<string> =>
    new Promise((resolve, reject) => {
      request({ ...target.at, path: "/" }, (response) => {
        let text = "";
        response.on("data", (chunk) => (text += String(chunk))).on("end", () => resolve(text));
      })
        .on("error", reject)
        .end();
    });

  test("of a command gets a port; workers come by concurrent requests", async () => {
    bench = await openPoolBench();
    writeFileSync(join(bench.codeDir, "web.mjs"), app);
    const program = { kind: "web-command", command: ["node", "web.mjs", "$PORT"], healthPath: "/" } as const;
    bench.live({ name: "site", kind: "web", program, scaler: null, concurrency: 2, maxWorkers: 2, idleTimeout: 300 });
    const { signal } = new AbortController();
    const targets = await Promise.all([1, 2, 3, 4].map(() => bench.pools.acquire("site", signal)));
    const answers = await Promise.all(targets.map(get));
    expect(new Set(answers).size).toBe(2);
    expect(bench.pools.counts("site")).toMatchObject({ running: 2, idle: 0, ready: 2 });
    // All are busy: the fifth waits until one is free.
    const fifth = bench.pools.acquire("site", signal);
    targets[0]?.release();
    targets[0]?.release();
    expect((await fifth).worker).toBe(targets[0]?.worker);
    for (const target of [...targets, await fifth]) target.release();
    await bench.worker(as("ended", "site"));
    await expect.poll(() => bench.pools.workers().filter(({ endedAt }) => endedAt === null), SOON).toEqual([]);
  });

  test("that cannot start refuses its requests, with the reason", async () => {
    bench = await openPoolBench();
    const program = {
      kind: "web-command",
      command: ["sh", "-c", "echo no such luck >&2; exit 4"],
      healthPath: null,
    } as const;
    bench.live({ name: "site", kind: "web", program, scaler: null, concurrency: 2 });
    const { signal } = new AbortController();
    await expect(bench.pools.acquire("site", signal)).rejects.toMatchObject({
      code: "LIGASE_E_NO_WORKER",
      message: "no worker of site is there: worker exits with code 4: no such luck",
    });
    const impatient = bench.pools.acquire("site", AbortSignal.timeout(50));
    await expect(impatient).rejects.toMatchObject({ code: "LIGASE_E_NO_WORKER" });
    await expect(bench.pools.acquire("nobody", signal)).rejects.toMatchObject({ code: "LIGASE_E_NO_WORKER" });
  });
});

describe("the end of a server", () => {
  test("lets jobs finish, and gives back those that take too long", async () => {
    bench = await openPoolBench();
    bench.live({ name: "fold", maxWorkers: 2, scaler: { requestCount: 1 } });
    const short = await bench.submit("fold", { do: "wait", ms: 300 });
    const long = await bench.submit("fold", { do: "wait", ms: 600_000 });
    await expect.poll(() => bench.queue.counts("fold").inProgress, SOON).toBe(2);
    const pids = bench.pools.workers().map(({ id }) => id);
    await bench.pools.close(1500);
    expect((await bench.queue.get(short.id))?.state).toBe("COMPLETED");
    expect(await bench.queue.get(long.id)).toMatchObject({ state: "IN_QUEUE", attempts: 0 });
    expect(bench.pools.workers().every(({ endedAt }) => endedAt !== null)).toBe(true);
    expect(pids).toHaveLength(2);
  });
});
