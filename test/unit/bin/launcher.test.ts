import { type ChildProcess, spawn } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

const bin = fileURLToPath(new URL("../../../bin", import.meta.url));

/** A package of its own, as it would be installed: the launcher under test and a command line that says what it is. */
let root: string;
let children: ChildProcess[];

function write(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), "ligase-launcher-")));
  children = [];
  cpSync(bin, join(root, "bin"), { recursive: true });
  write("package.json", JSON.stringify({ name: "ligase", version: "9.8.7", type: "module" }));
  // Run with this, Node says that it is an old one, until the launcher has found another.
  write(
    "old.cjs",
    'if (!process.env.LIGASE_STARTED_BY || process.env.ALL_OLD) Object.defineProperty(process.versions, "node", { value: "20.1.0" });',
  );
});

afterEach(() => {
  for (const child of children) child.kill("SIGKILL");
  rmSync(root, { recursive: true, force: true });
});

/** The command line's module. */
function commandLine(body: string, at = "dist/cli/main.js"): void {
  write(at, `export async function main(argv) { ${body} }`);
}

interface Started {
  readonly child: ChildProcess;
  /** Resolves when it has printed this. */
  printed(text: string): Promise<void>;
  readonly ended: Promise<{ code: number | null; signal: string | null; stdout: string; stderr: string }>;
}

interface StartOptions {
  /** On a Node that says it is an old one. */
  readonly old?: boolean;
  /** The package's folder; the one at the root by default. */
  readonly home?: string;
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
}

function start(args: readonly string[], options: StartOptions = {}): Started {
  const flags = options.old ? ["--require", join(root, "old.cjs")] : [];
  const child = spawn(process.execPath, [...flags, join(options.home ?? root, "bin", "ligase"), ...args], {
    cwd: options.cwd ?? root,
    env: { ...process.env, HOME: root, XDG_CACHE_HOME: undefined, LIGASE_FROM: undefined, ...options.env },
  });
  children.push(child);
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
  return {
    child,
    async printed(text) {
      while (!stdout.includes(text)) await once(child.stdout, "data");
    },
    ended: once(child, "close").then(([code, signal]) => ({
      code: code as number | null,
      signal: signal as string | null,
      stdout,
      stderr,
    })),
  };
}

/** Installs this Node as the npm package `node` would. */
function installNode(folder: string): void {
  mkdirSync(join(folder, "node_modules/node/bin"), { recursive: true });
  symlinkSync(process.execPath, join(folder, "node_modules/node/bin/node"));
}

describe("bin/ligase", () => {
  it("prints its version without loading anything", async () => {
    expect(await start(["--version"]).ended).toEqual({ code: 0, signal: null, stdout: "9.8.7\n", stderr: "" });
    expect(await start(["-V"], { old: true }).ended).toMatchObject({ code: 0, stdout: "9.8.7\n" });
  });

  it("passes arguments on and ends with the status that the command line answers", async () => {
    commandLine("console.log(JSON.stringify(argv)); return 3;");
    const args = ["run", "a b", "--x=$HOME", "", "--version"];
    expect(await start(args).ended).toEqual({ code: 3, signal: null, stdout: `${JSON.stringify(args)}\n`, stderr: "" });
  });

  it("prints an error that nobody caught, and ends with 1", async () => {
    commandLine('throw new TypeError("no such thing");');
    const { code, stderr } = await start([]).ended;
    expect(code).toBe(1);
    expect(stderr).toContain("TypeError: no such thing");
  });

  describe("in a checkout", () => {
    const fromDist = 'console.log("dist"); return 0;';
    const fromSrc = 'console.log("src"); return 0;';
    const past = new Date(Date.now() - 60_000);

    it("runs the build while that is newer than every source", async () => {
      commandLine(fromDist);
      commandLine(fromSrc, "src/cli/main.ts");
      write("src/kernel/deep/hash.ts", "");
      for (const path of [
        "src",
        "src/cli",
        "src/cli/main.ts",
        "src/kernel",
        "src/kernel/deep",
        "src/kernel/deep/hash.ts",
      ]) {
        utimesSync(join(root, path), past, past);
      }
      write("dist/.built", "");
      expect((await start([]).ended).stdout).toBe("dist\n");
      write("src/kernel/deep/hash.ts", "// edited");
      utimesSync(join(root, "dist/.built"), past, past);
      expect((await start([]).ended).stdout).toBe("src\n");
    });

    it("runs the sources where nothing was built, or when told to", async () => {
      commandLine(fromSrc, "src/cli/main.ts");
      expect((await start([]).ended).stdout).toBe("src\n");
      commandLine(fromDist);
      expect((await start([], { env: { LIGASE_FROM: "dist" } }).ended).stdout).toBe("dist\n");
      expect((await start([], { env: { LIGASE_FROM: "src" } }).ended).stdout).toBe("src\n");
    });
  });
});

