/** Bodies in each engine that can run them: the same tasks, the same results. */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createLocalExecutor } from "../../src/executors/index.ts";
import type { Attempt } from "../../src/executors/types.ts";
import type { File } from "../../src/files/index.ts";
import { createDockerEngine } from "../../src/images/docker/index.ts";
import { Image } from "../../src/images/image.ts";
import { createPodmanEngine } from "../../src/images/podman/index.ts";
import { createSandboxEngine } from "../../src/images/sandbox/index.ts";
import type { Environment, ImageEngine } from "../../src/images/types.ts";
import { setVariables, startDocker, startPodman, type StartedEngine } from "../support/engines.ts";
import { describeWith } from "../support/needs.ts";
import { type Bench, failureOf, makeBench, until, valueOf } from "../unit/executors/support/bench.ts";

const TASKS = `
  import { execFileSync } from "node:child_process";
  import { writeFileSync } from "node:fs";
  import { File, task } from "ligase";
  export const add = task((a: number, b: number) => a + b);
  let calls = 0;
  export const count = task(() => ++calls);
  export const release = task(() => execFileSync("cat", ["/etc/debian_version"], { encoding: "utf8" }));
  export const makes = task((text: string) => File.write("made.txt", text));
  export const reads = task(async (file: File) => file.text());
  export const awaits = task(async (n: number) => (await add(n, 1)) + 1);
  export const hangs = task((): Promise<number> => { writeFileSync("begun", ""); setInterval(() => {}, 1e6); return new Promise(() => {}); });
  export const hoards = task(() => { const kept: Buffer[] = []; for (let i = 0; i < 80; i++) kept.push(Buffer.alloc(10_000_000, 1)); return kept.length; });
  export const volume = task(() => { writeFileSync("seq/file.txt", "x"); writeFileSync("/data/other.txt", "x"); return true; });
  export const secret = task(() => process.env.API_KEY ?? "");
`;

const APP = `
import platform
from pathlib import Path

def add(a, b):
    return a + b

def makes(text):
    Path("made.txt").write_text(text)
    return Path("made.txt").resolve()

def fails():
    return 1 / 0
`;

const dir = mkdtempSync("/tmp/ligase-bodies-");
const image = Image.debian("12").apt("python3", "libstdc++6");
const isRoot = process.getuid?.() === 0;

afterAll(() => rmSync(dir, { recursive: true, force: true, maxRetries: 5 }));

