import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Dir, File } from "../../../src/files/index.ts";
import type { Executor } from "../../../src/executors/types.ts";
import { raw } from "../../../src/expr/script.ts";
import { type Bench, failureOf, makeBench, script, until, valueOf } from "./support/bench.ts";

/** In which an executor differs from others. */
export interface Traits {
  /** Can it tell the CPU time of a script? Default `true`. */
  readonly measuresCpu?: boolean;
  /** Are its scripts in an environment of their own, with process ids of their own and nothing of this machine in sight? */
  readonly enclosed?: boolean;
}

/** What every executor does with scripts. It is made with a grace of 300 ms and a linger of 500. */
export function scriptContract(
  name: string,
  make: (bench: Omit<Bench, "executor">) => Executor,
  { measuresCpu = true, enclosed = false }: Traits = {},
): void {
  /** Of what can be seen of a script from the machine it runs on. */
  const onThisMachine: (title: string, run: () => Promise<void>) => void = enclosed ? () => {} : test;
  describe(`${name}: scripts`, () => {
    let bench: Bench;
    beforeAll(async () => {
      bench = await makeBench(make);
    });
    afterAll(() => bench.close());

    describe("a script that succeeds", () => {
      test("gives its stdout as text, and leaves no directory", async () => {
        const outcome = await bench.run(script("echo one; echo two"));
        expect(valueOf(bench, outcome)).toBe("one\ntwo\n");
        expect(readFileSync(outcome.stdout ?? "", "utf8")).toBe("one\ntwo\n");
        expect(outcome.stderr).toBeNull();
        await until(() => readdirSync(join(bench.dir, ".ligase", "work")).length === 0);
      });

      test("gives empty text when it is silent", async () => {
        const outcome = await bench.run(script("true"));
        expect(valueOf(bench, outcome)).toBe("");
        expect([outcome.stdout, outcome.stderr]).toEqual([null, null]);
        await until(() => readdirSync(join(bench.dir, ".ligase", "work")).length === 0);
      });

      test("keeps stderr", async () => {
        const outcome = await bench.run(script("echo careful >&2"));
        expect(outcome.state).toBe("done");
        expect(readFileSync(outcome.stderr ?? "", "utf8")).toBe("careful\n");
      });

      test("gives the outputs it declares, taken over with their content", async () => {
        const work = script("mkdir d; echo 1 > a.txt; echo 2 > b.bam; echo 3 > b.bam.bai; echo 4 > d/x", {
          outputs: { bam: { file: "b.bam", sidecars: "b.bam.bai" }, all: "*.txt", dir: "d/" },
        });
        const outcome = await bench.run(work, { outputDir: join(bench.dir, ".ligase", "outputs", "taken") });
        const value = valueOf(bench, outcome) as { bam: File; all: File[]; dir: Dir };
        expect(value.bam.path).toBe(join(bench.dir, ".ligase", "outputs", "taken", "b.bam"));
        expect(readFileSync(value.bam.path, "utf8")).toBe("2\n");
        expect(value.bam.sidecars.map((side) => side.name)).toEqual(["b.bam.bai"]);
        expect(value.all.map((file) => file.name)).toEqual(["a.txt"]);
        expect(readFileSync(join(value.dir.path, "x"), "utf8")).toBe("4\n");
        expect(bench.codec.encode(value).unresolved).toEqual([]);
        expect(outcome.usage.bytesOut).toBeGreaterThan(0);
      });

      onThisMachine("keeps its directory when asked to, and that runs again by hand", async () => {
        const { outcome, workDir } = await kept(
          script("echo $LIGASE_CPU $FROM_TASK $FROM_SCRIPT > out; cat out", { env: { FROM_SCRIPT: "it's" } }),
          {
            env: { FROM_TASK: "a b" },
          },
        );
        expect(valueOf(bench, outcome)).toBe("1 a b it's\n");
        const again = await bench.run(script(`cd / && bash ${join(workDir, ".command.sh")}`));
        expect(valueOf(bench, again)).toBe("1 a b it's\n");
      });

      test("is told what it may use", async () => {
        const outcome = await bench.run(
          script("echo $LIGASE_CPU $LIGASE_MEMORY $LIGASE_ATTEMPT $CUDA_VISIBLE_DEVICES"),
          {
            resources: { cpu: 2.5, memory: 4e9, gpu: 2, disk: 0 },
            gpus: [1, 3],
            attempt: 2,
          },
        );
        // In an environment it sees no other GPUs, which count from 0 there.
        expect(valueOf(bench, outcome)).toBe(`2 4000000000 2 ${enclosed ? "0,1" : "1,3"}\n`);
      });

      test("waits for what a process substitution still writes", async () => {
        const outcome = await bench.run(script("echo late > >(sleep 0.2; cat > out.txt)", { outputs: "out.txt" }));
        expect(readFileSync((valueOf(bench, outcome) as File).path, "utf8")).toBe("late\n");
      });

      test("measures it", async () => {
        const { usage } = await bench.run(script("x=$(head -c 30000000 /dev/zero | tr '\\0' a); sleep 0.2; : ${#x}"));
        expect(usage.wallMs).toBeGreaterThan(200);
        if (measuresCpu) expect(usage.cpuMs).toBeGreaterThan(0);
        else expect(usage.cpuMs).toBeNull();
        expect(usage.peakMemory).toBeGreaterThan(30_000_000);
      });

      onThisMachine("tells the versions of the tools it calls", async () => {
        const outcome = await bench.run(script("bash --version | grep -c bash"));
        expect(outcome.tools?.["grep"] ?? "").toMatch(/^\d+\.\d+/);
      });

      onThisMachine("starts in a new directory: nothing of another attempt is there", async () => {
        const before = [
          "true",
          "exit 1",
          "touch left-behind",
          "mkdir left-behind",
          "chmod 700 .",
          "chmod 444 .command.out",
          "rm .command.*",
          "ln -sf /dev/null .command.err",
        ];
        for (const text of before) {
          await bench.run(script(text));
          const list = "find . -mindepth 1 -printf '%P %s %m\\n' | sort; stat -c %a .; : ".padEnd(200, "x");
          expect(valueOf(bench, await bench.run(script(list)))).toMatch(
            /^\.command\.err 0 644\n\.command\.out 0 644\n\.command\.sh \d+ 644\n755\n$/,
          );
        }
      });

      test("is not a longer one that ran before in the same place", async () => {
        await bench.run(script(`: ${"x".repeat(1000)}`));
        expect(valueOf(bench, await bench.run(script("echo short")))).toBe("short\n");
      });
    });

    describe("values in a script", () => {
      const odd = [
        "a b",
        "it's",
        '"q"',
        "$(touch pwned)",
        "`id`",
        "new\nline",
        "-x",
        "*",
        "ß→🧬",
        "\\",
        "",
        "a;b",
        "!x",
        "~",
      ];

      test.each(["bash", "sh"])("arrive in %s as they are", async (interpreter) => {
        const outcome = await bench.run(script(["printf '%s\\0' ", odd, ""], { interpreter }));
        expect(String(valueOf(bench, outcome)).split("\0").slice(0, -1)).toEqual(odd);
      });

      test("arrive in Python as they are", async () => {
        const text = [
          "import json\nprint(json.dumps([",
          odd,
          ", ",
          1.5,
          ", ",
          true,
          ", ",
          null,
          "]), end='')",
        ] as const;
        const outcome = await bench.run(script(text, { interpreter: "python3" }));
        expect(JSON.parse(String(valueOf(bench, outcome)))).toEqual([odd, 1.5, true, null]);
      });

      test("arrive in JavaScript as they are", async () => {
        const text = ["process.stdout.write(JSON.stringify([", odd, ", ", 12n, "]))"] as const;
        const outcome = await bench.run(script(text, { interpreter: process.execPath }));
        expect(JSON.parse(String(valueOf(bench, outcome)))).toEqual([odd, 12]);
      });

      test("leave no word for false, null and empty lists; raw text is not quoted", async () => {
        const outcome = await bench.run(script(["echo ", false, " ", null, " ", [], " x ", raw("$((1 + 2))"), ""]));
        expect(valueOf(bench, outcome)).toBe("x 3\n");
      });

      test("that cannot be written are named by their place", async () => {
        const failure = failureOf(await bench.run(script(["echo ", "a", " ", undefined, ""])));
        expect(failure.error).toMatchObject({ code: "LIGASE_E_SCRIPT", message: "value 2 of the script is undefined" });
        const perl = failureOf(await bench.run(script(["print ", "a", ";"], { interpreter: "perl" })));
        expect(perl.error.mend).toContain("env:");
      });

      test("that are files are staged, whatever their names", async () => {
        const names = ["two words.txt", "it's.txt", 'say "hi".txt', "new\nline.txt", "ünïcödé.txt", "-x.txt"];
        const files = names.map((name) => bench.input(name, `${name}\n`));
        const outcome = await bench.run(script(["cat ", files, ""]));
        expect(valueOf(bench, outcome)).toBe(names.map((name) => `${name}\n`).join(""));
      });

      test("that are files travel with their sidecars; inputs are staged without being named", async () => {
        const reference = bench.input("ref.fa", ">x").with(bench.input("ref.fa.fai", "x"));
        const work = script(["ls ", reference, "*; cat more.txt"], { inputs: [bench.input("more.txt", "more")] });
        expect(valueOf(bench, await bench.run(work))).toBe("ref.fa\nref.fa.fai\nmore");
      });
    });

    describe("a script that fails", () => {
      test("tells its status, its last lines, and where it ran", async () => {
        const failure = failureOf(await bench.run(script("echo about to >&2; sort --no-such-option; exit 9")));
        expect(failure).toMatchObject({ cause: "exit", exitCode: 2, signal: null });
        expect(failure.error.message).toBe("sort … exited with status 2");
        expect(failure.error.facts?.["stderrTail"]).toContain("about to");
        expect(readFileSync(join(failure.workDir ?? "", ".command.sh"), "utf8")).toContain("sort --no-such-option");
        expect(readFileSync(failure.stderr ?? "", "utf8")).toContain("about to");
      });

      test("stops at the first command that fails, in a pipeline too", async () => {
        const failure = failureOf(await bench.run(script("false | true\necho never")));
        expect(failure.exitCode).toBe(1);
        expect(failure.stdout).toBeNull();
      });

      test("tells the signal", async () => {
        expect(failureOf(await bench.run(script("kill -SEGV $$")))).toMatchObject({
          cause: "signal",
          signal: "SIGSEGV",
        });
      });

      onThisMachine("names a program that is not there", async () => {
        const failure = failureOf(await bench.run(script("no-such-aligner mem x")));
        expect(failure.error.message).toContain("there is no program no-such-aligner");
        expect(failure.error.mend).toContain("install");
      });

      test("names an interpreter that is not there", async () => {
        const failure = failureOf(await bench.run(script("x", { interpreter: "no-such-language" })));
        expect(failure).toMatchObject({ cause: "exit", exitCode: 127 });
      });

      test("names an output that is missing", async () => {
        const failure = failureOf(await bench.run(script("touch other.bam", { outputs: { bam: "sorted.bam" } })));
        expect(failure.cause).toBe("missing-output");
        expect(failure.error.message).toContain("sorted.bam");
        expect(existsSync(join(failure.workDir ?? "", "other.bam"))).toBe(true);
      });

      onThisMachine("is one that changes an input", async () => {
        const file = bench.input("changed.txt", "before");
        const failure = failureOf(await bench.run(script(["echo after > ", file, ""])));
        expect(failure.cause).toBe("changed-input");
      });

      test("is told by its input that is missing", async () => {
        const failure = failureOf(
          await bench.run(script(["cat ", new File(join(bench.dir, "inputs", "nowhere.txt")), ""])),
        );
        expect(failure.error.code).toBe("LIGASE_E_NO_FILE");
      });

      test("shows a 10 MB line and bytes that are no text, cut and readable", async () => {
        const failure = failureOf(
          await bench.run(
            script(
              "head -c 10000000 /dev/zero | tr '\\0' x >&2; printf '\\n\\xff\\xfe bad\\x1b[31m red\\n' >&2; exit 1",
            ),
          ),
        );
        const tail = failure.error.facts?.["stderrTail"] as string[];
        expect(tail.at(-1)).toBe("�� bad red");
        expect(Math.max(...tail.map((line) => line.length))).toBeLessThan(600);
      });

      test("says when a disk was full", async () => {
        const failure = failureOf(await bench.run(script("echo 'write failed: No space left on device' >&2; exit 1")));
        expect(failure.cause).toBe("disk");
      });

      test("says when memory was short", async () => {
        const failure = failureOf(await bench.run(script("echo \"terminate called: 'std::bad_alloc'\" >&2; exit 1")));
        expect(failure.cause).toBe("memory");
      });

      onThisMachine("is one that leaves processes behind", async () => {
        const failure = failureOf(await bench.run(script("sleep 1000 & echo $!")));
        expect(failure.error.message).toContain("sleep");
        expect(failure.error.mend).toContain("wait");
        expect(isAlive(Number(readFileSync(failure.stdout ?? "", "utf8")))).toBe(false);
      });
    });

    describe("a script that is ended", () => {
      const stubborn = `
        trap '' TERM
        bash -c 'trap "" TERM; echo $$ > child; sleep 1000' &
        setsid bash -c 'trap "" TERM; echo $$ > stray; sleep 1000' &
        while [[ ! -s child || ! -s stray ]]; do sleep 0.01; done
        touch ready
        sleep 1000; sleep 1000; wait`;

      onThisMachine("by its timeout goes with all it has started, even if it ignores SIGTERM", async () => {
        const workDir = join(bench.dir, ".ligase", "work", "stubborn");
        const failure = failureOf(await bench.run(script(stubborn), { workDir, timeoutMs: 700 }));
        expect(failure.cause).toBe("timeout");
        expect(failure.error).toMatchObject({ code: "LIGASE_E_TIMEOUT" });
        for (const name of ["child", "stray"]) {
          const pid = Number(readFileSync(join(workDir, name), "utf8"));
          expect(pid).toBeGreaterThan(1);
          expect(isAlive(pid)).toBe(false);
        }
      });

      onThisMachine("by cancel is cancelled", async () => {
        const workDir = join(bench.dir, ".ligase", "work", "to-cancel");
        const running = bench.submit(script("echo $$ > pid; sleep 1000"), { workDir });
        await until(() => existsSync(join(workDir, "pid")) && readFileSync(join(workDir, "pid"), "utf8") !== "");
        running.cancel("cancelled");
        expect(failureOf(await running.outcome)).toMatchObject({
          cause: "cancelled",
          error: { code: "LIGASE_E_CANCELLED" },
        });
        expect(isAlive(Number(readFileSync(join(workDir, "pid"), "utf8")))).toBe(false);
      });

      test("as soon as it is submitted never begins, or ends", async () => {
        const running = bench.submit(script("sleep 1000"));
        running.cancel("cancelled");
        expect(failureOf(await running.outcome).cause).toBe("cancelled");
      });

      test("is known by its process group before that", async () => {
        bench.started.length = 0;
        const running = bench.submit(script("sleep 1000"));
        await until(() => bench.started.length > 0);
        const [leader] = bench.started;
        expect(isAlive(leader?.pgid ?? 0)).toBe(true);
        running.cancel("cancelled");
        await running.outcome;
        expect(isAlive(leader?.pgid ?? 0)).toBe(false);
      });
    });

    test("a thousand scripts, eight at a time", async () => {
      let next = 0;
      const wrong: unknown[] = [];
      const lane = async (): Promise<void> => {
        while (next < 1000) {
          const n = next++;
          const outcome = await bench.run(script(["echo ", n, ""]));
          if (outcome.state !== "done" || outcome.text !== `"${n}\\n"`) wrong.push(outcome);
        }
      };
      await Promise.all(Array.from({ length: 8 }, lane));
      expect(wrong).toEqual([]);
    });

    async function kept(work: ReturnType<typeof script>, more: object) {
      const workDir = join(bench.dir, ".ligase", "work", "kept");
      return { workDir, outcome: await bench.run(work, { ...more, keepWork: true, workDir }) };
    }
  });
}

/** Is there a process that is no zombie? */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  const status = `/proc/${pid}/status`;
  return !existsSync(status) || !/^State:\s*[ZX]/m.test(readFileSync(status, "utf8"));
}
