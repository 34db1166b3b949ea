import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createLocalExecutor } from "../../src/executors/index.ts";
import type { Attempt } from "../../src/executors/types.ts";
import { type Dir, File, Output } from "../../src/files/index.ts";
import { LigaseError } from "../../src/kernel/index.ts";
import { createSandboxEngine } from "../../src/images/sandbox/index.ts";
import { describeWith } from "../support/needs.ts";
import { type Bench, failureOf, makeBench, until, valueOf } from "../unit/executors/support/bench.ts";
import { environmentAt } from "./support/sandbox-bench.ts";

/** Has a body in an environment made a file of a name? */
const found = (folder: string, name: string): boolean =>
  readdirSync(folder, { recursive: true }).some((path) =>
    new RegExp(`^worker\\.[^/]+/\\d+/${name}$`).test(String(path)),
  );

const TASKS = `
  import { spawn, execFileSync } from "node:child_process";
  import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
  import { connect } from "node:net";
  import { Dir, File, output, task } from "ligase";
  import { shout } from "./lib/shout.ts";

  export const add = task((a: number, b: number) => a + b);
  export const pid = task(() => process.pid + " " + readFileSync("/proc/sys/kernel/random/uuid", "utf8").length);
  let calls = 0;
  export const count = task(() => ++calls);
  export const where = task(() => [process.cwd(), process.env.LIGASE_CPU ?? "", process.env.COLOUR ?? "", process.execPath]);
  export const sees = task((paths: string[]) => paths.map((path) => existsSync(path)));
  export const lists = task((path: string) => readdirSync(path).sort());
  export const writes = task((path: string) => { writeFileSync(path, "x"); return true; });
  export const makes = task(async () => {
    mkdirSync("deep"); writeFileSync("deep/x", "in a folder");
    return { file: await File.write("made.txt", shout("by a body")), dir: new Dir(process.cwd() + "/deep") };
  });
  export const reads = task(async (file: File) => file.text());
  export const inImage = task(() => new File("/usr/bin/env"));
  export const inStore = task((path: string) => new File(path));
  export const awaits = task(async (n: number) => (await add(n, 1)) + (await add(n, 20)));
  export const awaitsOnFile = task(async () => reads(await File.write("mine.txt", "handed on")));
  export const talk = task(() => { console.log("to stdout"); console.error("to stderr"); return 0; });
  export const throws = task((): number => { throw new TypeError("not a number"); });
  export const leaves = task(() => {
    writeFileSync("kept.txt", "x");
    spawn("sh", ["-c", "setsid sleep 1000 & exit"], { detached: true, stdio: "ignore" });
    execFileSync("sleep", ["0.2"]);
    return process.pid;
  });
  export const stubborn = task((): number => {
    process.on("SIGTERM", () => {});
    writeFileSync("begun", "");
    for (;;) execFileSync("sleep", ["1"]);
  });
  export const hangs = task((): Promise<number> => { writeFileSync("begun", ""); setInterval(() => {}, 1e6); return new Promise(() => {}); });
  export const network = task(() => new Promise<string>((resolve) => {
    const socket = connect(9, "192.0.2.1");
    socket.on("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? "?"));
    setTimeout(() => resolve("waits"), 500).unref();
  }));
  export const environment = task(() => ({ ...process.env }));
  export const gpus = task(() => [process.env.CUDA_VISIBLE_DEVICES ?? ""]);
  export const hands = task(() => { mkdirSync("plots"); writeFileSync("plots/a.svg", "<svg/>"); return output("plots"); });
  export const prints = task(() => { console.log("key=" + process.env.API_KEY); console.error(process.env.API_KEY); return 0; });
  export const secret = task(() => [process.env.API_KEY ?? "", readFileSync("/proc/self/cmdline", "utf8")]);
  export const appends = task((text: string) => {
    writeFileSync("seq/file.txt", text, { flag: "a" });
    return new File(process.cwd() + "/seq/file.txt");
  });
  export const floods = task(() => { const line = "x".repeat(1000) + "\\n"; for (let i = 0; i < 5000; i++) writeFileSync(1, line); return 1; });
`;

