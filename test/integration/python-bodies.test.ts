import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createLocalExecutor } from "../../src/executors/index.ts";
import type { Attempt } from "../../src/executors/types.ts";
import { File } from "../../src/files/index.ts";
import { createSandboxEngine } from "../../src/images/sandbox/index.ts";
import { describeWith } from "../support/needs.ts";
import { type Bench, failureOf, makeBench, until, valueOf } from "../unit/executors/support/bench.ts";
import { environmentAt } from "./support/sandbox-bench.ts";

const APP = `
import os, sys, time, subprocess
from pathlib import Path
from lib.words import shout

calls = 0

def count():
    global calls
    calls += 1
    return calls

def add(a, b):
    return a + b

def where():
    return [os.getcwd(), os.environ.get("LIGASE_CPU", ""), os.environ.get("COLOUR", ""), os.getpid()]

def makes(text):
    Path("made.txt").write_text(shout(text))
    return {"file": Path("made.txt").resolve(), "n": 1}

def reads(file):
    return Path(file.path).read_text()

def talks():
    print("to stdout ß")
    print("to stderr", file=sys.stderr)

def inner(n):
    return 1 / n

def divides(n):
    return inner(n)

def exits():
    print("last words", file=sys.stderr)
    os._exit(7)

def hangs():
    Path("begun").write_text("")
    time.sleep(1000)

def leaves():
    subprocess.Popen(["sleep", "1000"])
    return 1

def hoards():
    # Far beyond the limit, and no more than a machine can bear that does not enforce it.
    return len([bytearray(10_000_000) for _ in range(60)])

def forks():
    children = [subprocess.Popen(["sleep", "5"]) for _ in range(200)]
    return len(children)

def fills():
    with open("large", "wb") as file:
        for _ in range(300):
            file.write(bytes(1_000_000))
    time.sleep(10)

def secret():
    return os.environ.get("API_KEY", "")

def writes(path):
    Path(path).write_text("x")

def private():
    return "LIGASE_WORKER" in os.environ
`;

/** The same on this machine and in an environment. */
const places = [
  ["on this machine", {}],
  ["in an environment", { environment: environmentAt() }],
] as const;

