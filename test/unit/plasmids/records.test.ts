import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseLocation } from "../../../examples/plasmid-embeddings/lib/location.ts";
import { parseRecords } from "../../../examples/plasmid-embeddings/lib/records.ts";

const read = (name: string) =>
  parseRecords(
    readFileSync(new URL(`../../../examples/plasmid-embeddings/data/${name}`, import.meta.url), "utf8"),
    name,
  );

describe("the records of the example", () => {
  // What Biopython 1.88 finds in the same files.
  test.each([
    ["NC_005816.gb", "NC_005816", 9609, 41, 8, "583303fb96a073c0", true],
    ["AE017046.embl", "AE017046", 9609, 29, 6, "583303fb96a073c0", true],
    ["pBAD30.gb", "pBAD30", 4923, 13, 2, "fc887754a32faf1e", true],
    ["pFA6a.gbk", "pFA6a-kanMX6", 3938, 19, 9, "a458e8b00ae5bc17", true],
    ["pPRIME.gbk", "pPRIME", 8596, 34, 11, "10c13fcf884e99b8", false],
  ])("%s is read as Biopython reads it", (name, id, length, features, reverse, hash, circular) => {
    const [plasmid, ...others] = read(name);
    expect(others).toEqual([]);
    expect(plasmid).toMatchObject({ id, circular });
    expect(plasmid!.sequence).toHaveLength(length);
    expect(createHash("sha256").update(plasmid!.sequence).digest("hex").slice(0, 16)).toBe(hash);
    expect(plasmid!.features).toHaveLength(features);
    expect(plasmid!.features.filter(({ location }) => location.strand === -1)).toHaveLength(reverse);
  });

  test("features have the names that people know, and texts over several lines are joined", () => {
    const [plasmid] = read("NC_005816.gb");
    expect(plasmid!.description).toBe("Yersinia pestis biovar Microtus str. 91001 plasmid pPCP1, complete sequence");
    const genes = plasmid!.features.filter(({ kind }) => kind === "gene").map(({ label }) => label);
    expect(genes).toContain("pim");
    expect(genes).toContain("pla");
  });

  test("a feature over the origin is two stretches", () => {
    const enhancer = read("pPRIME.gbk")[0]!.features.find(({ location }) => location.parts[0]!.start === 8569)!;
    expect(enhancer.location).toEqual({
      parts: [
        { start: 8569, end: 8596 },
        { start: 1, end: 276 },
      ],
      strand: 1,
    });
  });
});

describe("what cannot be read", () => {
  const gb = (text: string) => () => parseRecords(text, "x.gb");
  test.each([
    [">seq\nACGT\n", /x\.gb:1: this is neither GenBank/],
    ["LOCUS       x  4 bp DNA\nORIGIN\n        1 acgt\n", /x\.gb:\d+: the record has no end/],
    ["LOCUS       x  4 bp DNA\nDEFINITION  y\n//\n", /x\.gb:1: the record has no sequence \(ORIGIN\)/],
    ["LOCUS       x  5 bp DNA\nORIGIN\n        1 acgt\n//\n", /says 5 bp, and has 4: is the file whole/],
    ["LOCUS       x  4 bp DNA\nORIGIN\n        1 ac!t\n//\n", /x\.gb:2: "!" is no base/],
    [
      "LOCUS       x  4 bp DNA\nFEATURES             Location\n     gene            1..b\nORIGIN\n        1 acgt\n//\n",
      /x\.gb:3: "1\.\.b" is no location/,
    ],
  ])("%j", (text, message) => {
    expect(gb(text)).toThrow(message);
  });
});

describe("locations", () => {
  test.each([
    ["87..1109", [[87, 1109]], 1],
    ["complement(87..1109)", [[87, 1109]], -1],
    ["<1..>500", [[1, 500]], 1],
    ["12", [[12, 12]], 1],
    ["123^124", [[123, 124]], 1],
    [
      "join(1..9,20..30)",
      [
        [1, 9],
        [20, 30],
      ],
      1,
    ],
    [
      "complement(join(1..9,\n20..30))",
      [
        [1, 9],
        [20, 30],
      ],
      -1,
    ],
    [
      "join(1..9,complement(20..30))",
      [
        [1, 9],
        [20, 30],
      ],
      0,
    ],
    ["join(1..9,J00194.1:100..202)", [[1, 9]], 1],
  ] as const)("%s", (text, parts, strand) => {
    expect(parseLocation(text)).toEqual({ parts: parts.map(([start, end]) => ({ start, end })), strand });
  });

  test("whatever the text, it is a location or an error that names it", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom(..."12.,()<>^:complementjoin ".split("")), maxLength: 30 }),
        (text) => {
          try {
            for (const { start, end } of parseLocation(text).parts)
              expect([start, end].every(Number.isInteger)).toBe(true);
          } catch (error) {
            expect(String(error)).toContain("is no location of a feature");
          }
        },
      ),
    );
  });
});
