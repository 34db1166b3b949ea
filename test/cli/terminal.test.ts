import { stripVTControlCharacters } from "node:util";
import { afterEach, describe, expect, it, vi } from "vitest";
import { Progress } from "../../src/engine/progress.ts";
import { runView } from "../../src/cli/run/view.ts";
import { diffReport } from "../../src/cli/reports/diff.ts";
import { diffLines } from "../../src/record/text-diff.ts";
import { runSummary } from "../../src/cli/reports/run-summary.ts";
import { File } from "../../src/files/index.ts";
import { setKnown } from "../../src/files/located.ts";
import * as rows from "../unit/store/rows.ts";
import { failureCard } from "../../src/cli/reports/failure-card.ts";
import { progressTable } from "../../src/cli/terminal/progress.ts";
import { createTerminal, type Paint, type Streams, type Terminal } from "../../src/cli/terminal/terminal.ts";
import { columns, columnsOf, cut, pad, shorten, wrap } from "../../src/cli/terminal/text.ts";

const plain: Paint = (_, text) => text;
const coloured: Paint = (_, text) => `\u001b[31m${text}\u001b[39m`;

function progressOf(
  tasks: Readonly<Record<string, Partial<Record<"pending" | "running" | "done" | "cached" | "failed", number>>>>,
): Progress {
  const progress = new Progress();
  for (const [name, counts] of Object.entries(tasks)) {
    progress.tasks.set(name, { pending: 0, running: 0, done: 0, cached: 0, failed: 0, cancelled: 0, ...counts });
  }
  return progress;
}

const table = (progress: Progress, width: number, paint = plain, height = 30): string[] =>
  progressTable(progress, { paint, width, height, elapsedMs: 83_000 });

const BUSY = progressOf({
  indexReference: { done: 1 },
  alignTheReadsOfOneSampleToTheReference: { running: 12, pending: 120, cached: 1040, done: 7, failed: 2 },
});

describe("progressTable", () => {
  it("has a line a task and one for all, with columns in line, colours or not", () => {
    const lines = table(BUSY, 120);
    expect(lines).toEqual([
      "✓ indexReference                                1/1                                        1 done",
      "✗ alignTheReadsOfOneSampleToTheReference  1047/1181  12 running  120 pending  1040 cached  7 done  2 failed",
      "✗ total                                   1048/1182  12 running  120 pending  1040 cached  8 done  2 failed  1m 23s",
    ]);
    const at = (line: string) => stripVTControlCharacters(line).search(/\d done/);
    expect(new Set(lines.map(at)).size).toBe(1);
    expect(table(BUSY, 120, coloured).map(stripVTControlCharacters)).toEqual(lines);
  });

  it.each([100, 60, 40, 25])("fits a screen of %i columns, and keeps the names apart", (width) => {
    for (const line of table(BUSY, width, coloured)) expect(columnsOf(line)).toBeLessThanOrEqual(width);
    const text = table(BUSY, width).join("\n");
    expect(text).toContain("1047/1181");
    if (width >= 40) expect(text).toContain("2 failed");
    expect(text).toMatch(/✓ inde.*\n✗ alig/);
  });

  it("shows those that change where there is no room for all", () => {
    const tasks = Object.fromEntries(
      Array.from({ length: 200 }, (_, i) => [`task${i}`, i === 150 ? { running: 1 } : { done: 1 }]),
    );
    const lines = table(progressOf(tasks), 80, plain, 12);
    expect(lines.length).toBeLessThanOrEqual(12);
    expect(lines[0]).toContain("task150");
    expect(lines.at(-2)).toMatch(/… and 19\d other tasks/);
    expect(lines.at(-1)).toContain("199/200");
  });
});

const GIB = 2 ** 30;

/** A screen that understands what the live table writes. */
class Screen {
  lines: string[] = [""];
  row = 0;

