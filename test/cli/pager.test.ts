import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { pagedTerminal, pagerOf } from "../../src/cli/terminal/pager.ts";
import { createTerminal, type Streams, type Terminal } from "../../src/cli/terminal/terminal.ts";

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "ligase-pager-"))));
afterEach(() => rmSync(folder, { recursive: true }));

/** A screen of five rows and ten columns. */
function screen(): { terminal: Terminal; shown: string[] } {
  const shown: string[] = [];
  const stream = { columns: 10, rows: 5, isTTY: true, writableLength: 0, write: (text: string) => shown.push(text) };
  // Of a stream it needs no more than this.
  return {
    terminal: createTerminal({ stdout: stream, stderr: stream, env: { NO_COLOR: "1" } } as unknown as Streams),
    shown,
  };
}

const lines = (count: number): string[] => Array.from({ length: count }, (_, i) => `line ${i}`);

describe("pagedTerminal", () => {
  const env = () => ({ PATH: process.env["PATH"], LIGASE_PAGER: `cat > ${join(folder, "paged")}` });

  it("gives the screen what it holds", async () => {
    const { terminal, shown } = screen();
    const paged = pagedTerminal(terminal, env());
    for (const line of lines(4)) paged.terminal.out(line);
    paged.terminal.note("and a note");
    await paged.close();
    expect(shown.join("")).toBe("line 0\nline 1\nline 2\nline 3\nand a note\n");
  });

  it.each([
    ["five lines", () => lines(5)],
    ["lines that wrap", () => ["x".repeat(25), "y".repeat(15)]],
    ["a hundred thousand lines", () => lines(100_000)],
  ])("gives the pager %s, and notes to the screen when it is done", async (_, make) => {
    const { terminal, shown } = screen();
    const { terminal: pages, close } = pagedTerminal(terminal, env());
    pages.note("a note");
    for (const line of make()) {
      pages.out(line);
      await pages.drained();
    }
    expect(shown).toEqual([]);
    await close();
    expect(readFileSync(join(folder, "paged"), "utf8")).toBe(
      make()
        .map((line) => `${line}\n`)
        .join(""),
    );
    expect(shown).toEqual(["a note\n"]);
    expect(process.listenerCount("SIGINT")).toBe(0);
  });

  it("leaves a pipe alone", () => {
    const terminal = createTerminal({ stdout: { write() {} }, stderr: { write() {} }, env: {} } as unknown as Streams);
    expect(pagedTerminal(terminal, env()).terminal).toBe(terminal);
  });
});

describe("pagerOf", () => {
  it("is what people want, if it is there", () => {
    const PATH = process.env["PATH"];
    expect(pagerOf({ PATH, LIGASE_PAGER: "sh -c cat", PAGER: "env" })).toBe("sh -c cat");
    expect(pagerOf({ PATH, PAGER: "env" })).toBe("env");
    expect(pagerOf({ PATH, PAGER: "cat" })).toBeUndefined();
    expect(pagerOf({ PATH, PAGER: "sh", LIGASE_PAGER: "" })).toBeUndefined();
    expect(pagerOf({ PATH, PAGER: "no-such-pager -R" })).toBeUndefined();
    expect(pagerOf({ PATH: folder })).toBeUndefined();
  });
});
