import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { LineCutter } from "../../../src/project/logs/index.ts";

/** The lines that come of a text in pieces. */
function linesOf(pieces: readonly Buffer[]): string[] {
  const cutter = new LineCutter();
  const lines = pieces.flatMap((piece) => cutter.cut(piece));
  const rest = cutter.end();
  return rest === undefined ? lines : [...lines, rest];
}

describe("LineCutter", () => {
  it("gives the same lines however a text comes", () => {
    const texts = fc.array(fc.constantFrom("a", "é", "試", "𝄞", "\n", "\r", "\r\n", "x".repeat(50)), { maxLength: 60 });
    fc.assert(
      fc.property(texts, fc.array(fc.nat(400), { maxLength: 10 }), (parts, cuts) => {
        const bytes = Buffer.from(parts.join(""));
        const at = [0, ...cuts.map((cut) => Math.min(cut, bytes.length)).sort((a, b) => a - b), bytes.length];
        const pieces = at.slice(1).map((end, i) => bytes.subarray(at[i], end));
        const expected = parts.join("").split("\n");
        if (expected.at(-1) === "") expected.pop();
        expect(linesOf(pieces)).toEqual(expected);
      }),
    );
  });

  it("gives bytes that are no text as such, and a line without end in pieces", () => {
    expect(linesOf([Buffer.from([0x61, 0xff, 0x0a, 0xc3])])).toEqual(["a\ufffd", "\ufffd"]);
    const cutter = new LineCutter();
    const lines = Array.from({ length: 10 }, () => cutter.cut(Buffer.alloc(20_000, 97))).flat();
    expect(lines.length).toBeGreaterThan(1);
    expect([...lines, cutter.end()].join("")).toHaveLength(200_000);
  });
});
