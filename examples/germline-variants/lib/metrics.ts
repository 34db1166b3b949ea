/**
 * What the tools report, as typed values. Each parser takes a tool's output as text; figures are
 * counts, bases or fractions between 0 and 1. Knows nothing of workflows.
 *
 * @module
 */

/** What trimming did to reads (fastp). */
export interface Trimming {
  readonly readsBefore: number;
  readonly readsAfter: number;
  readonly basesBefore: number;
  readonly basesAfter: number;
  readonly lowQuality: number;
  readonly tooManyN: number;
  readonly tooShort: number;
}

/** What became of the reads (samtools flagstat). Primary alignments only, so a read counts once. */
export interface Mapping {
  readonly reads: number;
  readonly mapped: number;
  readonly duplicates: number;
  readonly paired: number;
  readonly properlyPaired: number;
}

/** How much of the reference the reads cover (samtools coverage), over all sequences. */
export interface Coverage {
  readonly length: number;
  readonly coveredBases: number;
  /** The fraction of the reference with at least one read. */
  readonly breadth: number;
  readonly meanDepth: number;
}

/** A stretch of the reference, and a figure for it: its mean depth, how many sites it has. */
export interface Window {
  readonly contig: string;
  /** The first base, counted from 1. */
  readonly start: number;
  readonly end: number;
  readonly value: number;
}

/** Depth at every position (samtools depth), summed up. */
export interface Depth {
  readonly mean: number;
  readonly median: number;
  /** The fraction of positions at least this deep. */
  readonly atLeast: { readonly [depth: string]: number };
}

/** Distance between the ends of pairs (samtools stats). `undefined` figures: there is no pair. */
export interface InsertSize {
  readonly pairs: number;
  readonly mean?: number;
  readonly standardDeviation?: number;
  readonly median?: number;
}

/** What was called in a sample, over all sites of the joint call. */
export interface Genotypes {
  readonly reference: number;
  readonly heterozygous: number;
  readonly homozygousVariant: number;
  readonly missing: number;
}

/** A sequence of the reference. */
export interface Contig {
  readonly name: string;
  readonly length: number;
}

/** Everything measured of a sample. */
export interface Metrics {
  readonly sample: string;
  readonly trimming: Trimming;
  readonly mapping: Mapping;
  readonly coverage: Coverage;
  readonly depth: Depth;
  readonly insertSize: InsertSize;
}

/** Depths at which breadth is worth knowing. */
export const DEPTH_STEPS = [1, 5, 10, 20, 30] as const;

/** Reads the JSON report of `fastp --json`. */
export function parseFastp(json: string): Trimming {
  const report = JSON.parse(json) as FastpReport;
  return {
    readsBefore: report.summary.before_filtering.total_reads,
    readsAfter: report.summary.after_filtering.total_reads,
    basesBefore: report.summary.before_filtering.total_bases,
    basesAfter: report.summary.after_filtering.total_bases,
    lowQuality: report.filtering_result.low_quality_reads,
    tooManyN: report.filtering_result.too_many_N_reads,
    tooShort: report.filtering_result.too_short_reads,
  };
}

interface FastpReport {
  readonly summary: { readonly before_filtering: FastpCounts; readonly after_filtering: FastpCounts };
  readonly filtering_result: {
    readonly low_quality_reads: number;
    readonly too_many_N_reads: number;
    readonly too_short_reads: number;
  };
}

interface FastpCounts {
  readonly total_reads: number;
  readonly total_bases: number;
}

/** The trimming of several sets of reads as one. */
export function sumTrimming(parts: readonly Trimming[]): Trimming {
  const sum = (field: keyof Trimming) => parts.reduce((total, part) => total + part[field], 0);
  return {
    readsBefore: sum("readsBefore"),
    readsAfter: sum("readsAfter"),
    basesBefore: sum("basesBefore"),
    basesAfter: sum("basesAfter"),
    lowQuality: sum("lowQuality"),
    tooManyN: sum("tooManyN"),
    tooShort: sum("tooShort"),
  };
}

/** Reads the output of `samtools flagstat -O json`. */
export function parseFlagstat(json: string): Mapping {
  const { "QC-passed reads": passed } = JSON.parse(json) as { "QC-passed reads": { [counter: string]: number } };
  const count = (counter: string) => passed[counter] ?? missing(`flagstat's "${counter}"`);
  return {
    reads: count("primary"),
    mapped: count("primary mapped"),
    duplicates: count("primary duplicates"),
    paired: count("paired in sequencing"),
    properlyPaired: count("properly paired"),
  };
}

