import assert from "node:assert/strict";
import test from "node:test";
import { testWorkflow } from "ligase/testing";

const open = () => testWorkflow<typeof import("./workflow.ts")>(new URL("workflow.ts", import.meta.url));

test("counts the bases of every sequence", async () => {
  await using workflow = await open();
  const { main } = workflow.exports;
  const { value } = await workflow.run(main(workflow.file("two.fa", ">a\nGATTACA\n>b\nGC\nGC\n")));
  assert.deepEqual(value, [
    { name: "a", length: 7, gc: 0.286 },
    { name: "b", length: 4, gc: 1 },
  ]);
});

test("counts again only when the sequences change", async () => {
  await using workflow = await open();
  const { main } = workflow.exports;
  const first = await workflow.run(main(workflow.file("one.fa", ">a\nGATTACA\n")));
  assert.deepEqual(first.ran, { main: 1, count: 1, summarise: 1 });

  const longer = await workflow.run(main(workflow.file("one.fa", ">a\nGATTACA\n"), 10));
  assert.deepEqual(longer.value, []);
  assert.deepEqual(longer.ran, { main: 1, summarise: 1 });
  assert.deepEqual(longer.cached, { count: 1 });
});
