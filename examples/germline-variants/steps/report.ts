/**
 * What people look at: a summary, a plot, and a folder with all of it.
 *
 * @module
 */
import { File, task } from "ligase";
import { type Contig, type Metrics, parseGenotypes, parseWindows } from "../lib/metrics.ts";
import { drawDepth } from "../lib/plot.ts";
import { summaryTable } from "../lib/summary.ts";
import type { Measured } from "./measure.ts";
import * as stubs from "./stubs.ts";

/** The summary of all samples, as a table and as JSON. */
export const summarise = task(async (metrics: readonly Metrics[], genotypes: string) => {
  const samples = metrics.map((each) => ({ ...each, genotypes: parseGenotypes(genotypes, each.sample) }));
  return {
    table: await File.write("summary.tsv", summaryTable(samples)),
    json: await File.write("summary.json", `${JSON.stringify(samples, null, 2)}\n`),
  };
});

/** Depth along the reference, a row per sample, and the sites that were called. */
export const plotDepth = task(async (contigs: readonly Contig[], samples: readonly Measured[], sites: string) => {
  const rows = samples.map(async ({ metrics, windows }) => ({
    sample: metrics.sample,
    depth: metrics.depth,
    windows: parseWindows(await windows.text()),
  }));
  return File.write("depth.svg", drawDepth({ contigs, samples: await Promise.all(rows), sites: parseWindows(sites) }));
});

/** Puts files into the folder where people look for them, sidecars beside them. */
export const publish = task({ stub: stubs.publish }, async (files: Readonly<Record<string, File>>, folder: string) => {
  const published: Record<string, File> = {};
  for (const [what, file] of Object.entries(files)) published[what] = await file.publish(`${folder}/`);
  return published;
});