describeWith({ programs: ["bwrap", "python3"] })("Python functions", () => {
  let bench: Bench;
  let code: string;
  let outside: string;
  const python = process.env["LIGASE_PYTHON"];
  beforeAll(async () => {
    // The one that is in the environment too.
    process.env["LIGASE_PYTHON"] = "/usr/bin/python3";
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
        settings: { cpus: 4, graceMs: 300 },
      }),
    );
    code = join(bench.dir, ".ligase", "code", "synced");
    for (const [name, text] of [
      ["app.py", APP],
      ["lib/__init__.py", ""],
      ["lib/words.py", "def shout(text):\n    return text.upper()\n"],
      ["broken.py", "import no_such_module\n\ndef f():\n    return 1\n"],
      ["wrong.py", "def f(:\n"],
    ] as const) {
      mkdirSync(join(code, "lib"), { recursive: true });
      writeFileSync(join(code, name), text);
    }
  });
  afterAll(async () => {
    if (python === undefined) delete process.env["LIGASE_PYTHON"];
    else process.env["LIGASE_PYTHON"] = python;
    await bench.close();
    rmSync(outside, { recursive: true, force: true });
  });

  describe.each(places)("%s", (_, where) => {
    const call = (name: string, ...args: unknown[]): Attempt["work"] => {
      const [module = "", fn = ""] = name.includes(":") ? name.split(":") : ["app.py", name];
      return { kind: "python", code, module, function: fn, args: bench.codec.encode(args).text };
    };
    const run = (work: Attempt["work"], more: Partial<Attempt> = {}) => bench.run(work, { ...where, ...more });
    const value = async (work: Attempt["work"], more?: Partial<Attempt>) => valueOf(bench, await run(work, more));
    const failure = async (work: Attempt["work"], more?: Partial<Attempt>) => failureOf(await run(work, more));

    test("give their value", async () => {
      const outcome = await run(call("add", 1, 2));
      expect(valueOf(bench, outcome)).toBe(3);
      expect(outcome.usage.peakMemory).toBeGreaterThan(1e6);
      expect(outcome.usage.cpuMs).toBeGreaterThanOrEqual(0);
    });

    test("run in a warm worker, in a directory and environment of their own", async () => {
      const first = (await value(call("count"))) as number;
      expect(await value(call("count"))).toBe(first + 1);
      const [cwd, cpu, colour] = (await value(call("where"), {
        env: { COLOUR: "red" },
        resources: { cpu: 3, memory: 0, gpu: 0, disk: 0 },
      })) as string[];
      expect(cwd).toContain(join(bench.dir, ".ligase", "work"));
      expect([cpu, colour]).toEqual(["3", "red"]);
      expect(await value(call("where"))).toMatchObject({ 2: "" });
      expect(await value(call("private"))).toBe(false);
    });

    test("leave files that are taken over, and read them", async () => {
      const outputDir = join(bench.dir, ".ligase", "outputs", "made");
      const outcome = await run(call("makes", "by python"), { outputDir });
      const { file } = valueOf(bench, outcome) as { file: File };
      expect(file.path).toBe(join(outputDir, "made.txt"));
      expect(readFileSync(file.path, "utf8")).toBe("BY PYTHON");
      expect(bench.codec.encode(file).unresolved).toEqual([]);
      expect(outcome.usage.bytesOut).toBe(9);
      expect(await value(call("reads", file))).toBe("BY PYTHON");
      writeFileSync(join(outside, "in.txt"), "from elsewhere");
      expect(await value(call("reads", new File(join(outside, "in.txt"))))).toBe("from elsewhere");
    });

    test("print as they like", async () => {
      const outcome = await run(call("talks"));
      expect(readFileSync(outcome.stdout ?? "", "utf8")).toBe("to stdout ß\n");
      expect(readFileSync(outcome.stderr ?? "", "utf8")).toBe("to stderr\n");
    });

    test("fail with their traceback, of the user's lines", async () => {
      const { error, cause, workDir } = await failure(call("divides", 0));
      expect(cause).toBe("error");
      expect(error).toMatchObject({ name: "ZeroDivisionError", message: "division by zero" });
      expect(error.stack).toMatch(
        /^Traceback \(most recent call last\):\n {2}File ".*\/app\.py", line \d+, in divides\n/,
      );
      expect(error.stack).toMatch(/ {4}return 1 \/ n\n/);
      expect(error.stack).not.toContain("worker.py");
      expect(existsSync(workDir ?? "")).toBe(true);
    });

    test("fail when their module cannot be imported", async () => {
      const { error } = await failure(call("broken.py:f"));
      expect(error).toMatchObject({ code: "LIGASE_E_PYTHON" });
      expect(error.stack).toContain("No module named 'no_such_module'");
      expect((await failure(call("wrong.py:f"))).error).toMatchObject({ code: "LIGASE_E_PYTHON" });
      expect((await failure(call("app.py:nothing"))).error).toMatchObject({ code: "LIGASE_E_PYTHON" });
    });

    test("fail alone when their process ends", async () => {
      const end = await failure(call("exits"));
      expect(end).toMatchObject({ cause: "exit", exitCode: 7 });
      expect(end.error.facts?.["stderrTail"]).toEqual(["last words"]);
      expect(await value(call("add", 2, 2))).toBe(4);
    });

    test("end when they are cancelled", async () => {
      const workDir = join(bench.dir, ".ligase", "work", `hangs-${places.findIndex(([, one]) => one === where)}`);
      const running = bench.submit(call("hangs"), { ...where, workDir });
      await until(() =>
        readdirSync(join(bench.dir, ".ligase", "work"), { recursive: true }).some((path) =>
          String(path).endsWith("/begun"),
        ),
      );
      running.cancel("cancelled");
      expect(failureOf(await running.outcome).cause).toBe("cancelled");
      expect(readdirSync(workDir)).toContain("begun");
      rmSync(workDir, { recursive: true });
    });

    test("leave no process behind", async () => {
      const before = (await value(call("count"))) as number;
      expect(before).toBeGreaterThan(0);
      expect(await value(call("leaves"))).toBe(1);
      expect(await value(call("count"))).toBe(1);
    });

    test("have secrets in their environment", async () => {
      expect(await value(call("secret"), { secrets: { API_KEY: "s3cr3t-key" } })).toBe("s3cr3t-key");
      expect(await value(call("secret"))).toBe("");
    });

    test("are held to their memory, and that alone fails", async () => {
      const resources = { cpu: 1, memory: 128 * 2 ** 20, gpu: 0, disk: 0 };
      const end = await failure(call("hoards"), { resources });
      expect(end.cause).toBe("memory");
      expect(end.error).toMatchObject({ code: "LIGASE_E_OUT_OF_MEMORY" });
      expect(end.error.message).toMatch(/ran out of memory: peak 12\d(\.\d)? MiB of 128 MiB$/);
      expect(end.error.mend).toContain("attempt");
      const next = await run(call("add", 1, 1), { resources });
      expect(valueOf(bench, next)).toBe(2);
      expect(next).toMatchObject({ limits: expect.stringContaining("memory") });
    });

    test("are held to so many processes", async () => {
      const end = await failure(call("forks"), { processes: 40 });
      expect(`${end.error.message} ${end.error.name}`).toMatch(/limit of 40 processes|BlockingIOError/);
    });

    test("leave no compiled files beside the code", async () => {
      await value(call("makes", "x"));
      expect(readdirSync(code, { recursive: true }).filter((path) => String(path).includes("__pycache__"))).toEqual([]);
    });
  });

  test("are held to their scratch, in an environment", async () => {
    const work: Attempt["work"] = { kind: "python", code, module: "app.py", function: "fills", args: "[]" };
    const resources = { cpu: 1, memory: 0, gpu: 0, disk: 50 * 2 ** 20 };
    const end = failureOf(await bench.run(work, { environment: environmentAt(), resources }));
    expect(end).toMatchObject({ cause: "disk", error: { code: "LIGASE_E_DISK_FULL" } });
  });

  test("write nowhere but to their directory, in an environment", async () => {
    const args = bench.codec.encode([join(bench.dir, "package.json")]).text;
    const work: Attempt["work"] = { kind: "python", code, module: "app.py", function: "writes", args };
    const outcome = failureOf(await bench.run(work, { environment: environmentAt() }));
    expect(outcome.error.message).toContain("Read-only file system");
  });

  test("say so when there is no Python, or one that is too old", async () => {
    const work: Attempt["work"] = { kind: "python", code, module: "app.py", function: "add", args: "[1,2]" };
    const empty = join(outside, "empty-image");
    mkdirSync(join(empty, "usr"), { recursive: true });
    const inside = failureOf(await bench.run(work, { environment: environmentAt(empty) })).error;
    expect(inside).toMatchObject({ code: "LIGASE_E_NO_PYTHON", message: "the image of align has no python3" });
    expect(inside.mend).toContain("python");
    process.env["LIGASE_PYTHON"] = join(outside, "no-such-python");
    const none = await makeHost(bench);
    expect(failureOf(await none.submit(attemptOf(work), head).outcome).error.code).toBe("LIGASE_E_NO_PYTHON");
    await none.close();
    const old = join(outside, "old-python");
    // As a Python says it that is older than what the start of the worker asks for.
    writeFileSync(old, "#!/bin/sh\necho 'PYTHON_TOO_OLD 3.7.3' >&2\nexit 1\n", { mode: 0o755 });
    process.env["LIGASE_PYTHON"] = old;
    const older = await makeHost(bench);
    const { error } = failureOf(await older.submit(attemptOf(work), head).outcome);
    expect(error).toMatchObject({
      code: "LIGASE_E_NO_PYTHON",
      message: "this machine has Python 3.7.3, and Ligase needs 3.9 or newer",
    });
    await older.close();
    process.env["LIGASE_PYTHON"] = "/usr/bin/python3";

    function attemptOf(work: Attempt["work"]): Attempt {
      const dir = join(outside, `old-${Math.random()}`);
      return {
        job: "j",
        run: "r",
        task: "align",
        call: "c",
        attempt: 1,
        resources: { cpu: 1, memory: 0, gpu: 0, disk: 0 },
        gpus: [],
        timeoutMs: 0,
        env: {},
        environment: null,
        network: false,
        processes: 0,
        volumes: [],
        secrets: {},
        work,
        workDir: dir,
        outputDir: `${dir}-out`,
        logs: `${dir}-log`,
        keepWork: false,
      };
    }
  });
});

const head = { evaluate: () => Promise.reject(new Error("nothing was to be asked")), started: () => {} };

async function makeHost({ dir, codec }: Bench) {
  return createLocalExecutor({ name: "process", root: dir, storeDir: join(dir, ".ligase"), codec });
}
