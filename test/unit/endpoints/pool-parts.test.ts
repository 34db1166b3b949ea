import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { StartBackOff } from "../../../src/endpoints/pool/back-off.ts";
import { type Demand, type Grant, Ledger } from "../../../src/endpoints/pool/ledger.ts";
import { spanOf, tellingLine } from "../../../src/endpoints/pool/reasons.ts";
import { runpodVariables } from "../../../src/endpoints/pool/variables.ts";
import { versionOf } from "../../../src/endpoints/pool/version.ts";
import { LIVE } from "../../support/live-endpoint.ts";

const GIB = 2 ** 30;
const need = (more: Partial<Demand>): Demand => ({ cpu: 0, memory: 0, gpu: 0, gpuKind: null, ...more });
const DEVICES = [
  { index: 0, name: "Tesla T4", memory: 16 * GIB },
  { index: 1, name: "NVIDIA A100-SXM4-80GB", memory: 80 * GIB },
  { index: 2, name: "NVIDIA A100-SXM4-80GB", memory: 80 * GIB },
];

function ledgerOf(): Ledger {
  const ledger = new Ledger({ cpu: 8, memory: 32 * GIB });
  ledger.setGpus(DEVICES);
  return ledger;
}

describe("the ledger", () => {
  test("says what can never fit", () => {
    const ledger = ledgerOf();
    expect(ledger.never(need({ cpu: 9 }))).toBe("needs 9 CPUs, machine has 8");
    expect(ledger.never(need({ memory: 64 * GIB }))).toBe("needs 64 GiB of memory, machine has 32 GiB");
    expect(ledger.never(need({ gpu: 4 }))).toBe("needs 4 GPUs, machine has 3");
    expect(ledger.never(need({ gpu: 3, gpuKind: "A100" }))).toBe(
      "needs 3 A100 GPUs, machine has 2 among Tesla T4, NVIDIA A100-SXM4-80GB",
    );
    expect(ledger.never(need({ cpu: 8, memory: 32 * GIB, gpu: 2, gpuKind: "a100" }))).toBeNull();
    expect(new Ledger({ cpu: 1, memory: GIB }).never(need({ gpu: 1 }))).toBe("needs 1 GPU, machine has 0");
  });

  test("says what is lacking now, and who could help", () => {
    const ledger = ledgerOf();
    const cpus = ledger.take(need({ cpu: 7 }))!;
    const gpus = ledger.take(need({ gpu: 2, gpuKind: "A100" }))!;
    expect(gpus.gpus).toEqual([1, 2]);
    expect(ledger.lacks(need({ cpu: 4 }))).toBe("needs 4 CPUs, 1 of 8 is free");
    expect(ledger.lacks(need({ gpu: 1, gpuKind: "A100" }))).toBe("needs 1 A100 GPU, 0 of 2 are free");
    expect(ledger.helps(cpus, need({ cpu: 4 }))).toBe(true);
    expect(ledger.helps(gpus, need({ cpu: 4 }))).toBe(false);
    expect(ledger.helps(gpus, need({ gpu: 1, gpuKind: "T4" }))).toBe(false);
    expect(ledger.fits(need({ gpu: 1, gpuKind: "A100" }), [cpus])).toBe(false);
    expect(ledger.fits(need({ gpu: 1, gpuKind: "A100" }), [gpus])).toBe(true);
  });

  test("never gives out more than there is, and has all of it again in the end", () => {
    const demand = fc.record({
      cpu: fc.integer({ min: 0, max: 8 }),
      memory: fc.integer({ min: 0, max: 32 }).map((n) => n * GIB),
      gpu: fc.integer({ min: 0, max: 3 }),
      gpuKind: fc.constantFrom(null, "A100", "T4"),
    });
    fc.assert(
      fc.property(fc.array(fc.tuple(demand, fc.nat(5))), (steps) => {
        const ledger = ledgerOf();
        const held: Grant[] = [];
        for (const [wanted, back] of steps) {
          const fits = ledger.fits(wanted, []);
          const grant = ledger.take(wanted);
          expect(grant !== undefined).toBe(fits);
          if (grant) held.push(grant);
          else for (const each of held.splice(0, back)) ledger.give(each);
          expect(held.reduce((sum, each) => sum + each.cpu, 0)).toBeLessThanOrEqual(8);
          expect(held.reduce((sum, each) => sum + each.memory, 0)).toBeLessThanOrEqual(32 * GIB);
          const gpus = held.flatMap((each) => each.gpus);
          expect(new Set(gpus).size).toBe(gpus.length);
        }
        for (const each of held) ledger.give(each);
        expect(ledger.take(need({ cpu: 8, memory: 32 * GIB, gpu: 3 }))?.gpus).toEqual([0, 1, 2]);
      }),
    );
  });
});

