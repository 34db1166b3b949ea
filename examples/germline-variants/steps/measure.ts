/**
 * What can be said of a sample's alignments, as typed values.
 *
 * @module
 */
import { type File, lift, script, task } from "ligase";
import {
  type Metrics,
  parseCoverage,
  parseDepth,
  parseFastp,
  parseFlagstat,
  parseInsertSize,
  sumTrimming,
} from "../lib/metrics.ts";
import { type Reference, windowFor } from "./reference.ts";
import * as stubs from "./stubs.ts";
import { tools } from "./tools.ts";

/** A sample before its variants are called. */
export interface Measured {
  readonly bam: File;
  readonly metrics: Metrics;
  /** Mean depth of each window of the reference: lines `contig start end depth`. */
  readonly windows: File;
}

/** Measures a sample: what trimming did to its reads, and what became of them. */
export const measure = task((sample: string, bam: File, reports: readonly File[], reference: Reference) => {
  const { windows, histogram } = depth(bam, windowFor(reference));
  return {
    bam,
    windows,
    metrics: {
      sample,
      trimming: summariseTrimming(reports),
      mapping: lift(parseFlagstat)(flagstat(bam)),
      coverage: lift(parseCoverage)(coverage(bam)),
      depth: summariseDepth(histogram),
      insertSize: lift(parseInsertSize)(stats(bam)),
    },
  };
});

const summariseTrimming = task(async (reports: readonly File[]) =>
  sumTrimming(await Promise.all(reports.map(async (report) => parseFastp(await report.text())))),
);

const flagstat = task(
  { image: tools, cpu: 1, stub: stubs.flagstat },
  (bam: File) => script`samtools flagstat -O json ${bam}`,
);

const coverage = task({ image: tools, cpu: 1, stub: stubs.table }, (bam: File) => script`samtools coverage ${bam}`);

const stats = task(
  { image: tools, cpu: 1, stub: stubs.table },
  (bam: File) => script`samtools stats ${bam} | grep -E '^(SN|IS)'`,
);

/** Depth at every position, summed up on the way: its mean in windows, and its histogram. */
const depth = task({ image: tools, cpu: 1, stub: stubs.depth }, (bam: File, window: number) => {
  return script({ outputs: { windows: "windows.tsv", histogram: "histogram.tsv" } })`
    samtools depth -aa ${bam} | awk -v OFS='\t' -v OFMT=%.10g -v window=${window} '
      function flush() { if (n) print contig, start, start + n - 1, sum / n > "windows.tsv"; n = sum = 0 }
      $1 != contig || n == window { flush(); contig = $1; start = $2 }
      { sum += $3; n++; positions[$3]++ }
      END { flush(); for (d in positions) print d, positions[d] | "sort -n > histogram.tsv" }'
  `;
});

const summariseDepth = task(async (histogram: File) => parseDepth(await histogram.text()));
