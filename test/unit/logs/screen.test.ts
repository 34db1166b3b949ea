import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { LogScreenSink } from "../../../src/cli/run/live-logs.ts";
import { RateLimit } from "../../../src/cli/run/rate-limit.ts";
import { paintFor } from "../../../src/cli/terminal/colours.ts";
import { asShown } from "../../../src/cli/terminal/text.ts";
import type { LiveSource } from "../../../src/project/logs/index.ts";

/** A screen without colours, with a clock that is set by hand. */
function screen(depth = 1) {
  const lines: string[] = [];
  let now = 0;
  const sink = new LogScreenSink({ style: paintFor(depth), print: (more) => void lines.push(...more) }, () => now);
  return {
    sink,
    /** What was printed since this was last asked. */
    take: () => lines.splice(0),
    at: (ms: number) => void (now = ms),
  };
}

function source(job = "abcdefgh12345", task = "align", index = 3, stream: LiveSource["stream"] = "stdout"): LiveSource {
  return { job, task, index, attempt: 1, stream };
}

const numbered = (count: number, from = 0): string[] => Array.from({ length: count }, (_, i) => `line ${from + i}`);

describe("what jobs write, on the screen", () => {
  it("stands behind the task, the index and the attempt, stderr marked", () => {
    const { sink, take } = screen();
    sink.lines(source(), ["hello"]);
    sink.lines(source("b", "sort", 1, "stderr"), ["warning"]);
    sink.lines({ ...source("c", "sort", 12), attempt: 2 }, ["again"]);
    expect(take()).toEqual([]);
    sink.flush();
    expect(take()).toEqual(["align[3] │ hello", "sort[1]  ┆ warning", "sort[12]#2 │ again"]);
  });

  it("has a colour a task", () => {
    const { sink, take } = screen(8);
    for (const task of ["a", "b", "a"]) sink.lines(source("j", task, 1), ["x"]);
    sink.flush();
    const colours = take().map((line) => line.slice(0, line.indexOf("m")));
    expect(colours[0]).toBe(colours[2]);
    expect(colours[0]).not.toBe(colours[1]);
  });

  it("is no more than one can read: what is left out is counted, and the last of it shown", () => {
    const { sink, take, at } = screen();
    sink.lines(source(), numbered(12_545));
    sink.flush();
    expect(take()).toHaveLength(200);
    at(500);
    sink.lines(source(), numbered(10, 12_545));
    sink.flush();
    expect(take()).toEqual([]);
    sink.end(source());
    sink.flush();
    expect(take()).toEqual([
      "align[3] │ … 12,352 lines not shown; ligase logs abcdefgh has them",
      "align[3] │ line 12552",
      "align[3] │ line 12553",
      "align[3] │ line 12554",
    ]);
  });

  it("tells once a second of a job that floods", () => {
    const { sink, take, at } = screen();
    let notes = 0;
    let shown = 0;
    for (let ms = 0; ms < 10_000; ms += 100) {
      at(ms);
      sink.lines(source(), numbered(1000));
      sink.flush();
      for (const line of take()) {
        if (line.includes("not shown")) notes++;
        else shown++;
      }
    }
    expect(notes).toBeLessThanOrEqual(10);
    expect(notes).toBeGreaterThan(4);
    expect(shown).toBeLessThanOrEqual(200 + 10 * 50);
  });

  it("does not let one job take the room of others", () => {
    const { sink, take } = screen();
    sink.lines(source("flood", "flood", 1), numbered(100_000));
    sink.lines(source("calm", "calm", 1), ["here"]);
    sink.flush();
    expect(take().at(-1)).toBe("calm[1]  │ here");
  });

  it("says how much was passed over", () => {
    const { sink, take } = screen();
    sink.lines(source(), ["first"]);
    sink.skipped(source(), 3 * 2 ** 20);
    sink.lines(source(), ["a", "b", "c", "last"]);
    sink.end(source());
    sink.flush();
    expect(take()).toEqual([
      "align[3] │ first",
      "align[3] │ … 1 line and 3 MiB not shown; ligase logs abcdefgh has them",
      "align[3] │ b",
      "align[3] │ c",
      "align[3] │ last",
    ]);
  });
});

describe("asShown", () => {
  it.each([
    ["plain", "plain"],
    ["10%\r50%\r100%", "100%"],
    ["10%\r50%\r", "50%"],
    ["windows\r", "windows"],
    ["\r", ""],
    ["\x1b[31mred\x1b[0m", "red"],
    ["\x1b[2J\x1b[1;1Hhome", "home"],
    ["\x1b]0;title\x07text", "text"],
    ["\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\", "link"],
    ["a\x07b\x08c\x00d\x7fe", "abcde"],
    ["tab\tstays", "tab\tstays"],
    ["\x9b2Jc1", "c1"],
    ["abc\u202edef", "abcdef"],
    ["\x1b", ""],
  ])("%j is shown as %j", (line, shown) => {
    expect(asShown(line)).toBe(shown);
  });

  it("leaves nothing that controls a screen", () => {
    const bits = fc.constantFrom("\x1b", "[", "]", "2J", ";", "m", "\x9b", "\x07", "\r", "x", "\\", "P", "?25l", "é");
    fc.assert(
      fc.property(fc.array(bits, { maxLength: 12 }), (parts) => {
        // oxlint-disable-next-line no-control-regex -- that is what must not be left
        expect(asShown(parts.join(""))).not.toMatch(/[\x00-\x08\x0a-\x1f\x7f-\x9f]/);
      }),
      { numRuns: 2000 },
    );
  });
});

describe("RateLimit", () => {
  it("lets a burst through, and then so many a second, whatever the steps", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(300), fc.nat(500)), { maxLength: 50 }), (steps) => {
        const limit = new RateLimit({ burst: 100, steady: 10 }, 0);
        let [now, taken] = [0, 0];
        for (const [wait, count] of steps) {
          now += wait;
          const some = limit.take(count, now);
          expect(some).toBeLessThanOrEqual(count);
          taken += some;
        }
        expect(taken).toBeLessThanOrEqual(100 + (now / 1000) * 10);
      }),
    );
    const limit = new RateLimit({ burst: 100, steady: 10 }, 0);
    expect([limit.take(150, 0), limit.take(10, 500), limit.take(1000, 1e6), limit.take(5, 0)]).toEqual([
      100, 5, 100, 0,
    ]);
  });
});
