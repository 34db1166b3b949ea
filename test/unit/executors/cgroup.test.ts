import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  clearDeadGroups,
  cgroupSupport,
  type Folders,
  openGroups,
} from "../../../src/executors/process/cgroup/index.ts";
import { findGroupOf } from "../../../src/executors/process/cgroup/observe.ts";
import { ownName } from "../../../src/executors/process/cgroup/owners.ts";
import { PeakMemory } from "../../../src/executors/process/cgroup/peak.ts";

let dir: string;
beforeEach(() => (dir = mkdtempSync(join(tmpdir(), "ligase-test-"))));
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const read = (...path: string[]): string => readFileSync(join(dir, ...path), "utf8");
const write = (path: string, text: string): void => writeFileSync(join(dir, path), text);

/** What the kernel puts into a group of version 2, and what more for each controller that it was handed. */
const V2_FILES = {
  "cgroup.type": "domain\n",
  "cgroup.procs": "",
  "cgroup.subtree_control": "",
  "cpu.stat": "usage_usec 1000000\nuser_usec 600000\n",
};
const V2_CONTROLLERS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  cpu: { "cpu.max": "max 100000\n" },
  memory: {
    "memory.max": "max\n",
    "memory.swap.max": "max\n",
    "memory.current": "0\n",
    "memory.stat": "anon 0\nfile 0\nshmem 0\n",
    "memory.events": "low 0\nhigh 0\nmax 0\noom 0\noom_kill 0\n",
  },
  pids: { "pids.max": "max\n", "pids.current": "0\n", "pids.events": "max 0\n" },
};
const V1_FILES = {
  "cgroup.procs": "",
  "memory.limit_in_bytes": "",
  "memory.memsw.limit_in_bytes": "",
  "memory.max_usage_in_bytes": "0",
  "memory.stat": "cache 0\nrss 0\nshmem 0\n",
  "memory.oom_control": "oom_kill_disable 0\nunder_oom 0\noom_kill 0\n",
  "cpu.cfs_quota_us": "-1",
  "cpuacct.usage": "5000000000",
  "pids.max": "max",
  "pids.current": "0",
  "pids.events": "max 0",
};

/** A tree without a kernel: folders are filled as it would, and removed as it would, though they hold files. */
function folders(files: Readonly<Record<string, string>>): Folders {
  return {
    make(path) {
      mkdirSync(path);
      for (const [name, text] of Object.entries(files)) writeFileSync(join(path, name), text);
    },
    remove(path) {
      const below = readdirSync(path, { withFileTypes: true }).some((entry) => entry.isDirectory());
      if (below) throw Object.assign(new Error("busy"), { code: "EBUSY" });
      rmSync(path, { recursive: true });
    },
  };
}

/** A machine with one hierarchy of version 2, in which this process is at a path; some groups hand controllers on. */
function machineV2(path: string, handsOn: Readonly<Record<string, string>>) {
  const top = join(dir, "cg");
  const plain = folders(V2_FILES);
  const make = (at: string): void => {
    plain.make(at);
    const near = Object.keys(handsOn)
      .filter((above) => at.startsWith(join(top, above, "/")))
      .sort((a, b) => b.length - a.length)[0];
    for (const controller of (near === undefined ? "" : handsOn[near]!).split(" ").filter(Boolean))
      for (const [name, text] of Object.entries(V2_CONTROLLERS[controller]!)) writeFileSync(join(at, name), text);
  };
  mkdirSync(join(dir, "proc", "self"), { recursive: true });
  write("proc/self/mountinfo", `30 23 0:26 / ${dir}/cg rw,nosuid shared:9 - cgroup2 cgroup2 rw\n`);
  write("proc/self/cgroup", `0::${path}\n`);
  make(top);
  rmSync(join(top, "cgroup.type"));
  const parts = path.split("/").filter(Boolean);
  parts.forEach((_, i) => make(join(top, ...parts.slice(0, i + 1))));
  for (const [at, controllers] of Object.entries(handsOn)) write(`cg${at}/cgroup.subtree_control`, `${controllers}\n`);
  return { proc: join(dir, "proc"), uid: process.getuid?.() ?? 0, folders: { ...plain, make } };
}

const LIMITS = { cpu: 1.5, memory: 2 ** 30, processes: 100 };

