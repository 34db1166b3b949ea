import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Demand, type Grant, Scheduler } from "../../../src/engine/scheduler.ts";

const GIB = 2 ** 30;
const TOTAL = { cpu: 8, memory: 16 * GIB, gpu: 2, disk: 100 * GIB };
const LIMITS = { ncbi: 3 };

const make = () => new Scheduler(new Map([["process", TOTAL]]), LIMITS);
const demand = (resources: Partial<Demand["resources"]>, rest: Partial<Demand> = {}): Demand => ({
  executor: "process",
  resources: { cpu: 1, memory: 0, gpu: 0, disk: 0, ...resources },
  gpuKind: "",
  limits: {},
  priority: 0,
  ...rest,
});
const owner = {};

describe("check", () => {
  test("a demand above capacity is refused, naming what it asked for and what there is", () => {
    expect(() => make().check(demand({ memory: 64 * GIB }))).toThrow(/64 GiB of memory, and there are only 16 GiB/);
    expect(() => make().check(demand({ cpu: 9 }))).toThrow(/asks for 9 CPUs, and there are only \d/);
    expect(() => make().check(demand({ gpu: 3 }))).toThrow(/asks for 3 GPUs, and there are only \d/);
    expect(() => make().check(demand({}, { limits: { ncbi: 4 } }))).toThrow(/4 of the limit ncbi, and it is \d/);
  });

  test("a limit that nobody gave a capacity is 1", () => {
    make().check(demand({}, { limits: { license: 1 } }));
    expect(() => make().check(demand({}, { limits: { license: 2 } }))).toThrow(/limit license/);
  });

  test("an executor that is not there is refused, and those that are are named", () => {
    expect(() => make().check(demand({}, { executor: "slurm" }))).toThrow(/names the executor slurm/);
  });
});

describe("kinds of GPUs", () => {
  const mixed = () =>
    new Scheduler(
      new Map([
        [
          "process",
          {
            ...TOTAL,
            gpu: 3,
            gpus: [
              { index: 0, name: "Tesla T4", memory: 16 * GIB },
              { index: 2, name: "NVIDIA A100-SXM4-80GB", memory: 80 * GIB },
              { index: 3, name: "NVIDIA A100-SXM4-80GB", memory: 80 * GIB },
            ],
          },
        ],
      ]),
      {},
    );

  test("only those of the kind are given, and others wait for them", () => {
    const scheduler = mixed();
    const given: (readonly number[])[] = [];
    const grants: Grant[] = [];
    const ask = (gpuKind: string, gpu: number) =>
      scheduler.submit(owner, demand({ gpu }, { gpuKind }), (grant) => {
        given.push(grant.gpus);
        grants.push(grant);
      });
    ask("a100", 1);
    ask("T4", 1);
    ask("A100", 2);
    scheduler.start();
    expect(given).toEqual([[1], [0]]);
    scheduler.release(grants[0]!);
    scheduler.start();
    expect(given[2]).toEqual([1, 2]);
  });

  test("a kind that is not there, or too few of it, is refused at once", () => {
    const ask = (gpuKind: string, gpu: number) => () => mixed().check(demand({ gpu }, { gpuKind }));
    expect(ask("H100", 1)).toThrow(/asks for 1 × GPU H100, and there are 0 of that kind among Tesla T4, NVIDIA A100/);
    expect(ask("A10", 1)).toThrow(/there are 0 of that kind/);
    expect(ask("A100", 3)).toThrow(/there are 2 of that kind/);
    expect(ask("A100", 2)).not.toThrow();
  });
});

