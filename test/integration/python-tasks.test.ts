import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { BIN, Project } from "../cli/project.ts";
import { describeWith } from "../support/needs.ts";

const PACKAGE = fileURLToPath(new URL("../../python/src", import.meta.url));
const python = process.env["LIGASE_PYTHON"] ?? "python3";

/** How a body says that it runs: a file outside of Ligase, written in one system call. */
const LEDGER = `import os

def note(line):
    with open(os.environ["LEDGER"], "a") as file:
        file.write(line + "\\n")
`;

const LIB = {
  "ledger.py": LEDGER,
  "lib/__init__.py": "",
  "lib/kmers.py": `from .text import windows

def counts(text, k):
    found = {}
    for window in windows(text, k):
        found[window] = found.get(window, 0) + 1
    return found
`,
  "lib/text.py": "def windows(text, k):\n    return [text[i : i + k] for i in range(len(text) - k + 1)]\n",
};

const WORKFLOW = {
  ...LIB,
  "embed.py": `from ledger import note
from lib.kmers import counts

def embed_chunk(chunk: str, k: int = 2) -> list[float]:
    """Embed a chunk.

    Args:
        chunk: the letters
        k: how long a word is
    """
    note("embed " + chunk)
    return sorted(n / len(chunk) for n in counts(chunk, k).values())

def length(chunk: str) -> int:
    note("length " + chunk)
    return len(chunk)
`,
  "workflow.ts": `import { map, python, task } from "ligase";
export const embed = python<(chunk: string, k?: number) => number[]>("./embed.py", "embed_chunk");
export const length = python<(chunk: string) => number>("./embed.py", "length");
export const main = task((chunks: string[]) => map(chunks, (chunk) => [length(chunk), embed(chunk)]));
`,
};

const APP = {
  ...LIB,
  "app.py": `from ledger import note
from ligase import function
from lib.kmers import counts

@function(cpu=1)
def embed(chunk: str, k: int = 2) -> list:
    note("embed " + chunk)
    return sorted(counts(chunk, k).values())

@function
def main(chunks: list[str], k: int = 2) -> dict[str, list]:
    """Embed chunks."""
    note("main")
    return dict(zip(chunks, embed.map(chunks, [k] * len(chunks))))

@function
def boom(x: int) -> int:
    note(f"boom {x}")
    raise ValueError(f"bad {x}")

@function
def slow(x: int) -> int:
    import time
    note(f"slow {x} {__import__('os').getpid()}")
    time.sleep(60)
    return x
`,
};

let project: Project;
let ran: string[];
const children: ChildProcess[] = [];

beforeEach(() => {
  project = new Project();
  ran = [];
});
afterEach(() => {
  for (const child of children.splice(0)) {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
    } catch {
      // it has ended
    }
  }
  project.remove();
});

function write(files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) project.write(path, text);
}

/** Runs a command that must succeed; what bodies noted meanwhile is in `ran`. */
async function ligase(...args: string[]): Promise<{ stdout: string; stderr: string }> {
  rmSync(project.path("ledger"), { force: true });
  const { code, stdout, stderr } = await project.start(args, { env: { LEDGER: project.path("ledger") } }).ended;
  ran = noted();
  if (code !== 0) throw new Error(`${args.join(" ")} ended with ${code}:\n${stdout}\n${stderr}`);
  return { stdout, stderr };
}

const noted = (): string[] =>
  existsSync(project.path("ledger")) ? readFileSync(project.path("ledger"), "utf8").trim().split("\n").sort() : [];

/** Starts a Python program as people do. */
function program(file: string, ...args: string[]) {
  rmSync(project.path("ledger"), { force: true });
  const child = spawn(python, [file, ...args], {
    cwd: project.dir,
    env: { ...process.env, NO_COLOR: "1", LEDGER: project.path("ledger"), PYTHONPATH: PACKAGE, LIGASE_BIN: BIN },
    stdio: ["ignore", "pipe", "pipe"],
    // A process group of its own, as a shell gives it one.
    detached: true,
  });
  children.push(child);
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  const ended = once(child, "close").then(([code, signal]) => {
    ran = noted();
    return { code: code as number | null, signal: signal as string | null, stdout, stderr };
  });
  return { child, ended };
}

