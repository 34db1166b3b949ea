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

test("a log that outgrows its cap keeps its beginning and its end, and says what is missing", async () => {
  const script = "echo the beginning; seq 1000000; sleep 0.3; seq 900000; echo the end; sleep 0.1";
  const { truncated, out } = await run(script).over;
  expect(truncated).toBe(true);
  expect(out).toBeLessThan(100_000);
  const log = readFileSync(join(dir, ".command.out"), "utf8");
  expect(log).toMatch(/^the beginning\n1\n2\n3\n/);
  expect(log).toMatch(/\n899999\n900000\nthe end\n$/);
  const [head = "", tail = "", ...more] = log.split(/\[ligase: [\d.]+ MiB left out here: a log may have 97.7 KiB\]\n/);
  expect(more).toEqual([]);
  // All lines in between are whole.
  const numbers = (text: string): number[] =>
    text
      .split("\n")
      .filter((line) => /^\d/.test(line))
      .map(Number);
  expect(numbers(head)).toEqual(numbers(head).map((_, i) => i + 1));
  const last = numbers(tail);
  expect(last).toEqual(last.map((_, i) => 900_000 - last.length + 1 + i));
});

test("a loop that writes without end does not fill the disk", async () => {
  const log = join(dir, ".command.out");
  let most = 0;
  const watch = setInterval(() => (most = Math.max(most, statSync(log, { throwIfNoEntry: false })?.size ?? 0)), 1);
  const running = run("yes");
  await until(() => most > 0);
  setTimeout(() => running.kill("cancelled", "job1"), 500);
  const { truncated } = await running.over;
  clearInterval(watch);
  expect(truncated).toBe(true);
  // Within the pauses of one look: 10 ms of what a pipe of `yes` writes, on a machine that is busy.
  expect(most).toBeLessThan(1e9);
  expect(statSync(log).size).toBeLessThan(100_000);
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
