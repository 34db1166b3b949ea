import { chmodSync, existsSync, readdirSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { type Project, project } from "./project.ts";

const FILES = {
  "workflow.ts": `
import { appendFileSync } from "node:fs";
import { File, lift, map, script, task } from "ligase";
import { trimAdapters } from "./lib/trim.ts";
const note = (line: string) => appendFileSync(process.env.LEDGER!, line + "\\n");

export const list = task((names: string) => { note("list"); return names.split(","); });
export const trim = task((read: string) => { note("trim"); return trimAdapters(read); });
export const count = task({ cpu: 1 }, (read: string) => script\`echo count >> $LEDGER; printf %s \${read} | wc -c\`);
export const sum = task((all: string[]) => { note("sum"); return all.reduce((a, b) => a + Number(b), 0); });
export const main = task((names: string) => {
  note("main");
  return sum(map(list(names), (name) => count(trim(name))));
});
`,
  "lib/trim.ts": 'export function trimAdapters(read: string): string {\n  return read.replace(/A+$/, "");\n}\n',
};

const RUN = ["run", "workflow.ts", "main", "--names"];

/** A project whose bodies note in a file that they run. */
class Noted {
  readonly project: Project;
  readonly ledger: string;

  constructor(files: Readonly<Record<string, string>> = FILES) {
    this.project = project(files);
    this.ledger = this.project.path("ledger.txt");
  }

  async run(...args: string[]) {
    const ended = await this.project.start(args, { env: { LEDGER: this.ledger } }).ended;
    if (ended.code !== 0) throw new Error(`${args.join(" ")}: ${ended.stdout}${ended.stderr}`);
    return ended;
  }

  /** What ran since this was last asked. */
  ran(): string[] {
    const lines = this.project.read("ledger.txt").split("\n").slice(0, -1).toSorted();
    this.project.write("ledger.txt", "");
    return lines;
  }
}

describe.concurrent("ligase run --dry-run", () => {
  it("says by task what would run, what may and what is cached, and why, and runs nothing", async () => {
    const p = new Noted();
    const { stdout: fresh } = await p.run(...RUN, "AA,CA,GG", "--dry-run");
    expect(fresh).toMatch(/^main +1 +never ran before$/m);
    expect(fresh).toContain("its code calls count, list, sum, trim");
    expect(p.ran()).toEqual([]);

    await p.run(...RUN, "AA,CA,GG");
    expect(p.ran()).toHaveLength(9);
    const cached = await p.run(...RUN, "AA,CA,GG", "--dry-run");
    expect(cached.stdout).toBe("nothing would run\n9 cached: main, list, trim ×3, count ×3, sum\n");
    expect(cached.stderr).toBe("");

    p.project.edit("lib/trim.ts", "A+$", "A$");
    const { stdout, stderr } = await p.run(...RUN, "AA,CA,GG", "--dry-run");
    expect(stdout).toMatch(/^trim +3 .*code trimAdapters in lib\/trim\.ts changed$/m);
    expect(stdout).toMatch(/^count +3 .*depends on trim$/m);
    expect(stdout).toMatch(/^sum +1 .*depends on count$/m);
    expect(stdout).toContain("2 cached: main, list");
    expect(stdout).toMatch(/^3 would run, 4 may run; up to \d.* for what may run$/m);
    expect(stderr).toContain("ligase why not <task>");
    expect(p.ran()).toEqual([]);
    expect(readdirSync(p.project.path(".ligase/work"))).toEqual([]);
    expect(await p.project.json("log")).toHaveLength(1);

    // "CA" and "GG" are trimmed to what they were: their counts are cached.
    await p.run(...RUN, "AA,CA,GG");
    expect(p.ran()).toEqual(["count", "sum", "trim", "trim", "trim"]);
  });

  it("guesses from the last time what a body that would run will call", async () => {
    const p = new Noted();
    await p.run(...RUN, "AA,CA");
    p.ran();
    p.project.edit("workflow.ts", 'note("main");', 'note("main"); // edited\n  void 0;');
    p.project.edit("workflow.ts", "all.reduce", "[...all].reduce");
    const same = (await p.run(...RUN, "AA,CA", "--dry-run")).stdout;
    expect(same).toMatch(/^main +1 .*code main in workflow\.ts changed$/m);
    expect(same).toMatch(/^sum +~1 .*code sum in workflow\.ts changed$/m);
    expect(same).toContain("5 cached: list, trim ×2, count ×2");
    expect(same).toContain("~ if what would run does what it did last time");
    const other = (await p.run(...RUN, "TT", "--dry-run")).stdout;
    expect(other).toContain("last time it called list, trim ×2, count ×2, sum");
    expect(p.ran()).toEqual([]);
  });

  it("gives JSON, whole or a line for each task", async () => {
    const p = new Noted();
    await p.run(...RUN, "AA,CA");
    p.project.edit("lib/trim.ts", "A+$", "A$");
    const whole = JSON.parse((await p.run(...RUN, "AA,CA", "--dry-run", "--json")).stdout) as unknown;
    const trim = {
      task: "trim",
      run: 2,
      may: 0,
      cached: 0,
      groups: [
        {
          fate: "run",
          estimate: false,
          calls: 2,
          reason: "code trimAdapters in lib/trim.ts changed",
          explanation: { changes: [{ part: "code", name: "lib/trim.ts#trimAdapters", how: "edited" }] },
        },
      ],
    };
    expect(whole).toMatchObject({ workflow: "workflow.ts", task: "main", mode: "normal", error: null });
    expect((whole as { tasks: unknown[] }).tasks).toContainEqual(expect.objectContaining({ task: "trim", run: 2 }));
    const { stdout } = await p.run(...RUN, "AA,CA", "--dry-run", "--jsonl");
    const lines = stdout
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as { task: string });
    expect(lines.find(({ task }) => task === "trim")).toMatchObject(trim);
    const refused = await p.project.run(...RUN, "AA", "--jsonl");
    expect(refused).toMatchObject({ code: 2, stdout: "" });
    expect(refused.stderr).toContain("--jsonl goes with --dry-run");
  });

  it("knows of --force, --no-cache and --sample", async () => {
    const p = new Noted();
    await p.run(...RUN, "AA,CA,GG");
    p.ran();
    const dry = async (...flags: string[]) => (await p.run(...RUN, "AA,CA,GG", "--dry-run", ...flags)).stdout;
    expect(await dry("--force", "trim")).toMatch(/^trim +3 .*told to run again$/m);
    // That many, if the list is as long as it was.
    expect(await dry("--no-cache")).toContain("3 would run, 6 may run");
    expect(await dry("--sample", "2")).toContain("never ran before");
    await p.run(...RUN, "AA,CA,GG", "--sample", "2");
    expect(await dry("--sample", "2")).toContain("7 cached: main, list, trim ×2, count ×2, sum");
  });

  it("says what the run would fail with, whatever its bodies do", async () => {
    const p = new Noted({
      "workflow.ts": `
import { fail, task } from "ligase";
const wanted = task((n: number) => n);
export const main = task((n: number) => [wanted(n), fail("there is nothing to align")]);
`,
    });
    expect((await p.project.run("run", "workflow.ts", "--n", "1")).code).toBe(1);
    const { stdout } = await p.run("run", "workflow.ts", "--n", "1", "--dry-run");
    expect(stdout).toContain("it would fail: there is nothing to align");
  });

  it("works where nothing can be written, and where nothing ever ran", async () => {
    const p = new Noted();
    await p.run(...RUN, "AA");
    p.ran();
    const { dir } = p.project;
    const folders = [dir, p.project.path(".ligase"), p.project.path(".ligase/code")];
    for (const folder of folders) chmodSync(folder, 0o555);
    try {
      // Root may write anywhere: as nobody else, it says that it could not keep the dry run.
      const uid = process.getuid?.() === 0 ? { uid: 65534 } : {};
      const { code, stdout, stderr } = await p.project.start([...RUN, "AA", "--dry-run"], {
        ...uid,
        env: { LEDGER: p.ledger },
      }).ended;
      expect({ code, stdout }).toEqual({
        code: 0,
        stdout: "nothing would run\n5 cached: main, list, trim, count, sum\n",
      });
      expect(stderr).toContain("could not be kept for ligase why not");
    } finally {
      for (const folder of folders) chmodSync(folder, 0o755);
    }
    expect(existsSync(p.project.path(".ligase/dry-run.json"))).toBe(false);
  });

  it("fits a screen of 40 columns", async () => {
    const p = new Noted();
    await p.run(...RUN, "AA,CA");
    p.project.edit("lib/trim.ts", "A+$", "A$");
    const { stdout } = await p.project.start([...RUN, "AA,CA", "--dry-run"], {
      env: { LEDGER: p.ledger, COLUMNS: "40" },
    }).ended;
    expect(stdout.split("\n").every((line) => line.length <= 40)).toBe(true);
    expect(stdout.replaceAll(/\s+/g, " ")).toContain("code trimAdapters in lib/trim.ts changed");
  });
});

