import { describe, expect, it } from "vitest";
import { filesOf, partsOf } from "../../../src/graph/run/stored-parts.ts";
import { tellApart } from "../../../src/graph/run/tell-apart.ts";

const file = (path: string): object => ({ $: "file", v: { path, hash: "h", size: 1 } });
const labels = (calls: readonly unknown[][], names: readonly string[] = [], makers: readonly unknown[][] = []) =>
  tellApart(
    calls.map((args) => partsOf(JSON.stringify(args))),
    makers.map((args) => partsOf(JSON.stringify(args))),
    names,
  );

describe("tellApart", () => {
  it("takes the argument that differs", () => {
    expect(
      labels([
        ["A", "ref"],
        ["B", "ref"],
      ]),
    ).toEqual(["A", "B"]);
    expect(
      labels([
        [{ id: "S1", lane: 1 }, file("./ref.fa")],
        [{ id: "S2", lane: 1 }, file("./ref.fa")],
      ]),
    ).toEqual(["S1", "S2"]);
  });

  it("prefers words to files, and files to numbers", () => {
    expect(
      labels([
        [7, file("ligase:out/1/a.fq"), "A"],
        [8, file("ligase:out/2/b.fq"), "B"],
      ]),
    ).toEqual(["A", "B"]);
    expect(
      labels([
        [7, file("ligase:out/1/a.fq")],
        [8, file("ligase:out/2/b.fq")],
      ]),
    ).toEqual(["a.fq", "b.fq"]);
  });

  it("names numbers", () => {
    expect(labels([[1], [2]], ["n"])).toEqual(["n 1", "n 2"]);
    expect(labels([[{ depth: 10 }], [{ depth: 20 }]])).toEqual(["depth 10", "depth 20"]);
    expect(labels([[1], [2]])).toEqual(["1", "2"]);
  });

  it("puts two together where one is not enough", () => {
    expect(
      labels([
        ["A", "x"],
        ["A", "y"],
        ["B", "x"],
      ]),
    ).toEqual(["A, x", "A, y", "B, x"]);
  });

  it("asks who made the call, where its arguments are alike", () => {
    const pairs = [[file("a/pairs.fq")], [file("b/pairs.fq")]];
    expect(labels(pairs, [], [[{ name: "HG1" }], [{ name: "HG2" }]])).toEqual(["HG1", "HG2"]);
    expect(labels(pairs)).toEqual(["", ""]);
  });

  it("shortens long words to what differs in them", () => {
    const group = (id: string): string => `@RG\tID:${id}\tSM:HG00100\tPL:ILLUMINA\tLB:a-library-of-some-length`;
    expect(labels([[group("SRR1.7")], [group("SRR22.9")]])).toEqual(["SRR1.7", "SRR22.9"]);
  });

  it("leaves out what is too long, or most do not have", () => {
    const long = (text: string): string => text.repeat(50);
    expect(
      labels(
        [
          [long("a"), 1],
          [long("b"), 2],
        ],
        ["text", "n"],
      ),
    ).toEqual(["n 1", "n 2"]);
    expect(
      labels([
        [{ x: "A" }, "p"],
        [{}, "q"],
        [{}, "r"],
      ]),
    ).toEqual(["p", "q", "r"]);
  });

  it("names a single call, and nothing that tells nothing", () => {
    expect(labels([["A", 3]])).toEqual(["A"]);
    expect(labels([[], []])).toEqual(["", ""]);
    expect(labels([])).toEqual([]);
  });
});

describe("filesOf", () => {
  it("finds files and folders at any depth, in order", () => {
    const value = { a: [file("./x.fa"), { b: file("/data/y.fq") }], c: { $: "dir", v: { path: "./out" } }, d: "z.txt" };
    expect(filesOf(JSON.stringify(value))).toEqual([
      { path: "./x.fa", hash: "h" },
      { path: "/data/y.fq", hash: "h" },
      { path: "./out", hash: undefined },
    ]);
  });
});