/** Reads the table of `samtools coverage`. */
export function parseCoverage(table: string): Coverage {
  let length = 0;
  let coveredBases = 0;
  let bases = 0;
  for (const [, start, end, , covered, , meanDepth] of rows(table)) {
    const span = number(end) - number(start) + 1;
    length += span;
    coveredBases += number(covered);
    bases += number(meanDepth) * span;
  }
  return { length, coveredBases, breadth: ratio(coveredBases, length), meanDepth: ratio(bases, length) };
}

/** Reads a histogram of depth over all positions: lines `depth positions`. */
export function parseDepth(table: string): Depth {
  const histogram = [...rows(table)].map(([depth, positions]) => [number(depth), number(positions)] as const);
  const positions = histogram.reduce((total, [, count]) => total + count, 0);
  const bases = histogram.reduce((total, [depth, count]) => total + depth * count, 0);
  const deepEnough = (least: number) =>
    histogram.reduce((total, [depth, count]) => total + (depth >= least ? count : 0), 0);
  return {
    mean: ratio(bases, positions),
    median: median(histogram) ?? 0,
    atLeast: Object.fromEntries(DEPTH_STEPS.map((step) => [step, ratio(deepEnough(step), positions)])),
  };
}

/** Reads a table of `contig start end value`. */
export function parseWindows(table: string): Window[] {
  return [...rows(table)].map(([contig = "", start, end, value]) => ({
    contig,
    start: number(start),
    end: number(end),
    value: number(value),
  }));
}

/** Reads the report of `samtools stats`: its summary and its histogram of insert sizes. */
export function parseInsertSize(report: string): InsertSize {
  const summary = new Map<string, number>();
  const histogram: [size: number, pairs: number][] = [];
  for (const [kind, first = "", second] of rows(report)) {
    if (kind === "SN") summary.set(first.replace(/:$/, ""), number(second));
    if (kind === "IS" && number(second) > 0) histogram.push([number(first), number(second)]);
  }
  const pairs = histogram.reduce((total, [, count]) => total + count, 0);
  const middle = median(histogram);
  if (middle === undefined) return { pairs };
  return {
    pairs,
    mean: summary.get("insert size average") ?? missing("the insert size average of samtools stats"),
    standardDeviation: summary.get("insert size standard deviation") ?? 0,
    median: middle,
  };
}

/**
 * Counts the genotypes of one sample in a table of `sample genotype count`. Haploid (`1`), diploid
 * (`0/1`, `0|1`) and polyploid genotypes are understood; one with a missing allele is missing.
 */
export function parseGenotypes(table: string, sample: string): Genotypes {
  const found = { reference: 0, heterozygous: 0, homozygousVariant: 0, missing: 0 };
  for (const [name, genotype = ".", count] of rows(table)) {
    if (name === sample) found[genotypeClass(genotype)] += number(count);
  }
  return found;
}

function genotypeClass(genotype: string): keyof Genotypes {
  const alleles = genotype.split(/[/|]/);
  if (alleles.includes(".")) return "missing";
  if (new Set(alleles).size > 1) return "heterozygous";
  return alleles[0] === "0" ? "reference" : "homozygousVariant";
}

/** Reads a FASTA index (`.fai`): the sequences of a reference. */
export function parseFastaIndex(index: string): Contig[] {
  return [...rows(index)].map(([name = "", length]) => ({ name, length: number(length) }));
}

/** The lines of a tab-separated table that are not comments, split. */
function* rows(table: string): Generator<string[]> {
  for (const line of table.split("\n")) {
    if (line !== "" && !line.startsWith("#")) yield line.split("\t");
  }
}

/** The middle value of a histogram; between two, the mean of them. */
function median(histogram: readonly (readonly [value: number, count: number])[]): number | undefined {
  const sorted = [...histogram].sort(([a], [b]) => a - b);
  const total = sorted.reduce((sum, [, count]) => sum + count, 0);
  if (total === 0) return undefined;
  const at = (rank: number) => {
    let passed = 0;
    return sorted.find(([, count]) => (passed += count) > rank)?.[0] ?? 0;
  };
  return (at(Math.ceil(total / 2) - 1) + at(Math.floor(total / 2))) / 2;
}

function ratio(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}

function number(text: string | undefined): number {
  const value = Number(text);
  return text === undefined || Number.isNaN(value) ? missing(`a number, found "${text ?? ""}"`) : value;
}

function missing(what: string): never {
  throw new Error(`the report lacks ${what}`);
}
