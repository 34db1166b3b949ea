/**
 * The summary: one line of figures per sample, as a table for people and spreadsheets and as JSON
 * for programs. Knows nothing of workflows.
 *
 * @module
 */
import type { Genotypes, Metrics } from "./metrics.ts";

/** Everything known of a sample at the end. */
export interface SampleSummary extends Metrics {
  readonly genotypes: Genotypes;
}

type Cell = string | number | undefined;

/** The columns of the table and what stands in them. */
const COLUMNS: readonly (readonly [title: string, cell: (sample: SampleSummary) => Cell])[] = [
  ["sample", ({ sample }) => sample],
  ["reads", ({ trimming }) => trimming.readsBefore],
  ["reads_trimmed", ({ trimming }) => trimming.readsAfter],
  ["mapped_pct", ({ mapping }) => percent(mapping.mapped, mapping.reads)],
  ["properly_paired_pct", ({ mapping }) => percent(mapping.properlyPaired, mapping.paired)],
  ["duplicate_pct", ({ mapping }) => percent(mapping.duplicates, mapping.reads)],
  ["breadth_pct", ({ coverage }) => (coverage.breadth * 100).toFixed(2)],
  ["mean_depth", ({ depth }) => depth.mean.toFixed(2)],
  ["median_depth", ({ depth }) => depth.median],
  ["bases_10x_pct", ({ depth }) => ((depth.atLeast["10"] ?? 0) * 100).toFixed(2)],
  ["insert_median", ({ insertSize }) => insertSize.median],
  ["insert_sd", ({ insertSize }) => insertSize.standardDeviation],
  ["het", ({ genotypes }) => genotypes.heterozygous],
  ["hom_alt", ({ genotypes }) => genotypes.homozygousVariant],
  ["hom_ref", ({ genotypes }) => genotypes.reference],
  ["no_call", ({ genotypes }) => genotypes.missing],
];

/** The summary as tab-separated values, with a header. A figure that does not exist is `NA`. */
export function summaryTable(samples: readonly SampleSummary[]): string {
  const header = COLUMNS.map(([title]) => title);
  const lines = samples.map((sample) => COLUMNS.map(([, cell]) => cell(sample) ?? "NA"));
  return [header, ...lines].map((cells) => `${cells.join("\t")}\n`).join("");
}

function percent(part: number, whole: number): string | undefined {
  return whole === 0 ? undefined : ((part / whole) * 100).toFixed(2);
}
