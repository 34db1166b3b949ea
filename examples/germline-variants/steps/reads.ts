/**
 * From a sample sheet to reads, whatever the sheet points to: sets of FASTQ files, each of one read
 * group.
 *
 * @module
 */
import { resolve } from "node:path";
import { File, flatten, map, script, task } from "ligase";
import { parseReadGroup, readGroupLine } from "../lib/read-group.ts";
import { parseSheet, SheetError } from "../lib/sheet.ts";
import type { Reference } from "./reference.ts";
import * as stubs from "./stubs.ts";
import { tools } from "./tools.ts";

/** A sample of the sheet: alignments whose reads are aligned anew, or lanes of FASTQ. */
export interface Sample {
  readonly name: string;
  readonly alignments: readonly File[];
  readonly lanes: readonly Reads[];
}

/** Reads of one read group: one FASTQ file of single reads, or the two of pairs. */
export interface Reads {
  /** The `@RG` line, as `bwa mem -R` wants it. */
  readonly readGroup: string;
  readonly fastq: readonly File[];
}

/** The samples of a sheet, each once: rows of one name are merged. Paths count from the sheet's folder. */
export const readSheet = task(async (sheet: File, folder: string): Promise<Sample[]> => {
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

/** All reads of a sample: its lanes of FASTQ, or what its alignment files turn out to hold. */
export const readsOf = task((sample: Sample, reference: Reference) => {
  const groups = flatten(map(sample.alignments, (file) => splitByReadGroup(file, reference)));
  const found = map(groups, (group) => {
    const { header, fastq } = toFastq(group);
    return readsOfGroup(sample.name, header, fastq);
  });
  return flatten([sample.lanes, flatten(found)]);
});

/** Splits alignments into one BAM for each read group that has reads, and one for reads without any. */
const splitByReadGroup = task(
  { image: tools, cpu: 1, stub: stubs.splitByReadGroup },
  (alignments: File, reference: Reference) => {
    return script({ outputs: "groups/*.bam" })`
    mkdir groups
    samtools split --no-PG --reference ${reference.fasta} -u groups/none.bam -f 'groups/%#.bam' ${alignments}
    for group in groups/*.bam; do
      [ "$(samtools view -c "$group")" -gt 0 ] || rm "$group"
    done
  `;
  },
);

/** Turns one read group's alignments back into reads: pairs, and orphans whose mate is not there. */
const toFastq = task({ image: tools, cpu: 1, stub: stubs.toFastq }, (group: File) => {
  return script({ outputs: { header: "read-groups.sam", fastq: "*.fq.gz" } })`
    samtools view -H ${group} | { grep '^@RG' || true; } > read-groups.sam
    samtools collate -u -O ${group} |
      samtools fastq -n -1 pairs.1.fq.gz -2 pairs.2.fq.gz -s single.fq.gz -0 other.fq.gz -
    cat single.fq.gz other.fq.gz > orphans.fq.gz
    rm single.fq.gz other.fq.gz
    for reads in *.fq.gz; do
      [ -n "$(zcat "$reads" | head -c 1)" ] || rm "$reads"
    done
  `;
});

/** The sets of reads that were found in a read group: pairs, orphans or both. */
const readsOfGroup = task(async (sample: string, header: File, fastq: readonly File[]): Promise<Reads[]> => {
  const readGroup = readGroupLine({ ID: sample, ...parseReadGroup(await header.text()), SM: sample });
  const sets = ["pairs.", "orphans."].map((start) => fastq.filter((file) => file.name.startsWith(start)));
  return sets.filter((set) => set.length > 0).map((set) => ({ readGroup, fastq: set }));
});
