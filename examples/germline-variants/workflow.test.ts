/**
 * How an author tests a pipeline: `node --test` in a project that has Ligase installed.
 *
 * @module
 */
import assert from "node:assert/strict";
import test from "node:test";
import { File } from "ligase";
import { testWorkflow } from "ligase/testing";

const here = (path: string) => new URL(path, import.meta.url);
const open = () => testWorkflow<typeof import("./workflow.ts")>(here("workflow.ts"));

const reference = new File("data/chr17_1-4200.fa");

test("wiring: every sample and read group goes through every step", async () => {
  await using workflow = await open();
  const { main } = workflow.exports;
  const sheet = workflow.file("samples.csv", "sample,alignments\nA,a.sam\nB,b.sam\n");
  workflow.file("a.sam", "");
  workflow.file("b.sam", "");

  const { ran } = await workflow.run(main(sheet, reference, workflow.path("results")), { stub: true });
  const { processSample, splitByReadGroup, align, mergeAndMark, callVariants, summarise } = ran;
  assert.deepEqual(
    { processSample, splitByReadGroup, align, mergeAndMark, callVariants, summarise },
    { processSample: 2, splitByReadGroup: 2, align: 2, mergeAndMark: 2, callVariants: 1, summarise: 1 },
  );
});

test("wiring: a wrong sheet is told its line", async () => {
  await using workflow = await testWorkflow<typeof import("./steps/reads.ts")>(here("steps/reads.ts"));
  const sheet = workflow.file("samples.csv", "sample,alignments\r\nA,absent.sam\r\n");
  await assert.rejects(workflow.run(workflow.exports.readSheet(sheet, workflow.dir)), /samples.csv:2: absent.sam/);
});

test("tools: another base quality calls variants again, and aligns nothing", async () => {
  await using workflow = await open();
  const { main } = workflow.exports;
  const sheet = workflow.file("samples.csv", "sample,alignments\nHG00101,HG00101.sam\n");
  workflow.copy(here("data/HG00101.sam"));
  const results = workflow.path("results");

  const first = await workflow.run(main(sheet, reference, results));
  assert.equal(first.ran["align"], 2);
  const table = await first.value.results["summary"]!.text();
  assert.match(table, /^HG00101\t/m);

  const strict = await workflow.run(main(sheet, reference, results, 20, 30));
  assert.equal(strict.ran["callShard"], 1);
  assert.equal(strict.ran["align"], undefined);
  assert.equal(strict.cached["align"], 2);
});
