/**
 * What stands in place of the tools with `--stub`: files of the right names with next to nothing in
 * them, and reports of nothing. They check how the steps are wired, on a machine without the tools.
 *
 * @module
 */
import { File } from "ligase";

const empty = (name: string): Promise<File> => File.write(name, "");

export const indexReference = async () => ({
  fasta: await empty("reference.fa"),
  fai: await File.write("reference.fa.fai", "chr1\t1000\t6\t60\t61\n"),
});

export const splitByReadGroup = async () => [await empty("1.bam")];

export const toFastq = async () => ({
  header: await File.write("read-groups.sam", "@RG\tID:1\tSM:stub\n"),
  fastq: await Promise.all([empty("pairs.1.fq.gz"), empty("pairs.2.fq.gz")]),
});

export const trim = async (fastq: readonly File[]) => ({
  fastq: await Promise.all(fastq.map((_, mate) => empty(`trimmed.${mate + 1}.fq.gz`))),
  report: await File.write("fastp.json", JSON.stringify(FASTP)),
});

export const align = () => empty("aligned.bam");

export const mergeAndMark = (sample: string) => empty(`${sample}.bam`);

export const flagstat = () => JSON.stringify({ "QC-passed reads": FLAGSTAT });

/** Of the tools that print a table, the head of one. */
export const table = () => "";

export const depth = async () => ({ windows: await empty("windows.tsv"), histogram: await empty("histogram.tsv") });

export const callShard = () => empty("calls.vcf.gz");

export const joinCalls = () => empty("variants.vcf.gz");

/** Nothing is put where people look for results. */
export const publish = (files: Readonly<Record<string, File>>) => files;

const FASTP = {
  summary: {
    before_filtering: { total_reads: 0, total_bases: 0 },
    after_filtering: { total_reads: 0, total_bases: 0 },
  },
  filtering_result: { low_quality_reads: 0, too_many_N_reads: 0, too_short_reads: 0 },
};

const FLAGSTAT = {
  primary: 0,
  "primary mapped": 0,
  "primary duplicates": 0,
  "paired in sequencing": 0,
  "properly paired": 0,
};
