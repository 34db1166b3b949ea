/**
 * Germline variants from short reads: split by read group, trim (fastp), align (bwa mem), merge and
 * mark duplicates (samtools), measure, and call variants over all samples at once (bcftools).
 *
 *     ligase run workflow.ts main --samples data/samples.csv --reference data/chr17_1-4200.fa
 *
 * Read it from the end: `main` is the whole pipeline, each task above it is one step.
 *
 * @module
 */
import { availableParallelism } from "node:os";
import { dirname, resolve } from "node:path";
import { File, flatten, lift, map, script, task, withOptions } from "ligase";
import {
  type Contig,
  type Metrics,
  parseCoverage,
  parseDepth,
  parseFastaIndex,
  parseFastp,
  parseFlagstat,
  parseGenotypes,
  parseInsertSize,
  parseWindows,
  sumTrimming,
} from "./metrics.ts";
import { drawDepth } from "./plot.ts";
import { parseReadGroup, readGroupLine } from "./read-group.ts";
import { parseSheet, SheetError } from "./sheet.ts";
import { summaryTable } from "./summary.ts";

/** A reference genome; `fasta` takes its bwa and samtools indexes along. */
interface Reference {
  readonly fasta: File;
  /** Its length over all sequences. */
  readonly bases: number;
}

/** Reads of one read group: one FASTQ file of single reads, or the two of pairs. */
interface Reads {
  /** The `@RG` line, as `bwa mem -R` wants it. */
  readonly readGroup: string;
  readonly fastq: readonly File[];
}

/** A sample of the sheet: alignments whose reads are aligned anew, or lanes of FASTQ. */
interface Sample {
  readonly name: string;
  readonly alignments: readonly File[];
  readonly lanes: readonly Reads[];
}

/** What is known of a sample before its variants are called. */
interface Processed {
  readonly bam: File;
  readonly metrics: Metrics;
  /** Mean depth of each window of the reference. */
  readonly windows: File;
}

/** How variants are called. */
interface Calling {
  readonly minMappingQuality: number;
  readonly minBaseQuality: number;
  readonly ploidy: number;
}

/** Threads of the tools that have a use for them: two jobs always fit. The number changes no result, so nothing runs again. */
const THREADS = Math.min(4, Math.ceil(availableParallelism() / 2));

// ─── The sample sheet and the reference ──────────────────────────────────────────────────────────

/** The samples of a sheet, each once: rows of one name are merged. Paths count from the sheet's folder. */
const readSheet = task(async (sheet: File, folder: string): Promise<Sample[]> => {
  const { form, rows } = parseSheet(await sheet.text(), sheet.name);
  const at = async (path: string, line: number) => {
    const file = new File(/^https?:/.test(path) ? path : resolve(folder, path));
    if (!(await file.exists())) throw new SheetError(`${sheet.name}:${line}: ${path} does not exist in ${folder}`);
    return file;
  };
  if (form === "alignments") {
    const samples = [...Map.groupBy(rows, (row) => row.sample)].map(async ([name, files]) => ({
      name,
      alignments: await Promise.all(files.map(({ alignments, line }) => at(alignments, line))),
      lanes: [],
    }));
    return Promise.all(samples);
  }
  const samples = [...Map.groupBy(rows, (row) => row.sample)].map(async ([name, lanes]) => ({
    name,
    alignments: [],
    lanes: await Promise.all(
      lanes.map(async ({ reads1, reads2, line }, index) => ({
        readGroup: readGroupLine({ ID: `${name}.${index + 1}`, SM: name, LB: name, PL: "ILLUMINA" }),
        fastq: [await at(reads1, line), ...(reads2 === undefined ? [] : [await at(reads2, line)])],
      })),
    ),
  }));
  return Promise.all(samples);
});

/** Indexes a reference (plain or gzip) for bwa and samtools. */
const indexReference = task({ cpu: 1 }, (fasta: File) =>
  script({ outputs: { fasta: { file: "reference.fa", sidecars: ["reference.fa.*"] }, fai: "reference.fa.fai" } })`
    gzip --decompress --stdout --force ${fasta} > reference.fa
    bwa index reference.fa
    samtools faidx reference.fa
  `,
);