function bodySuite(open: () => ImageEngine, start: () => Promise<StartedEngine> | StartedEngine): void {
  let started: StartedEngine | undefined;
  let unset = (): void => {};
  let environment: Environment;
  let bench: Bench;
  let bundle: string;
  let code: string;

  beforeAll(async () => {
    started = await start();
    unset = setVariables(started.env);
    const engine = open();
    environment = await engine.build(image);
    bench = await makeBench((made) =>
      createLocalExecutor({
        name: "process",
        root: made.dir,
        storeDir: join(made.dir, ".ligase"),
        codec: made.codec,
        fingerprints: made.fingerprints,
        engine: () => engine,
        settings: { cpus: 4, graceMs: 500 },
      }),
    );
    bundle = await bench.bundle(TASKS);
    code = join(bench.dir, ".ligase", "code", "synced");
    mkdirSync(code);
    writeFileSync(join(code, "app.py"), APP);
  });

  afterAll(async () => {
    await bench.close();
    unset();
    await started?.stop();
  });

  const call = (task: string, ...args: unknown[]): Attempt["work"] => ({
    kind: "task",
    bundle,
    task,
    args: bench.codec.encode(args).text,
  });
  const python = (name: string, ...args: unknown[]): Attempt["work"] => ({
    kind: "python",
    code,
    module: "app.py",
    function: name,
    args: bench.codec.encode(args).text,
  });
  const run = (work: Attempt["work"], more: Partial<Attempt> = {}) => bench.run(work, { environment, ...more });
  const value = async (work: Attempt["work"], more?: Partial<Attempt>) => valueOf(bench, await run(work, more));

  test("a TypeScript body runs in the image, in a warm worker", async () => {
    expect(await value(call("release"))).toMatch(/^12\./);
    const first = (await value(call("count"))) as number;
    expect(await value(call("count"))).toBe(first + 1);
  });

  test("its files are taken over, and read by the next", async () => {
    const file = (await value(call("makes", "by a body"))) as File;
    expect(file.path).toContain(join(bench.dir, ".ligase", "outputs"));
    expect(await value(call("reads", file))).toBe("by a body");
  });

  test("it awaits other tasks from inside", async () => {
    bench.answer = () => Promise.resolve("11");
    expect(await value(call("awaits", 1))).toBe(12);
  });

  test("it writes to volumes, and finds its secrets", async () => {
    const from = join(bench.dir, ".ligase", "volumes", "seq");
    mkdirSync(from, { recursive: true });
    const volumes = ["./seq", "/data"].map((at) => ({ name: "seq", from, at, writable: true }));
    expect(await value(call("volume"), { volumes })).toBe(true);
    expect(readdirSync(from).sort()).toEqual(["file.txt", "other.txt"]);
    expect(await value(call("secret"), { secrets: { API_KEY: "s3cr3t-key" } })).toBe("s3cr3t-key");
  });

  test("a Python function runs in the image, and its files are taken over", async () => {
    expect(await value(python("add", 1, 2))).toBe(3);
    const file = (await value(python("makes", "by python"))) as File;
    expect(readFileSync(file.path, "utf8")).toBe("by python");
    const { error } = failureOf(await run(python("fails")));
    expect(error).toMatchObject({ name: "ZeroDivisionError" });
    expect(error.stack).toMatch(/File ".*\/app\.py", line \d+, in fails/);
  });

  test("it ends when it is cancelled, with all of its container", async () => {
    const workDir = join(bench.dir, ".ligase", "work", "hangs-1");
    const running = bench.submit(call("hangs"), { environment, workDir });
    const work = join(bench.dir, ".ligase", "work");
    await until(() => readdirSync(work).some((name) => name.startsWith("worker.") && begun(join(work, name))));
    running.cancel("cancelled");
    expect(failureOf(await running.outcome).cause).toBe("cancelled");
    expect(readdirSync(workDir)).toContain("begun");
    rmSync(workDir, { recursive: true });
  });

  test("it is ended for its memory", async () => {
    const resources = { cpu: 1, memory: 300 * 2 ** 20, gpu: 0, disk: 0 };
    const end = failureOf(await run(call("hoards"), { resources }));
    expect(end).toMatchObject({ cause: "memory", error: { code: "LIGASE_E_OUT_OF_MEMORY" } });
  });

  test("nothing is left when the executor closes", async () => {
    await bench.executor.close();
    const work = join(bench.dir, ".ligase", "work");
    await until(() => !readdirSync(work).some((name) => name.startsWith("worker.")));
    expect(readdirSync(work).some((name) => name.startsWith("worker."))).toBe(false);
  });
}

function begun(scratch: string): boolean {
  return readdirSync(scratch).some((name) => existsSync(join(scratch, name, "begun")));
}

const BUILDERS = ["bwrap", "mmdebstrap"];
const imagesDir = join(dir, "images");

describeWith({ programs: BUILDERS })("bodies in sandboxes", () => {
  bodySuite(
    () => createSandboxEngine({ imagesDir }),
    () => ({ env: {}, stop: async () => {} }),
  );
});

describeWith({ programs: [...BUILDERS, "podman"], also: { "root, to keep images apart": isRoot } })(
  "bodies in podman",
  () => {
    bodySuite(
      () => createPodmanEngine({ imagesDir }),
      () => startPodman(join(dir, "podman")),
    );
  },
);

describeWith({ programs: [...BUILDERS, "dockerd", "docker"], also: { "root, to start a daemon": isRoot } })(
  "bodies in docker",
  () => {
    bodySuite(
      () => createDockerEngine({ imagesDir }),
      () => startDocker(join(dir, "docker")),
    );
  },
);
