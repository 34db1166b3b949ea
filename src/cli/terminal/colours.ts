import type { WriteStream } from "node:tty";

/** A colour or weight by what it says; `NO_COLOR` and pipes get plain text. */
export type Style = "good" | "bad" | "warn" | "dim" | "strong" | "accent" | Hue;

/** Colours that say nothing by themselves: they tell things apart. */
export const HUES = ["hue1", "hue2", "hue3", "hue4", "hue5", "hue6"] as const;
type Hue = (typeof HUES)[number];

/** Colours text. */
export type Paint = (style: Style, text: string) => string;

/** A way to begin a style and to end it, as parameters of SGR (ECMA-48). */
type Format = readonly [begin: string, end: number];

/** The colours that every terminal has. What they look like is the user's theme. */
const BASIC: Readonly<Record<Style, Format>> = {
  good: ["32", 39],
  bad: ["31", 39],
  warn: ["33", 39],
  accent: ["36", 39],
  dim: ["2", 22],
  strong: ["1", 22],
  hue1: ["36", 39],
  hue2: ["35", 39],
  hue3: ["34", 39],
  hue4: ["33", 39],
  hue5: ["32", 39],
  hue6: ["36", 39],
};

/**
 * Where there are 256: colours of a middle lightness, which stand out from a black and from a white background alike
 * (WCAG contrast 3.8 or more from both), as a theme's yellow and cyan do not.
 */
const RICH: Readonly<Record<Style, Format>> = {
  ...BASIC,
  good: ["38;5;28", 39],
  bad: ["38;5;196", 39],
  warn: ["38;5;130", 39],
  accent: ["38;5;30", 39],
  dim: ["38;5;243", 39],
  hue1: ["38;5;30", 39],
  hue2: ["38;5;133", 39],
  hue3: ["38;5;63", 39],
  hue4: ["38;5;130", 39],
  hue5: ["38;5;64", 39],
  hue6: ["38;5;95", 39],
};

/** What is known of where text goes. */
export type Screen = Partial<Pick<WriteStream, "isTTY" | "getColorDepth">>;

/**
 * How many colours are wanted where text goes, in bits; 1 for none. `FORCE_COLOR` and `CLICOLOR_FORCE` ask for them
 * into pipes too; `NO_COLOR`, `CLICOLOR=0` and a dumb terminal ask for none.
 *
 * @see https://no-color.org, https://bixense.com/clicolors
 */
export function colourDepth(screen: Screen, env: NodeJS.ProcessEnv): number {
  const forced = env["FORCE_COLOR"];
  if (forced !== undefined) return { "0": 1, false: 1, "2": 8, "3": 24 }[forced] ?? 4;
  if (isSet(env["CLICOLOR_FORCE"]) && env["CLICOLOR_FORCE"] !== "0") return 4;
  if (isSet(env["NO_COLOR"]) || isSet(env["NODE_DISABLE_COLORS"])) return 1;
  if (!screen.isTTY || env["CLICOLOR"] === "0" || env["TERM"] === "dumb") return 1;
  return screen.getColorDepth?.(env) ?? 4;
}

const isSet = (value: string | undefined): boolean => value !== undefined && value !== "";

/** Colours text for a place with so many colours. */
export function paintFor(depth: number): Paint {
  if (depth <= 1) return (_, text) => text;
  const formats = depth >= 8 ? RICH : BASIC;
  return (style, text) => {
    const [begin, end] = formats[style];
    // A style inside of another ends it: it is begun again.
    return `\x1b[${begin}m${text.replaceAll(`\x1b[${end}m`, `\x1b[${end}m\x1b[${begin}m`)}\x1b[${end}m`;
  };
}