/** The sequences of a reference. */
const listContigs = task(async (fai: File) => parseFastaIndex(await fai.text()));

function totalLength(contigs: readonly Contig[]): number {
  return contigs.reduce((total, { length }) => total + length, 0);
}

// ─── Reads of an alignment file, by read group ───────────────────────────────────────────────────

/** Splits alignments into one BAM for each read group that has reads, and one for reads without any. */
const splitByReadGroup = task({ cpu: 1 }, (alignments: File, reference: Reference) =>
  script({ outputs: "groups/*.bam" })`
    mkdir groups
    samtools split --no-PG --reference ${reference.fasta} -u groups/none.bam -f 'groups/%#.bam' ${alignments}
    for group in groups/*.bam; do
      [ "$(samtools view -c "$group")" -gt 0 ] || rm "$group"
    done
  `,
);

/** Turns one read group's alignments back into reads: pairs, and orphans whose mate is not there. */
const toFastq = task({ cpu: 1 }, (group: File) =>
  script({ outputs: { header: "header.sam", fastq: "*.fq.gz" } })`
    samtools view -H ${group} > header.sam
    samtools collate -u -O ${group} |
      samtools fastq -n -1 pairs.1.fq.gz -2 pairs.2.fq.gz -s single.fq.gz -0 other.fq.gz -
    cat single.fq.gz other.fq.gz > orphans.fq.gz
    rm single.fq.gz other.fq.gz
    for reads in *.fq.gz; do
      [ -n "$(zcat "$reads" | head -c 1)" ] || rm "$reads"
    done
  `,
);

/** The sets of reads that were found in a read group: pairs, orphans or both. */
const readsOfGroup = task(async (sample: string, header: File, fastq: readonly File[]): Promise<Reads[]> => {
  const readGroup = readGroupLine({ ID: sample, ...parseReadGroup(await header.text()), SM: sample });
  const named = (start: string) => fastq.filter((file) => file.name.startsWith(start));
  return [named("pairs."), named("orphans.")].filter((files) => files.length > 0).map((files) => ({ readGroup, fastq: files }));
});

/** All reads of a sample: its lanes of FASTQ, or what its alignment files turn out to hold. */
const readsOf = task((sample: Sample, reference: Reference) =>
  flatten([
    sample.lanes,
    flatten(
      map(flatten(map(sample.alignments, (file) => splitByReadGroup(file, reference))), (group) => {
        const { header, fastq } = toFastq(group);
        return readsOfGroup(sample.name, header, fastq);
      }),
    ),
  ]),
);

// ─── From reads to a sample's alignments ─────────────────────────────────────────────────────────

/** Trims adapters and bad reads. Duplicates are marked later: counting them here costs 1 GB and 3 s a job. */
const trim = task({ cpu: THREADS }, (fastq: readonly File[]) => {
  const trimmed = fastq.map((_, index) => `trimmed.${index + 1}.fq.gz`);
  const files = fastq.length === 1 ? ["-i", fastq[0], "-o", trimmed[0]] : ["-i", fastq[0], "-I", fastq[1], "-o", trimmed[0], "-O", trimmed[1]];
  return script({ outputs: { fastq: trimmed, report: "fastp.json" } })`
    fastp --thread $LIGASE_CPU --dont_eval_duplication --json fastp.json --html /dev/null ${files}
  `;
});

/** Aligns reads; -K makes the result independent of the number of threads. */
const align = task({ cpu: THREADS }, (readGroup: string, fastq: readonly File[], reference: Reference) =>
  script({ outputs: "aligned.bam" })`
    bwa mem -K 100000000 -t $LIGASE_CPU -R ${readGroup} ${reference.fasta} ${fastq} |
      samtools fixmate -u -m - - |
      samtools sort -@ $LIGASE_CPU -m 256M -o aligned.bam -
  `,
);

/** Merges the alignments of a sample and marks duplicates. */
const mergeAndMark = task({ cpu: THREADS }, (sample: string, parts: readonly File[]) =>
  script({ outputs: { file: `${sample}.bam`, sidecars: [`${sample}.bam.bai`] } })`
    samtools merge -u -@ $LIGASE_CPU - ${parts} | samtools markdup -@ $LIGASE_CPU - ${sample}.bam
    samtools index ${sample}.bam
  `,
);

