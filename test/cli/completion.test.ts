import { execFile } from "node:child_process";
import { chmodSync, existsSync, readFileSync } from "node:fs";
import { dirname } from "node:path";
import { promisify } from "node:util";
import { beforeAll, describe, expect, it } from "vitest";
import { BIN, project } from "./project.ts";

const WORKFLOW = `
import { appendFileSync } from "node:fs";
import { File, task } from "ligase";
appendFileSync("ledger", "evaluated\\n");
/** Align one sample. */
export const align = task((reads: File, mode: "fast" | "exact" = "fast", trim = true) => 1);
/** All of it. */
export const main = task((samples: File) => 2);
const hidden = task(() => 3);
`;

const p = project({ "workflow.ts": WORKFLOW, "reads.fq": "", "my reads.fq": "" });

/** The words that are offered where the last one is being written. */
async function offered(...words: string[]): Promise<string[]> {
  const printed = await p.ok("__complete", ...words);
  return printed.split("\n").filter((line) => line !== "");
}

const wordsOf = async (...words: string[]) => (await offered(...words)).map((line) => line.split("\t")[0]);

describe("what is offered", () => {
  it("commands, with what they do", async () => {
    expect(await offered("")).toContain("why\texplain why a job ran, was cached, or failed");
    expect(await wordsOf("lo")).toEqual(["log", "logs"]);
    expect(await wordsOf("help", "lo")).toEqual(["log", "logs"]);
    expect(await wordsOf("--v")).toEqual(["--version"]);
  });

  it("flags of a command, and what may stand behind them", async () => {
    expect(await wordsOf("logs", "--f")).toContain("--follow");
    expect(await wordsOf("init", "--template", "s")).toEqual(["sequencing"]);
    expect(await wordsOf("du", "--by", "")).toEqual(["kind", "run", "task"]);
    expect(await wordsOf("graph", "--format", "")).toEqual(["terminal", "dot", "mermaid", "svg"]);
    expect(await wordsOf("init", "--template=s")).toEqual(["--template=sequencing"]);
    // As bash takes it apart.
    expect(await wordsOf("init", "--template", "=", "s")).toEqual(["sequencing"]);
    expect(await wordsOf("log", "--store", "")).toEqual([":dirs"]);
    expect(await wordsOf("init", "")).toEqual([":dirs"]);
  });

  it("profiles of the configuration", async () => {
    const q = project({ "ligase.config.ts": "export default { profiles: { large: { cpus: 32 }, night: {} } };" });
    expect(await q.ok("__complete", "run", "--profile", "")).toBe("large\nnight\n");
    expect(await p.ok("__complete", "config", "--profile", "")).toBe("");
  });

  it("tasks of the workflow file and their flags, without running it", async () => {
    expect(await wordsOf("run", "")).toEqual([":files .ts"]);
    expect(await offered("run", "workflow.ts", "")).toEqual(["align\tAlign one sample.", "main\tAll of it."]);
    expect(await wordsOf("run", "workflow.ts", "--force", "")).toEqual(["align", "main"]);
    const flags = await wordsOf("run", "workflow.ts", "align", "--");
    expect(flags).toEqual(expect.arrayContaining(["--reads", "--mode", "--trim", "--no-trim", "--json", "--tag"]));
    expect(flags).not.toContain("--samples");
    // Without a task it is main.
    expect(await wordsOf("run", "workflow.ts", "--sa")).toContain("--samples");
    expect(await wordsOf("run", "workflow.ts", "align", "--mode", "")).toEqual(["fast", "exact"]);
    expect(await wordsOf("run", "workflow.ts", "align", "--mode=e")).toEqual(["--mode=exact"]);
    expect(await wordsOf("run", "workflow.ts", "align", "--reads", "")).toEqual([":files"]);
    expect(existsSync(p.path("ledger"))).toBe(false);
  });

  it("nothing where nothing is known, and no error", async () => {
    p.write("broken.ts", "export const = ;");
    for (const words of [
      ["no-such-command", ""],
      ["run", "broken.ts", ""],
      ["run", "absent.ts", ""],
      ["show", ""],
    ]) {
      expect(await p.run("__complete", ...words)).toEqual({ code: 0, signal: null, stdout: "", stderr: "" });
    }
  });

  it("files where nothing has run yet", async () => {
    expect(await project().ok("__complete", "tasks", "")).toBe(":files .ts\n");
  });

  it("runs, jobs and tasks of the record, and tags", async () => {
    const q = project({ "workflow.ts": 'import { task } from "ligase";\nexport const main = task(() => 1);\n' });
    await q.ok("run", "workflow.ts", "--tag", "batch=7");
    const run = (JSON.parse(await q.ok("log", "--json")) as { id: string }[])[0]!.id.slice(0, 8);
    const printed = await q.ok("__complete", "why", "");
    expect(printed).toContain(`${run}\trun of main, done, just now`);
    expect(printed).toMatch(/^main\ttask$/m);
    expect(printed).toMatch(/^\w{8}\tjob of main, done$/m);
    expect(await q.ok("__complete", "log", "--tag", "")).toBe("batch=7\n");
    expect(await q.ok("__complete", "log", "@")).toBe("@\tthe newest run: main, done\n");
    expect(await q.ok("__complete", "log", "--state", "ca")).toBe("cancelled\ncached\n");
    expect(await q.ok("__complete", "log", "--since", "t")).toBe("today\n");
    expect(await q.ok("__complete", "log", run.slice(0, 3))).toContain(run);
    expect(await q.ok("__complete", "pin", run, "")).toContain(run);
    expect(await q.ok("__complete", "cancel", run, "")).toBe("");
    expect(await q.ok("__complete", "why", "n")).toMatch(/^not\t/);
  });

  it("volumes, paths in them, and secrets", async () => {
    const q = project({
      ".ligase/volumes/seq/sub/x.gb": "",
      ".ligase/volumes/seq/a.gb": "",
      ".ligase/volumes/other/b": "",
    });
    expect(await q.ok("__complete", "volume", "rm", "")).toBe("other\tvolume\nseq\tvolume\n");
    expect(await q.ok("__complete", "volume", "l")).toBe("ls\n");
    expect(await q.ok("__complete", "ls", "s")).toBe("seq/\tvolume\n");
    expect(await q.ok("__complete", "rm", "seq/")).toBe("seq/a.gb\nseq/sub/\n");
    expect(await q.ok("__complete", "cp", "seq/sub/")).toBe("seq/sub/x.gb\n");
    expect(await q.ok("__complete", "cp", "seq/a.gb", "")).toBe("other/\tvolume\nseq/\tvolume\n:files\n");
    expect(await q.ok("__complete", "mv", "./lo")).toBe(":files\n");
    expect(await q.ok("__complete", "ls", "seq/../")).toBe("");
    await q.start(["secret", "set", "TOKEN"], { env: { XDG_CONFIG_HOME: q.path("c") }, stdin: Buffer.from("value") })
      .ended;
    expect(await q.ok("__complete", "secret", "rm", "")).toBe("TOKEN\tsecret\n");
  });
});

