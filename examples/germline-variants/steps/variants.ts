/**
 * Variants, called over all samples at once and in parallel over the reference.
 *
 * @module
 */
import { type File, map, script, task } from "ligase";
import type { Contig } from "../lib/metrics.ts";
import { type Reference, windowFor } from "./reference.ts";
import * as stubs from "./stubs.ts";
import { tools } from "./tools.ts";

/** How variants are called. */
export interface Calling {
  /** Reads that map less surely (Phred) don't count. */
  readonly minMappingQuality: number;
  /** Bases of less quality (Phred) don't count. */
  readonly minBaseQuality: number;
  readonly ploidy: number;
}

/** Bases that are called together. */
const SHARD = 50_000_000;

/** Calls variants over all samples. */
export const callVariants = task(
  (bams: readonly File[], reference: Reference, contigs: readonly Contig[], how: Calling) =>
    joinCalls(map(shardsOf(contigs), (shard) => callShard(bams, reference, shard, how))),
);

/** Sequences to call together: a long one alone, short ones until they make up as much. */
function shardsOf(contigs: readonly Contig[]): Contig[][] {
  const shards: Contig[][] = [];
  let room = 0;
  for (const contig of contigs) {
    if (room < contig.length || shards.length === 0) {
      shards.push([]);
      room = SHARD;
    }
    shards.at(-1)?.push(contig);
    room -= contig.length;
  }
  return shards;
}

/** Calls variants in some sequences of the reference. */
const callShard = task(
  { image: tools, cpu: 1, stub: stubs.callShard },
  (bams: readonly File[], reference: Reference, shard: Contig[], how: Calling) => {
    const { minMappingQuality, minBaseQuality, ploidy } = how;
    return script({ outputs: "calls.vcf.gz" })`
      printf '%s\t1\t%s\n' ${shard.flatMap(({ name, length }) => [name, length])} > regions.tsv
      bcftools mpileup --no-version -Ou -f ${reference.fasta} -R regions.tsv \
          -q ${minMappingQuality} -Q ${minBaseQuality} -a AD,DP ${bams} |
        bcftools call --no-version -mv --ploidy ${ploidy} -Oz -o calls.vcf.gz
    `;
  },
);

/** Joins the calls of all shards, in the order of the reference, and indexes them. */
const joinCalls = task({ image: tools, cpu: 1, stub: stubs.joinCalls }, (shards: readonly File[]) => {
  return script({ outputs: { file: "variants.vcf.gz", sidecars: "variants.vcf.gz.tbi" } })`
    bcftools concat --no-version -Oz -o variants.vcf.gz ${shards}
    tabix -p vcf variants.vcf.gz
  `;
});

/** How often each sample has each genotype: lines `sample genotype count`. */
export const countGenotypes = task({ image: tools, cpu: 1, stub: stubs.table }, (vcf: File) => {
  return script`
    bcftools query -f '[%SAMPLE\t%GT\n]' ${vcf} |
      awk '{ n[$0]++ } END { for (key in n) print key "\t" n[key] }' | LC_ALL=C sort
  `;
});

/** How many sites there are in each window of the reference that has any: lines `contig start end sites`. */
export const countSites = task({ image: tools, cpu: 1, stub: stubs.table }, (vcf: File, reference: Reference) => {
  return script`
    bcftools query -f '%CHROM\t%POS\n' ${vcf} | awk -v OFS='\t' -v window=${windowFor(reference)} '
      function flush() { if (n) print contig, at * window + 1, (at + 1) * window, n; n = 0 }
      { here = int(($2 - 1) / window) }
      $1 != contig || here != at { flush(); contig = $1; at = here }
      { n++ }
      END { flush() }'
  `;
});
