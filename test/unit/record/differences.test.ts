import { describe, expect, it } from "vitest";
import { differences } from "../../../src/record/explain/differences.ts";
import { scriptDifferences } from "../../../src/record/explain/script-changes.ts";

const of = (before: unknown, after: unknown, names?: readonly string[]) =>
  differences(JSON.stringify(before), JSON.stringify(after), names).map((each) => [each.path, each.before, each.after]);

const file = (path: string, hash: string, sidecars?: object[]) => ({
  $: "file",
  v: { path, hash, size: 3, ...(sidecars && { sidecars }) },
});

describe("differences", () => {
  it("names places as people write them", () => {
    expect(of([{ a: { "r 1": [1, 2] } }], [{ a: { "r 1": [1, 3] } }], ["sample"])).toEqual([
      ['sample.a["r 1"][1]', "2", "3"],
    ]);
    expect(of([1], [2], [""])).toEqual([["[0]", "1", "2"]]);
    expect(of(1, 2)).toEqual([["", "1", "2"]]);
    expect(of({ x: 1 }, { y: 1 })).toEqual([
      ["x", "1", undefined],
      ["y", undefined, "1"],
    ]);
  });

  it("takes an argument that was not given for absent", () => {
    expect(of([{ $: "undefined" }], [5], ["n"])).toEqual([["n", undefined, "5"]]);
  });

  it("finds items put in and taken out at both ends and in the middle, and compares those that changed in place", () => {
    expect(of([["a", "b"]], [["x", "a", "b"]], ["l"])).toEqual([["l[0]", undefined, '"x"']]);
    expect(of([["a", "b", "c"]], [["a", "c"]], ["l"])).toEqual([["l[1]", '"b"', undefined]]);
    expect(of([["a", "b"]], [["a", "b", "c"]], ["l"])).toEqual([["l[2]", undefined, '"c"']]);
    expect(of([["a", "b"]], [["a", "x"]], ["l"])).toEqual([["l[1]", '"b"', '"x"']]);
    // Of a result the outermost list is a list too; of arguments it is not.
    expect(of(["a", "b"], ["x", "a", "b"])).toEqual([["[0]", undefined, '"x"']]);
    expect(of(["a", "b"], ["x", "a", "b"], ["p", "q", "r"])).toHaveLength(3);
  });

  it("compares files by name and content, not by place", () => {
    expect(of([file("/a/x.bam", "h")], [file("/b/x.bam", "h")], ["bam"])).toEqual([]);
    expect(of([file("/a/x.bam", "h")], [file("/a/y.bam", "h")], ["bam"])).toHaveLength(1);
    expect(of([file("ligase:outputs/ab/k/x.bam", "h1")], [file("./x.bam", "h2")], ["bam"])).toEqual([
      ["bam", "x.bam (3 bytes, sha256 h1)", "./x.bam (3 bytes, sha256 h2)"],
    ]);
    const before = file("/a/x.bam", "h", [{ path: "/a/x.bam.bai", hash: "i1", size: 1 }]);
    const after = file("/a/x.bam", "h", [{ path: "/a/x.bam.bai", hash: "i2", size: 1 }]);
    expect(of([before], [after], ["bam"])).toMatchObject([["bam.sidecars[0]", expect.any(String), expect.any(String)]]);
  });

  it("shows long texts from shortly before the place where they differ", () => {
    const long = "x".repeat(500);
    const [[, before = "", after = ""] = []] = of(`${long}a${long}`, `${long}b${long}`);
    expect(before).toMatch(/^…"x{40}a/);
    expect(after).toMatch(/^…"x{40}b/);
    expect(before.length).toBeLessThan(220);
  });

  it("shows files in a larger value by their names", () => {
    expect(of([], [{ bam: file("ligase:outputs/ab/k/x.bam", "h1"), when: { $: "date", v: 0 } }])).toEqual([
      ["[0]", undefined, '{"bam":"x.bam","when":0}'],
    ]);
  });

  it("stops after a number of places, and is not confused by names that every object has", () => {
    const many = (n: number) => Array.from({ length: 500 }, () => n);
    expect(of(many(1), many(2)).length).toBeLessThanOrEqual(50);
    expect(of({ constructor: 1 }, {})).toEqual([["constructor", "1", undefined]]);
  });
});

describe("scriptDifferences", () => {
  const spec = (parts: string[], values: unknown[], more: object = {}) =>
    JSON.stringify([{ parts, values, interpreter: "bash", ...more }]);

  it("tells a script's text as a whole, its values by what stands before them, and its options", () => {
    const before = spec(["samtools view -q ", " ", ""], [10, "a"]);
    expect(scriptDifferences(before, spec(["samtools view -q ", " ", ""], [20, "a"]))).toMatchObject([
      { path: "value 1 (after view -q)", before: "10", after: "20" },
    ]);
    expect(scriptDifferences(before, spec(["samtools view -Q ", " ", ""], [20, "a"]))).toMatchObject([
      { path: "script", texts: { before: "samtools view -q ${…} ${…}", after: "samtools view -Q ${…} ${…}" } },
    ]);
    expect(
      scriptDifferences(before, spec(["samtools view -q ", " ", ""], [10, "a"], { outputs: "x.bam" })),
    ).toMatchObject([{ path: "outputs", before: undefined, after: '"x.bam"' }]);
  });
});
