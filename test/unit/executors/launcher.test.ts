import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Launcher } from "../../../src/executors/process/launcher.ts";
import { silentLog } from "../../../src/kernel/index.ts";
import { isAlive } from "./contract.ts";
import { until } from "./support/bench.ts";

let dir: string;
let launcher: Launcher;
const warn = vi.fn();
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "ligase-test-"));
  launcher = new Launcher({ graceMs: 300, lingerMs: 300, logCap: 100_000, zygotes: null }, { ...silentLog, warn });
});
afterEach(async () => {
  await launcher.close();
  rmSync(dir, { recursive: true, force: true });
});

function run(text: string, started: (leader: { pgid: number }) => void = () => {}) {
  return launcher.run(
    { job: "job1", dir, script: text, shell: "bash", warm: false, timeoutMs: 0, discard: false },
    started,
  );
}

test("a log that outgrows its cap is cut, and says so", async () => {
  const { truncated, out } = await run("yes | head -c 3000000; sleep 0.3; echo the end; sleep 0.1").over;
  expect(truncated).toBe(true);
  expect(out).toBeLessThan(100_000);
  const log = readFileSync(join(dir, ".command.out"), "utf8");
  expect(log).toMatch(/^\[ligase: more than .* were written/);
  expect(log).toMatch(/the end\n$/);
});

test("a launcher that dies takes its jobs with it, and another one takes the next", async () => {
  let pgid = 0;
  const running = run("sleep 1000", (leader) => (pgid = leader.pgid));
  await until(() => pgid > 0);
  // The zygote's parent.
  const parent = (pid: number): number =>
    Number(/^PPid:\s*(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "latin1"))?.[1]);
  process.kill(parent(parent(pgid)), "SIGKILL");
  expect(await running.over).toMatchObject({ status: null, killed: null });
  expect(warn).toHaveBeenCalledWith(expect.stringContaining("the launcher ended"));
  await until(() => !isAlive(pgid));
  expect(await run("exit 4").over).toMatchObject({ status: 4 });
});

test("a script that kills the shell it was started by is lost, and nothing else", async () => {
  expect(await run("kill -9 $PPID; sleep 1000").over).toMatchObject({ status: null });
  expect(await run("exit 5").over).toMatchObject({ status: 5 });
});

test("a stopped job is still a running one, and can be ended", async () => {
  let pgid = 0;
  const running = run("kill -STOP $$", (leader) => (pgid = leader.pgid));
  await until(() => pgid > 0);
  running.kill("cancelled", "job1");
  expect(await running.over).toMatchObject({ killed: "cancelled" });
});

test("a directory is removed with whatever is in it", async () => {
  await run("mkdir -p a/b; touch a/b/c; ln -s /etc/passwd link; chmod 555 a").over;
  launcher.remove(dir);
  await until(() => !existsSync(dir));
  expect(statSync("/etc/passwd").isFile()).toBe(true);
});

test("a program's version is found, and a program without one has none", async () => {
  expect(await launcher.probe(process.execPath)).toBe(process.version.slice(1));
  const mute = join(dir, "mute");
  writeFileSync(mute, "#!/bin/sh\nexit 0\n", { mode: 0o755 });
  expect(await launcher.probe(mute)).toBeNull();
});
