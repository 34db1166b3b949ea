/** Scripts in containers of podman and docker: what is said of them is said through a daemon, and so is their end. */
import { execFileSync, spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { createInterface } from "node:readline";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createDockerEngine } from "../../src/images/docker/index.ts";
import { createPodmanEngine } from "../../src/images/podman/index.ts";
import type { Environment, ImageEngine } from "../../src/images/types.ts";
import { setVariables, startDocker, startPodman, type StartedEngine } from "../support/engines.ts";
import { describeWith } from "../support/needs.ts";
import { isAlive } from "../unit/executors/contract.ts";
import { type Bench, failureOf, script, until, valueOf } from "../unit/executors/support/bench.ts";
import { environmentAt, sandboxBench, sandboxExecutor } from "./support/sandbox-bench.ts";
import { smallRoot } from "./support/small-root.ts";

const PROGRAMS = ["sh", "bash", "cat", "date", "head", "ls", "setsid", "sleep", "tail", "touch", "wc"];
const isRoot = process.getuid?.() === 0;
const also = { "root, to set it up": isRoot };
const MIB = 2 ** 20;

function suite(
  name: "podman" | "docker",
  open: (options: { imagesDir: string }) => ImageEngine,
  start: (dir: string) => StartedEngine | Promise<StartedEngine>,
): void {
  let dir: string;
  let started: StartedEngine | undefined;
  let unset = (): void => {};
  let environment: Environment;
  let bench: Bench;

  beforeAll(async () => {
    dir = mkdtempSync("/tmp/ligase-jobs-");
    started = await start(join(dir, "engine"));
    unset = setVariables(started.env);
    const tar = join(dir, "root.tar");
    execFileSync("tar", ["-C", smallRoot(join(dir, "root"), PROGRAMS), "-cf", tar, "."]);
    const place = execFileSync(name, ["import", tar], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
    environment = { ...environmentAt(place), engine: name, env: { PATH: "/bin" } };
    const engine = open({ imagesDir: join(dir, "images") });
    expect(await engine.check()).toMatchObject({ works: true });
    bench = await sandboxBench({ environment, engine });
  }, 60_000);
  afterAll(async () => {
    await bench.close();
    await started?.stop();
    unset();
    rmSync(dir, { recursive: true, force: true, maxRetries: 5 });
  }, 60_000);

  const containers = (): string[] =>
    execFileSync(name, ["ps", "--all", "--format={{.Names}}"], { encoding: "utf8" }).split("\n").filter(Boolean);
  const notes = (): string[] => {
    const folder = join(bench.dir, ".ligase", "containers");
    return existsSync(folder) ? readdirSync(folder) : [];
  };

  test("a script has its inputs read-only, its work directory, its secrets and nothing more", async () => {
    const input = bench.input("in put.txt", "input\n");
    const rest = `; cat > out.txt <<< "$LIGASE_CPU"; echo "$KEY" >&2; echo no > `;
    const work = script(["cat ", input, rest, input, " || true"], { outputs: "out.txt" });
    const outcome = await bench.run(work, { secrets: { KEY: "s3cr3t-value" } });
    expect(readFileSync((valueOf(bench, outcome) as { path: string }).path, "utf8")).toBe("1\n");
    expect(readFileSync(outcome.stdout ?? "", "utf8")).toBe("input\n");
    expect(readFileSync(outcome.stderr ?? "", "utf8")).toMatch(/^\*\*\*\n[^]*Read-only file system\n$/);
    expect(readFileSync(input.path, "utf8")).toBe("input\n");
    expect(notes()).toEqual([]);
  });

  test("its status is the script's; what it says is whole", async () => {
    const failure = failureOf(await bench.run(script("head -c 2000000 /dev/zero | tail -c 2000000; exit 7")));
    expect(failure.exitCode).toBe(7);
    expect(readFileSync(failure.stdout ?? "").length).toBe(2_000_000);
    expect(containers()).toEqual([]);
  });

  test("it has time to tidy up when it is cancelled, and none after the grace", async () => {
    const workDir = join(bench.dir, ".ligase", "work", "tidies");
    const text = "trap 'touch done; exit 1' TERM; touch ready; while :; do sleep 0.05; done";
    const running = bench.submit(script(text), { workDir });
    await until(() => existsSync(join(workDir, "ready")));
    running.cancel("cancelled");
    expect(failureOf(await running.outcome).cause).toBe("cancelled");
    expect(existsSync(join(workDir, "done"))).toBe(true);
    const stubborn = join(bench.dir, ".ligase", "work", "stubborn");
    const ignores = "trap '' TERM; touch ready; while :; do sleep 0.05; date +%N > beat; done";
    const failure = failureOf(await bench.run(script(ignores), { workDir: stubborn, timeoutMs: 2000 }));
    expect(failure.cause).toBe("timeout");
    const beat = readFileSync(join(stubborn, "beat"), "utf8");
    expect(containers()).toEqual([]);
    expect(readFileSync(join(stubborn, "beat"), "utf8")).toBe(beat);
  });

  test("it is held to its memory and its processes", async () => {
    const resources = { cpu: 1, memory: 64 * MIB, gpu: 0, disk: 0 };
    const failure = failureOf(await bench.run(script("head -c 300M /dev/zero | tail -c 300M | wc -c"), { resources }));
    expect(failure.cause).toBe("memory");
    expect(failure.error.message).toMatch(/out of memory/);
    expect(failure.limits).toBe("memory cpu processes");
    const forks = script(
      "for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24; do sleep 2 & done; wait",
    );
    expect(failureOf(await bench.run(forks, { processes: 16, timeoutMs: 15_000 })).error.facts?.["stderrTail"]).toEqual(
      expect.arrayContaining([expect.stringMatching(/fork|Resource temporarily unavailable/)]),
    );
  });

  test("it measures what it used", async () => {
    const work = script("i=0; end=$((SECONDS + 2)); while ((SECONDS < end)); do ((i++)) || true; done");
    const { usage } = await bench.run(work, { resources: { cpu: 1, memory: 200 * MIB, gpu: 0, disk: 0 } });
    expect(usage.cpuMs).toBeGreaterThan(20);
    expect(usage.peakMemory).toBeGreaterThan(100_000);
  });

  test("what outlives an engine and its launcher is ended at the next start", async () => {
    const program = fileURLToPath(new URL("support/confined-engine.ts", import.meta.url));
    const beats = join(bench.dir, "left");
    mkdirSync(join(bench.dir, ".ligase"), { recursive: true });
    const child = spawn(process.execPath, [program, bench.dir, beats, name, environment.place], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const leader = await new Promise<string>((resolve) =>
      createInterface({ input: child.stdout }).once("line", resolve),
    );
    const parent = (pid: number): number =>
      Number(/^PPid:\s*(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "latin1"))?.[1]);
    const launcher = parent(parent(Number(leader)));
    await until(() => existsSync(`${beats}.inside`) && existsSync(`${beats}.host`));
    process.kill(launcher, "SIGSTOP");
    process.kill(child.pid ?? 0, "SIGKILL");
    process.kill(launcher, "SIGKILL");
    await until(() => !isAlive(launcher));
    expect(containers()).toEqual([expect.stringMatching(/^ligase-inside-\d+-1$/)]);
    expect(notes().length).toBe(1);
    // Another store's launcher leaves it alone; the next one of this store does not.
    const next = await sandboxBench();
    valueOf(next, await next.run(script("true")));
    expect(containers().length).toBe(1);
    await next.close();
    await bench.executor.close();
    bench.executor = sandboxExecutor(bench);
    valueOf(bench, await bench.run(script("true")));
    await until(() => containers().length === 0);
    await until(() => notes().length === 0);
  });
}

describeWith({ programs: ["podman", "runc"], also })("podman", () => {
  suite("podman", createPodmanEngine, startPodman);
});

describeWith({ programs: ["docker", "dockerd", "runc"], also })("docker", () => {
  suite("docker", createDockerEngine, startDocker);
});
