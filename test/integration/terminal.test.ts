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
      "show step",
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
