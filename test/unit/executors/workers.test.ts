import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createLocalExecutor } from "../../../src/executors/index.ts";
import type { Attempt } from "../../../src/executors/types.ts";
import { decodeExpression, nodeOf } from "../../../src/expr/index.ts";
import type { File } from "../../../src/files/index.ts";
import { LigaseError, reviveError } from "../../../src/kernel/index.ts";
import { isAlive } from "./contract.ts";
import { type Bench, failureOf, makeBench, until, valueOf } from "./support/bench.ts";

const TASKS = `
  import { File, task, script } from "ligase";
  import { execFileSync, spawn } from "node:child_process";
  import { readFileSync, writeFileSync } from "node:fs";

  export const add = task((a: number, b: number) => a + b);
  export const pid = task(() => process.pid);
  export const where = task(() => [process.cwd(), process.env.LIGASE_CPU ?? "", process.env.COLOUR ?? ""]);
  export const talk = task(() => { console.log("to stdout"); console.error("to stderr"); return 1; });
  export const makes = task(() => { writeFileSync("made.txt", "by a body"); return { file: new File(process.cwd() + "/made.txt") }; });
  export const returnsCall = task((n: number) => add(n, 1));
  export const awaits = task(async (n: number) => (await add(n, 1)) * 10 + (await add(n, 2)));
  export const recovers = task(async () => {
    try { return await add(0, 0); } catch (error) { return [error instanceof RangeError, (error as Error).message]; }
  });
  class AlignError extends Error { constructor(m: string, readonly sample: string) { super(m); this.name = "AlignError"; } }
  export const throws = task((kind: string): number => {
    if (kind === "type") throw new TypeError("not a number");
    if (kind === "own") throw new AlignError("no reads", "HG00100");
    throw "just text";
  });
  export const exits = task((): number => { console.error("last words"); process.exit(7); });
  export const dies = task((): number => { process.kill(process.pid, "SIGKILL"); while (true); });
  export const later = task(() => new Promise<number>(() => { setTimeout(() => { throw new RangeError("in a timer"); }, 5); }));
  export const hog = task((): number => { const all: unknown[] = []; for (;;) all.push(new Array(1e5).fill(all.length)); });
  export const spins = task((file: string): number => {
    const child = spawn("sleep", ["1000"], { detached: true });
    writeFileSync(file, process.pid + " " + child.pid);
    for (;;);
  });
  export const secret = task(() => { console.log("key=" + process.env.API_KEY); return process.env.API_KEY ?? ""; });
  export const appends = task(() => { writeFileSync("seq/file.txt", "x", { flag: "a" }); return new File(process.cwd() + "/seq/file.txt"); });
  export const leaves = task(() => spawn("sleep", ["1000"], { stdio: "ignore" }).pid);
  export const works = task(() => { execFileSync("sh", ["-c", "i=0; while [ $i -lt 400000 ]; do i=$((i + 1)); done"]); return true; });
  export const socket = task(() => readFileSync("/proc/self/environ", "utf8").match(/"socket":"([^"]+)"/)?.[1] ?? "");
  export const bad = task(() => ({ deep: [1, { fn: () => 1 }] }));
  export const big = task((text: string) => text + text);
`;

