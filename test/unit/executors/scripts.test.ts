import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  commandFiles,
  commandWords,
  diagnose,
  renderScript,
  type ScriptEnd,
  shellWord,
  signalOf,
  tailOf,
} from "../../../src/worker/script/index.ts";

const nowhere = (): string => {
  throw new Error("no files here");
};

describe("renderScript", () => {
  test("any text is one word of a shell", () => {
    const text = fc.string({ unit: "grapheme" }).filter((text) => !text.includes("\0") && text.isWellFormed());
    fc.assert(
      fc.property(fc.array(text, { minLength: 1, maxLength: 30 }), (words) => {
        const script = renderScript({ parts: ["printf '%s\\0' ", ""], values: [words], interpreter: "sh" }, nowhere);
        const { stdout } = spawnSync("sh", ["-c", script], { encoding: "utf8" });
        expect(stdout).toBe(words.map((word) => `${word}\0`).join(""));
      }),
      { numRuns: 50 },
    );
  });

  test.each([
    ["bash", "x 'a' 1 2.5 true  'p' 'q'"],
    ["python3.12", 'x "a" 1 2.5 True False ["p", "q"]'],
    ["Rscript --vanilla", 'x "a" 1 2.5 TRUE FALSE c("p", "q")'],
    ["node", 'x "a" 1 2.5 true false ["p", "q"]'],
  ])("in %s", (interpreter, expected) => {
    const parts = ["x ", " ", " ", " ", " ", " ", ""];
    expect(renderScript({ parts, values: ["a", 1, 2.5, true, false, ["p", "q"]], interpreter }, nowhere)).toBe(
      expected,
    );
  });

  test.each([
    [undefined, "undefined"],
    [Number.NaN, "NaN"],
    [{ a: 1 }, "an object"],
    ["a\0b", "text with a NUL"],
    [() => 1, "a function"],
  ])("refuses %s", (value, what) => {
    expect(() => renderScript({ parts: ["x ", ""], values: [value], interpreter: "bash" }, nowhere)).toThrow(
      `value 1 of the script is ${what}`,
    );
  });
});

describe("commandFiles", () => {
  const command = { title: "t", text: "run", env: {} };
  test.each([
    ["bash", "set -euo pipefail"],
    ["zsh", "set -euo pipefail"],
    ["dash", "set -eu\n"],
  ])("%s stops at errors", (interpreter, options) => {
    const { shell, files } = commandFiles({ ...command, interpreter });
    expect(shell).toBe(interpreter);
    expect(files[0]?.[1]).toContain(options);
  });

  test("another interpreter gets a file of its own", () => {
    const { shell, files } = commandFiles({ ...command, interpreter: "Rscript --vanilla" });
    expect(shell).toBe("sh");
    expect(files.map(([name]) => name)).toEqual([".command.sh", ".command.R"]);
    expect(files[0]?.[1]).toMatch(/exec Rscript --vanilla \.command\.R\n$/);
  });

  test("a variable that cannot be exported is refused", () => {
    expect(() => commandFiles({ ...command, interpreter: "bash", env: { "A-B": "1" } })).toThrow(
      "environment variable",
    );
  });

  test("the title cannot break out of its comment", () => {
    const { files } = commandFiles({ ...command, interpreter: "bash", title: "a\ntouch pwned" });
    expect(files[0]?.[1]).not.toContain("\ntouch");
  });
});

describe("commandWords", () => {
  test.each([
    ["bwa mem ref.fa r.fq | samtools sort -o x.bam -", ["bwa", "samtools"]],
    ["set -x\nFOO=1 fastqc a.fq && multiqc . || true", ["fastqc", "multiqc"]],
    ["# bwa is not called\necho 'samtools view | x' # nor here", []],
    ["find . -name '*.bam' | xargs -n1 samtools index", ["find", "samtools"]],
    ["if true; then java -jar x.jar; else exit 1; fi", ["java"]],
    ["x=$(samtools view -c a.bam)\ntime bcftools call >&2", ["samtools", "bcftools"]],
    ["echo a 2>&1", []],
    ['echo "$((1+${n}))" >&2; x=$(( (2 + 3) * 4 )); seqtk seq $((n % 2))', ["seqtk"]],
  ])("%s", (script, words) => {
    expect(commandWords(script)).toEqual(words);
  });
});

