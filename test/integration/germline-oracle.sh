#!/usr/bin/env bash
# The oracle of examples/germline-variants: the same tools in the same order as workflow.ts, in plain
# shell, one step after the other, knowing nothing of Ligase. The integration test compares what the
# workflow finds with what this finds.
#
#   germline-oracle.sh <sample sheet> <reference.fa> <output folder>
#
# The sheet is plain: no quotes, no spaces, paths relative to the sheet, with the header
# `sample,alignments` or `sample,fastq_1,fastq_2`.
set -euo pipefail
export LC_ALL=C

sheet=$(realpath "$1") reference=$(realpath "$2") out=$3
folder=$(dirname "$sheet")
mkdir -p "$out"
cd "$out"

cp "$reference" ref.fa
bwa index ref.fa 2>/dev/null
samtools faidx ref.fa

# trim_and_align <read group line> <prefix> <reads> [mates]
trim_and_align() {
  local line=$1 prefix=$2
  shift 2
  if [ $# = 2 ]; then
    fastp --dont_eval_duplication -i "$1" -I "$2" -o "$prefix.1.fq" -O "$prefix.2.fq" \
      --json "$prefix.json" --html /dev/null 2>/dev/null
    set -- "$prefix.1.fq" "$prefix.2.fq"
  else
    fastp --dont_eval_duplication -i "$1" -o "$prefix.1.fq" --json "$prefix.json" --html /dev/null 2>/dev/null
    set -- "$prefix.1.fq"
  fi
  bwa mem -K 100000000 -R "$line" ref.fa "$@" 2>/dev/null |
    samtools fixmate -u -m - - |
    samtools sort -o "$prefix.bam" - 2>/dev/null
  echo "$prefix.bam" >>"$sample/parts.txt"
}

# The reads of an alignment file: one read group after the other, pairs and orphans apart.
from_alignments() {
  local sample=$1 alignments=$2 found group line
  mkdir -p "$sample/split"
  samtools split --reference ref.fa -u "$sample/split/none.bam" -f "$sample/split/%#.bam" "$alignments"
  for found in "$sample"/split/*.bam; do
    [ "$(samtools view -c "$found")" -gt 0 ] || continue
    group=$sample/$(basename "$found" .bam)
    line=$(samtools view -H "$found" | grep '^@RG' | sed 's/\t/\\t/g') || true
    # Reads without a read group: their header names none, or all of the others.
    [ "$(printf '%s\n' "$line" | grep -c .)" = 1 ] || line="@RG\\tID:$sample\\tSM:$sample"
    samtools collate -u -O "$found" |
      samtools fastq -n -1 "$group.r1.fq" -2 "$group.r2.fq" -s "$group.single.fq" -0 "$group.other.fq" - 2>/dev/null
    cat "$group.single.fq" "$group.other.fq" >"$group.orphans.fq"
    [ ! -s "$group.r1.fq" ] || trim_and_align "$line" "$group.pairs" "$group.r1.fq" "$group.r2.fq"
    [ ! -s "$group.orphans.fq" ] || trim_and_align "$line" "$group.orphans" "$group.orphans.fq"
  done
}

header=$(head -1 "$sheet")
while IFS=, read -r sample first second; do
  case $header in
    sample,alignments) from_alignments "$sample" "$folder/$first" ;;
    sample,fastq_1,fastq_2)
      mkdir -p "$sample"
      touch "$sample/parts.txt"
      lane=$(($(wc -l <"$sample/parts.txt") + 1))
      set -- "$folder/$first"
      [ -z "$second" ] || set -- "$@" "$folder/$second"
      trim_and_align "@RG\\tID:$sample.$lane\\tSM:$sample\\tLB:$sample\\tPL:ILLUMINA" "$sample/lane$lane" "$@" ;;
    *) echo "unknown sheet: $header" >&2; exit 2 ;;
  esac
done < <(tail -n +2 "$sheet")

samples=$(tail -n +2 "$sheet" | cut -d, -f1 | awk '!seen[$0]++')
for sample in $samples; do
  samtools merge -c -p -u -b "$sample/parts.txt" - | samtools markdup - "$sample.bam"
  samtools index "$sample.bam"
  samtools flagstat -O json "$sample.bam" >"$sample.flagstat.json"
  samtools coverage "$sample.bam" >"$sample.coverage.tsv"
  samtools depth -aa "$sample.bam" >"$sample.depth.tsv"
  samtools stats "$sample.bam" >"$sample.stats.txt"
  # Reads before and after trimming.
  grep -h -A1 '"\(before\|after\)_filtering": {' "$sample"/*.json |
    awk -F: '/before/ { into = "before" } /after/ { into = "after" } /total_reads/ { n[into] += $2 }
             END { print n["before"] + 0 "\t" n["after"] + 0 }' >"$sample.reads.tsv"
done

bcftools mpileup -Ou -f ref.fa -q 20 -Q 20 -a AD,DP $(printf '%s.bam ' $samples) 2>/dev/null |
  bcftools call -mv --ploidy 2 -Oz -o variants.vcf.gz
tabix -p vcf variants.vcf.gz
bcftools query -f '%CHROM\t%POS\t%REF\t%ALT[\t%GT]\n' variants.vcf.gz >variants.tsv