describe("start", () => {
  test("GPUs are given by index, and no index twice", () => {
    const scheduler = make();
    const given: number[] = [];
    for (let i = 0; i < 3; i++) scheduler.submit(owner, demand({ gpu: 1 }), (grant) => given.push(...grant.gpus));
    scheduler.start();
    expect(given).toEqual([0, 1]);
  });

  test("higher priority starts first, equal ones in order of arrival", () => {
    const scheduler = make();
    const started: string[] = [];
    scheduler.submit(owner, demand({ cpu: 8 }, { priority: 0 }), () => started.push("low"));
    scheduler.submit(owner, demand({ cpu: 8 }, { priority: 5 }), (grant) => {
      started.push("high");
      scheduler.release(grant);
    });
    scheduler.start();
    expect(started).toEqual(["high", "low"]);
  });

  test("a large job that small ones pass is given way to in the end", () => {
    const scheduler = make();
    const running: Grant[] = [];
    let large = false;
    for (let i = 0; i < 8; i++) scheduler.submit(owner, demand({ cpu: 1 }), (grant) => running.push(grant));
    scheduler.start();
    scheduler.submit(owner, demand({ cpu: 8 }), () => (large = true));
    let passed = 0;
    // Small jobs keep coming: one ends, one comes.
    while (!large && passed < 1000) {
      scheduler.submit(owner, demand({ cpu: 1, memory: 1 }), (grant) => running.push(grant));
      scheduler.release(running.shift()!);
      scheduler.start();
      passed++;
      if (running.length === 0) break;
    }
    expect(large).toBe(true);
    expect(passed).toBeLessThan(100);
  });

  test("a parked job frees what it holds but its GPUs, and comes back before others", () => {
    const scheduler = make();
    const order: string[] = [];
    let parent: Grant | undefined;
    scheduler.submit(owner, demand({ cpu: 8, gpu: 1 }), (grant) => (parent = grant));
    scheduler.start();
    scheduler.park(parent!);
    let child: Grant | undefined;
    scheduler.submit(owner, demand({ cpu: 8 }), (grant) => {
      order.push("child");
      child = grant;
    });
    scheduler.start();
    scheduler.submit(owner, demand({ cpu: 8 }), () => order.push("later"));
    scheduler.resume(owner, parent!, () => order.push("parent"));
    scheduler.release(child!);
    scheduler.start();
    expect(order).toEqual(["child", "parent"]);
  });

  test("what is cleared of one run leaves the others waiting", () => {
    const scheduler = make();
    const other = {};
    const started: string[] = [];
    scheduler.submit(owner, demand({}), () => started.push("mine"));
    scheduler.submit(other, demand({}), () => started.push("other"));
    scheduler.clear(owner);
    expect([scheduler.queuedOf(owner), scheduler.queuedOf(other)]).toEqual([0, 1]);
    scheduler.start();
    expect(started).toEqual(["other"]);
  });
});

test("whatever comes and goes, nothing is given twice, and everything starts in the end", () => {
  const demands = fc.record({
    cpu: fc.integer({ min: 0, max: 8 }),
    memory: fc.integer({ min: 0, max: 16 }),
    gpu: fc.integer({ min: 0, max: 2 }),
    ncbi: fc.integer({ min: 0, max: 3 }),
    priority: fc.integer({ min: 0, max: 2 }),
  });
  fc.assert(
    fc.property(fc.array(demands, { maxLength: 60 }), fc.infiniteStream(fc.nat()), (asked, random) => {
      const scheduler = make();
      const running: Grant[] = [];
      let started = 0;
      for (const { cpu, memory, gpu, ncbi, priority } of asked) {
        scheduler.submit(
          owner,
          demand({ cpu, memory: memory * GIB, gpu }, { limits: ncbi > 0 ? { ncbi } : {}, priority }),
          (grant) => {
            started++;
            running.push(grant);
          },
        );
      }
      for (let turn = 0; turn <= asked.length; turn++) {
        scheduler.start();
        const sum = (of: (grant: Grant) => number): number => running.reduce((total, grant) => total + of(grant), 0);
        expect(sum((grant) => grant.demand.resources.cpu)).toBeLessThanOrEqual(TOTAL.cpu);
        expect(sum((grant) => grant.demand.resources.memory)).toBeLessThanOrEqual(TOTAL.memory);
        expect(sum((grant) => grant.demand.limits["ncbi"] ?? 0)).toBeLessThanOrEqual(LIMITS.ncbi);
        const gpus = running.flatMap((grant) => grant.gpus);
        expect(new Set(gpus).size).toBe(gpus.length);
        if (running.length === 0) break;
        const at = random.next().value % running.length;
        scheduler.release(running.splice(at, 1)[0]!);
      }
      expect(started).toBe(asked.length);
    }),
  );
});
