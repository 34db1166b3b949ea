/** Scripts in sandboxes: what they see, what they may write, and how they end. */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readEnclosure } from "../../src/executors/index.ts";
import { Dir, type File } from "../../src/files/index.ts";
import { describeWith } from "../support/needs.ts";
import { scriptContract } from "../unit/executors/contract.ts";
import { type Bench, failureOf, script, until, valueOf } from "../unit/executors/support/bench.ts";
import { environmentAt, sandboxBench, sandboxExecutor } from "./support/sandbox-bench.ts";
import { smallRoot } from "./support/small-root.ts";

describeWith({ programs: ["bwrap"] })("in a sandbox", () => {
  for (const zygotes of [true, false]) {
    scriptContract(
      `sandbox, ${zygotes ? "with" : "without"} a shell that stays`,
      (bench) => sandboxExecutor(bench, { environment: environmentAt(), settings: { zygotes } }),
      { enclosed: true },
    );
  }

  let bench: Bench;
  const volumes = mkdtempSync(join(tmpdir(), "ligase-volumes-"));
  beforeAll(async () => {
    bench = await sandboxBench({ environment: environmentAt() });
  });
  afterAll(async () => {
    await bench.close();
    rmSync(volumes, { recursive: true, force: true });
  });
  const out = async (...given: Parameters<Bench["run"]>): Promise<unknown> => valueOf(bench, await bench.run(...given));

  describe("a script sees", () => {
    test("its inputs, read-only, wherever their links lead", async () => {
      const elsewhere = join(bench.dir, "elsewhere");
      mkdirSync(join(elsewhere, "real"), { recursive: true });
      writeFileSync(join(elsewhere, "linked.txt"), "linked\n");
      writeFileSync(join(elsewhere, "real", "a.txt"), "a\n");
      const folder = join(bench.dir, "inputs", "folder");
      mkdirSync(folder);
      writeFileSync(join(folder, "own.txt"), "own\n");
      symlinkSync(join(elsewhere, "real"), join(folder, "out"));
      symlinkSync("own.txt", join(folder, "alias.txt"));
      const linked = join(bench.dir, "inputs", "link.txt");
      symlinkSync(join(elsewhere, "linked.txt"), linked);
      const file = bench.input("ref.fa", ">x\n").with(bench.input("ref.fa.fai", "x\n"));
      const text = ["cat ", file, "* ", bench.input("link.txt.gz", "z\n"), " ", new Dir(folder), "/own.txt "] as const;
      expect(await out(script([...text, new Dir(folder), "/alias.txt ", new Dir(folder), "/out/a.txt"]))).toBe(
        ">x\nx\nz\nown\nown\na\n",
      );
      const failure = failureOf(await bench.run(script(["echo >> ", file, ""])));
      expect(failure.cause).toBe("exit");
      expect(failure.error.facts?.["stderrTail"]).toContainEqual(expect.stringContaining("Read-only file system"));
      expect(readFileSync(file.path, "utf8")).toBe(">x\n");
      expect(failureOf(await bench.run(script(["rm -rf ", new Dir(folder), "/*"]))).cause).toBe("exit");
      expect(readdirSync(folder).sort()).toEqual(["alias.txt", "out", "own.txt"]);
    });

    test("a thousand inputs", async () => {
      const files = Array.from({ length: 1000 }, (_, i) => bench.input(`many-${i}.txt`, `${i}\n`));
      expect(await out(script(["cat ", files, " | wc -l"]))).toBe("1000\n");
    });

    test("nothing of other jobs, of the store and of the machine's processes", async () => {
      const other = join(bench.dir, ".ligase", "work", "other");
      mkdirSync(other, { recursive: true });
      const text = `ls ${other} ${bench.dir}/package.json 2>/dev/null || true; ls /proc | grep -c '^[0-9]'`;
      expect(Number(await out(script(text)))).toBeLessThan(10);
    });

    test("its environment's variables, and none of this machine's but its own", async () => {
      process.env["OF_THE_USER"] = "secret";
      const lines = String(await out(script("env"), { env: { FROM_TASK: "t" } })).split("\n");
      delete process.env["OF_THE_USER"];
      expect(lines).toEqual(expect.arrayContaining(["FROM_IMAGE=yes", "FROM_TASK=t", "HOME=/tmp", "TMPDIR=/tmp"]));
      expect(lines.some((line) => line.startsWith("OF_THE_USER"))).toBe(false);
    });
  });

  describe("a script writes", () => {
    test("to its work directory and to /tmp, and nowhere else", async () => {
      const text = `
        for place in /usr /etc /var /root / /proc; do touch $place/x 2>/dev/null && echo $place; done
        touch x /tmp/x ~/y; stat -c %a /tmp; ls`;
      expect(await out(script(text))).toBe("755\nx\n");
      expect(existsSync("/tmp/y")).toBe(false);
    });

    test("files that belong to whoever runs it", async () => {
      const value = (await out(script("echo 1 > o; chmod 600 o", { outputs: "o" }))) as File;
      const { uid, mode } = statSync(value.path);
      expect([uid, mode & 0o777]).toEqual([process.getuid?.(), 0o600]);
    });
  });

  describe("a network", () => {
    test("is there only for a script that asks for it", async () => {
      const server = createServer((socket) => socket.end("hello\n"));
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      const address = server.address();
      const port = typeof address === "object" ? address?.port : 0;
      const talk = script(`exec 3<>/dev/tcp/127.0.0.1/${port}; cat <&3`);
      expect(await out(talk, { network: true })).toBe("hello\n");
      const failure = failureOf(await bench.run(talk));
      expect(failure.error.facts?.["stderrTail"]).toContainEqual(expect.stringContaining("refused"));
      server.close();
    });
  });

  describe("a volume", () => {
    const mount = (at: string, writable = true) => ({ volumes: [{ name: "seq", from: volumes, at, writable }] });

    test("is where the task says, below the work directory or anywhere", async () => {
      await out(script("echo 1 > seq/deep/a"), mount("./seq/deep"));
      expect(await out(script("cat /data/seq/a"), mount("/data/seq"))).toBe("1\n");
      expect(readFileSync(join(volumes, "a"), "utf8")).toBe("1\n");
    });

    test("can be read-only", async () => {
      const failure = failureOf(await bench.run(script("echo 2 > seq/a"), mount("seq", false)));
      expect(failure.error.facts?.["stderrTail"]).toContainEqual(expect.stringContaining("Read-only"));
    });

    test.each(["../seq", ".", "/", "/proc/x", "/usr"])("cannot be at %s", async (at) => {
      const failure = failureOf(await bench.run(script("true"), mount(at)));
      expect(failure.error).toMatchObject({ code: "LIGASE_E_VOLUME", message: expect.stringContaining(at) });
      expect(failure.error.mend).toContain("seq");
    });

    test("gives no input its name", async () => {
      const file = bench.input("seq", "input\n");
      expect(await out(script(["cat ", file, ""]), mount("seq"))).toBe("input\n");
    });
  });

  describe("a script ends", () => {
    test("with time to tidy up, when it is cancelled", async () => {
      const workDir = join(bench.dir, ".ligase", "work", "tidies");
      const running = bench.submit(script("trap 'echo tidy > done; exit 1' TERM; touch ready; sleep 1000 & wait"), {
        workDir,
      });
      await until(() => existsSync(join(workDir, "ready")));
      running.cancel("cancelled");
      expect(failureOf(await running.outcome).cause).toBe("cancelled");
      expect(readFileSync(join(workDir, "done"), "utf8")).toBe("tidy\n");
    });

    test("after the grace, when it ignores that, with all it has started", async () => {
      const workDir = join(bench.dir, ".ligase", "work", "stubborn-sandbox");
      const text = `trap '' TERM; setsid bash -c 'trap "" TERM; touch ready; while :; do sleep 0.01; date +%N > beat; done' & wait`;
      const failure = failureOf(await bench.run(script(text), { workDir, timeoutMs: 500 }));
      expect(failure.cause).toBe("timeout");
      const beat = readFileSync(join(workDir, "beat"), "utf8");
      await new Promise((resolve) => setTimeout(resolve, 100));
      expect(readFileSync(join(workDir, "beat"), "utf8")).toBe(beat);
    });

    test("with an error when it leaves processes behind", async () => {
      const failure = failureOf(await bench.run(script("sleep 1000 & echo left")));
      expect(failure.error.message).toContain("left processes running in the background that did not end: sleep");
    });
  });

  describe("an image", () => {
    const rootWith = (...programs: string[]): string => smallRoot(mkdtempSync(join(bench.dir, "root-")), programs);

    test("without bash says so, and what helps", async () => {
      const other = await sandboxBench({ environment: environmentAt(rootWith("sh")) });
      const failure = failureOf(await other.run(script("true")));
      expect(failure.error.message).toContain("there is no program bash in its image");
      expect(failure.error.mend).toContain('.apt("bash")');
      expect(valueOf(other, await other.run(script("echo hello", { interpreter: "sh" })))).toBe("hello\n");
      const python = failureOf(await other.run(script("print(1)", { interpreter: "python3" })));
      expect(python.error.message).toContain("no program python3 in its image");
      await other.close();
    });

    test("without any shell says so", async () => {
      const other = await sandboxBench({ environment: environmentAt(rootWith()) });
      const failure = failureOf(await other.run(script("true")));
      expect(failure.error.message).toContain("there is no program bash in its image");
      const python = failureOf(await other.run(script("print(1)", { interpreter: "python3" })));
      expect(python.error.message).toContain("there is no program sh in its image");
      await other.close();
    });
  });

  test("what a script needs to be run again by hand stands beside it", async () => {
    const workDir = join(bench.dir, ".ligase", "work", "by-hand");
    const outcome = await bench.run(script("exit 3"), { workDir, secrets: { KEY: "s3cr3t-value" } });
    expect(failureOf(outcome).exitCode).toBe(3);
    const text = readFileSync(join(workDir, ".command.sh"), "utf8");
    expect(text).toMatch(/# In its environment: ligase shell job\d+\. It reads the secrets KEY from its environment/);
    const kept = readEnclosure(workDir);
    expect(kept).toMatchObject({ environment: environmentAt(), secrets: ["KEY"], enclosure: { cwd: workDir } });
    expect(JSON.stringify(kept)).not.toContain("s3cr3t");
  });
});
