/**
 * The command line in a real terminal: pages, live tables, colours, narrow screens.
 *
 * @module
 */
import { execFileSync } from "node:child_process";
import { dirname } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { columnsOf } from "../../src/kernel/index.ts";
import { BIN, type Project, project, until } from "../cli/project.ts";
import { describeWith } from "../support/needs.ts";

const WORKFLOW = `
import { map, script, task } from "ligase";
export const step = task(async (n: number) => { await new Promise((go) => setTimeout(go, 30 * n)); return n; });
export const main = task(() => map(Array.from({ length: 40 }, (_, i) => i), (i) => step(i)));
export const late = task(async () => {
  setTimeout(() => { throw new Error("late trouble"); }, 600);
  await new Promise((go) => setTimeout(go, 60_000));
});
export const mixed = task(() => [step(60), fails(), 1]);
export const fails = task(() => script\`sleep 0.5; echo reason >&2; exit 3\`);
export const 配列 = task((試料: string) => 試料);
export const wide = task(() => map(["試料一", "試料二"], (each) => 配列(each)));
`;

/** 200 tasks that wait for a file. */
const MANY = `
import { existsSync } from "node:fs";
import { task } from "ligase";
const waits = async (n: number) => { while (!existsSync("go")) await new Promise((go) => setTimeout(go, 50)); return n; };
${Array.from({ length: 200 }, (_, i) => `const task${i + 1} = task((n: number) => waits(n));`).join("\n")}
const count = task((all: number[]) => all.length);
export const main = task(() => count([${Array.from({ length: 200 }, (_, i) => `task${i + 1}(0)`).join(", ")}]));
`;

/** Jobs that write lines, a progress bar, and what would clear the screen. */
const TALK = `
import { map, script, task } from "ligase";
export const talk = task((n: number) => script({ outputs: "done" })\`
  for i in 1 2 3 4 5; do echo line $i of \${n}; sleep 0.05; done
  while [ ! -e "GO" ]; do sleep 0.05; done
  printf '10%%\\r50%%\\r100%%\\n\\033[2J\\033[H'; touch done\`);
export const note = task({ env: {} }, () => script\`echo careful >&2\`);
export const main = task(() => [map([1, 2], (n) => talk(n)), note()]);
`;

/** A screen with a shell, in a tmux of its own. */
class Screen {
  #commands = 0;
  readonly #socket = `ligase-test-${process.pid}-${Math.random().toString(36).slice(2)}`;

  constructor(p: Project, width: number, height: number) {
    const env = {
      ...process.env,
      PATH: `${dirname(BIN)}:${dirname(process.execPath)}:${process.env["PATH"]}`,
      PS1: "$ ",
      LANG: "C.UTF-8",
      TERM: "xterm-256color",
      PAGER: "less",
      CI: undefined,
      NO_COLOR: undefined,
      FORCE_COLOR: undefined,
      COLUMNS: undefined,
      LESS: undefined,
    };
    const size = ["-x", String(width), "-y", String(height)];
    execFileSync("tmux", ["-u", "-f", "/dev/null", "-L", this.#socket, "new-session", "-d", ...size, "bash --norc"], {
      cwd: p.dir,
      env,
    });
  }