describe("bin/ligase on an old Node", () => {
  it("says what it needs and how to get it", async () => {
    commandLine("return 0;");
    const { code, stderr, stdout } = await start(["run"], { old: true }).ended;
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toMatch(/^ligase needs Node 24 or newer and this is v[\d.]+: install it .*npm install node@24\n$/);
  });

  it("runs on the one installed beside the package, above it, or above the work", async () => {
    commandLine("console.log(process.versions.node, process.env.LIGASE_STARTED_BY); return 4;");
    const home = join(root, "project/node_modules/ligase");
    for (const part of ["bin", "dist", "package.json"]) cpSync(join(root, part), join(home, part), { recursive: true });
    mkdirSync(join(root, "work/deep"), { recursive: true });

    for (const [installed, cwd] of [
      [home, "/"],
      [join(root, "project"), "/"],
      [join(root, "work"), join(root, "work/deep")],
    ] as const) {
      expect(await start([], { old: true, home, cwd }).ended).toMatchObject({ code: 1 });
      installNode(installed);
      const { code, stdout, stderr } = await start([], { old: true, home, cwd }).ended;
      expect({ code, stdout, stderr }).toEqual({ code: 4, stdout: `${process.versions.node} undefined\n`, stderr: "" });
      rmSync(join(installed, "node_modules/node"), { recursive: true });
    }
  });

  it("does not go round in circles when the one it found is old too", async () => {
    commandLine("return 0;");
    installNode(root);
    const { code, stderr } = await start(["run"], {
      old: true,
      env: { ALL_OLD: "1", NODE_OPTIONS: `--require=${root}/old.cjs` },
    }).ended;
    expect(code).toBe(1);
    expect(stderr.match(/ligase needs Node 24/g)).toHaveLength(1);
  });

  it.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)(
    "passes %s on and waits for what the command makes of it",
    async (signal) => {
      commandLine(`
      const done = new Promise((resolve) => {
        let count = 0;
        process.on("${signal}", () => { count++; setTimeout(() => resolve(count), 300); });
      });
      const alive = setInterval(() => {}, 1000);
      console.log("ready");
      const count = await done;
      clearInterval(alive);
      console.log("stopped after", count);
      return 7;
    `);
      installNode(root);
      const { child, printed, ended } = start([], { old: true });
      await printed("ready");
      child.kill(signal);
      expect(await ended).toMatchObject({ code: 7, signal: null, stdout: "ready\nstopped after 1\n" });
    },
  );

  it("dies of the signal that the command died of", async () => {
    commandLine('console.log("ready"); await new Promise((resolve) => setTimeout(resolve, 60_000)); return 0;');
    installNode(root);
    const { child, printed, ended } = start([], { old: true });
    await printed("ready");
    child.kill("SIGTERM");
    expect(await ended).toMatchObject({ code: null, signal: "SIGTERM" });
  });

  it("takes the command with it when it is killed outright", async () => {
    commandLine(`
      process.on("SIGTERM", () => { console.log("told"); process.exit(0); });
      console.log("ready");
      await new Promise((resolve) => setTimeout(resolve, 60_000));
      return 0;
    `);
    installNode(root);
    const { child, printed, ended } = start([], { old: true });
    await printed("ready");
    child.kill("SIGKILL");
    // The command holds the pipe: it closes when the command has ended too.
    expect(await ended).toMatchObject({ signal: "SIGKILL", stdout: "ready\ntold\n" });
  });
});
