import { describe, expect, it } from "vitest";
import { colourDepth, paintFor, type Style } from "../../src/cli/terminal/colours.ts";

const STYLES: readonly Style[] = ["good", "bad", "warn", "dim", "strong", "accent"];
const screen = { isTTY: true, getColorDepth: () => 8 };

describe("colourDepth", () => {
  it.each([
    ["a screen", screen, {}, 8],
    ["a pipe", {}, {}, 1],
    ["NO_COLOR", screen, { NO_COLOR: "1" }, 1],
    ["an empty NO_COLOR, which says nothing", screen, { NO_COLOR: "" }, 8],
    ["CLICOLOR=0", screen, { CLICOLOR: "0" }, 1],
    ["CLICOLOR=1", screen, { CLICOLOR: "1" }, 8],
    ["a dumb terminal", screen, { TERM: "dumb" }, 1],
    ["FORCE_COLOR into a pipe", {}, { FORCE_COLOR: "1" }, 4],
    ["FORCE_COLOR=2", {}, { FORCE_COLOR: "2" }, 8],
    ["FORCE_COLOR=0", screen, { FORCE_COLOR: "0" }, 1],
    ["FORCE_COLOR over NO_COLOR", {}, { FORCE_COLOR: "true", NO_COLOR: "1" }, 4],
    ["CLICOLOR_FORCE into a pipe", {}, { CLICOLOR_FORCE: "1" }, 4],
    ["CLICOLOR_FORCE=0", {}, { CLICOLOR_FORCE: "0" }, 1],
  ] as const)("%s", (_, where, env, depth) => {
    expect(colourDepth(where, env)).toBe(depth);
  });
});

/** Relative luminance of a colour of the 256 (WCAG 2): the cube of 216, and greys. */
function luminance(index: number): number {
  const level = (step: number): number => (step === 0 ? 0 : 55 + 40 * step);
  const cube = index - 16;
  const rgb =
    index >= 232
      ? [8 + 10 * (index - 232), 8 + 10 * (index - 232), 8 + 10 * (index - 232)]
      : [level(Math.floor(cube / 36)), level(Math.floor(cube / 6) % 6), level(cube % 6)];
  const [r, g, b] = rgb.map((value) => ((value / 255 + 0.055) / 1.055) ** 2.4) as [number, number, number];
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

describe("paintFor", () => {
  it("leaves text as it is where there are no colours", () => {
    for (const style of STYLES) expect(paintFor(1)(style, "text")).toBe("text");
  });

  it("has colours that stand out from black and from white", () => {
    let looked = 0;
    for (const style of STYLES) {
      const index = /38;5;(\d+)m/.exec(paintFor(8)(style, "text"))?.[1];
      if (index === undefined) continue;
      looked++;
      const light = luminance(Number(index));
      expect({ style, onBlack: (light + 0.05) / 0.05 >= 3.8, onWhite: 1.05 / (light + 0.05) >= 3.8 }).toEqual({
        style,
        onBlack: true,
        onWhite: true,
      });
    }
    expect(looked).toBe(5);
  });

  it("goes on with a style behind another inside it", () => {
    const paint = paintFor(4);
    expect(paint("bad", `a ${paint("good", "b")} c`)).toBe("\u001b[31ma \u001b[32mb\u001b[39m\u001b[31m c\u001b[39m");
  });
});