// ─── Metrics ─────────────────────────────────────────────────────────────────────────────────────

const trimming = task(async (reports: readonly File[]) =>
  sumTrimming(await Promise.all(reports.map(async (report) => parseFastp(await report.text())))),
);

const flagstat = task({ cpu: 1 }, (bam: File) => script`samtools flagstat -O json ${bam}`);

const coverage = task({ cpu: 1 }, (bam: File) => script`samtools coverage ${bam}`);

const stats = task({ cpu: 1 }, (bam: File) => script`samtools stats ${bam} | grep -E '^(SN|IS)'`);

/** Depth at every position, summed up on the way: its mean in windows, and its histogram. */
const depth = task({ cpu: 1 }, (bam: File, window: number) =>
  script({ outputs: { windows: "windows.tsv", histogram: "histogram.tsv" } })`
    samtools depth -aa ${bam} | awk -v OFS='\t' -v OFMT=%.10g -v window=${window} '
      function flush() { if (n) print contig, start, start + n - 1, sum / n > "windows.tsv"; n = sum = 0 }
      $1 != contig || n == window { flush(); contig = $1; start = $2 }
      { sum += $3; n++; positions[$3]++ }
      END { flush(); for (d in positions) print d, positions[d] | "sort -n > histogram.tsv" }'
  `,
);

const summariseDepth = task(async (histogram: File) => parseDepth(await histogram.text()));

// ─── One sample, from its reads to its metrics ───────────────────────────────────────────────────

const processSample = task((sample: Sample, reference: Reference) => {
  // bwa holds its index (1.7 bytes a base), the batch of reads that -K asks for and what sorts them.
  const alignHere = withOptions(align, { memory: 1.5e9 + 1.8 * reference.bases });
  const parts = map(readsOf(sample, reference), ({ readGroup, fastq }) => {
    const trimmed = trim(fastq);
    return { bam: alignHere(readGroup, trimmed.fastq, reference), report: trimmed.report };
  });
  const bam = mergeAndMark(
    sample.name,
    map(parts, (part) => part.bam),
  );
  const { windows, histogram } = depth(bam, windowFor(reference));
  return {
    bam,
    windows,
    metrics: {
      sample: sample.name,
      trimming: trimming(map(parts, (part) => part.report)),
      mapping: lift(parseFlagstat)(flagstat(bam)),
      coverage: lift(parseCoverage)(coverage(bam)),
      depth: summariseDepth(histogram),
      insertSize: lift(parseInsertSize)(stats(bam)),
    },
  };
});

// ─── All samples: variants, summary, plot ────────────────────────────────────────────────────────

/** Calls variants over all samples in some sequences of the reference. */
const callShard = task({ cpu: 1 }, (bams: readonly File[], reference: Reference, shard: readonly Contig[], how: Calling) =>
  script({ outputs: "calls.vcf.gz" })`
    printf '%s\t1\t%s\n' ${shard.flatMap(({ name, length }) => [name, length])} > regions.tsv
    bcftools mpileup --no-version -Ou -f ${reference.fasta} -R regions.tsv -q ${how.minMappingQuality} -Q ${how.minBaseQuality} -a AD,DP ${bams} |
      bcftools call --no-version -mv --ploidy ${how.ploidy} -Oz -o calls.vcf.gz
  `,
);

/** Joins the calls of all shards, in the order of the reference, and indexes them. */
const joinCalls = task({ cpu: 1 }, (shards: readonly File[]) =>
  script({ outputs: { file: "variants.vcf.gz", sidecars: ["variants.vcf.gz.tbi"] } })`
    bcftools concat --no-version -Oz -o variants.vcf.gz ${shards}
    tabix -p vcf variants.vcf.gz
  `,
);

/** How often each sample has each genotype: lines `sample genotype count`. */
const countGenotypes = task({ cpu: 1 }, (vcf: File) =>
  script`
    bcftools query -f '[%SAMPLE\t%GT\n]' ${vcf} |
      awk '{ n[$0]++ } END { for (key in n) print key "\t" n[key] }' | LC_ALL=C sort
  `,
);