describe("diagnose", () => {
  const end: ScriptEnd = {
    interpreter: "bash",
    text: "# align\nbwa mem a b | samtools sort",
    workDir: "/w",
    status: 1,
    killed: null,
    timeoutMs: 0,
    memory: 0,
    peakMemory: null,
    outOfMemory: false,
    disk: 0,
    diskUsed: 0,
    processes: 0,
    refusedForks: 0,
    inImage: false,
    diskFull: false,
    leftovers: [],
    refused: null,
    stderrTail: [],
  };
  test.each([
    ["a status", {}, "exit", "bwa … exited with status 1"],
    ["a signal", { status: 139 }, "signal", "bwa … was ended by SIGSEGV"],
    [
      "the kernel's OOM killer",
      { status: 137, outOfMemory: true, peakMemory: 2 ** 30 },
      "memory",
      "bwa … ran out of memory (it had reached 1 GiB)",
    ],
    [
      "a limit of memory",
      { status: 137, outOfMemory: true, memory: 4 * 2 ** 30, peakMemory: 4.1 * 2 ** 30 },
      "memory",
      "out of memory: peak 4.1 GiB of 4 GiB",
    ],
    [
      "a limit of memory, in round numbers",
      { killed: "memory", status: 0, outOfMemory: true, memory: 4e9, peakMemory: 3.96e9 },
      "memory",
      "out of memory: peak 4 GB of 4 GB",
    ],
    ["SIGKILL near its memory", { status: 137, memory: 1000, peakMemory: 990 }, "memory", "ran out of memory"],
    [
      "a full scratch",
      { killed: "disk", status: 137, disk: 10e9, diskUsed: 10.21e9 },
      "disk",
      "filled its scratch: 10.2 GB of 10 GB",
    ],
    [
      "forks without end",
      { killed: "processes", status: 137, processes: 4096, refusedForks: 9 },
      "exit",
      "ran into its limit of 4,096 processes",
    ],
    ["a fork that was refused", { processes: 4096, refusedForks: 1 }, "exit", "ran into its limit of 4,096 processes"],
    [
      "an image without a shell",
      { status: 1, inImage: true, stderrTail: ["bwrap: execvp sh: No such file or directory"] },
      "exit",
      "there is no program sh in its image",
    ],
    [
      "an image without a program",
      { status: 127, inImage: true, stderrTail: ["sh: 1: bash: not found"] },
      "exit",
      "no program bash in its image",
    ],
    ["SIGKILL far from its memory", { status: 137, memory: 1000, peakMemory: 10 }, "signal", "SIGKILL"],
    ["no room", { diskFull: true }, "disk", "disk full"],
    ["a lost launcher", { status: null }, "lost", "lost"],
    ["memory that took the shell too", { status: null, outOfMemory: true }, "memory", "ran out of memory"],
    ["a timeout", { killed: "timeout", timeoutMs: 60_000, status: 143 }, "timeout", "its timeout of 1m"],
    [
      "a missing program (bash)",
      { status: 127, stderrTail: [".command.sh: line 9: bwa: command not found"] },
      "exit",
      "no program bwa",
    ],
    [
      "a missing program (dash)",
      { status: 127, stderrTail: [".command.sh: 9: bwa-mem2: not found"] },
      "exit",
      "no program bwa-mem2",
    ],
    ["memory that was not asked for", { stderrTail: ["x: LIGASE_MEMORY: unbound variable"] }, "exit", "status 1"],
  ] as const)("%s", (_, more, cause, message) => {
    const found = diagnose({ ...end, ...more });
    expect(found.cause).toBe(cause);
    expect(found.error.message).toContain(message);
    expect(found.error.facts).toMatchObject({ command: "bwa mem a b | samtools sort", workDir: "/w" });
  });

  test("a status above 128 that is no signal is a status", () => {
    expect(signalOf(255)).toBeNull();
    expect(signalOf(143)).toBe("SIGTERM");
  });
});

describe("tailOf", () => {
  const dir = mkdtempSync(join(tmpdir(), "ligase-test-"));
  const tail = (content: string | Uint8Array): string[] => {
    writeFileSync(join(dir, "log"), content);
    return tailOf(join(dir, "log"));
  };

  test("gives the last twenty lines", () => {
    const lines = Array.from({ length: 30 }, (_, i) => `line ${i}`);
    expect(tail(`${lines.join("\n")}\n\n`)).toEqual(lines.slice(10));
  });

  test("gives of a progress bar its last state", () => {
    expect(tail("10 %\r50 %\r100 %\ndone\r\n")).toEqual(["100 %", "done"]);
  });

  test("gives nothing of a file that is empty or missing", () => {
    expect(tail("")).toEqual([]);
    rmSync(dir, { recursive: true });
    expect(tailOf(join(dir, "log"))).toEqual([]);
  });
});

describe("a warm shell", () => {
  const warm = (text: string, interpreter = "bash") =>
    commandFiles({ title: "align", interpreter, text, env: {} }).warm;

  test("runs what would do the same in any shell", () => {
    expect(warm("samtools view x.bam 2>&1 | head && echo done >&2; bwa index r.fa &> log; exec 3<&0")).toBe(true);
    expect(warm("bwa mem -t $LIGASE_CPU 'chr17.fa' 'r1.fq' | samtools sort -o sorted.bam -")).toBe(true);
    expect(warm('for f in *.fq; do gzip -c "$f" > "${f%.fq}.gz"; done; exit 3')).toBe(true);
  });

  test.each([
    "sort -T /tmp/sort.$$ x",
    "echo ${$}",
    "kill $PPID",
    "echo $BASHPID $RANDOM",
    "trap 'rm -f tmp' EXIT",
    "sleep 1 & wait $!",
    "sleep 9 & kill %1",
    "gzip a.fq & gzip b.fq & wait",
    "echo $SECONDS",
    "times",
    "echo $-",
  ])("does not run %j, which asks whose shell it is", (text) => expect(warm(text)).toBe(false));

  test("is a bash", () =>
    expect(["sh", "zsh", "python3"].map((shell) => warm("x", shell))).toEqual([false, false, false]));
});

test("shellWord leaves no quote open", () => {
  expect(shellWord("it's")).toBe(`'it'\\''s'`);
});
