import assert from "node:assert/strict";
import test from "node:test";
import { File } from "ligase";
import { testWorkflow } from "ligase/testing";

const open = () => testWorkflow<typeof import("./workflow.ts")>(new URL("workflow.ts", import.meta.url));
const SHEET = "sample,reads1,reads2\nHG00101,HG00101_1.fastq.gz,HG00101_2.fastq.gz\n";

test("aligns the samples, and aligns only a new one when the sheet grows", async () => {
  await using workflow = await open();
  const { main } = workflow.exports;
  const reference = new File("data/chr17_1-4200.fa");
  for (const sample of ["HG00101", "HG00102"]) {
    for (const mate of [1, 2]) workflow.copy(`data/${sample}_${mate}.fastq.gz`);
  }
  const first = await workflow.run(main(workflow.file("samples.csv", SHEET), reference, workflow.path("results")));
  assert.equal(await first.value.summary.text(), "sample\treads\tmapped\tdepth\nHG00101\t220\t218\t5.13\n");

  const grown = SHEET + SHEET.split("\n")[1]!.replaceAll("HG00101", "HG00102") + "\n";
  const second = await workflow.run(main(workflow.file("samples.csv", grown), reference, workflow.path("results")));
  assert.equal(second.ran["align"], 1);
  assert.equal(second.cached["align"], 1);
});

test("names the line of a sheet that says too little", async () => {
  await using workflow = await open();
  const { readSheet } = workflow.exports;
  const sheet = workflow.file("samples.csv", "sample,reads1,reads2\nHG00101,HG00101_1.fastq.gz,\n");
  await assert.rejects(workflow.run(readSheet(sheet, ".")), /line 2 of the sheet/);
});
