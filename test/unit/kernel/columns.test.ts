import { execFileSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { columnsOf, shortenMiddle, takeColumns } from "../../../src/kernel/index.ts";

describe("columnsOf", () => {
  it.each([
    ["NA12878", 7],
    ["試料1", 5],
    ["ｻﾝﾌﾟﾙ", 5],
    ["サンプル", 8],
    ["시료", 4],
    ["Ａ１", 4],
    ["e\u0301", 1],
    ["naïve α β → …", 13],
    ["👨‍👩‍👧", 2],
    ["❤️", 2],
    ["🇯🇵", 2],
    ["a\u200bb", 2],
  ])("%s takes %i", (text, columns) => {
    expect(columnsOf(text)).toBe(columns);
  });

  it("says of every letter and number what Node, which asks ICU, says", () => {
    // Node has such a function for itself alone.
    const theirs = execFileSync(
      process.execPath,
      [
        "--expose-internals",
        "-e",
        `const { getStringWidth } = require("internal/util/inspect");
        for (let i = 0x20; i < 0x40000; i++) {
          const letter = String.fromCodePoint(i);
          if (/[\\p{L}\\p{N}\\p{P}\\p{S}]/u.test(letter)) console.log(i + " " + getStringWidth(letter));
        }`,
      ],
      { encoding: "utf8", maxBuffer: 2 ** 26 },
    );
    const lines = theirs.trimEnd().split("\n");
    expect(lines.length).toBeGreaterThan(100_000);
    const others: string[] = [];
    for (const line of lines) {
      const [code, columns] = line.split(" ").map(Number) as [number, number];
      const letter = String.fromCodePoint(code);
      // The later parts of a Korean syllable, which Node counts beside the first, and pictures of notes made of several.
      if (/[\u1160-\u11ff\ud7b0-\ud7ff\u{1d15e}-\u{1d1c0}]/u.test(letter)) continue;
      // Half of a flag.
      if (/[\u{1f1e6}-\u{1f1ff}]/u.test(letter)) continue;
      if (columnsOf(letter) !== columns) others.push(`${code.toString(16)} ${letter} ${columns}`);
    }
    expect(others).toEqual([]);
  });
});

describe("cutting", () => {
  it("takes as much as there is room for, and never half a letter", () => {
    expect(takeColumns("abcdef", 3)).toBe("abc");
    expect(takeColumns("abcdef", 3, "end")).toBe("def");
    expect(takeColumns("abc", 0, "end")).toBe("");
    expect(takeColumns("試料番号", 5)).toBe("試料");
    expect(takeColumns("試料番号", 5, "end")).toBe("番号");
    expect(takeColumns("e\u0301e\u0301", 1)).toBe("e\u0301");
  });

  it("shortens a name in its middle", () => {
    expect(shortenMiddle("alignTheReads", 7)).toBe("ali…ads");
    expect(shortenMiddle("配列を整列する", 9)).toBe("配列…する");
    expect(shortenMiddle("align", 5)).toBe("align");
    expect(shortenMiddle("align", 1)).toBe("…");
  });
});
