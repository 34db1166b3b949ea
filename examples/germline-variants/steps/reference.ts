/**
 * The reference genome: its indexes and its sequences.
 *
 * @module
 */
import { type File, script, task } from "ligase";
import { type Contig, parseFastaIndex } from "../lib/metrics.ts";
import * as stubs from "./stubs.ts";
import { tools } from "./tools.ts";

/** A reference genome; `fasta` takes its bwa and samtools indexes along. */
export interface Reference {
  readonly fasta: File;
  /** Its length over all sequences. */
  readonly bases: number;
}

/** Indexes a reference (plain or gzip) for bwa and samtools. */
export const indexReference = task({ image: tools, cpu: 1, stub: stubs.indexReference }, (fasta: File) => {
  return script({ outputs: { fasta: { file: "reference.fa", sidecars: "reference.fa.*" }, fai: "reference.fa.fai" } })`
    gzip --decompress --stdout --force ${fasta} > reference.fa
    bwa index reference.fa
    samtools faidx reference.fa
  `;
});

/** The sequences of a reference. */
export const listContigs = task(async (fai: File) => parseFastaIndex(await fai.text()));

/** The length of a reference. */
export function totalLength(contigs: readonly Contig[]): number {
  return contigs.reduce((total, { length }) => total + length, 0);
}

/** Bases of a window, so that the whole reference has some 800 of them. */
export function windowFor({ bases }: Reference): number {
  return Math.max(1, Math.ceil(bases / 800));
}
