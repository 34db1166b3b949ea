import { mkdirSync, readFileSync, readlinkSync, rmSync, statSync, writeFileSync, existsSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { expect, it } from "vitest";
import type { Enclosure, Environment, ImageEngine } from "../../../src/images/types.ts";
import { call, type Ended, enclosureOf, enter, processesWith, signal, until } from "./drive.ts";

/** What a suite is run over. */
export interface Subject {
  readonly engine: ImageEngine;
  readonly environment: Environment;
  /** A fresh folder, whose name has blanks, quotes and letters beyond ASCII in it. */
  folder(): string;
}

/** How every engine lets processes into an environment. */
export function enteringSuite(subject: () => Subject): void {
  const run = (command: readonly string[], given: Partial<Enclosure> = {}): Promise<Ended> => {
    const { engine, environment, folder } = subject();
    return enter(engine, environment, enclosureOf({ cwd: folder(), command, ...given })).ended;
  };
  const sh = (script: string, given?: Partial<Enclosure>): Promise<Ended> => run(["sh", "-c", script], given);

  it("gives exit statuses on, those of signals too", async () => {
    expect(await sh("exit 0")).toEqual({ status: 0, stdout: "", stderr: "" });
    expect(await sh("exit 3")).toMatchObject({ status: 3 });
    expect(await sh("no-such-program")).toMatchObject({ status: 127 });
    expect(await sh("kill -KILL $$")).toMatchObject({ status: 137 });
  });

  it("names a program that is not there", async () => {
    const { status, stderr } = await run(["no-such-program", "x"]);
    expect(status).toBeGreaterThan(0);
    expect(stderr).toContain("no-such-program");
  });

  it("keeps stdout and stderr apart and whole, and has nothing to read", async () => {
    const script =
      "import sys; sys.stdout.write('o' * 300000); sys.stderr.write('e' * 300000); print(sys.stdin.read())";
    expect(await run(["python3", "-c", script])).toEqual({
      status: 0,
      stdout: `${"o".repeat(300_000)}\n`,
      stderr: "e".repeat(300_000),
    });
  });

  it("hands arguments on as they are", async () => {
    const words = ["", "a b", "'\"$HOME`", "ü\n", "--", "-x"];
    const { stdout } = await run(["python3", "-c", "import sys; print(sys.argv[1:])", ...words]);
    expect(stdout).toBe(`['', 'a b', '\\'"$HOME\`', 'ü\\n', '--', '-x']\n`);
  });

  it("has the image's variables and the job's, and none of the caller's", async () => {
    process.env["LIGASE_TEST_LEAK"] = "leaked";
    try {
      const env = { GIVEN: "two\nlines $x", PATH: "/opt/mine:/usr/bin:/bin", LD_PRELOAD: "" };
      const { stdout } = await run(["python3", "-c", "import json, os; print(json.dumps(dict(os.environ)))"], { env });
      const { GREETING, GIVEN, PATH, HOME, USER, LANG, ...others } = JSON.parse(stdout) as Record<string, string>;
      expect({ GREETING, GIVEN, PATH, HOME, USER, LANG }).toEqual({
        GREETING: 'héllo "$HOME" \\ wörld',
        GIVEN: env.GIVEN,
        PATH: env.PATH,
        HOME: "/tmp",
        USER: "ligase",
        LANG: "C.UTF-8",
      });
      const known = new Set(["HOSTNAME", "LC_CTYPE", "LD_PRELOAD", "LOGNAME", "PWD", "TERM", "container"]);
      expect(Object.keys(others).filter((name) => !known.has(name))).toEqual([]);
    } finally {
      delete process.env["LIGASE_TEST_LEAK"];
    }
  });

  it("shows values of variables to nobody who lists processes", async () => {
    const { engine, environment, folder } = subject();
    const enclosure = enclosureOf({ cwd: folder(), command: ["true"], env: { TOKEN: "s3cret", OTHER: "t0ken" } });
    const { command, env } = engine.enter(environment, enclosure);
    expect(command.join(" ")).not.toMatch(/s3cret|t0ken/);
    expect(env).toMatchObject({ TOKEN: "s3cret", OTHER: "t0ken" });
  });

  it("starts in its directory, and what it makes there is the caller's", async () => {
    const cwd = join(subject().folder(), 'wörk, "dir": 1\'s');
    mkdirSync(cwd);
    const { status, stdout } = await sh("pwd; mkdir sub; echo made > sub/made; ln -s sub/made link", { cwd });
    expect({ status, stdout }).toEqual({ status: 0, stdout: `${cwd}\n` });
    expect(readFileSync(join(cwd, "link"), "utf8")).toBe("made\n");
    const { uid, gid } = statSync(join(cwd, "sub/made"));
    expect([uid, gid]).toEqual([process.getuid?.(), process.getgid?.()]);
  });

  it("cannot write to its root or its inputs, and can to its scratch", async () => {
    const cwd = subject().folder();
    const inputs = subject().folder();
    writeFileSync(join(inputs, "in.txt"), "input");
    const mounts = [
      { from: cwd, at: cwd, writable: true },
      { from: inputs, at: inputs, writable: false },
    ];
    const tries = ["/usr/x", "/etc/x", "/x", "/opt/made/it", join(inputs, "in.txt"), join(inputs, "new")];
    const script = `cat "$1/in.txt"; shift; for f; do (echo x > "$f") 2>/dev/null && echo "wrote $f"; done; echo t > /tmp/t && echo t > /var/tmp/t && cat /tmp/t /opt/made/it`;
    const { status, stdout } = await run(["sh", "-c", script, "sh", inputs, ...tries], { cwd, mounts });
    expect({ status, stdout }).toEqual({ status: 0, stdout: "inputt\nmade\n" });
    expect(readFileSync(join(inputs, "in.txt"), "utf8")).toBe("input");
  });

  it("keeps mounts inside of others apart, and follows many", async () => {
    const cwd = subject().folder();
    const inputs = Array.from({ length: 300 }, (_, i) => join(subject().folder(), `in ${i}`));
    for (const [i, file] of inputs.entries()) writeFileSync(file, String(i));
    mkdirSync(join(cwd, "ro"));
    mkdirSync(join(cwd, "ro/rw"));
    // Given in no order: what is mounted on what is seen by the paths.
    const mounts = [
      { from: join(cwd, "ro/rw"), at: join(cwd, "ro/rw"), writable: true },
      ...inputs.map((from) => ({ from, at: from, writable: false })),
      { from: join(cwd, "ro"), at: join(cwd, "ro"), writable: false },
      { from: cwd, at: cwd, writable: true },
    ];
    const script = `cat "$@" | wc -c; touch ro/rw/yes; touch ro/no 2>/dev/null || echo kept`;
    const { status, stdout } = await run(["sh", "-c", script, "sh", ...inputs], { cwd, mounts });
    const bytes = inputs.map((_, i) => String(i)).join("").length;
    expect({ status, stdout }).toEqual({ status: 0, stdout: `${bytes}\nkept\n` });
    expect(existsSync(join(cwd, "ro/rw/yes"))).toBe(true);
  });

  it("sees nothing of this machine but its mounts", async () => {
    const other = subject().folder();
    writeFileSync(join(other, "private"), "private");
    const { stdout } = await run(["sh", "-c", 'cat "$1" 2>/dev/null || echo none', "sh", join(other, "private")]);
    expect(stdout).toBe("none\n");
  });

  it("says which mount does not exist, and makes none", async () => {
    const cwd = subject().folder();
    const from = join(cwd, "not-there");
    const mounts = [
      { from: cwd, at: cwd, writable: true },
      { from, at: "/mnt/x", writable: false },
    ];
    const { status, stderr } = await sh("echo started", { cwd, mounts });
    expect(status).not.toBe(0);
    expect(stderr).toContain("not-there");
    expect(existsSync(from)).toBe(false);
  });

  it("has processes, IPC and host name of its own", async () => {
    const { stdout } = await sh(
      "for n in pid ipc uts mnt net; do readlink /proc/self/ns/$n; done; ls /proc | grep -c '^[0-9]'; hostname",
    );
    const [pid, ipc, uts, mnt, net, processes, host] = stdout.trim().split("\n");
    const here = ["pid", "ipc", "uts", "mnt", "net"].map((name) => readlinkSync(`/proc/self/ns/${name}`));
    for (const [i, own] of [pid, ipc, uts, mnt, net].entries()) expect(own).not.toBe(here[i]);
    expect(Number(processes)).toBeLessThan(8);
    expect(host).toMatch(/^ligase-test-/);
  });

  it("reaches no network unless it may: not even the machine's own", async () => {
    const server = createServer((_, response) => response.end("reached"));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    const script = `import urllib.request as u\ntry: print(u.urlopen("http://127.0.0.1:${port}", timeout=5).read().decode())\nexcept Exception as e: print("not reached")`;
    try {
      expect(await run(["python3", "-c", script])).toMatchObject({ stdout: "not reached\n" });
      expect(await run(["python3", "-c", script], { network: true })).toMatchObject({ stdout: "reached\n" });
    } finally {
      server.close();
    }
  });

  it("has no rights that it could give itself more with", async () => {
    const script = `print(open("/proc/self/status").read().split("NoNewPrivs:\\t")[1][0])
import ctypes
libc = ctypes.CDLL(None)
print(libc.mount(b"none", b"/tmp", b"tmpfs", 0, None))
print(libc.sethostname(b"x", 1))`;
    const { stdout } = await run(["python3", "-c", script]);
    expect(stdout).toBe("1\n-1\n-1\n");
  });

  it("ends with all that it started when it is killed", async () => {
    const { engine, environment, folder } = subject();
    const cwd = folder();
    const marks = [`${Math.random()}`, `${Math.random()}`].map((tail) => `99999${tail.slice(1)}`);
    const script = `setsid sleep ${marks[0]} & nohup sleep ${marks[1]} & touch ready; trap "" TERM INT; wait`;
    const entered = enter(engine, environment, enclosureOf({ cwd, command: ["sh", "-c", script] }));
    await until(() => existsSync(join(cwd, "ready")), "it runs");
    await until(() => marks.every((mark) => processesWith(mark).length > 0), "its children run");
    await signal(entered, "KILL");
    expect((await entered.ended).status).not.toBe(0);
    await until(() => marks.every((mark) => processesWith(mark).length === 0), "all are gone");
  });

  it("can tidy up when it is asked to end", async () => {
    const { engine, environment, folder } = subject();
    const cwd = folder();
    const script = 'trap "echo tidy > tidied; exit 7" TERM; touch ready; while :; do sleep 0.05; done';
    const entered = enter(engine, environment, enclosureOf({ cwd, command: ["sh", "-c", script] }));
    await until(() => existsSync(join(cwd, "ready")), "it runs");
    await signal(entered, "TERM");
    expect((await entered.ended).status).toBe(7);
    expect(readFileSync(join(cwd, "tidied"), "utf8")).toBe("tidy\n");
  });

  it("leaves no process behind when the first ends before the others", async () => {
    const mark = `99999${String(Math.random()).slice(1)}`;
    const { status } = await sh(`setsid sleep ${mark} >/dev/null 2>&1 & exit 0`);
    expect(status).toBe(0);
    await until(() => processesWith(mark).length === 0, "the others are gone");
  });

  it("runs many at once", async () => {
    const all = await Promise.all(Array.from({ length: 4 }, (_, i) => sh(`echo ${i}`)));
    expect(all.map(({ stdout }) => stdout)).toEqual(["0\n", "1\n", "2\n", "3\n"]);
  });
}

/** What engines do that keep limits themselves, and whose processes are not ours. */
export function containerSuite(subject: () => Subject): void {
  const limits = { cpu: 0, memory: 0, processes: 0, disk: 0 };
  const run = (command: readonly string[], given: Partial<Enclosure>): Promise<Ended> => {
    const { engine, environment, folder } = subject();
    return enter(engine, environment, enclosureOf({ cwd: folder(), command, ...given })).ended;
  };

  it("holds a job to its memory", async () => {
    const command = ["python3", "-c", "x = bytearray(300 << 20); print('had it')"];
    const memory = 64 * 2 ** 20;
    expect(await run(command, { limits: { ...limits, memory } })).toMatchObject({ status: 137, stdout: "" });
    expect(await run(command, { limits })).toMatchObject({ status: 0, stdout: "had it\n" });
  });

  it("holds a job to its processes", async () => {
    const script = "for i in $(seq 40); do sleep 1 & done; wait; echo all";
    const few = await run(["sh", "-c", script], { limits: { ...limits, processes: 20 } });
    expect(few.stderr).toMatch(/fork|Resource temporarily unavailable/);
    expect(await run(["sh", "-c", script], { limits })).toMatchObject({ status: 0, stdout: "all\n" });
  });

  it("holds a job to its processors", async () => {
    const groups = "cat /sys/fs/cgroup/cpu/cpu.cfs_quota_us 2>/dev/null || cat /sys/fs/cgroup/cpu.max";
    const { stdout } = await run(["sh", "-c", groups], { limits: { ...limits, cpu: 0.5 } });
    expect(Number.parseInt(stdout, 10)).toBe(50_000);
  });

  it("tells of a container while it runs, and removes it whatever it does", async () => {
    const { engine, environment, folder } = subject();
    const cwd = folder();
    const entered = enter(
      engine,
      environment,
      enclosureOf({ cwd, command: ["sh", "-c", 'trap "" TERM; touch ready; sleep 1000'] }),
    );
    await until(() => existsSync(join(cwd, "ready")), "it runs");
    const { inspect, remove } = entered.entry.remote!;
    const [program = "", ...args] = inspect;
    const { execFileSync } = await import("node:child_process");
    const state = JSON.parse(execFileSync(program, args, { encoding: "utf8" })) as { Pid: number; Running: boolean };
    expect(state.Running).toBe(true);
    expect(readFileSync(`/proc/${state.Pid}/cmdline`, "utf8")).not.toBe("");
    await call(remove);
    expect((await entered.ended).status).not.toBe(0);
    await expect(call(inspect)).rejects.toThrow();
    rmSync(join(cwd, "ready"));
  });
}
