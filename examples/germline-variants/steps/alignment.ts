/**
 * From reads to the alignments of a sample.
 *
 * @module
 */
import { availableParallelism } from "node:os";
import { type File, script, task } from "ligase";
import type { Reference } from "./reference.ts";
import * as stubs from "./stubs.ts";
import { tools } from "./tools.ts";

/** Threads of the tools that use them: two jobs always fit. The number changes no result, so nothing runs again. */
const THREADS = Math.min(4, Math.ceil(availableParallelism() / 2));

/**
 * Trims adapters and bad reads. fastp does not look for duplicates here: they are marked after the
 * alignment, and looking takes 3 s and 1 GB for the smallest file.
 */
export const trim = task({ image: tools, cpu: THREADS, stub: stubs.trim }, (fastq: readonly File[]) => {
  const trimmed = (mate: number) => `trimmed.${mate + 1}.fq.gz`;
  const files = fastq.map((reads, mate) =>
    mate === 0 ? ["-i", reads, "-o", trimmed(0)] : ["-I", reads, "-O", trimmed(1)],
  );
  return script({ outputs: { fastq: fastq.map((_, mate) => trimmed(mate)), report: "fastp.json" } })`
    fastp --thread $LIGASE_CPU --dont_eval_duplication --json fastp.json --html /dev/null ${files.flat()}
  `;
});

/** Aligns the reads of one read group; -K makes the result independent of the number of threads. */
export const align = task(
  { image: tools, cpu: THREADS, stub: stubs.align },
  (readGroup: string, fastq: readonly File[], reference: Reference) => {
    return script({ outputs: "aligned.bam" })`
      bwa mem -K 100000000 -t $LIGASE_CPU -R ${readGroup} ${reference.fasta} ${fastq} |
        samtools fixmate -u -m - - |
        samtools sort -@ $LIGASE_CPU -m 256M -o aligned.bam -
    `;
  },
);

/** What `align` needs: bwa holds its index (1.7 bytes a base), a batch of reads, and what sorts them. */
export function alignMemory({ bases }: Reference): number {
  return Math.round(5e8 + 2.4 * bases);
}

/** Merges the alignments of a sample and marks duplicates. */
export const mergeAndMark = task(
  { image: tools, cpu: THREADS, stub: stubs.mergeAndMark },
  (sample: string, parts: readonly File[]) => {
    return script({ outputs: { file: `${sample}.bam`, sidecars: `${sample}.bam.bai` } })`
      samtools merge -c -p -u -@ $LIGASE_CPU - ${parts} | samtools markdup -@ $LIGASE_CPU - ${sample}.bam
      samtools index ${sample}.bam
    `;
  },
);
