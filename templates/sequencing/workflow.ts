import { dirname, resolve } from "node:path";
import { File, map, script, task } from "ligase";

/** A sample of the sheet, with its read pairs. */
interface Sample {
  name: string;
  reads1: File;
  reads2: File;
}

/** What is known of a sample's alignments. */
interface Summary {
  sample: string;
  reads: number;
  mapped: number;
  /** Mean depth over the reference. */
  depth: number;
}

/** Indexes the reference for bwa. Its index files travel with it wherever it goes: they are its sidecars. */
export const indexReference = task(
  { cpu: 1, memory: "1 GiB" },
  (fasta: File) =>
    // A script runs in a directory of its own; `outputs` names what it must leave there.
    script({ outputs: { file: "reference.fa", sidecars: "reference.fa.*" } })`
    gzip --decompress --stdout --force ${fasta} > reference.fa
    bwa index reference.fa
    samtools faidx reference.fa
  `,
);

/** Aligns the read pairs of a sample and sorts them by coordinate. */
export const align = task(
  { cpu: 2, memory: "2 GiB" },
  (sample: Sample, reference: File) =>
    script({ outputs: { file: `${sample.name}.bam`, sidecars: `${sample.name}.bam.bai` } })`
    bwa mem -K 100000000 -t $LIGASE_CPU -R ${`@RG\\tID:${sample.name}\\tSM:${sample.name}\\tPL:ILLUMINA`} \
        ${reference} ${sample.reads1} ${sample.reads2} |
      samtools sort -@ $LIGASE_CPU -o ${sample.name}.bam -
    samtools index ${sample.name}.bam
  `,
);

/** Counts reads, and what mapped of them. A script without outputs gives what it prints. */
export const flagstat = task({ cpu: 1 }, (bam: File) => script`samtools flagstat -O json ${bam}`);

/** Depth and breadth, sequence by sequence. */
export const coverage = task({ cpu: 1 }, (bam: File) => script`samtools coverage -H ${bam}`);

/** Puts the numbers of a sample together. */
export const summarise = task((sample: string, flags: string, rows: string): Summary => {
  const { "QC-passed reads": passed } = JSON.parse(flags) as { "QC-passed reads": { total: number; mapped: number } };
  const lines = rows
    .trim()
    .split("\n")
    .map((line) => line.split("\t"));
  const bases = lines.reduce((sum, [, , end]) => sum + Number(end), 0);
  const covered = lines.reduce((sum, [, , end, , , , meanDepth]) => sum + Number(end) * Number(meanDepth), 0);
  return { sample, reads: passed.total, mapped: passed.mapped, depth: Math.round((100 * covered) / bases) / 100 };
});

/** Reads a sample sheet: CSV with a header line; paths count from where the sheet lies. */
export const readSheet = task(async (sheet: File, folder: string): Promise<Sample[]> => {
  const [header = "", ...lines] = (await sheet.text()).trim().split(/\r?\n/);
  const names = header.split(",");
  return lines.map((line, i) => {
    const cells = line.split(",").map((cell, column) => [names[column] ?? "", cell.trim()] as const);
    const { sample, reads1, reads2 } = Object.fromEntries<string>(cells);
    if (!sample || !reads1 || !reads2) throw new Error(`line ${i + 2} of the sheet needs sample, reads1 and reads2`);
    return { name: sample, reads1: new File(resolve(folder, reads1)), reads2: new File(resolve(folder, reads2)) };
  });
});

/** One sample, from its reads to its numbers. */
export const processSample = task((sample: Sample, reference: File) => {
  const bam = align(sample, reference);
  return { bam, summary: summarise(sample.name, flagstat(bam), coverage(bam)) };
});

/** Writes the numbers of all samples as a table. */
export const writeTable = task(async (summaries: Summary[]) => {
  const rows = summaries.map(({ sample, reads, mapped, depth }) => [sample, reads, mapped, depth].join("\t"));
  return File.write("summary.tsv", ["sample\treads\tmapped\tdepth", ...rows, ""].join("\n"));
});

/** Puts a file, and what belongs to it, where people look for it. */
export const publish = task(async (file: File, folder: string) => file.publish(`${folder}/`));

/**
 * Aligns the samples of a sheet to a reference and says how well that went.
 *
 * @param samples - the sample sheet: CSV with the columns sample, reads1, reads2
 * @param reference - the reference genome: FASTA, plain or gzip
 * @param outdir - where the results go
 */
export const main = task(
  // The sheet's paths count from where it lies, which is no part of what the cache knows of a file: so this body,
  // which only joins the steps, is read anew in every run.
  { cache: false },
  (
    samples: File = new File("data/samples.csv"),
    reference: File = new File("data/chr17_1-4200.fa"),
    outdir: string = "results",
  ) => {
    const index = indexReference(reference);
    const processed = map(readSheet(samples, dirname(samples.path)), (sample) => processSample(sample, index));
    const folder = resolve(outdir);
    return {
      alignments: map(processed, ({ bam }) => publish(bam, folder)),
      summary: publish(writeTable(map(processed, ({ summary }) => summary)), folder),
    };
  },
);