describe("version 2", () => {
  const scope = "/user.slice/user-1000.slice/user@1000.service/app.slice/terminal.scope";

  test("groups are made beside our own, where controllers are handed on", () => {
    const sources = machineV2(scope, {
      [dirname(scope)]: "memory pids",
      [dirname(dirname(scope))]: "cpu memory pids",
    });
    const place = openGroups(sources)!;
    expect(place).toMatchObject({ version: 2, enforced: ["memory", "processes"] });
    const group = place.make();
    const at = join("cg", dirname(scope), ownName(), "1");
    expect(group.doors).toEqual([join(dir, at, "cgroup.procs")]);
    group.begin(LIMITS);
    expect([read(at, "memory.max"), read(at, "memory.swap.max"), read(at, "pids.max")]).toEqual([
      `${2 ** 30}`,
      "0",
      "100",
    ]);
    group.begin({ cpu: 0, memory: 0, processes: 0 });
    expect([read(at, "memory.max"), read(at, "pids.max")]).toEqual(["max", "max"]);
    expect(read("cg", scope, "cgroup.procs")).toBe("");
    place.remove();
    expect(existsSync(join(dir, "cg", dirname(scope), ownName()))).toBe(false);
    expect(cgroupSupport(sources)).toEqual({
      version: 2,
      enforced: ["memory", "processes"],
      why: expect.stringContaining("controller cpu is not delegated"),
    });
  });

  test("what was used counts from the beginning of a job", () => {
    const place = openGroups(machineV2(scope, { [dirname(scope)]: "cpu memory pids" }))!;
    const group = place.make();
    const at = join("cg", dirname(scope), ownName(), "1");
    write(join(at, "memory.events"), "oom_kill 3\n");
    write(join(at, "memory.peak"), "0\n");
    group.begin(LIMITS);
    expect(read(at, "cpu.max")).toBe("150000 100000");
    write(join(at, "cpu.stat"), "usage_usec 1250000\n");
    write(join(at, "memory.events"), "oom 2\noom_kill 4\n");
    write(join(at, "pids.events"), "max 7\n");
    write(join(at, "pids.current"), "99\n");
    write(join(at, "cgroup.procs"), "12\n34\n");
    write(join(at, "memory.peak"), `${2 ** 30}\n`);
    expect(group.usage()).toEqual({ cpuMs: 250, peakMemory: 2 ** 30, memoryKills: 1, refusedForks: 7, processes: 99 });
    expect(group.members()).toEqual([12, 34]);
    group.close();
    expect(read(at, "pids.max")).toBe("0");
  });

  test("in a container of our own, its processes move down and make room", () => {
    const sources = machineV2("/", {});
    write("cg/cgroup.type", "domain\n");
    write("cg/cgroup.procs", "77\n");
    const { make } = sources.folders;
    const kernel: Folders = {
      ...sources.folders,
      make(at) {
        make(at);
        // Once nobody is in the group itself, it hands on what it is told to.
        const moved = existsSync(join(dir, "cg", "ligase.main"));
        if (!moved) throw new Error("it still has processes");
        if (at.includes(ownName()))
          for (const [name, text] of Object.entries(V2_CONTROLLERS["memory"]!)) writeFileSync(join(at, name), text);
      },
    };
    const place = openGroups({ ...sources, folders: kernel });
    expect(read("cg", "ligase.main", "cgroup.procs")).toBe("77");
    expect(place).toMatchObject({ version: 2, enforced: ["memory"] });
  });

  test("the top of a machine is nobody's to rearrange", () => {
    const sources = machineV2("/system.slice/x.service", {});
    expect(openGroups({ ...sources, uid: 0 })).toBeNull();
    expect(readdirSync(join(dir, "cg", "system.slice", "x.service"))).not.toContain("ligase.main");
    expect(cgroupSupport({ ...sources, uid: 0 })).toEqual({
      version: 2,
      enforced: [],
      why: expect.stringContaining("systemd-run --user --scope -p Delegate=yes"),
    });
  });

  test("what dead launchers left is removed, and nothing else", () => {
    const sources = machineV2(scope, { [dirname(scope)]: "cpu memory pids" });
    const above = join(dir, "cg", dirname(scope));
    const [, namespace = ""] = /^ligase\.(\d+)\./.exec(ownName()) ?? [];
    const dead = `ligase.${namespace}.999999999.1`;
    const foreign = `ligase.1${namespace}.999999999.1`;
    for (const name of [dead, `${dead}/1`, foreign, ownName(), "ligase.service"])
      sources.folders.make(join(above, name));
    clearDeadGroups(sources);
    expect(
      readdirSync(above)
        .filter((name) => name.startsWith("ligase"))
        .sort(),
    ).toEqual([foreign, ownName(), "ligase.service"].sort());
  });

  test("a process elsewhere can be looked at", () => {
    const { proc } = machineV2("/docker/abc", { "/": "cpu memory" });
    mkdirSync(join(proc, "4711"));
    write("proc/4711/cgroup", "0::/docker/abc\n");
    write("cg/docker/abc/memory.peak", "123\n");
    const observed = findGroupOf(4711, proc)!;
    expect([observed.peakMemory(), observed.cpuMs(), observed.memoryKills()]).toEqual([123, 1000, 0]);
    expect(findGroupOf(4712, proc)).toBeNull();
  });
});