  write(text: string): void {
    // oxlint-disable-next-line no-control-regex -- cursor movements are control sequences
    for (const [part, up, erase] of text.matchAll(/\u001b\[(\d+)A|\u001b\[([JK])|\u001b\[\?7[lh]|\n|[^\u001b\n]+/g)) {
      if (up !== undefined) this.row -= Number(up);
      else if (erase === "J") this.lines.splice(this.row, Infinity, "");
      else if (erase === "K") this.lines[this.row] = this.pending;
      else if (part === "\n") {
        this.row++;
        this.lines[this.row] ??= "";
        this.pending = "";
      } else if (!part.startsWith("\u001b")) {
        this.pending = part;
        this.lines[this.row] = part;
      }
    }
  }

  pending = "";
}

/** The terminal of a screen; nothing goes to stdout. */
function terminalOf(screen: Screen, live: boolean, columns = 80): Terminal {
  const stderr = { columns, rows: 24, isTTY: live, write: (text: string) => screen.write(text) };
  // Of a stream it needs no more than this.
  return createTerminal({ stdout: { ...stderr, write() {} }, stderr, env: { NO_COLOR: "1" } } as unknown as Streams);
}

describe("the view of a run", () => {
  afterEach(() => vi.useRealTimers());

  it("redraws in place, and keeps messages above it", () => {
    vi.useFakeTimers();
    const screen = new Screen();
    const view = runView(terminalOf(screen, true), false);
    const progress = progressOf({ align: { running: 2, pending: 1 } });
    view.start(progress);
    vi.advanceTimersByTime(350);
    expect(screen.lines.slice(0, 2)).toEqual([
      expect.stringMatching(/^● align +0\/3/),
      expect.stringMatching(/^● total +0\/3/),
    ]);
    view.print("a message");
    progress.tasks.set("sort", { pending: 0, running: 0, done: 3, cached: 0, failed: 0, cancelled: 0 });
    vi.advanceTimersByTime(100);
    view.warn("and a warning");
    view.stop();
    view.close();
    expect(screen.lines).toEqual([
      "a message",
      "warning and a warning",
      expect.stringMatching(/^● align/),
      expect.stringMatching(/^✓ sort/),
      expect.stringMatching(/^● total +3\/6/),
      "",
    ]);
  });

  it("tells what goes on besides jobs, when it takes long, and as long as it does", () => {
    vi.useFakeTimers();
    const screen = new Screen();
    const view = runView(terminalOf(screen, true), false);
    view.start(new Progress());
    const file = view.activities.begin("hash", "/data/reads.fq.gz", 12 * GIB);
    for (let i = 0; i < 9; i++) {
      vi.advanceTimersByTime(100);
      file.moved(0.1 * GIB);
    }
    expect(screen.lines.join()).toBe("");
    vi.advanceTimersByTime(100);
    file.moved(0.1 * GIB);
    vi.advanceTimersByTime(100);
    expect(screen.lines[0]).toMatch(/^hashing 1 GiB of 12 GiB, (1|1\.0\d|9\d\d) [GM]iB\/s, ~1[05]s left$/);
    const other = view.activities.begin("fetch", "ftp.example.org");
    vi.advanceTimersByTime(1200);
    expect(screen.lines[1]).toBe("fetching from ftp.example.org, waiting");
    for (const each of [file, other]) each.end();
    vi.advanceTimersByTime(3000);
    view.close();
    expect(screen.lines.join("")).toBe("");
  });

  it("says how long it will take, roughly, on a narrow screen in place of how long it took", () => {
    vi.useFakeTimers();
    const progress = progressOf({ align: { running: 2, done: 1 } });
    const shown = (left: number | undefined, columns: number, live = true): string => {
      const screen = new Screen();
      const view = runView(terminalOf(screen, live, columns), false);
      view.start(progress, { read: () => left });
      vi.advanceTimersByTime(5000);
      const said = screen.lines.findLast((line) => /total|done/.test(line))!;
      view.close();
      return said;
    };
    expect(shown(12 * 60_000 + 25_000, 80)).toMatch(/ 5\.0s {2}~12m left$/);
    expect(shown(42_000, 40)).toMatch(/2 running {2}~40s left$/);
    expect(shown(7000, 80)).toMatch(/~5s left$/);
    expect(shown(7_900_000, 80)).toMatch(/~2h 10m left$/);
    expect(shown(100_000_000, 80)).toMatch(/~1d 4h left$/);
    expect(shown(2000, 80)).toMatch(/ 5\.0s$/);
    expect(shown(undefined, 80)).toMatch(/ 5\.0s$/);
    expect(shown(120_000, 80, false)).toBe("[5.0s] 2 running, 1 done, 0 cached; ~2m left");
  });

  it("without a terminal says now and then where it is, if that has changed", () => {
    vi.useFakeTimers();
    const screen = new Screen();
    const view = runView(terminalOf(screen, false), false);
    const progress = progressOf({ align: { running: 2, done: 1 } });
    view.start(progress);
    vi.advanceTimersByTime(20_000);
    view.close();
    expect(screen.lines.filter((line) => line.startsWith("["))).toEqual(["[5.0s] 2 running, 1 done, 0 cached"]);
    expect(screen.lines.at(-2)).toMatch(/^● total +1\/3/);
  });

  it("finds its lines again when the screen was made narrower", () => {
    const written: string[] = [];
    const stderr = { columns: 80, rows: 24, isTTY: true, write: (text: string) => written.push(text) };
    // Of a stream it needs no more than this.
    const terminal = createTerminal({ stdout: stderr, stderr, env: { NO_COLOR: "1" } } as unknown as Streams);
    const upTo = () => /\u001b\[(\d+)A/.exec(written.at(-1)!)?.[1]; // oxlint-disable-line no-control-regex
    terminal.draw(["x".repeat(80), "y".repeat(30), ""]);
    terminal.draw(["x".repeat(80), "y".repeat(30), ""]);
    expect(upTo()).toBe("3");
    stderr.columns = 35;
    // The first is shown in three rows, the others in one each.
    terminal.draw(["x".repeat(35), "y"]);
    expect(upTo()).toBe("5");
    stderr.columns = 100;
    terminal.draw(["x"]);
    expect(upTo()).toBe("2");
  });

  it("says what came of a run to people, not to logs, and not when quiet", () => {
    for (const [live, quiet] of [
      [true, false],
      [true, true],
      [false, false],
    ] as const) {
      const screen = new Screen();
      const view = runView(terminalOf(screen, live), quiet);
      view.end(() => ["what came of it"]);
      view.close();
      expect(screen.lines.join("")).toBe(live && !quiet ? "what came of it" : "");
    }
  });

  it("hands on what user code prints, line by line, and gives the streams back", () => {
    const screen = new Screen();
    const { write } = process.stdout;
    const view = runView(terminalOf(screen, true), true);
    process.stdout.write("one\ntw");
    process.stderr.write(Buffer.from("err\n"));
    process.stdout.write("o\nthree");
    view.close();
    expect(process.stdout.write).toBe(write);
    expect(screen.lines).toEqual(["one", "err", "two", "three", ""]);
  });
});

describe("the summary of a run", () => {
  const row = rows.run({ id: "7k2m9qx1abcde", task: "main", startedAt: 1000, endedAt: 13_300 });
  const total = { pending: 0, running: 0, done: 41, cached: 3, failed: 0, cancelled: 0 };
  const outputs = { lines: (value: unknown) => (value === "handed out" ? ["  plot.svg", "    http://…"] : []) };
  const summary = (value: unknown, counts: Partial<typeof total> = {}, width = 100) =>
    runSummary(
      { row, total: { ...total, ...counts }, value, storeDir: "/p/.ligase", outputs, paint: (_, text) => text, width },
      "/p",
    );

  it("counts what ran, and names what to ask next", () => {
    expect(summary(7)).toEqual([
      "✓ main is done in 12s: 41 jobs ran, 3 from the cache",
      "  ligase report 7k2m9qx1 · ligase why 7k2m9qx1",
    ]);
    expect(summary(7, { done: 1, cached: 0 })[0]).toBe("✓ main is done in 12s: 1 job ran");
    expect(summary(7, { done: 0 })[0]).toBe("✓ main is done in 12s: nothing had to run, 3 jobs from the cache");
  });

  it("shows where what was handed out is opened, whole on any screen", () => {
    expect(summary("handed out", {}, 10)).toEqual(expect.arrayContaining(["  plot.svg", "    http://…"]));
  });

  it("goes on in the next line where a screen is narrow", () => {
    expect(summary(7, { done: 0 }, 40)).toEqual([
      "✓ main is done in 12s: nothing had to",
      "  run, 3 jobs from the cache",
      "  ligase report 7k2m9qx1 · ligase why",
      "    7k2m9qx1",
    ]);
  });

  it("says where the files of the result are, and how much they are", () => {
    const file = (path: string, size: number): File => {
      const made = new File(path);
      setKnown(made, { hash: "0".repeat(64), size });
      return made;
    };
    const bam = file("/p/results/a.bam", 3 * GIB);
    expect(summary({ bam, again: [bam], index: new Map([["a", file("/p/results/a.bai", GIB)]]) })[1]).toBe(
      "  2 files, 4 GiB, in results",
    );
    const outputs = ["ab", "cd"].map((key) => file(`/p/.ligase/outputs/${key}/x.txt`, 1));
    expect(summary(outputs)[1]).toBe("  2 files, 2 B, in .ligase/outputs");
    const spread = ["/a/x", "/b/x", "/c/x", "/d/x"].map((path) => file(path, 1));
    expect(summary(spread)[1]).toBe("  4 files, 4 B, in /a, /b, 2 more folders");
  });
});

describe("diffLines", () => {
  it("finds what two texts have in common", () => {
    const text = (before: string, after: string) =>
      diffLines(before, after).map(({ kind, text }) => `${{ same: " ", gone: "-", new: "+" }[kind]}${text}`);
    expect(text("a\nb\nc", "a\nx\nc")).toEqual([" a", "-b", "+x", " c"]);
    expect(text("a\nb", "b\na\nb")).toEqual(["+b", " a", " b"]);
    expect(text("", "a")).toEqual(["-", "+a"]);
  });

  it("shows changes with a little of what is around them", () => {
    const before = Array.from({ length: 20 }, (_, i) => `line ${i}`).join("\n");
    const after = before.replace("line 3\n", "").replace("line 15", "LINE 15");
    expect(diffReport(before, after, plain)).toEqual([
      "  line 1",
      "  line 2",
      "- line 3",
      "  line 4",
      "  line 5",
      "  ⋮",
      "  line 13",
      "  line 14",
      "- line 15",
      "+ LINE 15",
      "  line 16",
      "  line 17",
    ]);
  });
});

describe("failureCard", () => {
  const failure = {
    job: "7k2m9qa0x4dtv",
    task: "align",
    path: ["main", "align"],
    chain: [],
    args: "",
    attempts: 1,
    error: { name: "TypeError", message: "boom" },
    causes: [],
    firstError: undefined,
    stderr: [],
    workDir: undefined,
  };
  const card = (change: object, width = 80) =>
    failureCard({ ...failure, ...change }, { paint: plain, width, more: "ligase why 7k2m9qa0" });

  it("shortens long arguments and long ways to the width of the screen", async () => {
    const lines = await card(
      {
        args: `reads: "${"x".repeat(5000)}"`,
        path: ["main", ...Array.from({ length: 50 }, (_, i) => `step${i}`), "align"],
      },
      40,
    );
    for (const line of lines.slice(1)) expect(line.length).toBeLessThanOrEqual(40);
    expect(lines.find((line) => line.includes("in "))).toMatch(/main → .*… → .*align$/);
  });

  it("counts a recursion once", async () => {
    expect((await card({ path: ["main", ...Array.from({ length: 100_000 }, () => "fib")] })).join("\n")).toContain(
      "main → fib ×100000",
    );
    expect((await card({ path: ["fib", "fib"] })).join("\n")).toContain("in      fib ×2");
  });

  it("shows a Python traceback as Python does, the middle of a long one left out", async () => {
    const frame = (n: number): string => `  File "/project/app.py", line ${n}, in f\n    return f(n - 1)\n`;
    const stack = (frames: number): string =>
      `Traceback (most recent call last):\n${Array.from({ length: frames }, (_, n) => frame(n + 1)).join("")}ValueError: no\n`;
    const error = { name: "ValueError", message: "no" };
    expect(await card({ error: { ...error, stack: stack(2) } })).toEqual([
      "✗ align failed: ValueError: no",
      "  in      main → align",
      "    Traceback (most recent call last):",
      '      File "/project/app.py", line 1, in f',
      "        return f(n - 1)",
      '      File "/project/app.py", line 2, in f',
      "        return f(n - 1)",
      "    ValueError: no",
      "  more    ligase why 7k2m9qa0",
    ]);
    const long = await card({ error: { ...error, stack: stack(500) } });
    expect(long).toHaveLength(33);
    expect(long.join("\n")).toMatch(
      /line 3, in f\n[^\n]+\n +File "[^"]+", line 4, in f\n +… 973 more lines\n[^]*line 500, in f/,
    );
    const syntax = '  File "/project/app.py", line 1\n    def f(:\n          ^\nSyntaxError: invalid syntax\n';
    const own = { name: "LigaseError", code: "LIGASE_E_PYTHON", message: "app.py cannot be imported", stack: syntax };
    expect((await card({ error: own })).slice(2, 6)).toEqual([
      '      File "/project/app.py", line 1',
      "        def f(:",
      "              ^",
      "    SyntaxError: invalid syntax",
    ]);
  });

  it("keeps the type of an error, shows its cause, and how often it was tried", async () => {
    const text = (
      await card({
        attempts: 3,
        error: { name: "ReadError", message: "no reads\nin lane 3", cause: { name: "Error", message: "EIO" } },
      })
    ).join("\n");
    expect(text).toContain("✗ align failed: ReadError: no reads\n          in lane 3\n");
    expect(text).toContain("tries   3");
    expect(text).toContain("cause   Error: EIO");
  });
});

describe("text", () => {
  it("is cut and wrapped to a width; colours take none of it", () => {
    expect(cut("hello world", 7)).toBe("hello …");
    expect(cut(`${coloured("bad", "hello")} world`, 3)).toBe("\u001b[31mhe…\u001b[0m");
    expect(cut(coloured("bad", "hello"), 5)).toBe(coloured("bad", "hello"));
    expect(wrap("one two three", 7)).toEqual(["one two", "three"]);
    expect(
      columns(
        [
          ["a", "1"],
          [coloured("bad", "bb"), "22"],
        ],
        { right: [1] },
      ).map(stripVTControlCharacters),
    ).toEqual(["a    1", "bb  22"]);
  });

  it("keeps columns in line where letters are wide", () => {
    expect(
      columns([
        ["試料1", "done"],
        ["NA12878", "done"],
      ]),
    ).toEqual(["試料1    done", "NA12878  done"]);
    expect(pad(coloured("bad", "試料"), 6)).toBe(`${coloured("bad", "試料")}  `);
    expect(cut(`${coloured("bad", "試料番号")} 1`, 6)).toBe("\u001b[31m試料…\u001b[0m");
    expect(shorten("試料 番号", 6)).toBe("試料 …");
    expect(wrap("試料 番号 一二", 9)).toEqual(["試料 番号", "一二"]);
    const wide = progressOf({ 配列を整列する: { done: 2 }, sort: { done: 3 } });
    const lines = table(wide, 100);
    expect(new Set(lines.slice(0, 2).map((line) => columnsOf(line.slice(0, line.indexOf("/"))))).size).toBe(1);
    for (const width of [60, 30, 20])
      for (const line of table(wide, width)) expect(columnsOf(line)).toBeLessThanOrEqual(width);
  });
});
