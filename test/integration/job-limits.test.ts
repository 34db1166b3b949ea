/** What jobs are held to by control groups, on this machine as it is and in sandboxes, and what is said of those that go beyond. */
import { spawn } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmdirSync,
  rmSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { cgroupSupport } from "../../src/executors/process/cgroup/index.ts";
import { findHierarchies } from "../../src/executors/process/cgroup/find.ts";
import { ownName } from "../../src/executors/process/cgroup/owners.ts";
import { KERNEL } from "../../src/executors/process/cgroup/remove.ts";
import { V2Place } from "../../src/executors/process/cgroup/v2.ts";
import type { Attempt } from "../../src/executors/types.ts";
import { describeWith } from "../support/needs.ts";
import { isAlive } from "../unit/executors/contract.ts";
import { type Bench, failureOf, script, until, valueOf } from "../unit/executors/support/bench.ts";
import { environmentAt, sandboxBench } from "./support/sandbox-bench.ts";

const MIB = 2 ** 20;
const { enforced } = cgroupSupport();
const needs = { programs: ["bwrap"], also: { "control groups that you may make": enforced.length === 3 } };
const resources = (more: Partial<Attempt["resources"]>): Partial<Attempt> => ({
  resources: { cpu: 1, memory: 0, gpu: 0, disk: 0, ...more },
});
/** Holds so many MiB for a moment. */
const hold = (mib: number): string => `head -c ${mib}M /dev/zero | tail -c ${mib}M | (sleep 0.2; wc -c)`;

/** The groups that launchers have made and not removed. */
function groupsLeft(): string[] {
  const { v1, v2 } = findHierarchies();
  return [...v1.values(), ...(v2 ? [v2.own] : [])].flatMap((dir) =>
    readdirSync(dir).filter((name) => name.startsWith("ligase.")),
  );
}

for (const [where, environment] of [
  ["on this machine", null],
  ["in a sandbox", environmentAt()],
] as const) {
  describeWith(needs)(`a job ${where}`, () => {
    let bench: Bench;
    beforeAll(async () => {
      bench = await sandboxBench({ environment });
    });
    afterAll(() => bench.close());

    test("that needs more memory than it asked for is ended, and says so; with more it succeeds", async () => {
      const failure = failureOf(await bench.run(script(hold(200)), resources({ memory: 64 * MIB })));
      expect(failure.cause).toBe("memory");
      expect(failure.error.code).toBe("LIGASE_E_OUT_OF_MEMORY");
      expect(failure.error.message).toMatch(/out of memory: peak 6[\d.]+ MiB of 64 MiB$/);
      expect(failure.error.mend).toMatch(/ask for more than 64 MiB.*memory: \(\{ attempt \}\) =>/);
      expect(failure.limits).toContain("memory");
      const second = await bench.run(script(hold(200)), { ...resources({ memory: 500 * MIB }), attempt: 2 });
      expect(valueOf(bench, second)).toBe(`${200 * MIB}\n`);
      expect(second.usage.peakMemory).toBeGreaterThan(200 * MIB);
      expect(second.usage.peakMemory).toBeLessThan(300 * MIB);
    });

    test("is not ended for what the system caches of its files, and that is not counted", async () => {
      const outcome = await bench.run(
        script("head -c 300M /dev/zero > big; cat big big > /dev/null; sync big; rm big"),
        resources({ memory: 100 * MIB }),
      );
      expect(valueOf(bench, outcome)).toBe("");
      expect(outcome.usage.peakMemory).toBeLessThan(60 * MIB);
    });

    test("of which one process was killed for memory ends, though others wait or succeed", async () => {
      const hangs = script(`(${hold(200)}) & sleep 1000`);
      expect(failureOf(await bench.run(hangs, resources({ memory: 64 * MIB }))).cause).toBe("memory");
      const goesOn = script(`${hold(200)} || true`);
      expect(failureOf(await bench.run(goesOn, resources({ memory: 64 * MIB }))).cause).toBe("memory");
    });

    test("that forks without end is ended, and says so", async () => {
      const bomb = script("bomb() { bomb | bomb & }; bomb; sleep 1000");
      const failure = failureOf(await bench.run(bomb, { processes: 60 }));
      expect(failure.error.message).toMatch(/ran into its limit of 60 processes$/);
      expect(failure.error.mend).toContain("processes");
      const some = script("for i in 1 2 3 4 5 6 7 8; do sleep 0.1 & done; wait");
      expect(valueOf(bench, await bench.run(some, { processes: 60 }))).toBe("");
    });

    test("that fills its scratch is ended, and says so", async () => {
      const disk = 20e6;
      const fill = script("while :; do head -c 5M /dev/zero >> full; sleep 0.02; done");
      const failure = failureOf(await bench.run(fill, resources({ disk })));
      expect(failure.cause).toBe("disk");
      expect(failure.error.message).toMatch(/filled its scratch: [\d.]+ MB of 20 MB$/);
      const inTmp = script('while :; do head -c 5M /dev/zero >> "$TMPDIR/full"; sleep 0.02; done');
      if (environment) expect(failureOf(await bench.run(inTmp, resources({ disk }))).cause).toBe("disk");
    });

    test("gets the processors it asked for", async () => {
      const spin = script(
        "for i in 1 2 3 4; do (end=$((SECONDS + 2)); while ((SECONDS < end)); do :; done) & done; wait",
      );
      const { usage } = await bench.run(spin, resources({ cpu: 0.5, memory: 100 * MIB }));
      expect(usage.cpuMs ?? 0).toBeLessThan(usage.wallMs * 0.8);
      expect(usage.cpuMs ?? 0).toBeGreaterThan(usage.wallMs * 0.2);
    });

    test("has its CPU time and its memory measured, with all that it started", async () => {
      const work = `setsid bash -c 'x=$(head -c 40M /dev/zero | tr "\\\\0" x); i=0; while ((i++ < 200000)); do :; done' & wait`;
      const { usage } = await bench.run(script(work), resources({ memory: 500 * MIB }));
      expect(usage.cpuMs).toBeGreaterThan(50);
      expect(usage.peakMemory).toBeGreaterThan(40 * MIB);
    });

    test("leaves a group that the next one is alone in", async () => {
      for (let n = 0; n < 3; n++) {
        await bench.run(script("sleep 1000 & disown; exit 1"), resources({ memory: 64 * MIB }));
        const outcome = await bench.run(script("true"), resources({ memory: 64 * MIB }));
        expect(valueOf(bench, outcome)).toBe("");
        expect(outcome.usage.peakMemory).toBeLessThan(30 * MIB);
      }
    });
  });
}

