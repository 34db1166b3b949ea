/**
 * The command by which a sandbox is entered.
 *
 * @module
 */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { resolveInside } from "../../../src/images/build/paths.ts";
import { enterCommand } from "../../../src/images/sandbox/enter.ts";
import { RootView } from "../../../src/images/sandbox/root.ts";
import type { Enclosure, Entry, Environment } from "../../../src/images/types.ts";

const dir = mkdtempSync(join(tmpdir(), "ligase-enter-"));
const place = join(dir, "root");
beforeAll(() => {
  for (const folder of ["usr/bin", "usr/local/bin", "etc", "home", "opt/conda/bin", "proc", "dev", "tmp", "var/lib"]) {
    mkdirSync(join(place, folder), { recursive: true });
  }
  writeFileSync(join(place, "etc/passwd"), "");
  symlinkSync("usr/bin", join(place, "bin"));
  symlinkSync("/opt/conda", join(place, "conda"));
  symlinkSync("../../../../../../etc", join(place, "out"));
});
afterAll(() => rmSync(dir, { recursive: true }));

const environment: Environment = {
  engine: "sandbox",
  identity: "a",
  digest: "sha256:b",
  place: "",
  env: { PATH: "/usr/bin", LD_LIBRARY_PATH: "/opt/conda/lib" },
  packages: {},
};

function enter(change: Partial<Enclosure> = {}): Entry {
  const enclosure: Enclosure = {
    name: "job_1",
    command: ["bwa", "mem"],
    cwd: "/work/x",
    env: { SECRET: "hush" },
    mounts: [{ from: "/data/work", at: "/work/x", writable: true }],
    network: false,
    limits: { cpu: 0, memory: 0, processes: 0, disk: 0 },
    gpus: [],
    ...change,
  };
  const context = {
    bwrap: "/usr/bin/bwrap",
    scratch: join(dir, "scratch"),
    gpus: [],
    view: (root: string) => new RootView(root),
  };
  return enterCommand(context, { ...environment, place }, enclosure);
}

/** Where each of some options stands, with its operands. */
function options({ command }: Entry, name: string, operands: number): string[][] {
  return command.flatMap((word, at) => (word === name ? [command.slice(at + 1, at + 1 + operands)] : []));
}

