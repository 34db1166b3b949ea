import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  parseCoverage,
  parseDepth,
  parseFastaIndex,
  parseFastp,
  parseFlagstat,
  parseGenotypes,
  parseInsertSize,
  parseWindows,
  sumTrimming,
} from "../../../examples/germline-variants/lib/metrics.ts";

const fastp = (before: number, after: number) =>
  JSON.stringify({
    summary: {
      before_filtering: { total_reads: before, total_bases: before * 100 },
      after_filtering: { total_reads: after, total_bases: after * 99 },
    },
    filtering_result: { low_quality_reads: before - after, too_many_N_reads: 0, too_short_reads: 0 },
  });

describe("parseFastp", () => {
  it("reads what was there before and after, and sums it", () => {
    expect(sumTrimming([parseFastp(fastp(10, 8)), parseFastp(fastp(1, 1))])).toEqual({
      readsBefore: 11,
      readsAfter: 9,
      basesBefore: 1100,
      basesAfter: 891,
      lowQuality: 2,
      tooManyN: 0,
      tooShort: 0,
    });
    expect(sumTrimming([]).readsBefore).toBe(0);
  });
});

describe("parseFlagstat", () => {
  const passed = {
    total: 560,
    primary: 559,
    supplementary: 1,
    duplicates: 25,
    "primary duplicates": 24,
    mapped: 560,
    "primary mapped": 558,
    "paired in sequencing": 508,
    "properly paired": 278,
  };

  it("counts each read once", () => {
    const text = JSON.stringify({ "QC-passed reads": passed, "QC-failed reads": {} });
    expect(parseFlagstat(text)).toEqual({ reads: 559, mapped: 558, duplicates: 24, paired: 508, properlyPaired: 278 });
  });

  it("says which counter is missing", () => {
    expect(() => parseFlagstat('{"QC-passed reads": {"primary": 1}}')).toThrow('flagstat\'s "primary mapped"');
  });
});

describe("parseCoverage", () => {
  const header = "#rname\tstartpos\tendpos\tnumreads\tcovbases\tcoverage\tmeandepth\tmeanbaseq\tmeanmapq\n";

  it("weighs sequences by their length", () => {
    const table = `${header}1\t1\t900\t10\t900\t100\t2\t30\t60\n2\t1\t100\t0\t0\t0\t0\t0\t0\n`;
    expect(parseCoverage(table)).toEqual({ length: 1000, coveredBases: 900, breadth: 0.9, meanDepth: 1.8 });
  });

  it("takes an empty reference for uncovered", () => {
    expect(parseCoverage(header)).toEqual({ length: 0, coveredBases: 0, breadth: 0, meanDepth: 0 });
  });
});

describe("parseDepth", () => {
  it("finds the mean, the median and how much is deep enough", () => {
    expect(parseDepth("0\t2\n4\t5\n10\t3\n")).toEqual({
      mean: 5,
      median: 4,
      atLeast: { 1: 0.8, 5: 0.3, 10: 0.3, 20: 0, 30: 0 },
    });
    expect(parseDepth("").mean).toBe(0);
  });

  it("finds the median of any depths, in any order", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(50), { minLength: 1, maxLength: 60 }), (depths) => {
        const counts = new Map<number, number>();
        for (const depth of depths) counts.set(depth, (counts.get(depth) ?? 0) + 1);
        const sorted = depths.toSorted((a, b) => a - b);
        const [low, high] = [sorted[Math.ceil(sorted.length / 2) - 1] ?? 0, sorted[Math.floor(sorted.length / 2)] ?? 0];
        expect(parseDepth([...counts].map((line) => line.join("\t")).join("\n")).median).toBe((low + high) / 2);
      }),
    );
  });
});

describe("parseWindows", () => {
  it("reads contig, start, end and value", () => {
    expect(parseWindows("17\t1\t6\t2.5\n")).toEqual([{ contig: "17", start: 1, end: 6, value: 2.5 }]);
  });
});

describe("parseInsertSize", () => {
  it("reads mean and deviation, and finds the median in the histogram", () => {
    const report = [
      "SN\tinsert size average:\t344.5",
      "SN\tinsert size standard deviation:\t53.0",
      "IS\t0\t0\t0\t0\t0",
      "IS\t300\t1\t1\t0\t0",
      "IS\t310\t2\t2\t0\t0",
    ].join("\n");
    expect(parseInsertSize(report)).toEqual({ pairs: 3, mean: 344.5, standardDeviation: 53, median: 310 });
  });

  it("has no figures where there is no pair", () => {
    expect(parseInsertSize("SN\tinsert size average:\t0.0\n")).toEqual({ pairs: 0 });
  });
});

describe("parseGenotypes", () => {
  it("tells diploid, haploid, polyploid, phased and missing genotypes apart", () => {
    const table = ["A\t0/0\t1", "A\t0/1\t2", "A\t1|0\t4", "A\t1/1\t8", "A\t1/2\t16", "A\t./.\t32", "A\t.\t64"].join(
      "\n",
    );
    expect(parseGenotypes(table, "A")).toEqual({ reference: 1, heterozygous: 22, homozygousVariant: 8, missing: 96 });
    expect(parseGenotypes("A\t1\t3\nA\t0\t2\nB\t1\t9\nA\t0/0/1\t5", "A")).toEqual({
      reference: 2,
      heterozygous: 5,
      homozygousVariant: 3,
      missing: 0,
    });
  });
});

describe("parseFastaIndex", () => {
  it("lists the sequences in order", () => {
    expect(parseFastaIndex("chr1\t10\t6\t60\t61\nHLA-A*01:01\t5\t20\t60\t61\n")).toEqual([
      { name: "chr1", length: 10 },
      { name: "HLA-A*01:01", length: 5 },
    ]);
  });

  it("refuses what is no number", () => {
    expect(() => parseFastaIndex("chr1\tx\n")).toThrow('a number, found "x"');
  });
});