describe("the line that tells why a worker ended", () => {
  test.each([
    ["", undefined],
    [
      "Traceback (most recent call last):\n  File \"handler.py\", line 1, in <module>\n    import torch\nModuleNotFoundError: No module named 'torch'\n",
      "at import: ModuleNotFoundError: No module named 'torch'",
    ],
    ['Traceback (most recent call last):\n  File "h.py", line 3\nValueError: too small\n', "ValueError: too small"],
    [
      "file:///a.mjs:1\nthrow new TypeError('x');\n^\n\nTypeError: x\n    at file:///a.mjs:1:7\n\nNode.js v24.1.0\n",
      "TypeError: x",
    ],
    ["Error: before\nligase-worker: at onStart: Error: no weights\n", "at onStart: Error: no weights"],
    ["something\nlast words\n\n", "last words"],
    [`${"x".repeat(400)}\n`, `${"x".repeat(299)}…`],
  ])("of %j is %j", (text, line) => expect(tellingLine(text)).toBe(line));

  test("spans of time are said shortly", () => {
    expect([300, 1500, 5000, 90_000, 300_000].map(spanOf)).toEqual(["300 ms", "1.5 s", "5 s", "90 s", "5 min"]);
  });
});

test("the wait after failures grows to a minute, and is over when a worker works", () => {
  const backOff = new StartBackOff();
  const waits = Array.from({ length: 9 }, () => {
    backOff.failed("it fails", 0, 1);
    return backOff.until;
  });
  expect(waits).toEqual([1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000, 60_000]);
  expect(backOff).toMatchObject({ failures: 9, reason: "it fails" });
  backOff.reset();
  expect(backOff).toMatchObject({ failures: 0, reason: null, until: 0 });
});

test("only what is fixed when workers start makes another version of them", () => {
  const version = versionOf(LIVE);
  const same = { deployment: "d2", version: 2, minWorkers: 1, maxWorkers: 9, idleTimeout: 1, ttl: 1, maxQueue: 1 };
  expect(versionOf({ ...LIVE, ...same })).toBe(version);
  expect(versionOf({ ...LIVE, env: { B: "1", A: "2" } })).toBe(versionOf({ ...LIVE, env: { A: "2", B: "1" } }));
  for (const other of [{ codeHash: "1" }, { env: { A: "1" } }, { network: true }, { concurrency: 2 }, { image: {} }]) {
    expect(versionOf({ ...LIVE, ...other })).not.toBe(version);
  }
});

test("a worker of RunPod is told where it takes jobs, in the form that it reads", () => {
  const told = runpodVariables({ live: LIVE, id: "w1", token: "t" }, "http://127.0.0.1:4747");
  expect(told).toMatchObject({
    RUNPOD_WEBHOOK_GET_JOB: "http://127.0.0.1:4747/v2/fold/job-take/$ID?gpu=cpu",
    RUNPOD_WEBHOOK_POST_OUTPUT: "http://127.0.0.1:4747/v2/fold/job-done/$RUNPOD_POD_ID/$ID?gpu=cpu",
    RUNPOD_WEBHOOK_PING: "http://127.0.0.1:4747/v2/fold/ping/$RUNPOD_POD_ID",
    RUNPOD_POD_ID: "w1",
    RUNPOD_AI_API_KEY: "t",
  });
});