describe("ligase completion", () => {
  let path = "";
  beforeAll(() => {
    // `ligase` as people have it: on the path, by that name.
    p.write("bin/ligase", `#!/bin/sh\nexec ${BIN} "$@"\n`);
    chmodSync(p.path("bin/ligase"), 0o755);
    path = `${p.path("bin")}:${process.env["PATH"]}`;
  });

  /** What bash makes of a line when Tab is pressed at its end. */
  async function pressTab(...words: string[]): Promise<string[]> {
    const script = `
      set -eu
      eval "$(ligase completion bash)"
      COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1))
      complete -p ligase | grep -q -- '-F _ligase'
      _ligase
      printf '%s\\n' "\${COMPREPLY[@]}"`;
    const { stdout } = await promisify(execFile)("bash", ["-c", script, "bash", ...words], {
      cwd: p.dir,
      env: { ...process.env, PATH: path },
    });
    return stdout.trimEnd().split("\n");
  }

  it("makes bash complete commands, tasks, values and files", async () => {
    expect(await pressTab("ligase", "comp")).toEqual(["completion"]);
    expect(await pressTab("ligase", "run", "workflow.ts", "al")).toEqual(["align"]);
    expect(await pressTab("ligase", "run", "workflow.ts", "align", "--mode", "=", "f")).toEqual(["fast"]);
    expect(await pressTab("ligase", "run", "workflow.ts", "align", "--reads", "my")).toEqual(["my reads.fq"]);
    expect(await pressTab("ligase", "run", "wo")).toEqual(["workflow.ts"]);
  });

  it("prints a script for each shell, by the name of yours if none is said", async () => {
    for (const shell of ["bash", "zsh", "fish"]) expect(await p.ok("completion", shell)).toContain("__complete");
    const { stdout } = await p.start(["completion"], { env: { SHELL: "/usr/bin/fish" } }).ended;
    expect(stdout).toContain("complete -c ligase");
    expect(await p.run("completion", "fis")).toMatchObject({ code: 2, stderr: expect.stringContaining("fish?") });
    const none = await p.start(["completion"], { env: { SHELL: undefined } }).ended;
    expect(none).toMatchObject({ code: 2, stderr: expect.stringContaining("which shell") });
  });

  it("installs it where the shell looks", async () => {
    const env = { HOME: p.path("home"), XDG_DATA_HOME: undefined, XDG_CONFIG_HOME: undefined };
    for (const shell of ["bash", "zsh", "fish"]) {
      const { code, stdout } = await p.start(["completion", shell, "--install"], { env }).ended;
      expect(code).toBe(0);
      const written = stdout.trim().split(/\s+/).at(-1)!;
      expect(dirname(written).startsWith(p.path("home"))).toBe(true);
      expect(readFileSync(written, "utf8")).toBe(await p.ok("completion", shell));
    }
    const homeless = await p.start(["completion", "bash", "--install"], { env: { ...env, HOME: undefined } }).ended;
    expect(homeless).toMatchObject({ code: 2, stderr: expect.stringContaining("HOME is not set") });
  });
});
