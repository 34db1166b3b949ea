import assert from "node:assert/strict";
import test from "node:test";
import { testWorkflow } from "ligase/testing";

const PLATE = `well,compound,signal
A1,negative,1000
A2,negative,1010
A3,positive,100
A4,positive,110
A5,weak,900
A6,strong,150
`;

test("ranks compounds by how much they inhibit", async () => {
  await using workflow = await testWorkflow<typeof import("./workflow.ts")>(new URL("workflow.ts", import.meta.url));
  const plate = workflow.file("plate.csv", PLATE);
  const { value, ran } = await workflow.run(workflow.exports.main([plate], 1));
  assert.deepEqual(value.quality, [{ plate: "plate", wells: 6, zPrime: 0.953 }]);
  assert.equal(await value.ranking.text(), "compound,inhibition,plate,well\nstrong,95.0,plate,A6\n");
  assert.deepEqual(ran, { main: 1, measurePlate: 1, readQuality: 1, rankCompounds: 1 });
});