async function until(holds: () => boolean, what: string): Promise<void> {
  for (let tries = 0; tries < 1200; tries++) {
    if (holds()) return;
    await delay(50);
  }
  throw new Error(`waited in vain for ${what}`);
}

const lives = (pid: number): boolean => {
  try {
    return !readFileSync(`/proc/${pid}/stat`, "utf8").includes(") Z ");
  } catch {
    return false;
  }
};

describeWith({ programs: [python] })("functions in Python", () => {
  describe("in a TypeScript workflow", () => {
    beforeEach(() => write(WORKFLOW));
    const main = (): Promise<{ stdout: string; stderr: string }> =>
      ligase("run", "workflow.ts", "--chunks", "ACGT", "--chunks", "AAAA", "--json");

    test("run once, in the order of their items (1)", async () => {
      const { stdout, stderr } = await main();
      expect(JSON.parse(stdout)).toEqual([
        [4, [0.25, 0.25, 0.25]],
        [4, [0.75]],
      ]);
      expect(stderr).toContain("=> Syncing files (");
      expect(ran).toEqual(["embed AAAA", "embed ACGT", "length AAAA", "length ACGT"]);
      const again = await main();
      expect(again.stdout).toBe(stdout);
      expect(again.stderr).not.toContain("Syncing");
      expect(ran).toEqual([]);
    });

    test("run again when they are edited, and no others (2, 3)", async () => {
      await main();
      project.edit("embed.py", "n / len(chunk)", "n / len(chunk) * 2");
      expect(JSON.parse((await main()).stdout)[1]).toEqual([4, [1.5]]);
      expect(ran).toEqual(["embed AAAA", "embed ACGT"]);
      project.edit("embed.py", "n / len(chunk) * 2", "n / len(chunk)");
      await main();
      expect(ran).toEqual([]);
    });

    test("run again when a helper two modules away is edited, not for a comment or formatting (21, 22)", async () => {
      await main();
      project.edit(
        "lib/text.py",
        "def windows(text, k):\n",
        "# Every one of them.\ndef windows(\n    text, k\n):\n    '''All.'''\n",
      );
      project.edit("embed.py", "chunk: str, k: int = 2) -> list[float]:", "chunk, k = 2):");
      await main();
      expect(ran).toEqual([]);
      project.edit("lib/text.py", "+ 1)]", "+ 1)][:1]");
      await main();
      expect(ran).toEqual(["embed AAAA", "embed ACGT"]);
    });

    test("take their flags from annotations, and why tells what changed", async () => {
      const help = await ligase("run", "workflow.ts", "embed", "--help");
      expect(help.stdout).toMatch(/--chunk TEXT +the letters \(required\)/);
      expect(help.stdout).toMatch(/-k INTEGER +how long a word is \(default: 2\)/);
      expect(help.stdout).toContain("Embed a chunk.");
      expect((await ligase("run", "workflow.ts", "embed", "--chunk", "ACGT", "-k", "4", "--json")).stdout).toBe(
        "[0.25]\n",
      );
      project.edit("lib/kmers.py", "found.get(window, 0) + 1", "found.get(window, 0) + 2");
      await ligase("run", "workflow.ts", "embed", "--chunk", "ACGT", "-k", "4");
      const why = await ligase("why", "embed");
      expect(why.stdout).toMatch(/lib\/kmers\.py/);
      expect(why.stdout).toContain("- ");
      expect(why.stdout).toContain("found.get(window, 0) + 2");
    });

    test("show what they raise as Python does", async () => {
      project.edit("lib/text.py", "    return", '    raise ValueError("no windows")\n    return');
      const { code, stderr } = await project.start(["run", "workflow.ts", "--chunks", "ACGT"], {
        env: { LEDGER: project.path("ledger") },
      }).ended;
      expect(code).toBe(1);
      expect(stderr).toContain("no windows");
      expect(stderr).toContain(`File "${project.path("lib/text.py")}", line 2, in windows`);
      expect(stderr).toContain(`File "${project.path("embed.py")}", line 12, in embed_chunk`);
    });

    test("hand on files, and mix with tasks in TypeScript", async () => {
      write({
        "report.py": `from pathlib import Path

def report(source, rows: list):
    Path("out.tsv").write_text("\\n".join([Path(source).read_text().strip(), *map(str, rows)]))
    return Path("out.tsv")
`,
        "files.ts": `import { File, python, task } from "ligase";
export const report = python<(source: File, rows: number[]) => File>("./report.py", "report");
export const count = task(async (file: File) => (await file.text()).split("\\n").length);
export const main = task((source: File) => count(report(source, [1, 2, 3])));
`,
        "source.txt": "rows\n",
      });
      expect((await ligase("run", "files.ts", "--source", "source.txt")).stdout).toBe("4\n");
      // Its content counts, not its name's place.
      write({ "source.txt": "rows\nmore\n" });
      expect((await ligase("run", "files.ts", "--source", "source.txt")).stdout).toBe("5\n");
    });

    test("work on the files as they were when the run began", async () => {
      write({
        "late.py": `import os, time
from ledger import note

def late():
    note("begun")
    for _ in range(1200):
        if os.path.exists(os.environ["LEDGER"] + ".go"):
            break
        time.sleep(0.05)
    from value import VALUE
    return VALUE
`,
        "value.py": "VALUE = 1\n",
        "late.ts": `import { python } from "ligase";\nexport const main = python<() => number>("./late.py", "late");\n`,
      });
      const under = project.start(["run", "late.ts"], { env: { LEDGER: project.path("ledger") } });
      await until(() => noted().includes("begun"), "the function to begin");
      write({ "value.py": "VALUE = 2\n", "ledger.go": "" });
      expect((await under.ended).stdout).toBe("1\n");
      expect((await ligase("run", "late.ts")).stdout).toBe("2\n");
    });

    test("that are not there are told of, with the nearest that is", async () => {
      project.edit("workflow.ts", '"embed_chunk"', '"embed_chunks"');
      const { code, stderr } = await project.run("run", "workflow.ts");
      expect(code).toBe(1);
      expect(stderr).toContain("workflow.ts:2:");
      expect(stderr).toContain("embed.py has no function embed_chunks");
      expect(stderr).toContain("did you mean embed_chunk?");
    });
  });

  describe("of an app in Python", () => {
    beforeEach(() => {
      rmSync(project.path("package.json"));
      write(APP);
    });

    test("run from the command line, with nested calls, and once (1)", async () => {
      const { stdout } = await ligase("run", "app.py:main", "--chunks", "ACGT", "--chunks", "AAAA", "--json");
      expect(JSON.parse(stdout)).toEqual({ ACGT: [1, 1, 1], AAAA: [3] });
      expect(ran).toEqual(["embed AAAA", "embed ACGT", "main"]);
      expect((await ligase("run", "app.py", "main", "--chunks", "ACGT", "--chunks", "AAAA", "--json")).stdout).toBe(
        stdout,
      );
      expect(ran).toEqual([]);
      expect(readdirSync(project.dir).sort()).toEqual([".ligase", "app.py", "ledger.py", "lib"]);
    });

    test("run again when a helper is edited; what only calls them by name does not (3, 21)", async () => {
      const run = (): Promise<{ stdout: string }> => ligase("run", "app.py:main", "--chunks", "ACGT", "--json");
      await run();
      project.edit("lib/text.py", "+ 1)]", "+ 1)][:1]");
      expect(JSON.parse((await run()).stdout)).toEqual({ ACGT: [1] });
      expect(ran.filter((line) => line !== "main")).toEqual(["embed ACGT"]);
    });

    test("are listed, drawn, explained and planned", async () => {
      const { stdout } = await ligase("tasks", "app.py");
      expect(stdout).toContain("main(chunks: string[], k: integer = 2)");
      expect(stdout).toContain("Embed chunks.");
      expect((await ligase("graph", "app.py", "main")).stdout).toMatch(/main\n└─ embed ×N/);
      const [plan] = JSON.parse(
        (await ligase("run", "app.py:main", "--chunks", "A", "--dry-run", "--json")).stdout,
      ).tasks;
      expect(plan).toMatchObject({ task: "main", run: 1 });
      expect(ran).toEqual([]);
    });

    test("raise what a helper's import raises, as Python shows it", async () => {
      project.edit("lib/kmers.py", "from .text", "import numpyy\nfrom .text");
      const { code, stderr } = await project.run("run", "app.py:main");
      expect(code).toBe(1);
      expect(stderr).toContain(`File "${project.path("lib/kmers.py")}", line 1, in <module>`);
      expect(stderr).toContain("ModuleNotFoundError: No module named 'numpyy'");
      expect(stderr).toContain("import it inside of the function, or under `if env.is_remote():`");
      expect(stderr).toContain("LIGASE_E_PYTHON");
    });

    test("are named wrongly with a mend", async () => {
      const { code, stderr } = await project.run("run", "app.py:mian");
      expect(code).toBe(2);
      expect(stderr).toContain("did you mean main?");
      write({ "none.py": "def main():\n    return 1\n" });
      expect((await project.run("run", "none.py:main")).stderr).toContain("write @function over a def of it");
    });

    test("need a Python", async () => {
      const { code, stderr } = await project.start(["run", "app.py"], { env: { LIGASE_PYTHON: "no-such-python" } })
        .ended;
      expect(code).toBe(1);
      expect(stderr).toContain("there is no no-such-python here");
    });
  });

  describe("of a program that runs itself", () => {
    beforeEach(() => {
      rmSync(project.path("package.json"));
      write(APP);
    });

    test("give values and errors, and are cached", async () => {
      write({
        "run.py": `from app import boom, embed, main
if __name__ == "__main__":
    print(main.remote(["ACGT"]))
    print(list(embed.map(["AAAA", "AC", "ACGTACGT"])))
    try:
        boom.remote(1)
    except ValueError as error:
        print("raised", error)
    try:
        list(boom.map([2, 3]))
    except ValueError as error:
        print("raised", error)
    print(main.local(["A"]) if False else "local")
`,
      });
      const first = await program("run.py").ended;
      expect(first).toMatchObject({
        code: 0,
        stdout: "{'ACGT': [1, 1, 1]}\n[[3], [1], [1, 2, 2, 2]]\nraised bad 1\nraised bad 2\nlocal\n",
      });
      expect(ran.filter((line) => !line.startsWith("boom"))).toEqual([
        "embed AAAA",
        "embed AC",
        "embed ACGT",
        "embed ACGTACGT",
        "main",
      ]);
      expect(first.stderr).toMatch(/✓ main {2}2 done/);
      expect(first.stderr).toMatch(/✓ embed {2}3 done/);
      expect(first.stderr).toMatch(/✗ boom {2}1 failed/);
      const second = await program("run.py").ended;
      expect(second.stdout).toBe(first.stdout);
      // What failed is never replayed.
      expect(ran.filter((line) => !line.startsWith("boom"))).toEqual([]);
      expect(ran).toContain("boom 1");
      const log = await project.ok("log", "--jsonl");
      const runs = log
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line) as { task: string; state: string; tags: object });
      expect(
        runs
          .map(({ task, state }) => `${task} ${state}`)
          .reverse()
          .slice(0, 4),
      ).toEqual(["main done", "embed done", "boom failed", "boom failed"]);
      expect(runs[0]?.tags).toEqual({ program: "run.py" });
    });

    test("print Python's own traceback when nobody catches", async () => {
      write({ "run.py": "from app import boom\nboom.remote(1)\n" });
      const { code, stderr } = await program("run.py").ended;
      expect(code).toBe(1);
      expect(stderr).toContain("ValueError: bad 1");
      expect(stderr).toContain('run.py", line 2, in <module>');
      expect(stderr).toContain('app.py", line 19, in boom');
    });

    const slowPid = (): number | undefined => {
      const line = noted().find((one) => one.startsWith("slow "));
      return line === undefined ? undefined : Number(line.split(" ")[2]);
    };

    test("end with Ctrl+C, and their jobs with them", async () => {
      write({ "run.py": "from app import slow\nslow.remote(1)\n" });
      const { child, ended } = program("run.py");
      await until(() => slowPid() !== undefined, "the job to begin");
      process.kill(-child.pid!, "SIGINT");
      const { stderr } = await ended;
      expect(stderr).toContain("KeyboardInterrupt");
      await until(() => !lives(slowPid()!), "the job to end");
      expect((await project.json<{ state: string }[]>("log"))[0]).toMatchObject({ state: "cancelled" });
    });

    test("end with a program that is killed, and their jobs with them", async () => {
      write({ "run.py": "from app import slow\nslow.remote(1)\n" });
      const { child, ended } = program("run.py");
      await until(() => slowPid() !== undefined, "the job to begin");
      child.kill("SIGKILL");
      await ended;
      await until(() => !lives(slowPid()!), "the job to end");
      await until(() => readdirSync(project.path(".ligase")).length > 0, "the store");
      const runs = await project.json<{ state: string }[]>("log");
      expect(runs[0]).toMatchObject({ state: "cancelled" });
    });

    test("may spawn, cancel, and go on", async () => {
      write({
        "run.py": `from app import embed, slow
waiting = slow.spawn(1)
first = embed.spawn("ACGT")
print(first.result())
waiting.cancel()
print(waiting.status())
print(embed.remote("AAAA"))
`,
      });
      const { code, stdout } = await program("run.py").ended;
      expect({ code, stdout }).toEqual({ code: 0, stdout: "[1, 1, 1]\ncancelled\n[3]\n" });
    });

    test("cannot be started by hand", async () => {
      const { code, stderr } = await project.run("python-session", "app.py");
      expect(code).toBe(1);
      expect(stderr).toContain("start the program: python app.py");
    });
  });
});

describeWith({ programs: ["bwrap", "mmdebstrap"] })("functions in Python in an image", () => {
  test("run in it, and count it (23)", async () => {
    write({
      ...WORKFLOW,
      "where.py": `import os, sys
from ledger import note
from lib.kmers import counts

def where(chunk):
    return [sys.executable, len(counts(chunk, 2)), os.environ.get("FLAVOUR")]
`,
      "image.ts": `import { Image, python } from "ligase";
const image = Image.debian("12").python("3.11");
export const main = python<(chunk: string) => unknown[]>("./where.py", "where", { image });
`,
    });
    project.write("ligase.config.json", '{ "container": { "engine": "sandbox" } }');
    const { stdout } = await ligase("run", "image.ts", "--chunk", "ACGT", "--json");
    expect(JSON.parse(stdout)).toEqual(["/usr/bin/python3", 3, null]);
    project.edit("image.ts", 'python("3.11")', 'python("3.11").env({ FLAVOUR: "sour" })');
    const changed = await ligase("run", "image.ts", "--chunk", "ACGT", "--json");
    expect(JSON.parse(changed.stdout)).toEqual(["/usr/bin/python3", 3, "sour"]);
  });
});
