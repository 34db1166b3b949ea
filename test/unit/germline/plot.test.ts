import { describe, expect, it } from "vitest";
import { parseReadGroup, readGroupLine } from "../../../examples/germline-variants/lib/read-group.ts";
import { drawDepth } from "../../../examples/germline-variants/lib/plot.ts";
import { summaryTable } from "../../../examples/germline-variants/lib/summary.ts";

const depth = { mean: 5, median: 5, atLeast: { 1: 0.5 } };
const windows = [
  { contig: "17", start: 1, end: 50, value: 10 },
  { contig: "17", start: 51, end: 100, value: 0 },
];

/** The numbers of all paths and text positions. */
const coordinates = (svg: string) =>
  [...svg.matchAll(/ (?:d|x|y)="([^"]*)"/g)].flatMap(([, path = ""]) =>
    (path.match(/-?\d+(\.\d+)?/g) ?? []).map(Number),
  );

describe("drawDepth", () => {
  it("draws a row per sample, its gaps and the sites", () => {
    const svg = drawDepth({
      contigs: [{ name: "17", length: 100 }],
      samples: [
        { sample: "A", depth, windows },
        { sample: "B<&>", depth, windows },
      ],
      sites: [{ contig: "17", start: 40, end: 40, value: 1 }],
    });
    expect(svg.match(/url\(#depth\)/g)).toHaveLength(2);
    expect(svg.match(/stroke-width="3"/g)).toHaveLength(2);
    expect(svg).toContain("B&lt;&amp;&gt;");
    expect(svg).toContain("1 variant site<");
    expect(svg).not.toMatch(/NaN|Infinity|undefined/);
  });

  it("stays within its frame for 200 samples and a draft assembly", () => {
    const contigs = Array.from({ length: 5000 }, (_, index) => ({ name: `c${index}`, length: 1 + (index % 97) }));
    const rows = contigs.map(({ name, length }) => ({ contig: name, start: 1, end: length, value: length }));
    const svg = drawDepth({
      contigs,
      samples: Array.from({ length: 200 }, (_, index) => ({ sample: `S${index}`, depth, windows: rows })),
      sites: rows,
    });
    const [, width = 0, height = 0] = (/viewBox="0 0 (\S+) (\S+)"/.exec(svg) ?? []).map(Number);
    const outside = coordinates(svg).filter((at) => at < -8 || at > Math.max(width, height));
    expect(outside).toEqual([]);
    expect(svg.length).toBeLessThan(2_000_000);
  });

  it("draws an empty plot of nothing", () => {
    const svg = drawDepth({ contigs: [], samples: [], sites: [] });
    expect(svg).toContain("0 samples");
    expect(svg).not.toMatch(/NaN|Infinity/);
  });
});

describe("read groups", () => {
  it("come back as the line they were read from", () => {
    const header = "@HD\tVN:1.0\n@RG\tID:x:1\tLB:a b\tSM:A\n";
    expect(readGroupLine(parseReadGroup(header))).toBe("@RG\\tID:x:1\\tLB:a b\\tSM:A");
    expect(parseReadGroup("@HD\tVN:1.0\n")).toEqual({});
    expect(parseReadGroup(`${header}@RG\tID:y\n`)).toEqual({});
    expect(readGroupLine({ ID: "a\\t" })).toBe("@RG\\tID:a\\\\t");
  });
});

describe("summaryTable", () => {
  it("has a line per sample, NA for what does not exist, and ends with a newline", () => {
    const table = summaryTable([
      {
        sample: "A",
        trimming: {
          readsBefore: 4,
          readsAfter: 3,
          basesBefore: 400,
          basesAfter: 300,
          lowQuality: 1,
          tooManyN: 0,
          tooShort: 0,
        },
        mapping: { reads: 3, mapped: 2, duplicates: 0, paired: 0, properlyPaired: 0 },
        coverage: { length: 100, coveredBases: 50, breadth: 0.5, meanDepth: 2 },
        depth,
        insertSize: { pairs: 0 },
        genotypes: { reference: 0, heterozygous: 1, homozygousVariant: 2, missing: 3 },
      },
    ]);
    const [header = "", line = "", end] = table.split("\n");
    const cell = (column: string) => line.split("\t")[header.split("\t").indexOf(column)];
    expect(end).toBe("");
    expect(line.split("\t")).toHaveLength(header.split("\t").length);
    expect([
      cell("sample"),
      cell("mapped_pct"),
      cell("properly_paired_pct"),
      cell("insert_median"),
      cell("no_call"),
    ]).toEqual(["A", "66.67", "NA", "NA", "3"]);
  });
});
