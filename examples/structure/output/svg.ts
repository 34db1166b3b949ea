/**
 * SVG as text, by hand: elements with attributes, nothing else.
 *
 * @module
 */

/** Attributes of an element. Numbers are rounded: a hundredth of a pixel is enough, and the file stays small. */
export interface Attributes {
  readonly [name: string]: string | number;
}

/** An element. Its content is SVG already; see {@link text} for what people read. */
export function element(name: string, attributes: Attributes, content = ""): string {
  const given = Object.entries(attributes).map(([key, value]) => ` ${key}="${escape(String(round(value)))}"`);
  return content === "" ? `<${name}${given.join("")}/>` : `<${name}${given.join("")}>${content}</${name}>`;
}

/** A line, an outline or a shape. The parts of `d` may be commands or numbers. */
export function path(d: readonly (string | number)[], attributes: Attributes): string {
  const compact = d
    .map(round)
    .join(" ")
    .replaceAll(/ ?([A-Za-z]) ?/g, "$1");
  return element("path", { d: compact, fill: "none", ...attributes });
}

/** Words at a place. */
export function text(x: number, y: number, words: string, attributes: Attributes = {}): string {
  return element("text", { x, y, ...attributes }, escape(words));
}

function round(value: string | number): string | number {
  return typeof value === "number" ? Math.round(value * 100) / 100 : value;
}

function escape(words: string): string {
  return words.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}
