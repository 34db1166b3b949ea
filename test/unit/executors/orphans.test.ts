import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { killOrphan, processStart } from "../../../src/executors/index.ts";
import { isAlive } from "./contract.ts";
import { until } from "./support/bench.ts";

interface Leader {
  readonly pgid: number;
  readonly pidStarted: string;
  readonly job: string;
}

let dir: string;
beforeEach(() => {
  dir = realpathSync(mkdtempSync(join(tmpdir(), "ligase-test-")));
  writeFileSync(join(dir, "package.json"), "{}");
  writeFileSync(
    join(dir, "bundle.mjs"),
    `const fn = () => new Promise((resolve) => setTimeout(resolve, 1e6));
     export const tasks = new Map([["waits", { name: "waits", options: {}, fn, definition: undefined, lifted: false }]]);`,
  );
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
});

/** A process with three jobs, of which the leaders are known. */
async function engine() {
  const program = fileURLToPath(new URL("support/engine-process.ts", import.meta.url));
  const child = spawn(process.execPath, [program, dir, join(dir, "bundle.mjs")], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  children.push(child);
  const leaders: Leader[] = [];
  createInterface({ input: child.stdout }).on("line", (line) => leaders.push(JSON.parse(line) as Leader));
  await until(() => leaders.length === 3);
  const launcher = ppidOf(leaders[2]?.pgid ?? 0);
  return { child, leaders, launcher };
}

function ppidOf(pid: number): number {
  return Number(/^PPid:\s*(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "latin1"))?.[1]);
}

/** Every process that was started in the directory of this test, whatever became of its parents. */
function processesHere(): string[] {
  return readdirSync("/proc").filter((pid) => {
    if (!/^\d+$/.test(pid) || Number(pid) === process.pid || !isAlive(Number(pid))) return false;
    try {
      return (
        readFileSync(`/proc/${pid}/environ`, "latin1").includes("LIGASE_JOB=orphan") ||
        readFileSync(`/proc/${pid}/cmdline`, "latin1").includes(dir)
      );
    } catch {
      return false;
    }
  });
}

describe.skipIf(process.platform !== "linux")("when the engine's process", () => {
  test("is killed with -9, nothing that it started lives on", async () => {
    const { child, leaders, launcher } = await engine();
    expect(leaders.every(({ pgid }) => isAlive(pgid))).toBe(true);
    child.kill("SIGKILL");
    await until(() => processesHere().length === 0 && !isAlive(launcher));
    expect(leaders.filter(({ pgid }) => isAlive(pgid))).toEqual([]);
  });

  test("and its launcher are killed with -9, what was recorded is found and ended", async () => {
    const { child, leaders, launcher } = await engine();
    process.kill(launcher, "SIGSTOP");
    child.kill("SIGKILL");
    process.kill(launcher, "SIGKILL");
    await until(() => !isAlive(launcher));
    const [script] = leaders;
    if (!script) throw new Error("no leader");
    expect(isAlive(script.pgid)).toBe(true);
    // Somebody else got the id meanwhile, or the machine was started anew.
    expect(await killOrphan({ pgid: script.pgid, pidStarted: `${script.pidStarted}0` })).toBe(false);
    expect(isAlive(script.pgid)).toBe(true);
    expect(await killOrphan({ pgid: script.pgid, pidStarted: script.pidStarted })).toBe(true);
    for (const leader of leaders) await killOrphan(leader);
    await until(() => processesHere().length === 0);
  });
});

test("a program that has nothing more to do ends, without closing anything", async () => {
  const source = new URL("../../../src/", import.meta.url).href;
  const program = `
    import { createLocalExecutor } from "${source}executors/index.ts";
    import { Codec } from "${source}kernel/index.ts";
    const executor = createLocalExecutor({ name: "process", root: "${dir}", storeDir: "${dir}", codec: new Codec() });
    let n = 0;
    const attempt = (work) => ({
      job: "job1", run: "run1", task: "t", call: "c", attempt: 1, resources: { cpu: 1, memory: 0, gpu: 0, disk: 0 }, gpus: [], timeoutMs: 0,
      environment: null, network: false, processes: 0, volumes: [], secrets: {}, env: {}, work, workDir: "${dir}/work" + n++, outputDir: "${dir}/out", logs: "${dir}/logs", keepWork: false,
    });
    const head = { evaluate: () => Promise.reject(new Error()), started() {} };
    const script = await executor.submit(attempt({ kind: "script", script: { parts: ["sleep 0.1; echo hello"], values: [], interpreter: "bash" } }), head).outcome;
    const task = await executor.submit(attempt({ kind: "task", bundle: "${dir}/bundle.mjs", task: "none", args: "[]" }), head).outcome;
    console.log(script.text, task.error.code);
  `;
  const child = spawn(process.execPath, ["--input-type=module", "-e", program], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  children.push(child);
  let said = "";
  child.stdout.on("data", (chunk) => (said += String(chunk)));
  const status = await new Promise((resolve) => child.once("close", resolve));
  expect([status, said]).toEqual([0, '"hello\\n" LIGASE_E_NO_TASK\n']);
});

describe("a process's start", () => {
  test("is the same whenever it is asked, and nobody else's", () => {
    expect(processStart(process.pid)).toBe(processStart(process.pid));
    expect(processStart(process.pid)).not.toBe(processStart(process.ppid));
  });

  test("is nothing when there is no such process", () => {
    expect(processStart(2 ** 22 + 1)).toBeNull();
  });

  test("groups 0 and 1 are never killed", async () => {
    expect(await killOrphan({ pgid: 1, pidStarted: processStart(1) ?? "" })).toBe(false);
    expect(await killOrphan({ pgid: 0, pidStarted: "" })).toBe(false);
  });
});