  #tmux(...args: readonly string[]): string {
    return execFileSync("tmux", ["-u", "-L", this.#socket, ...args], { encoding: "utf8" });
  }

  type(line: string): void {
    this.#tmux("send-keys", "-t", "0", line, "Enter");
  }

  press(key: string): void {
    this.#tmux("send-keys", "-t", "0", key);
  }

  /** What stands on it. `-e`: with the colours; `-J`: with the lines that it broke in one piece. */
  text(...flags: readonly ("-e" | "-J")[]): string {
    return this.#tmux("capture-pane", "-t", "0", "-p", ...flags);
  }

  /** Types a command on an empty screen, and waits until it is done. */
  async run(command: string): Promise<string> {
    const mark = `end-${++this.#commands}`;
    this.type(`clear; ${command}; echo ${mark} $?`);
    return this.shows(new RegExp(`^${mark} \\d+$`, "m"));
  }

  async shows(what: string | RegExp): Promise<string> {
    const there = (): boolean => (typeof what === "string" ? this.text().includes(what) : what.test(this.text()));
    await until(there, `${String(what)} on the screen:\n${this.text()}`);
    return this.text();
  }

  resize(width: number, height: number): void {
    this.#tmux("resize-window", "-t", "0", "-x", String(width), "-y", String(height));
  }

  close(): void {
    this.#tmux("kill-server");
  }
}

describeWith({ programs: ["tmux", "less", "bash"] })("in a terminal", () => {
  let p: Project;
  let screen: Screen | undefined;
  beforeEach(() => {
    p = project({ "workflow.ts": WORKFLOW });
  });
  afterEach(() => screen?.close());

  const open = (width: number, height: number): Screen => (screen = new Screen(p, width, height));

  it("long answers are read page by page, short ones are just there", async () => {
    await p.ok("run", "workflow.ts", "--quiet");
    const s = open(100, 12);
    s.type("ligase log --jobs; echo done $?");
    expect(await s.shows(/\n:/)).toMatch(/^id +task +state/);
    s.press("G");
    await s.shows("(END)");
    s.press("q");
    await s.shows("done 0");
    s.type("clear; ligase log; echo done $?");
    expect(await s.shows(/main .*\ndone 0/)).not.toContain(":\n");
    // Leaving it early is no error either.
    s.type("clear; ligase log --jobs -n 0; echo left $?");
    await s.shows(/\n:/);
    s.press("C-c");
    s.press("q");
    await s.shows("left 0");
    s.type("clear; ligase log --jobs --no-pager; echo whole $?");
    expect(await s.shows("whole 0")).toMatch(/^✓ .*\n/);
  });

  it("the table of a run is redrawn in place, and an error is not drawn over", async () => {
    const s = open(100, 30);
    s.type("clear; ligase run workflow.ts mixed; echo status $?");
    await s.shows(/● total/);
    const text = await s.shows("status 1");
    expect(text.match(/ total /g)).toHaveLength(1);
    expect(text).toMatch(/✗ fails failed: .*exited with status 3\n/);
    expect(text).toContain("stderr  reason");
  });

  it("what jobs write scrolls by above the table, in colours, and moves nothing", async () => {
    p.write("talk.ts", TALK.replace("GO", p.path("go")));
    const s = open(100, 40);
    s.type("clear; echo above; ligase run talk.ts --logs; echo status $?");
    await s.shows("talk[2] │ line 5 of 2");
    const text = await s.shows(/● total +1\/4/);
    expect(text.split("\n")[0]).toBe("above");
    expect(text.match(/ total /g)).toHaveLength(1);
    // Below all that was written.
    expect(text.trimEnd().split("\n").at(-1)).toMatch(/^● total/);
    // oxlint-disable-next-line no-control-regex -- colours are looked for
    const names = [...s.text("-e").matchAll(/\u001b\[([\d;]+)m(talk|note)\[\d\]/g)].map(
      ([, colour, task]) => `${task} ${colour}`,
    );
    expect(new Set(names).size).toBe(2);
    p.write("go", "");
    const all = await s.shows("status 0");
    expect(all.split("\n")[0]).toBe("above");
    expect(all).toContain("talk[1] │ 100%\n");
    expect(all).not.toContain("50%");
    expect(all.match(/line \d of \d/g)).toHaveLength(10);
    expect(all).toContain("note[1] ┆ careful\n");
    expect(all.match(/ total /g)).toHaveLength(1);
  });

  it("the table of 200 tasks fits 24 rows, and is found again on a screen that was made narrower", async () => {
    p.write("many.ts", MANY);
    const s = open(80, 24);
    s.type("clear; echo above; ligase run many.ts; echo status $?");
    const wide = await s.shows(/● total +0\/202 +201 running/);
    expect(wide.split("\n")[0]).toBe("above");
    expect(wide).toMatch(/… and \d+ other tasks\n● total/);
    s.resize(30, 24);
    // Whole to the last letter, though it fills the line.
    const narrow = await s.shows(/^● total +0\/202 .*s$/m);
    expect(narrow.match(/ total /g)).toHaveLength(1);
    expect(narrow.match(/ task1 /g)).toHaveLength(1);
    s.resize(80, 24);
    await s.shows(/● total +0\/202 +201 running/);
    p.write("go", "");
    const text = await s.shows("status 0");
    expect(text.match(/ total /g)).toHaveLength(1);
    expect(text).toMatch(/✓ main is done in .*: 202 jobs ran/);
  });

  it("Ctrl+C ends what watches, and what it started", async () => {
    p.write("many.ts", MANY);
    const s = open(80, 60);
    s.type("clear; ligase run workflow.ts main --watch; echo status $?");
    await s.shows(/✓ main is done[^]*watching \d+ files; Ctrl\+C ends it/);
    s.press("C-c");
    await s.shows("status 0");
    s.type("clear; ligase run many.ts --watch; echo status $?");
    await s.shows(/201 running/);
    s.press("C-c");
    expect(await s.shows("status 130")).toContain("stopping");
  });

  it("what nothing waits for ends a run with one error below the table, and the screen as it was", async () => {
    const s = open(60, 20);
    s.type("clear; ligase run workflow.ts late; echo status $?");
    await s.shows(/● late/);
    const text = await s.shows("status 1");
    expect(text).toMatch(/● total .*\nerror Error: late trouble\n/);
    expect(text).toContain("workflow.ts:6");
    expect(text).not.toContain("node:internal");
    // Lines wrap again.
    s.type(`clear; echo ${"x".repeat(70)}`);
    await s.shows(/x{60}\nx{10}\n/);
  });

  it("everything fits 40 columns", async () => {
    await p.ok("run", "workflow.ts", "--quiet");
    await p.run("run", "workflow.ts", "mixed");
    const s = open(40, 60);
    const fits = async (command: string) => {
      await s.run(command);
      const long = s
        .text("-J")
        .split("\n")
        .filter((line) => line.length > 40 && !line.includes("end-"));
      expect(long).toEqual([]);
    };
    for (const command of [
      "log",
      "log @",
      "log --jobs -n 9",
      "tasks",
      "show step --state done",
      "log --columns id,task,command",
      "--help",
    ]) {
      await fits(`ligase ${command} --no-pager`.replace("--help --no-pager", "--help"));
    }
  });

  it("wide letters do not push columns out of line", async () => {
    await p.ok("run", "workflow.ts", "wide", "--quiet");
    const s = open(100, 12);
    const lines = (await s.run("ligase log @ --jobs")).split("\n");
    const at = (line: string) => columnsOf(line.slice(0, line.indexOf("done")));
    const rows = lines.filter((line) => line.includes("done"));
    expect(rows).toHaveLength(3);
    expect(new Set(rows.map(at)).size).toBe(1);
  });

  it("colours are there for a terminal, and not for those that do not want them", async () => {
    await p.ok("run", "workflow.ts", "wide", "--quiet");
    const s = open(100, 12);
    const coloured = async (before: string, after = "") => {
      await s.run(`${before} ligase log ${after}`);
      return s.text("-e").includes("\u001b[");
    };
    expect(await coloured("")).toBe(true);
    expect(await coloured("NO_COLOR=1")).toBe(false);
    expect(await coloured("CLICOLOR=0")).toBe(false);
    expect(await coloured("TERM=dumb")).toBe(false);
    expect(await coloured("", "| cat")).toBe(false);
    expect(await coloured("FORCE_COLOR=1", "| cat")).toBe(true);
  });
});
