import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, it } from "vitest";
import { columnsOf } from "../../src/kernel/index.ts";
import { BIN, type Ended, type Project, project, type StartOptions } from "./project.ts";

/** One clear error: nothing on stdout, and no frames of Ligase or Node. */
function assertError(ended: Ended, code: number, ...texts: (string | RegExp)[]): void {
  expect(ended).toMatchObject({ code, stdout: "" });
  for (const text of texts) expect(ended.stderr).toMatch(text);
  expect(ended.stderr).not.toMatch(/node:internal|src\/(cli|engine|code|kernel)\/|dist\//);
}

const HELLO = 'import { task } from "ligase";\nexport const main = task(() => "hello");\n';

describe.concurrent("a command line that cannot be read ends with 2", () => {
  it("names the nearest command, flag, file and task", async () => {
    const p = project({ "workflow.ts": `${HELLO}export const align = task((depth: number) => depth);\n` });
    assertError(await p.run("rum"), 2, "there is no command rum", "did you mean ligase run?");
    assertError(await p.run("workflow.ts"), 2, "ligase run workflow.ts");
    assertError(await p.run("log", "--stat", "done"), 2, "ligase log has no flag --stat", "did you mean --state?");
    assertError(await p.run("log", "--limit"), 2, "--limit");
    assertError(await p.run("log", "--limit", "few"), 2, "--limit few is not a number");
    assertError(await p.run("log", "a", "b"), 2, "there is also: b");
    assertError(await p.run("cancel"), 2, "usage: ligase cancel <run>");
    assertError(await p.run("run", "workflw.ts"), 2, "workflw.ts does not exist", "did you mean workflow.ts?");
    assertError(await p.run("run", "workflow"), 2, "did you mean workflow.ts?");
    assertError(await p.run("run", "."), 2, "is a folder", "did you mean workflow.ts?");
    assertError(
      await p.run("run", "workflow.ts", "algin"),
      2,
      "there is no task algin in workflow.ts",
      "did you mean align?",
    );
    assertError(await p.run("run", "workflow.ts", "align", "--dept", "3"), 2, "--dept", "--depth");
    assertError(await p.run("run", "workflow.ts", "align", "--depth", "deep"), 2, "--depth", "number");
    assertError(await p.run("run", "workflow.ts", "align"), 2, "--depth");
  });

  it("asks for a task where there are several and none is main", async () => {
    const p = project({
      "two.ts": 'import { task } from "ligase";\nexport const a = task(() => 1);\nexport const b = task(() => 2);',
      "one.ts": 'import { task } from "ligase";\nexport const a = task(() => 1);',
      "none.ts": "export const a = 1;",
    });
    assertError(await p.run("run", "two.ts"), 2, "none is called main", "ligase run two.ts a; there are a, b");
    assertError(await p.run("run", "none.ts"), 2, "none.ts exports no task", "export const main = task");
    expect(await p.ok("run", "one.ts")).toBe("1\n");
  });

  it("prints help for nothing, and for --help", async () => {
    const p = project();
    expect(await p.run()).toMatchObject({ code: 2, stdout: expect.stringContaining("Keep house") });
    expect(await p.ok("--help")).toContain("Keep house");
    expect(await p.ok("help", "why")).toBe(await p.ok("why", "-h"));
    expect(await p.ok("--version")).toMatch(/^\d+\.\d+\.\d+/);
  });
});

describe.concurrent("what is wrong with the user's code is told with their line", () => {
  it("a syntax error, with the line itself", async () => {
    const p = project({ "workflow.ts": `${HELLO}export const broken = task((x: number => x);\n` });
    assertError(await p.run("run", "workflow.ts"), 1, "workflow.ts:3", "export const broken = task");
  });

  it("an import of what is not there; a circle of imports is no error", async () => {
    const p = project({
      "missing.ts": 'import { trim } from "./lib/trimm.ts";\nexport const x = trim;\n',
      "a.ts":
        'import { task } from "ligase";\nimport { twice } from "./b.ts";\nexport const base = 21;\nexport const main = task(() => twice());\n',
      "b.ts": 'import { base } from "./a.ts";\nexport const twice = () => 2 * base;\n',
    });
    assertError(await p.run("run", "missing.ts"), 1, "missing.ts:1", "lib/trimm.ts");
    expect(await p.ok("run", "a.ts")).toBe("42\n");
  });

  it("an error that a module throws when it is loaded", async () => {
    const p = project({
      "workflow.ts": `${HELLO}\nfunction settings(): never {\n  throw new RangeError("no settings");\n}\nsettings();\n`,
    });
    assertError(await p.run("run", "workflow.ts"), 1, "RangeError: no settings", "workflow.ts:5");
  });

  it("a value that cannot be stored, with the path inside it and the task", async () => {
    const p = project({
      "workflow.ts": `
import { task } from "ligase";
export const make = task(() => ({ samples: [{ id: "s1" }, { id: "s2", parse: () => 1 }] }) as unknown);
export const main = task(() => make());
`,
    });
    assertError(await p.run("run", "workflow.ts"), 1, "make failed", ".samples[1].parse", "function");
  });

  it("Windows line endings in a sample sheet are no part of its cells", async () => {
    const p = project({
      "workflow.ts": `
import { type File, task } from "ligase";
export const main = task(async (sheet: File) => {
  const rows: string[][] = [];
  for await (const line of sheet.lines()) rows.push(line.split(","));
  return rows;
});
`,
      "samples.csv": "\ufeffid,reads\r\ns1,a.fq\r\ns2,b.fq\r\n",
    });
    expect(await p.json("run", "workflow.ts", "--sheet", "samples.csv", "--quiet")).toEqual([
      ["id", "reads"],
      ["s1", "a.fq"],
      ["s2", "b.fq"],
    ]);
    // The same sheet with other endings is another file, and the cells are what they were.
    const windows = await p.ok("cat", "@");
    p.write("samples.csv", "id,reads\ns1,a.fq\ns2,b.fq\n");
    await p.ok("run", "workflow.ts", "--sheet", "samples.csv", "--quiet");
    expect(await p.ok("cat", "@")).toBe(windows);
  });

  it("Windows line endings are no error", async () => {
    const text =
      'import { script, task } from "ligase";\n\nexport const main = task((name: string) => script`\n  printf "%s\\n" ${name}\n  echo two\n`);\n';
    const p = project({ "workflow.ts": text.replaceAll("\n", "\r\n"), "params.yaml": "name: ann\r\n" });
    expect(await p.ok("run", "workflow.ts", "--params", "params.yaml")).toBe("ann\ntwo\n");
  });
});

describe.concurrent("ids", () => {
  it("suggests, lists the candidates of a prefix, and says where there is nothing", async () => {
    const p = project({
      "workflow.ts":
        'import { map, task } from "ligase";\nexport const one = task((i: number) => i);\nexport const main = task(() => map(Array.from({ length: 40 }, (_, i) => i), (i) => one(i)));',
    });
    assertError(await p.run("log"), 1, "nothing has run here yet");
    await p.ok("run", "workflow.ts");
    const [{ id }] = await p.json("log");
    expect(await p.ok("log", id.slice(0, 8))).toContain(id.slice(0, 8));
    const typo = `${id.slice(0, 3)}u${id.slice(4, 8)}`;
    assertError(await p.run("log", typo), 2, `there is no run or job ${typo}`, `did you mean ${id.slice(0, 8)}?`);
    assertError(await p.run("why", "mian"), 2, "did you mean main?");
    // Forty-one jobs and a run share thirty-two first letters.
    const { jobs } = await p.json("log", id);
    const first = [...Map.groupBy(jobs as { id: string }[], (job) => job.id[0]!)].find(
      ([, group]) => group.length > 1,
    )!;
    const ambiguous = await p.run("log", first[0]);
    assertError(ambiguous, 2, `several ids begin with ${first[0]}:`, "write more of it");
    expect(ambiguous.stderr).toMatch(new RegExp(`  ${first[0]}[0-9a-z]{12}  (job|run) of`));
  });
});

describe.concurrent("a reader that has enough", () => {
  /** What a shell prints: the first line, and how the command before the pipe ended. */
  function piped(p: Project, command: string): { line: string; status: string; stderr: string } {
    const script = `"$NODE" "$BIN" ${command} | head -n 1; echo "\${PIPESTATUS[0]}"`;
    const { stdout, stderr } = spawnSync("bash", ["-c", script], {
      cwd: p.dir,
      encoding: "utf8",
      env: { ...process.env, NODE: process.execPath, BIN, NO_COLOR: "1", FORCE_COLOR: undefined, COLUMNS: undefined },
    });
    const [line = "", status = ""] = stdout.trimEnd().split("\n");
    return { line, status, stderr };
  }

  it("ends a long answer, and that is no error", async () => {
    const p = project({
      "workflow.ts": `
import { map, script, task } from "ligase";
export const one = task((i: number) => i);
export const main = task(() => map(Array.from({ length: 3000 }, (_, i) => i), (i) => one(i)));
export const big = task(() => script({ outputs: "big.txt" })\`awk 'BEGIN { for (i = 0; i < 2000000; i++) print "line" }' > big.txt; awk 'BEGIN { for (i = 0; i < 200000; i++) print "word" }' \`);
`,
    });
    await p.ok("run", "workflow.ts", "--quiet");
    await p.ok("run", "workflow.ts", "big", "--quiet");
    expect(piped(p, "log")).toMatchObject({ line: expect.stringContaining("big"), status: "0", stderr: "" });
    expect(piped(p, "log --jobs -n 0")).toMatchObject({ line: expect.stringMatching(/^id /), status: "0", stderr: "" });
    expect(piped(p, "log --jobs -n 0 --jsonl")).toMatchObject({ line: expect.stringMatching(/^{/), status: "0" });
    expect(piped(p, "cat @")).toEqual({ line: "line", status: "0", stderr: "" });
    expect(piped(p, "cat @~1")).toEqual({ line: "[", status: "0", stderr: "" });
    expect(piped(p, "logs big")).toEqual({ line: "word", status: "0", stderr: "" });
    expect(piped(p, "logs")).toMatchObject({ line: expect.stringMatching(/│ word$/), status: "0", stderr: "" });
    expect(piped(p, "show big")).toMatchObject({ line: expect.stringContaining("big"), status: "0", stderr: "" });
    expect(piped(p, "log --help")).toMatchObject({ status: "0", stderr: "" });
  });
});

describe.concurrent("a screen of 40 columns", () => {
  it("holds every list and report", async () => {
    const p = project({
      "workflow.ts": `
import { map, script, task } from "ligase";
export const alignTheReadsOfASample = task((sample: string, depth: number = 3) => script({ outputs: "out.bam" })\`echo \${sample} > out.bam\`);
export const main = task(() => map(["a-very-long-sample-name-1", "b"], (name) => alignTheReadsOfASample(name)));
`,
    });
    await p.ok("run", "workflow.ts", "--quiet", "--tag", "purpose=a-long-tag");
    const narrow = async (...args: string[]): Promise<string[]> => {
      const { code, stdout } = await p.start(args, { env: { COLUMNS: "40" } }).ended;
      expect(code).toBe(0);
      expect(stdout.split("\n").filter((line) => columnsOf(line) > 40)).toEqual([]);
      return stdout.split("\n");
    };
    expect(await narrow("--help")).toContain("Look");
    expect((await narrow("log"))[0]).toMatch(/main .* 3 done/);
    expect((await narrow("log", "@"))[0]).toMatch(/: done$/);
    expect((await narrow("log", "--jobs"))[0]).toMatch(/^id +task +duration +args$/);
    expect((await narrow("log", "--columns", "id,command,user,host"))[0]).toMatch(/^id +command/);
    expect((await narrow("tasks"))[0]).toMatch(/^task +jobs +mean/);
    expect((await narrow("why"))[0]).toMatch(/main/);
    expect((await narrow("show", "LIGASE_E_OUT_OF_MEMORY"))[0]).toBe("LIGASE_E_OUT_OF_MEMORY");
  });
});

describe.concurrent("places that cannot be used", () => {
  /** As root nothing is read-only, so it is somebody else who tries. */
  const other: StartOptions = process.getuid?.() === 0 ? { uid: 65534 } : {};

  it("a project folder that cannot be written to: one clear error", async () => {
    const p = project({ "workflow.ts": HELLO });
    chmodSync(p.dir, 0o555);
    const ended = await p.start(["run", "workflow.ts"], {
      ...other,
      env: { HOME: "/nonexistent", XDG_CACHE_HOME: undefined },
    }).ended;
    chmodSync(p.dir, 0o755);
    assertError(ended, 1, /error .*(cannot|permission|writ)/);
    expect(ended.stderr.match(/^error /gm)).toHaveLength(1);
    mkdirSync(p.path("sub"));
    chmodSync(p.path("sub"), 0o555);
    assertError(
      await p.start(["init", "sub"], { ...other, env: { HOME: "/nonexistent" } }).ended,
      1,
      "permission denied",
    );
    chmodSync(p.path("sub"), 0o755);
  });

  it("no home folder is no error", async () => {
    const p = project({ "workflow.ts": HELLO });
    const ended = await p.start(["run", "workflow.ts"], { env: { HOME: undefined, XDG_CACHE_HOME: undefined } }).ended;
    expect(ended).toMatchObject({ code: 0, stdout: "hello\n" });
  });

  it("a store of a newer version, and one that is none", async () => {
    const p = project({ "workflow.ts": HELLO });
    await p.ok("run", "workflow.ts");
    const db = new DatabaseSync(p.path(".ligase/store.db"));
    db.exec("pragma user_version = 9999");
    db.close();
    assertError(await p.run("log"), 1, "written by a newer Ligase", "update ligase");
    assertError(await p.run("run", "workflow.ts"), 1, "written by a newer Ligase");
    p.write("other/store.db", "this is no database, though it is long enough to be one. ".repeat(100));
    assertError(await p.run("log", "--store", "other"), 1, "not a Ligase store");
    assertError(await p.run("log", "--store", "nowhere"), 1, "there is no store");
  });

  it("a config file that says what cannot be", async () => {
    const p = project({ "workflow.ts": HELLO, "ligase.config.ts": "export default { cpu: 3 };" });
    assertError(
      await p.run("run", "workflow.ts"),
      1,
      "ligase.config.ts: there is no setting cpu",
      "did you mean cpus?",
    );
    p.write("ligase.config.ts", 'export default { memory: "lots" };');
    assertError(await p.run("log"), 1, "ligase.config.ts: memory:");
  });
});

describe.concurrent("--debug", () => {
  it("shows the stack of an error, ours too", async () => {
    const p = project();
    const plain = await p.run("log");
    expect(plain.stderr).not.toContain("    at ");
    expect((await p.run("log", "--debug")).stderr).toContain("    at ");
  });
});
