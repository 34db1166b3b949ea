import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { decodeExpression, encodeExpression, taskAtom } from "../../../src/expr/index.ts";
import { builtIn } from "../../../src/expr/built-in.ts";
import { fileAtoms } from "../../../src/files/index.ts";
import { Codec } from "../../../src/kernel/index.ts";

interface Vectors {
  readonly canonical: readonly { readonly json: string; readonly text: string }[];
  readonly values: readonly { readonly text: string }[];
  readonly calls: readonly {
    readonly name: string;
    readonly args: string;
    readonly options?: string;
    readonly text: string;
  }[];
  readonly graphs: readonly { readonly why: string; readonly text: string }[];
}

const vectors = JSON.parse(readFileSync(new URL("../../vectors/codec.json", import.meta.url), "utf8")) as Vectors;
const find = (name: string) => builtIn(name, "1", "", () => {});
const codec = new Codec([...fileAtoms({ root: "/project", storeDir: "/store" }), taskAtom(find)]);

/** The text of what was read of a text: the same, in the form that other languages must keep to. */
const again = (text: string): string => encodeExpression(decodeExpression(text, codec, find), codec).text;

describe("vectors shared with other languages", () => {
  it.each(vectors.canonical)("writes $json as $text", ({ json, text }) => {
    expect(codec.encode(JSON.parse(json)).text).toBe(text);
  });

  it.each(vectors.values)("reads and writes $text", ({ text }) => {
    expect(codec.encode(codec.decode(text)).text).toBe(text);
  });

  it.each(vectors.calls)("reads and writes a call of $name", ({ text, args, options }) => {
    expect(again(text)).toBe(text);
    // The parts stand in it as they are written by themselves.
    expect(codec.encode(codec.decode(args)).text).toBe(args);
    expect(text).toContain(`,${args}${options === undefined ? "" : `,${options}`}]`);
  });

  it.each(vectors.graphs)("reads and writes a graph: $why", ({ text }) => {
    expect(again(text)).toBe(text);
  });
});
