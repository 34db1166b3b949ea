import { matchesGlob } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Glob } from "../../../src/files/index.ts";

const matching = (pattern: string, paths: string[]) => paths.filter((path) => new Glob(pattern).matches(path));

describe("Glob", () => {
  it.each<[pattern: string, yes: string[], no: string[]]>([
    ["*.bam", ["a.bam", "-x.bam", "a b\n.bam"], [".a.bam", "d/a.bam", "a.bam.bai"]],
    ["reads_?.fq", ["reads_1.fq", "reads_é.fq", "reads_🧬.fq"], ["reads_10.fq", "reads_.fq"]],
    ["[0-9]*.[!x]", ["1a.y"], ["a.y", "1.x"]],
    ["[^a]", ["b"], ["a", "/"]],
    ["[]a]", ["]", "a"], ["b"]],
    ["[a-]", ["a", "-"], ["b"]],
    ["[z-a]", [], ["a", "z"]],
    ["{a,b{c,d}}.txt", ["a.txt", "bc.txt", "bd.txt"], ["b.txt"]],
    ["chr{9..11}.vcf", ["chr9.vcf", "chr10.vcf", "chr11.vcf"], ["chr1.vcf", "chr9..11.vcf"]],
    ["**/*.txt", ["a.txt", "d/a.txt", "d/e/a.txt"], [".d/a.txt", "d/.a.txt"]],
    ["a/**", ["a/b", "a/b/c"], ["a", "b/a"]],
    ["./a/*.txt", ["a/b.txt"], ["b.txt"]],
    ["\\*.txt", ["*.txt"], ["a.txt"]],
    ["(a|b)+.$^", ["(a|b)+.$^"], ["a"]],
    [".*", [".hidden"], ["plain"]],
    ["d/.x/*", ["d/.x/a"], ["d/x/a"]],
  ])("%j", (pattern, yes, no) => {
    expect(matching(pattern, [...yes, ...no])).toEqual(yes);
  });

  it("tells a pattern from a name", () => {
    expect(new Glob("a b.txt").literal).toBe("a b.txt");
    expect(new Glob("./a//b.txt").literal).toBe("a/b.txt");
    expect(new Glob("a[b.txt").literal).toBe("a[b.txt");
    expect(new Glob("{a}.txt").literal).toBe("{a}.txt");
    expect(new Glob("\\*\\[x].txt").literal).toBe("*[x].txt");
    for (const pattern of ["*", "a?", "[ab]", "{a,b}", "a/**", "{1..3}"])
      expect(new Glob(pattern).literal).toBeUndefined();
  });

  it("matches every name as itself when it is escaped", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", minLength: 1 }), (name) => {
        fc.pre(!/[/\0]/.test(name) && name !== "." && name !== "..");
        const glob = new Glob(name.replace(/[\\*?[\]{}]/g, "\\$&"));
        expect(glob.literal).toBe(name);
        expect(glob.matches(name)).toBe(true);
      }),
    );
  });

  it("agrees with Node's on what both know", () => {
    const token = fc.constantFrom("a", "b", ".", "*", "?", "[ab]", "[!a]", "{a,b}", "/", "x1");
    const path = fc
      .array(fc.constantFrom("a", "b", ".", "/", "x1"), { minLength: 1, maxLength: 7 })
      .map((parts) => parts.join(""));
    const sane = (text: string) => !/^\/|\/$|\/\/|(^|\/)\.{1,2}(\/|$)|\*\*/.test(text);
    fc.assert(
      fc.property(
        fc.array(token, { minLength: 1, maxLength: 6 }).map((parts) => parts.join("")),
        path,
        (pattern, path) => {
          fc.pre(sane(pattern) && sane(path) && !/(^|\/)\{/.test(pattern) && !/(^|\/)\[/.test(pattern));
          expect(new Glob(pattern).matches(path)).toBe(matchesGlob(path, pattern));
        },
      ),
      { numRuns: 500 },
    );
  });

  it("never leaves out a folder that holds a match", () => {
    const segment = fc.constantFrom("a", "b", "*", "**", "?", "{a,b}", ".h");
    const name = fc.constantFrom("a", "b", "c", ".h");
    fc.assert(
      fc.property(
        fc.array(segment, { minLength: 1, maxLength: 4 }),
        fc.array(name, { minLength: 2, maxLength: 4 }),
        (segments, names) => {
          const glob = new Glob(segments.join("/"));
          if (!glob.matches(names.join("/"))) return;
          for (let i = 1; i < names.length; i++) expect(glob.mayHold(names.slice(0, i).join("/"))).toBe(true);
        },
      ),
      { numRuns: 500 },
    );
    expect(new Glob("*.txt").mayHold("a")).toBe(false);
    expect(new Glob("a/*/c.txt").mayHold("b")).toBe(false);
  });

  it("refuses a pattern of endless alternatives", () => {
    expect(() => new Glob("{1..999}{1..999}")).toThrow(expect.objectContaining({ code: "LIGASE_E_GLOB" }));
  });
});