describe.concurrent("ligase why not", () => {
  it("shows of the last dry run what changed, line by line", async () => {
    const p = new Noted();
    await p.run(...RUN, "AA,CA");
    p.project.edit("lib/trim.ts", "A+$", "A$");
    await p.run(...RUN, "AA,CA", "--dry-run");
    const trim = await p.project.ok("why", "not", "trim");
    expect(trim).toMatch(/^dry run of main, /);
    expect(trim).toMatch(/^trim: 2 would run$/m);
    expect(trim).toContain("its code changed since the nearest earlier call");
    expect(trim).toMatch(/-   return read\.replace\(\/A\+\$\/[^]*\+   return read\.replace\(\/A\$\//);
    const count = await p.project.ok("why", "not", "count");
    expect(count).toContain("it depends on the result of trim, which is not known yet");
    expect(await p.project.ok("why", "not", "list")).toContain("the same calls were recorded before");
    const all = await p.project.ok("why", "not");
    expect(all).toMatch(/^trim: 2 would run$/m);
    expect(all).toMatch(/^ {2}count +2 +depends on trim$/m);
    expect(all).not.toContain("list");
    expect(await p.project.json("why", "not", "trim")).toMatchObject({ task: "trim", run: 2 });
    const lines = (await p.project.ok("why", "not", "--jsonl")).trimEnd().split("\n");
    expect(lines.map((line) => (JSON.parse(line) as { task: string }).task)).toContain("sum");

    // It is of that dry run still when the code has gone on.
    p.project.edit("lib/trim.ts", "A$", "AA$");
    const later = await p.project.ok("why", "not", "trim");
    const rest = (text: string): string => text.slice(text.indexOf("\n"));
    expect(rest(later)).toBe(rest(trim));
  });

  it("says what argument or file is another one", async () => {
    const p = new Noted({
      "workflow.ts": `
import { File, task } from "ligase";
export const read = task(async (reads: File, from: number) => (await reads.text()).slice(from));
export const main = task((reads: File, from: number = 0) => read(reads, from));
`,
      "reads.txt": "ACGT\n",
    });
    const run = ["run", "workflow.ts", "main", "--reads", "reads.txt"];
    await p.run(...run);
    await p.run(...run, "--from", "2", "--dry-run");
    const from = await p.project.ok("why", "not", "main");
    expect(from).toMatch(/argument from\n.*- (0|not given.*)\n.*\+ 2/);
    p.project.write("reads.txt", "ACGTT\n");
    await p.run(...run, "--dry-run");
    expect(await p.project.ok("why", "not", "main")).toMatch(/argument reads\n.*\(5 bytes.*\n.*\(6 bytes/);
  });

  it("refuses what it has nothing to say of", async () => {
    const p = new Noted();
    const none = await p.project.run("why", "not");
    expect(none).toMatchObject({ code: 1, stdout: "" });
    expect(none.stderr).toContain("LIGASE_E_NO_DRY_RUN");
    await p.run(...RUN, "AA", "--dry-run");
    const unknown = await p.project.run("why", "not", "mian");
    expect(unknown.code).toBe(2);
    expect(unknown.stderr).toContain("did you mean main?");
    expect((await p.project.run("why", "main", "list")).code).toBe(2);
    p.project.write(".ligase/dry-run.json", "{}");
    expect((await p.project.run("why", "not")).stderr).toContain("LIGASE_E_NO_DRY_RUN");
  });
});
