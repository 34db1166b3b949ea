import { describe, expect, it } from "vitest";
import fc from "fast-check";
import { nearest } from "../../../src/kernel/index.ts";

describe("nearest", () => {
  it.each([
    ["algin", "align"],
    ["trmi", "trim"],
    ["Align", "align"],
    ["flagstats", "flagstat"],
    ["alingSample", "alignSample"],
    ["al", undefined],
    ["x", undefined],
    ["completely-else", undefined],
  ])("finds what %o meant", (word, meant) =>
    expect(nearest(word, ["trim", "align", "alignSample", "flagstat", "main"])).toBe(meant),
  );

  it("finds a known name from any one slip in it", () => {
    const names = ["trim", "align", "markDuplicates", "callVariants"];
    fc.assert(
      fc.property(fc.constantFrom(...names), fc.nat(), fc.constantFrom("z", "q"), (name, at, letter) => {
        const i = at % name.length;
        const slips = [
          name.slice(0, i) + letter + name.slice(i + 1),
          name.slice(0, i) + letter + name.slice(i),
          name.slice(0, i) + name.slice(i + 1),
        ];
        for (const slip of slips) expect(nearest(slip, names)).toBe(name);
      }),
    );
  });

  it("finds nothing among nothing", () => expect(nearest("align", [])).toBeUndefined());
});
