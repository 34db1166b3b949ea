/**
 * Germline variants from short reads: split by read group, trim (fastp), align (bwa mem), merge and
 * mark duplicates (samtools), measure, and call variants over all samples at once (bcftools).
 *
 *     ligase run workflow.ts main --samples data/samples.csv --reference data/chr17_1-4200.fa
 *
 * The steps are tasks in `steps/`; what they compute without a tool is plain code in `lib/`.
 *
 * @module
 */
import { dirname, resolve } from "node:path";
import { type File, lift, map, task, withOptions } from "ligase";
import { align, alignMemory, mergeAndMark, trim } from "./steps/alignment.ts";
import { measure } from "./steps/measure.ts";
import { readSheet, readsOf, type Sample } from "./steps/reads.ts";
import { indexReference, listContigs, type Reference, totalLength } from "./steps/reference.ts";
import { plotDepth, publish, summarise } from "./steps/report.ts";
import { callVariants, countGenotypes, countSites } from "./steps/variants.ts";

/** One sample, from its reads to its alignments and what can be said of them. It waits for no other. */
const processSample = task((sample: Sample, reference: Reference) => {
  const alignHere = withOptions(align, { memory: alignMemory(reference) });
  const parts = map(readsOf(sample, reference), ({ readGroup, fastq }) => {
    const trimmed = trim(fastq);
    return { bam: alignHere(readGroup, trimmed.fastq, reference), report: trimmed.report };
  });
  const bams = map(parts, (part) => part.bam);
  const reports = map(parts, (part) => part.report);
  return measure(sample.name, mergeAndMark(sample.name, bams), reports, reference);
});

/**
 * Finds the germline variants of the samples of a sheet, and says how good their data are.
 *
 * @param samples - the sample sheet (CSV or TSV): `sample,alignments` for SAM, BAM or CRAM files whose reads
 *   are aligned anew, or `sample,fastq_1,fastq_2`; rows of one sample are merged, paths count from its folder
 * @param reference - the reference genome: FASTA, plain or gzip
 * @param outdir - where the results go
 * @param minMappingQuality - reads that map less surely (Phred) don't count for calling
 * @param minBaseQuality - bases of less quality (Phred) don't count for calling
 * @param ploidy - copies of each chromosome: 1 for a haploid organism, 2 for a diploid
 */
export const main = task(
  // Paths in a sheet count from where it lies, and where a file lies is no part of what the cache
  // knows of it. So this body, which only joins the steps, is read anew in every run.
  { cache: false },
  (
    samples: File,
    reference: File,
    outdir: string = "results",
    minMappingQuality: number = 20,
    minBaseQuality: number = 20,
    ploidy: number = 2,
  ) => {
    const index = indexReference(reference);
    const contigs = listContigs(index.fai);
    const genome = { fasta: index.fasta, bases: lift(totalLength)(contigs) };

    const sheet = readSheet(samples, dirname(samples.path));
    const measured = map(sheet, (sample) => processSample(sample, genome));
    const bams = map(measured, (sample) => sample.bam);
    const metrics = map(measured, (sample) => sample.metrics);

    const variants = callVariants(bams, genome, contigs, { minMappingQuality, minBaseQuality, ploidy });
    const summary = summarise(metrics, countGenotypes(variants));
    const plot = plotDepth(contigs, measured, countSites(variants, genome));

    const folder = resolve(outdir);
    return {
      results: publish({ variants, summary: summary.table, json: summary.json, depth: plot }, folder),
      alignments: map(bams, (bam) => publish({ bam }, `${folder}/alignments`)),
    };
  },
);