/** How many sites there are in each window of the reference that has any. */
const countSites = task({ cpu: 1 }, (vcf: File, reference: Reference) =>
  script`
    bcftools query -f '%CHROM\t%POS\n' ${vcf} | awk -v OFS='\t' -v window=${windowFor(reference)} '
      function flush() { if (n) print contig, at * window + 1, (at + 1) * window, n; n = 0 }
      { here = int(($2 - 1) / window) }
      $1 != contig || here != at { flush(); contig = $1; at = here }
      { n++ }
      END { flush() }'
  `,
);

/** The summary as a table and as JSON. */
const summarise = task(async (metrics: readonly Metrics[], genotypes: string) => {
  const samples = metrics.map((each) => ({ ...each, genotypes: parseGenotypes(genotypes, each.sample) }));
  return {
    table: await File.write("summary.tsv", summaryTable(samples)),
    json: await File.write("summary.json", `${JSON.stringify(samples, null, 2)}\n`),
  };
});

const plotDepth = task(async (contigs: readonly Contig[], samples: readonly Processed[], sites: string) => {
  const rows = samples.map(async ({ metrics, windows }) => ({
    sample: metrics.sample,
    depth: metrics.depth,
    windows: parseWindows(await windows.text()),
  }));
  return File.write("depth.svg", drawDepth({ contigs, samples: await Promise.all(rows), sites: parseWindows(sites) }));
});

/** Puts a file where people look for it. */
const publish = task(async (file: File, folder: string) => file.publish(`${folder}/`));

/** Bases of a window, so that the whole reference has some 800 of them. */
function windowFor({ bases }: Reference): number {
  return Math.max(1, Math.ceil(bases / 800));
}

/** Sequences to call together: a long one alone, short ones until they make up as much. */
function shardsOf(contigs: readonly Contig[]): Contig[][] {
  const shards: Contig[][] = [];
  let room = 0;
  for (const contig of contigs) {
    if (room < contig.length || shards.length === 0) {
      shards.push([]);
      room = SHARD_BASES;
    }
    shards.at(-1)?.push(contig);
    room -= contig.length;
  }
  return shards;
}

const SHARD_BASES = 50_000_000;

/**
 * Finds the germline variants of the samples of a sheet, and says how good their data are.
 *
 * Its body only joins the steps; it is not cached, because the paths in a sheet count from the
 * sheet's folder, and where a file lies is no part of what the cache knows of it.
 *
 * @param samples The sample sheet (CSV or TSV): `sample,alignments` with SAM, BAM or CRAM files whose reads are aligned anew, or `sample,fastq_1,fastq_2`; rows of one sample are merged; paths count from the sheet's folder
 * @param reference The reference genome as FASTA, plain or gzip
 * @param outdir Where the results go
 * @param minMappingQuality Reads that map less surely (Phred) don't count for calling
 * @param minBaseQuality Bases of less quality (Phred) don't count for calling
 * @param ploidy Copies of each chromosome: 1 for a haploid organism, 2 for a diploid
 */
export const main = task(
  { cache: false },
  (samples: File, reference: File, outdir = "results", minMappingQuality = 20, minBaseQuality = 20, ploidy = 2) => {
    const index = indexReference(reference);
    const contigs = listContigs(index.fai);
    const genome = { fasta: index.fasta, bases: lift(totalLength)(contigs) };

    const sheet = readSheet(samples, dirname(samples.path));
    const processed = map(sheet, (sample) => processSample(sample, genome));
    const bams = map(processed, (sample) => sample.bam);

    const how = { minMappingQuality, minBaseQuality, ploidy };
    const shards = map(lift(shardsOf)(contigs), (shard) => callShard(bams, genome, shard, how));
    const variants = joinCalls(shards);

    const metrics = map(processed, (sample) => sample.metrics);
    const summary = summarise(metrics, countGenotypes(variants));
    const plot = plotDepth(contigs, processed, countSites(variants, genome));

    const results = resolve(outdir);
    return {
      variants: publish(variants, results),
      summary: publish(summary.table, results),
      json: publish(summary.json, results),
      depth: publish(plot, results),
      alignments: map(bams, (bam) => publish(bam, `${results}/alignments`)),
    };
  },
);