describe("version 1", () => {
  function machineV1(controllers: readonly string[]) {
    const fake = folders(V1_FILES);
    mkdirSync(join(dir, "proc", "self"), { recursive: true });
    const mounts = controllers.map((names, i) => {
      mkdirSync(join(dir, `with space ${i}`));
      fake.make(join(dir, `with space ${i}`, "job"));
      const at = `${dir}/with space ${i}`.replaceAll(" ", String.raw`\040`);
      return `3${i} 31 0:3${i} /outer ${at} rw - cgroup cgroup rw,${names}\n`;
    });
    write("proc/self/mountinfo", `23 1 8:1 / / rw - ext4 /dev/sda rw\n${mounts.join("")}`);
    write("proc/self/cgroup", controllers.map((names, i) => `${i + 2}:${names}:/outer/job\n`).join(""));
    return { proc: join(dir, "proc"), folders: fake };
  }

  test("groups are made below our own, one in each hierarchy, shared ones once", () => {
    const sources = machineV1(["memory", "cpu,cpuacct", "pids"]);
    const place = openGroups(sources)!;
    expect(place).toMatchObject({ version: 1, enforced: ["memory", "cpu", "processes"] });
    const group = place.make();
    expect(group.doors.map((door) => door.slice(dir.length))).toEqual(
      [0, 1, 2].map((i) => `/with space ${i}/job/${ownName()}/1/cgroup.procs`),
    );
    group.begin(LIMITS);
    const at = (i: number): string => join(`with space ${i}`, "job", ownName(), "1");
    expect(read(at(0), "memory.memsw.limit_in_bytes")).toBe(String(2 ** 30));
    expect(read(at(1), "cpu.cfs_quota_us")).toBe("150000");
    expect(read(at(2), "pids.max")).toBe("100");
    write(join(at(1), "cpuacct.usage"), "5040000000");
    write(join(at(0), "memory.oom_control"), "oom_kill 1\n");
    expect(group.usage()).toMatchObject({ cpuMs: 40, memoryKills: 1, refusedForks: 0 });
    expect(group.remove()).toBe(true);
    place.remove();
    expect(existsSync(join(dir, "with space 0", "job", ownName()))).toBe(false);
  });

  test("what is not there is not enforced, and said", () => {
    expect(cgroupSupport(machineV1(["pids"]))).toEqual({
      version: 1,
      enforced: ["processes"],
      why: "there is no controller memory, cpu that you may use",
    });
  });

  test("a user who may not make groups is told so", () => {
    const sources = machineV1(["memory", "pids"]);
    const refused: Folders = {
      ...sources.folders,
      make() {
        throw Object.assign(new Error("no"), { code: "EACCES" });
      },
    };
    expect(cgroupSupport({ ...sources, folders: refused })).toMatchObject({ version: 1, enforced: [] });
  });
});

test("a machine without control groups is no error", () => {
  mkdirSync(join(dir, "proc"));
  expect(cgroupSupport({ proc: join(dir, "proc") })).toEqual({
    version: 0,
    enforced: [],
    why: "there are no control groups on this machine",
  });
});

describe("peak memory", () => {
  const reading = (most: number, cached: number, used: number, kills = 0) => ({ most, cached, used, kills });

  test("is what processes had, and not what was cached before, meanwhile or by others", () => {
    const memory = new PeakMemory();
    memory.begin(reading(500, 400, 0));
    memory.add(reading(510, 400, 50), true);
    expect(memory.peak).toBe(110);
    memory.add(reading(1000, 900, 60), true);
    expect(memory.peak).toBe(110);
    memory.add(reading(1000, 0, 10), true);
    expect(memory.peak).toBe(110);
    memory.add(reading(300, 0, 250), true);
    expect(memory.peak).toBe(300);
  });

  test("is the limit where the kernel has killed for it, whatever was cached", () => {
    const memory = new PeakMemory();
    memory.begin(reading(0, 0, 0));
    memory.add(reading(90, 80, 5), true);
    memory.add(reading(100, 0, 5, 1), true);
    expect(memory.peak).toBe(100);
  });

  test("of a mark that cannot begin anew counts what it has risen to", () => {
    const memory = new PeakMemory();
    memory.begin(reading(800, 0, 0));
    memory.add(reading(800, 0, 50), false);
    expect(memory.peak).toBe(50);
    memory.add(reading(900, 100, 60), false);
    expect(memory.peak).toBe(800);
  });
});