describe("tasks in worker processes", () => {
  let bench: Bench;
  let bundle: string;
  beforeAll(async () => {
    bench = await makeBench(({ dir, codec, fingerprints }) =>
      createLocalExecutor({
        name: "process",
        root: dir,
        storeDir: join(dir, ".ligase"),
        codec,
        fingerprints,
        settings: { cpus: 4, graceMs: 300 },
      }),
    );
    bundle = await bench.bundle(TASKS);
  });
  afterAll(() => bench.close());

  const call = (task: string, ...args: unknown[]): Attempt["work"] => ({
    kind: "task",
    bundle,
    task,
    args: bench.codec.encode(args).text,
  });

  test("a body finds its secrets, which nobody else does, nor reads in a log", async () => {
    const more = { secrets: { API_KEY: "s3cr3t-key" } };
    for (let i = 0; i < 2; i++) {
      const outcome = await bench.run(call("secret"), more);
      expect(valueOf(bench, outcome)).toBe("s3cr3t-key");
      expect(readFileSync(outcome.stdout ?? "", "utf8")).toBe("key=***\n");
    }
    expect(valueOf(bench, await bench.run(call("secret")))).toBe("");
  });

  test("a body finds its volumes in its directory; their files stay in them", async () => {
    const from = join(bench.dir, ".ligase", "volumes", "seq");
    mkdirSync(from, { recursive: true });
    const volume = { name: "seq", from, at: "./seq", writable: true };
    const workDir = join(bench.dir, ".ligase", "work", "volumes-1");
    const { path } = valueOf(bench, await bench.run(call("appends"), { workDir, volumes: [volume] })) as File;
    expect(path).toBe(join(from, "file.txt"));
    await until(() => !existsSync(workDir));
    expect(readFileSync(path, "utf8")).toBe("x");
    const absolute = failureOf(await bench.run(call("appends"), { volumes: [{ ...volume, at: "/data" }] }));
    expect(absolute.error.code).toBe("LIGASE_E_VOLUME");
    rmSync(absolute.workDir ?? "", { recursive: true });
  });

  test("what a body leaves running ends, and its worker with it", async () => {
    const pid = Number(valueOf(bench, await bench.run(call("leaves"))));
    await until(() => !isAlive(pid));
    expect(isAlive(pid)).toBe(false);
  });

  test.skipIf(!existsSync("/proc/self/stat"))("what its child processes use counts", async () => {
    const outcome = await bench.run(call("works"));
    expect(valueOf(bench, outcome)).toBe(true);
    expect(outcome.usage.cpuMs).toBeGreaterThan(100);
  });

  test.skipIf(!existsSync("/proc/self/environ"))(
    "who speaks on the socket without a token is not heard, and does no harm",
    async () => {
      const socket = String(valueOf(bench, await bench.run(call("socket"))));
      const said = async (text: string): Promise<string> => {
        const connection = connect(socket);
        connection.write(text);
        let heard = "";
        connection.setEncoding("utf8").on("data", (chunk) => (heard += String(chunk)));
        connection.on("error", () => {});
        await new Promise((resolve) => connection.once("close", resolve));
        return heard;
      };
      for (const text of ['{"ev":"hello","token":"guessed"}\n', '{"ev":"ready"}\n', "no JSON\n", "x".repeat(100_000)]) {
        expect(await said(text)).toBe("");
      }
      expect(valueOf(bench, await bench.run(call("add", 1, 1)))).toBe(2);
    },
  );

  test("a body's value comes back", async () => {
    const outcome = await bench.run(call("add", 1, 2));
    expect(valueOf(bench, outcome)).toBe(3);
    expect(outcome.usage.peakMemory).toBeGreaterThan(1e6);
    expect(outcome.usage.cpuMs).toBeGreaterThan(0);
    await until(() => readdirSync(join(bench.dir, ".ligase", "work")).length === 0);
  });

  test("a worker is used again", async () => {
    const first = valueOf(bench, await bench.run(call("pid")));
    expect(valueOf(bench, await bench.run(call("pid")))).toBe(first);
    expect(bench.started.at(-1)?.pgid).toBe(first);
  });

  test("a body has its own directory and environment", async () => {
    const workDir = join(bench.dir, ".ligase", "work", "own");
    const more = { workDir, env: { COLOUR: "red" }, resources: { cpu: 3, memory: 0, gpu: 0, disk: 0 } };
    expect(valueOf(bench, await bench.run(call("where"), more))).toEqual([workDir, "3", "red"]);
    expect(valueOf(bench, await bench.run(call("where")))).toMatchObject({ 2: "" });
  });

  test("what a body prints is kept, each job's for itself", async () => {
    const outcome = await bench.run(call("talk"));
    expect(readFileSync(outcome.stdout ?? "", "utf8")).toBe("to stdout\n");
    expect(readFileSync(outcome.stderr ?? "", "utf8")).toBe("to stderr\n");
    expect((await bench.run(call("add", 1, 1))).stdout).toBeNull();
    const again = await bench.run(call("talk"));
    expect(readFileSync(again.stdout ?? "", "utf8")).toBe("to stdout\n");
  });

  test("files that a body makes are taken over", async () => {
    const outputDir = join(bench.dir, ".ligase", "outputs", "made");
    const { file } = valueOf(bench, await bench.run(call("makes"), { outputDir })) as { file: File };
    expect(file.path).toBe(join(outputDir, "made.txt"));
    expect(readFileSync(file.path, "utf8")).toBe("by a body");
    expect(bench.codec.encode(file).unresolved).toEqual([]);
  });

  test("a body may return an expression", async () => {
    const outcome = await bench.run(call("returnsCall", 4));
    if (outcome.state !== "done") throw new Error(outcome.error.message);
    const node = nodeOf(decodeExpression(outcome.text, bench.codec));
    expect(node).toMatchObject({ kind: "call", task: "add", args: [4, 1] });
  });

  test("a body awaits other tasks through the head", async () => {
    bench.asked.length = 0;
    bench.answer = async (expression) => {
      const node = nodeOf(decodeExpression(expression, bench.codec));
      if (node?.kind !== "call") throw new Error("no call");
      return JSON.stringify(Number(node.args[0]) + Number(node.args[1]));
    };
    expect(valueOf(bench, await bench.run(call("awaits", 1)))).toBe(23);
    expect(bench.asked).toHaveLength(2);
  });

  test("a body can catch what an awaited task failed with, by its class", async () => {
    bench.answer = () => Promise.reject(new RangeError("too deep"));
    expect(valueOf(bench, await bench.run(call("recovers")))).toEqual([true, "too deep"]);
    bench.answer = () => Promise.reject(new LigaseError("LIGASE_E_SCRIPT", "bwa failed"));
    expect(valueOf(bench, await bench.run(call("recovers")))).toEqual([false, "bwa failed"]);
  });

  test("an error keeps its class, its fields, and the user's own lines", async () => {
    const type = failureOf(await bench.run(call("throws", "type")));
    expect(type.cause).toBe("error");
    expect(reviveError(type.error)).toBeInstanceOf(TypeError);
    expect(type.error.stack).toMatch(/workflow1\.ts:\d+/);
    expect(failureOf(await bench.run(call("throws", "own"))).error).toMatchObject({
      name: "AlignError",
      message: "no reads",
      facts: { sample: "HG00100" },
    });
    expect(failureOf(await bench.run(call("throws", "text"))).error.message).toBe("just text");
  });

  test("a value that cannot be stored is named by its place", async () => {
    const failure = failureOf(await bench.run(call("bad")));
    expect(failure.cause).toBe("bad-output");
    expect(failure.error.message).toContain(".deep[1].fn");
  });

  test("a task that is not in the bundle is an error", async () => {
    expect(failureOf(await bench.run(call("nowhere"))).error.code).toBe("LIGASE_E_NO_TASK");
  });

  test("a bundle that cannot be imported is the user's error", async () => {
    const broken = join(bench.dir, "broken.mjs");
    writeFileSync(broken, 'throw new RangeError("while loading");');
    const failure = failureOf(await bench.run({ kind: "task", bundle: broken, task: "x", args: "[]" }));
    expect(failure.error).toMatchObject({ name: "RangeError", message: "while loading" });
  });

  test("values of megabytes pass", async () => {
    const text = "ACGT".repeat(2e6);
    expect(valueOf(bench, await bench.run(call("big", text)))).toBe(text + text);
  });

  describe("a crash fails its job alone:", () => {
    test("process.exit", async () => {
      const other = bench.run(call("add", 1, 1));
      const failure = failureOf(await bench.run(call("exits")));
      expect(failure).toMatchObject({ cause: "exit", exitCode: 7 });
      expect(failure.error.facts?.["stderrTail"]).toEqual(["last words"]);
      expect(readFileSync(failure.stderr ?? "", "utf8")).toBe("last words\n");
      expect((await other).state).toBe("done");
    });

    test("SIGKILL", async () => {
      expect(failureOf(await bench.run(call("dies")))).toMatchObject({ cause: "signal", signal: "SIGKILL" });
    });

    test("an error that nobody could catch", async () => {
      const failure = failureOf(await bench.run(call("later")));
      expect(failure.error).toMatchObject({ name: "RangeError", message: "in a timer" });
    });

    test("a heap that is full", async () => {
      const failure = failureOf(
        await bench.run(call("hog"), { resources: { cpu: 1, memory: 64 * 2 ** 20, gpu: 0, disk: 0 } }),
      );
      expect(failure.cause).toBe("memory");
      expect(failure.error.mend).toContain("more than 64");
    });

    test("and the next job finds a worker", async () => {
      expect(valueOf(bench, await bench.run(call("add", 2, 2)))).toBe(4);
    });
  });

  test.each([["timeout"], ["cancelled"]] as const)(
    "a body that never gives way is ended (%s), with what it started",
    async (reason) => {
      const file = join(bench.dir, `spins-${reason}`);
      const running = bench.submit(call("spins", file), reason === "timeout" ? { timeoutMs: 1500 } : {});
      await until(() => existsSync(file) && readFileSync(file, "utf8") !== "");
      if (reason === "cancelled") running.cancel(reason);
      const failure = failureOf(await running.outcome);
      expect(failure.cause).toBe(reason);
      for (const pid of readFileSync(file, "utf8").split(" ")) expect(isAlive(Number(pid))).toBe(false);
    },
  );
});