describe("a sandbox", () => {
  it("has namespaces of its own, and the network only where it may", () => {
    const shut = enter();
    const own = [
      "--unshare-user",
      "--unshare-pid",
      "--unshare-ipc",
      "--unshare-uts",
      "--unshare-net",
      "--die-with-parent",
    ];
    expect(shut.command).toEqual(expect.arrayContaining(own));
    const open = enter({ network: true });
    expect(open.command).not.toContain("--unshare-net");
    expect(options(open, "--ro-bind-try", 2)).toContainEqual(["/etc/resolv.conf", "/etc/resolv.conf"]);
    expect(options(shut, "--ro-bind-try", 2)).not.toContainEqual(["/etc/resolv.conf", "/etc/resolv.conf"]);
    expect(shut).toMatchObject({ direct: true, remote: null });
  });

  it("ends with the command, word for word", () => {
    const command = ["sh", "-c", "echo '$x'; exit 3", "--", "--bind"];
    const entry = enter({ command });
    expect(entry.command.slice(entry.command.lastIndexOf("--chdir"))).toEqual(
      expect.arrayContaining(["--chdir", "/work/x", "--", ...command]),
    );
    expect(entry.command.slice(-command.length)).toEqual(command);
  });

  it("gets variables through the environment, which nobody can read, but those of the linker", () => {
    const { command, env } = enter();
    expect(env).toMatchObject({ SECRET: "hush", PATH: "/usr/bin", HOME: "/tmp", USER: "ligase" });
    expect(command.join(" ")).not.toContain("hush");
    expect(env).not.toHaveProperty("LD_LIBRARY_PATH");
    expect(options({ command, env, direct: true, remote: null }, "--setenv", 2)).toEqual([
      ["LD_LIBRARY_PATH", "/opt/conda/lib"],
    ]);
  });

  it("hands on nothing of this process's environment", () => {
    expect(Object.keys(enter().env).toSorted()).toEqual(["HOME", "LANG", "LOGNAME", "PATH", "SECRET", "USER"]);
  });

  it("shows the root read-only, entry by entry, so that any mount point can be made", () => {
    const entry = enter();
    expect(options(entry, "--ro-bind", 2)).toEqual(
      expect.arrayContaining([
        [join(place, "usr"), "/usr"],
        [join(place, "etc"), "/etc"],
      ]),
    );
    expect(options(entry, "--symlink", 2)).toContainEqual(["usr/bin", "/bin"]);
    expect(options(entry, "--dir", 1)).toContainEqual(["/home"]);
    expect(entry.command).not.toContain(join(place, "proc"));
    expect(entry.command.indexOf("--remount-ro")).toBeGreaterThan(entry.command.indexOf("/work/x"));
  });

  it("opens a folder of the root in which a mount point is missing, and no other", () => {
    const entry = enter({ mounts: [{ from: "/data", at: "/opt/data/deep", writable: false }], cwd: "/opt/data/deep" });
    expect(options(entry, "--dir", 1)).toContainEqual(["/opt"]);
    expect(options(entry, "--ro-bind", 2)).toEqual(
      expect.arrayContaining([
        [join(place, "opt/conda"), "/opt/conda"],
        [join(place, "usr"), "/usr"],
        ["/data", "/opt/data/deep"],
      ]),
    );
    expect(options(entry, "--ro-bind", 2)).not.toContainEqual([join(place, "opt"), "/opt"]);
    // One that is there needs nothing.
    const there = enter({ mounts: [{ from: "/data", at: "/usr/local/bin", writable: false }], cwd: "/usr/local/bin" });
    expect(options(there, "--ro-bind", 2)).toContainEqual([join(place, "usr"), "/usr"]);
  });

  it("mounts parents before what lies in them, and the last of two at one place", () => {
    const mounts = [
      { from: "/c", at: "/work/x/a/b", writable: false },
      { from: "/b", at: "/work/x/a", writable: true },
      { from: "/old", at: "/work", writable: false },
      { from: "/a", at: "/work", writable: false },
    ];
    const { command } = enter({ mounts });
    const at = ["/a", "/b", "/c"].map((from) => command.indexOf(from));
    expect(at).toEqual(at.toSorted((a, b) => a - b));
    expect(at.every((index) => index > 0)).toBe(true);
    expect(command).not.toContain("/old");
  });

  it("follows links of the root inside of it only", () => {
    const mounts = [
      { from: "/a", at: "/conda/share/x", writable: false },
      { from: "/b", at: "/out/x", writable: false },
    ];
    expect(options(enter({ mounts }), "--ro-bind", 2)).toEqual(
      expect.arrayContaining([
        ["/a", "/opt/conda/share/x"],
        ["/b", "/etc/x"],
      ]),
    );
  });

  it("has a folder of the caller's for /tmp where one is given", () => {
    expect(options(enter(), "--tmpfs", 1)).toContainEqual(["/tmp"]);
    const own = enter({ mounts: [{ from: "/scratch", at: "/tmp", writable: true }] });
    expect(options(own, "--tmpfs", 1)).not.toContainEqual(["/tmp"]);
    expect(options(own, "--bind", 2)).toContainEqual(["/scratch", "/tmp"]);
  });

  it("takes more mounts than a command line holds, through a file", () => {
    const mounts = Array.from({ length: 3000 }, (_, i) => ({
      from: `/data/${"x".repeat(100)}/${i}`,
      at: `/data/${"x".repeat(100)}/${i}`,
      writable: false,
    }));
    const { command } = enter({ mounts, cwd: "/" });
    expect(Buffer.byteLength(command.join(" "))).toBeLessThan(10_000);
    expect(command.slice(-4)).toEqual(["9", "--", "bwa", "mem"]);
    const [file = ""] = readdirSync(join(dir, "scratch"));
    const words = readFileSync(join(dir, "scratch", file), "utf8").split("\0");
    expect(words).toContain(mounts[2999]!.at);
    expect(existsSync(command[4]!)).toBe(true);
  });
});

describe("a path inside of a root", () => {
  it("never leads out of it, whatever links it has and dots are in the path", () => {
    const parts = fc.array(fc.constantFrom("..", ".", "", "out", "conda", "usr", "bin", "etc", "x"), { maxLength: 12 });
    fc.assert(
      fc.property(parts, (path) => {
        const inside = resolveInside(place, `/${path.join("/")}`);
        expect(inside.startsWith("/")).toBe(true);
        expect(inside.split("/")).not.toContain("..");
        // What is resolved has no links left in it.
        expect(resolveInside(place, inside)).toBe(inside);
      }),
    );
  });
});