describeWith(needs)("when the engine's process is killed with -9", () => {
  const dir = realpathSync(mkdtempSync(join(tmpdir(), "ligase-test-")));
  afterAll(() => rmSync(dir, { recursive: true, force: true }));

  async function engine(name: string): Promise<{ pid: number; launcher: number; beats: string }> {
    const program = fileURLToPath(new URL("support/confined-engine.ts", import.meta.url));
    const beats = join(dir, name);
    const child = spawn(process.execPath, [program, dir, beats, "sandbox", "/"], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const [leader] = await new Promise<string[]>((resolve) => {
      const lines: string[] = [];
      createInterface({ input: child.stdout }).on("line", (line) => lines.push(line) === 2 && resolve(lines));
    });
    const parent = (pid: number): number =>
      Number(/^PPid:\s*(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "latin1"))?.[1]);
    return { pid: child.pid ?? 0, launcher: parent(parent(Number(leader))), beats };
  }
  const beating = async (path: string): Promise<boolean> => {
    const before = readFileSync(path, "utf8");
    await new Promise((resolve) => setTimeout(resolve, 300));
    return readFileSync(path, "utf8") !== before;
  };

  test("nothing of its jobs lives on, and no group is left", async () => {
    const { pid, launcher, beats } = await engine("one");
    await until(() => existsSync(`${beats}.inside`) && existsSync(`${beats}.host`));
    process.kill(pid, "SIGKILL");
    await until(() => !isAlive(launcher));
    for (const where of ["inside", "host"]) expect(await beating(`${beats}.${where}`)).toBe(false);
    expect(groupsLeft().filter((name) => name.includes(`.${launcher}.`))).toEqual([]);
  });

  test("and its launcher too, the next start ends them", async () => {
    const { pid, launcher, beats } = await engine("two");
    await until(() => existsSync(`${beats}.inside`) && existsSync(`${beats}.host`));
    process.kill(launcher, "SIGSTOP");
    process.kill(pid, "SIGKILL");
    process.kill(launcher, "SIGKILL");
    await until(() => !isAlive(launcher));
    // A sandbox dies with the shell that made it only if that dies: here it lives on.
    expect(await beating(`${beats}.host`)).toBe(true);
    const next = await sandboxBench();
    valueOf(next, await next.run(script("true")));
    await until(() => groupsLeft().filter((name) => name.includes(`.${launcher}.`)).length === 0);
    for (const where of ["inside", "host"]) expect(await beating(`${beats}.${where}`)).toBe(false);
    await next.close();
  });
});

const unified = findHierarchies().v2;

describeWith({
  also: { "control groups of version 2, in which you may make some": unified !== null && mayMake(unified.own) },
})("a group of version 2", () => {
  test("knows its members, those that left their process group too, and is rid of them", async () => {
    const above = join(unified!.own, ownName());
    mkdirSync(above);
    const place = new V2Place(above, KERNEL);
    const group = place.make();
    group.begin({ cpu: 0, memory: 0, processes: 0 });
    const text = `${group.doors.map((door) => `echo 0 > ${door}; `).join("")}setsid sleep 1000 & sleep 1000`;
    const child = spawn("sh", ["-c", text], { stdio: "ignore" });
    await until(() => group.members().length === 3);
    expect(group.members()).toContain(child.pid);
    place.remove();
    expect(existsSync(above)).toBe(false);
  });
});

function mayMake(dir: string): boolean {
  try {
    mkdirSync(join(dir, "ligase.try"));
    rmdirSync(join(dir, "ligase.try"));
    return true;
  } catch {
    return false;
  }
}