describeWith({ programs: ["bwrap"] })("TypeScript bodies in environments", () => {
  let bench: Bench;
  let bundle: string;
  let outside: string;
  beforeAll(async () => {
    outside = mkdtempSync(join(tmpdir(), "ligase-outside-"));
    const engine = createSandboxEngine({ imagesDir: join(outside, "images") });
    bench = await makeBench(({ dir, codec, fingerprints }) =>
      createLocalExecutor({
        name: "process",
        root: dir,
        storeDir: join(dir, ".ligase"),
        codec,
        fingerprints,
        engine: () => engine,
        settings: { cpus: 4, graceMs: 300, maxLogSize: 100_000 },
      }),
    );
    mkdirSync(join(bench.dir, "lib"));
    writeFileSync(
      join(bench.dir, "lib", "shout.ts"),
      "export const shout = (text: string): string => text.toUpperCase();",
    );
    writeFileSync(join(bench.dir, ".ligase", "store.db"), "private");
    bundle = await bench.bundle(TASKS);
  });
  afterAll(async () => {
    await bench.close();
    rmSync(outside, { recursive: true, force: true });
  });

  const call = (task: string, ...args: unknown[]): Attempt["work"] => ({
    kind: "task",
    bundle,
    task,
    args: bench.codec.encode(args).text,
  });
  const enclosed = (more: Partial<Attempt> = {}): Partial<Attempt> => ({ environment: environmentAt(), ...more });
  const run = (work: Attempt["work"], more: Partial<Attempt> = {}) => bench.run(work, enclosed(more));
  const value = async (work: Attempt["work"], more: Partial<Attempt> = {}) => valueOf(bench, await run(work, more));
  const failure = async (work: Attempt["work"], more: Partial<Attempt> = {}) => failureOf(await run(work, more));
  const isGone = (workDir: string) => until(() => !existsSync(workDir));

  test("give their value", async () => {
    const outcome = await run(call("add", 1, 2));
    expect(valueOf(bench, outcome)).toBe(3);
    expect(outcome.usage.peakMemory).toBeGreaterThan(1e6);
    expect(outcome.usage.cpuMs).toBeGreaterThan(0);
  });

  test("have process ids of their own, and a Node that was brought in", async () => {
    expect(await value(call("pid"))).toBe("2 37");
    expect(await value(call("where"), { env: { COLOUR: "red" } })).toMatchObject({
      1: "1",
      2: "red",
      3: "/.ligase/node",
    });
    expect(await value(call("where"))).toMatchObject({ 2: "" });
  });

  test("run in a warm worker, one after the other", async () => {
    const first = (await value(call("count"))) as number;
    expect(await value(call("count"))).toBe(first + 1);
    expect(await value(call("count"), { network: true })).toBe(1);
  });

  test("see the project, and of the store what they need", async () => {
    const store = join(bench.dir, ".ligase");
    const paths = [join(bench.dir, "package.json"), bundle, join(store, "store.db"), outside];
    expect(await value(call("sees", paths))).toEqual([true, true, false, false]);
    expect(await value(call("lists", store))).toEqual(["code", "http", "outputs", "work"]);
    expect(await value(call("lists", join(store, "work")))).toHaveLength(1);
  });

  test("write to their directory and nowhere else", async () => {
    expect(await value(call("writes", "here.txt"))).toBe(true);
    for (const path of ["package.json", ".ligase/code/x", ".ligase/outputs/x", ".ligase/store.db"]) {
      expect((await failure(call("writes", join(bench.dir, path)))).error).toMatchObject({ code: "EROFS" });
    }
  });

  test("leave files that are taken over, whole and with their content", async () => {
    const outputDir = join(bench.dir, ".ligase", "outputs", "made");
    const workDir = join(bench.dir, ".ligase", "work", "makes-1");
    const outcome = await run(call("makes"), { outputDir, workDir });
    const { file, dir } = valueOf(bench, outcome) as { file: File; dir: Dir };
    expect(file.path).toBe(join(outputDir, "made.txt"));
    expect(readFileSync(file.path, "utf8")).toBe("BY A BODY");
    expect(readFileSync(join(dir.path, "x"), "utf8")).toBe("in a folder");
    expect(bench.codec.encode([file, dir]).unresolved).toEqual([]);
    expect(outcome.usage.bytesOut).toBe(9);
    await isGone(workDir);
    expect(await value(call("reads", file))).toBe("BY A BODY");
  });

  test("read URLs without a network: these were fetched outside", async () => {
    const server = createServer((_, response) => response.end("from the web"));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    const file = new File(`http://127.0.0.1:${port}/reads.txt`);
    expect(await value(call("reads", file))).toBe("from the web");
    // As the engine writes it: with its content.
    await bench.fingerprints.settle([file]);
    expect(await value(call("reads", file))).toBe("from the web");
    server.close();
  });

  test("hand out outputs, folders among them", async () => {
    const given = (await value(call("hands"))) as Output;
    expect(given).toBeInstanceOf(Output);
    expect(given.path).toContain(join(bench.dir, ".ligase", "outputs"));
    expect(given.name).toBe("plots.zip");
    expect(readFileSync(given.path).subarray(0, 2).toString()).toBe("PK");
  });

  test("see inputs from elsewhere, and their neighbours' worker", async () => {
    for (const name of ["a.txt", "b.txt"]) writeFileSync(join(outside, name), name);
    expect(await value(call("reads", new File(join(outside, "a.txt"))))).toBe("a.txt");
    expect(await value(call("reads", new File(join(outside, "b.txt"))))).toBe("b.txt");
    expect((await failure(call("reads", new File(join(outside, "c.txt"))))).error.code).toBe("LIGASE_E_NO_FILE");
  });

  test("name no file as their result that is in the image only", async () => {
    const { error, cause } = await failure(call("inImage"));
    expect(cause).toBe("bad-output");
    expect(error).toMatchObject({ code: "LIGASE_E_OUTPUT_OUTSIDE", facts: { path: "/usr/bin/env" } });
    const database = join(bench.dir, ".ligase", "store.db");
    expect((await failure(call("inStore", database))).error.code).toBe("LIGASE_E_OUTPUT_OUTSIDE");
  });

  test("await other tasks from inside, handing on their files", async () => {
    bench.asked.length = 0;
    bench.answer = () => Promise.resolve("11");
    expect(await value(call("awaits", 1))).toBe(22);
    expect(bench.asked).toHaveLength(2);
    let seen = "";
    bench.answer = (expression) => {
      const path = /"path":"ligase:([^"]+)"/.exec(expression)?.[1] ?? "";
      seen = readFileSync(join(bench.dir, ".ligase", path), "utf8");
      return Promise.resolve(JSON.stringify(seen));
    };
    expect(await value(call("awaitsOnFile"))).toBe("handed on");
    expect(seen).toBe("handed on");
    bench.answer = () => Promise.reject(new LigaseError("LIGASE_E_SCRIPT", "bwa failed"));
    expect((await failure(call("awaits", 1))).error).toMatchObject({ code: "LIGASE_E_SCRIPT", message: "bwa failed" });
  });

  test("print, each for itself, and can be followed while they run", async () => {
    const outcome = await run(call("talk"));
    expect(readFileSync(outcome.stdout ?? "", "utf8")).toBe("to stdout\n");
    expect(readFileSync(outcome.stderr ?? "", "utf8")).toBe("to stderr\n");
    expect((await run(call("add", 1, 1))).stdout).toBeNull();
    const workDir = join(bench.dir, ".ligase", "work", "followed");
    const running = bench.submit(call("hangs"), enclosed({ workDir }));
    await until(() => existsSync(join(workDir, ".command.out")));
    expect(existsSync(readlinkSync(join(workDir, ".command.out")))).toBe(true);
    running.cancel("cancelled");
    await running.outcome;
  });

  test("keep their directory when they fail, and when asked to", async () => {
    const { error, workDir } = await failure(call("throws"));
    expect(error.stack).toMatch(/workflow1\.ts:\d+/);
    expect(readdirSync(workDir ?? "")).toEqual([]);
    const kept = join(bench.dir, ".ligase", "work", "kept-1");
    expect(await value(call("writes", "here.txt"), { workDir: kept, keepWork: true })).toBe(true);
    expect(readFileSync(join(kept, "here.txt"), "utf8")).toBe("x");
    rmSync(kept, { recursive: true });
    rmSync(workDir ?? "", { recursive: true });
  });

  test("leave no process behind: the worker goes with what it left", async () => {
    await value(call("count"));
    expect(await value(call("leaves"))).toBe(2);
    expect(await value(call("count"))).toBe(1);
  });

  test.each([["stubborn"], ["hangs"]])("end when they are cancelled (%s), and their files are kept", async (task) => {
    const workDir = join(bench.dir, ".ligase", "work", `ends-${task}`);
    const running = bench.submit(call(task), enclosed({ workDir }));
    await until(() => found(join(bench.dir, ".ligase", "work"), "begun"));
    running.cancel("cancelled");
    expect(failureOf(await running.outcome).cause).toBe("cancelled");
    expect(readdirSync(workDir)).toContain("begun");
    rmSync(workDir, { recursive: true });
  });

  test("end by their timeout", async () => {
    const end = await failure(call("stubborn"), { timeoutMs: 1500 });
    expect(end).toMatchObject({ cause: "timeout", error: { code: "LIGASE_E_TIMEOUT" } });
    rmSync(end.workDir ?? "", { recursive: true });
  });

  test("reach no network, unless it was asked for", async () => {
    expect(await value(call("network"))).toBe("ENETUNREACH");
    expect(await value(call("network"), { network: true })).not.toBe("ENETUNREACH");
  });

  test("have secrets in their environment, in a worker of their own", async () => {
    const [key, command] = (await value(call("secret"), { secrets: { API_KEY: "s3cr3t-key" } })) as string[];
    expect(key).toBe("s3cr3t-key");
    expect(command).not.toContain("s3cr3t");
    expect(await value(call("secret"))).toMatchObject({ 0: "" });
    for (let i = 0; i < 2; i++) {
      const { stdout, stderr } = await run(call("prints"), { secrets: { API_KEY: "s3cr3t-key" } });
      expect(readFileSync(stdout ?? "", "utf8")).toBe("key=***\n");
      expect(readFileSync(stderr ?? "", "utf8")).toBe("***\n");
    }
    expect(await value(call("secret"), { secrets: { API_KEY: "an0ther-key" } })).toMatchObject({ 0: "an0ther-key" });
  });

  test("find nothing of the engine's environment, and no token", async () => {
    process.env["LIGASE_TEST_PRIVATE"] = "x";
    const found = (await value(call("environment"), { network: true, processes: 77 })) as Record<string, string>;
    delete process.env["LIGASE_TEST_PRIVATE"];
    expect(found["LIGASE_WORKER"]).toBeUndefined();
    expect(found["HOME"]).toBe("/tmp");
  });

  test("see the GPUs that they were given, counted from 0", async () => {
    const resources = { cpu: 1, memory: 0, gpu: 2, disk: 0 };
    expect(await value(call("gpus"), { resources, gpus: [1, 3] })).toEqual(["0,1"]);
    expect(await value(call("gpus"))).toEqual([""]);
  });

  test("write to volumes, whose files stay in them", async () => {
    const from = join(bench.dir, ".ligase", "volumes", "seq");
    mkdirSync(from, { recursive: true });
    for (const at of ["./seq", "seq/"]) {
      const volumes = [{ name: "seq", from, at, writable: true }];
      const file = (await value(call("appends", at), { volumes })) as File;
      expect(file.path).toBe(join(from, "file.txt"));
    }
    expect(readFileSync(join(from, "file.txt"), "utf8")).toBe("./seqseq/");
    const absolute = { volumes: [{ name: "seq", from, at: "/data/seq", writable: false }] };
    expect(await value(call("lists", "/data/seq"), absolute)).toEqual(["file.txt"]);
    expect((await failure(call("writes", "/data/seq/x"), absolute)).error.code).toBe("EROFS");
    const leads = { volumes: [{ name: "seq", from, at: "../../seq", writable: true }] };
    expect((await failure(call("add", 1, 1), leads)).error.code).toBe("LIGASE_E_VOLUME");
  });

  test("say so when the image cannot run Node", async () => {
    const empty = join(outside, "empty-image");
    mkdirSync(join(empty, "usr"), { recursive: true });
    const { error } = await failure(call("add", 1, 1), { environment: environmentAt(empty) });
    expect(error.code).toBe("LIGASE_E_IMAGE_NODE");
    expect(error.mend).toContain("libstdc++");
  });

  test("do not fill the disk with what they print", async () => {
    const outcome = await run(call("floods"));
    expect(valueOf(bench, outcome)).toBe(1);
  });

  test("leave nothing when the executor closes: no worker, no directory", async () => {
    await bench.executor.close();
    const work = join(bench.dir, ".ligase", "work");
    await until(() => !readdirSync(work).some((name) => name.startsWith("worker.")));
    expect(readdirSync("/proc").filter((pid) => commandOf(pid).includes(bench.dir))).toEqual([]);
  });
});

/** The command line of a process; empty for what is none. */
function commandOf(pid: string): string {
  try {
    return /^\d+$/.test(pid) ? readFileSync(`/proc/${pid}/cmdline`, "utf8") : "";
  } catch {
    return "";
  }
}
