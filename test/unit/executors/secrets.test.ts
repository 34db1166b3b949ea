import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createLocalExecutor } from "../../../src/executors/index.ts";
import { Launcher } from "../../../src/executors/process/launcher.ts";
import { silentLog } from "../../../src/kernel/index.ts";
import { type Bench, failureOf, makeBench, script, until, valueOf } from "./support/bench.ts";

const SECRET = "s3cr3t-välue 'quoted'";
const secrets = { NCBI_KEY: SECRET };

let bench: Bench;

/** All that lies below a folder, as text. */
function everything(dir: string): string {
  return readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), "latin1"))
    .join("\n");
}

describe.each([
  ["a shell that stays", true],
  ["a process of its own", false],
])("by %s", (_, zygotes) => {
  beforeAll(async () => {
    bench = await makeBench(({ dir, codec, fingerprints }) => {
      const settings = { zygotes };
      return createLocalExecutor({
        name: "process",
        root: dir,
        storeDir: join(dir, ".ligase"),
        codec,
        fingerprints,
        settings,
      });
    });
  });
  afterAll(() => bench.close());

  test("a secret is in the environment of a script, and in none of its files", async () => {
    const workDir = join(bench.dir, ".ligase", "work", "with-secret");
    const text = `
    printf %s "$NCBI_KEY" | wc -c
    echo "key $NCBI_KEY" >&2; printf %s "$NCBI_KEY" | base64 >&2; printf %s "user:$NCBI_KEY" | base64 -w0 >&2
    for word in $NCBI_KEY; do printf '\\n%s' "$word" >&2; done`;
    const outcome = await bench.run(script(text), { secrets, workDir, keepWork: true });
    expect(valueOf(bench, outcome)).toBe(`${Buffer.byteLength(SECRET)}\n`);
    const log = readFileSync(outcome.stderr ?? "", "utf8");
    expect(log).toMatch(/^key \*\*\*\n\*\*\*/);
    const kept = everything(join(bench.dir, ".ligase"));
    expect(kept).not.toContain(Buffer.from(SECRET).toString("latin1"));
    expect(kept).not.toContain(Buffer.from(SECRET).toString("base64").slice(0, 12));
    expect(readFileSync(join(workDir, ".command.sh"), "utf8")).toContain("It reads the secrets NCBI_KEY");
  });

  test("what a script that fails says of it is not in the error either", async () => {
    const failure = failureOf(await bench.run(script(`echo "denied: $NCBI_KEY" >&2; exit 3`), { secrets }));
    expect(failure.exitCode).toBe(3);
    expect(failure.error.facts?.["stderrTail"]).toEqual(["denied: ***"]);
    expect(JSON.stringify(failure)).not.toContain("s3cr3t");
  });

  test("it is nowhere to be read while the script runs, but by itself", async () => {
    const workDir = join(bench.dir, ".ligase", "work", "reads-itself");
    const running = bench.submit(script(`echo "$NCBI_KEY"; touch ready; sleep 1000`), { secrets, workDir });
    await until(() => existsSync(join(workDir, "ready")));
    expect(everything(workDir)).not.toContain("s3cr3t");
    const processes = existsSync("/proc/self/cmdline") ? readdirSync("/proc") : [];
    for (const pid of processes.filter((name) => /^\d+$/.test(name))) {
      const line = existsSync(`/proc/${pid}/cmdline`) ? readFileSync(`/proc/${pid}/cmdline`, "utf8") : "";
      expect(line).not.toContain("s3cr3t");
    }
    running.cancel("cancelled");
    await running.outcome;
  });

  test("output arrives whole, in order, and as it is", async () => {
    const text = "head -c 3000000 /dev/zero | tr '\\0' x; echo; seq 100000; echo > /dev/stderr to stderr";
    const outcome = await bench.run(script(text), { secrets });
    const numbers = Array.from({ length: 100_000 }, (_, i) => `${i + 1}\n`).join("");
    expect(valueOf(bench, outcome) === `${"x".repeat(3_000_000)}\n${numbers}`).toBe(true);
    expect(readFileSync(outcome.stderr ?? "", "utf8")).toBe("to stderr\n");
  });

  test("a value that is written in two pieces is found", async () => {
    const outcome = await bench.run(script(`printf 's3cr'; sleep 0.1; printf '3t-key rest'`), {
      secrets: { A: "s3cr3t-key" },
    });
    expect(valueOf(bench, outcome)).toBe("*** rest");
  });

  test("what a process that lives on has written is in its log when it was asked for", async () => {
    const launcher = new Launcher({ graceMs: 300, lingerMs: 300, logCap: 1e6, zygotes }, silentLog);
    const [stdout, stderr] = ["out", "err"].map((name) => join(bench.dir, `worker.${name}`));
    const ready = join(bench.dir, "worker.ready");
    const confinement = { entry: null, limits: { cpu: 0, memory: 0, processes: 0, disk: 0 }, secrets };
    const text = `seq 50000; printf %s "$NCBI_KEY"; touch ${ready}; sleep 1000`;
    const spawned = launcher.spawn(
      { command: ["sh", "-c", text], env: {}, cwd: bench.dir, stdout: stdout!, stderr: stderr!, confinement },
      () => {},
    );
    await until(() => existsSync(ready));
    await spawned.flush();
    expect(readFileSync(stdout!, "utf8")).toMatch(/^1\n2\n[^]*\n50000\n\*\*\*$/);
    spawned.kill("cancelled", "");
    expect(await spawned.over).toMatchObject({ killed: "cancelled", signal: "SIGTERM" });
    await launcher.close();
  });
});
