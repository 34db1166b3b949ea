import { createRequire } from "node:module";
import type * as Yaml from "yaml";
import { pathText } from "../../code/parameters/index.ts";

/** Where a value was written: a flag, or a file. */
export interface Source {
  /** The flag, or the file as it was named. */
  readonly name: string;
  /** The text of the file. */
  readonly text?: string;
}

type Path = readonly (string | number)[];

/** The parser of YAML, which reads JSON too. Loaded when it is needed: it takes 21 to 28 ms, as long as Node itself takes to start. */
export function yaml(): typeof Yaml {
  return createRequire(import.meta.url)("yaml") as typeof Yaml;
}

/** `params.yaml:7: samples[2].id`; a flag, or a file, with nothing below it is itself. */
export function placeOf({ name, text }: Source, path: Path): string {
  if (path.length === 0) return name;
  const line = text === undefined ? undefined : lineOf(text, path);
  return `${name}${line === undefined ? "" : `:${line}`}: ${pathText(path)}`;
}

/** The line of a place in YAML or JSON, or of the nearest one around it that is there; counted from 1. */
function lineOf(text: string, path: Path): number | undefined {
  const { isMap, isSeq, isNode, isScalar, LineCounter, parseDocument } = yaml();
  const lines = new LineCounter();
  const offsetOf = (node: unknown): number | undefined => (isNode(node) ? node.range?.[0] : undefined);
  let node: unknown = parseDocument(text, { lineCounter: lines, logLevel: "silent" }).contents;
  let at: number | undefined;
  for (const part of path) {
    if (isMap(node)) {
      const pair = node.items.find(({ key }) => isScalar(key) && isSame(String(key.value), String(part)));
      if (!pair) break;
      at = offsetOf(pair.key) ?? at;
      node = pair.value;
    } else if (isSeq(node)) {
      node = node.items[Number(part)];
      at = offsetOf(node) ?? at;
    } else break;
  }
  return at === undefined ? undefined : lines.linePos(at).line;
}

/** A parameter `minDepth` may be written `min-depth`. */
function isSame(a: string, b: string): boolean {
  const simple = (name: string): string => name.replaceAll(/[-_]/g, "").toLowerCase();
  return simple(a) === simple(b);
}
