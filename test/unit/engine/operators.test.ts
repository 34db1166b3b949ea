import { afterEach, beforeEach, expect, test } from "vitest";
import {
  all,
  attempt,
  cond,
  fail,
  flatten,
  groupBy,
  type Expr,
  map,
  reduce,
  seq,
  zip,
} from "../../../src/expr/index.ts";
import { type Bench, bench, Tasks } from "./harness.ts";

let tasks: Tasks;
let engine: Bench;

beforeEach(async () => {
  tasks = new Tasks();
  engine = await bench(tasks);
});
afterEach(() => engine.close());

const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

test("a map of a map never waits for the slowest sibling", async () => {
  const ends: string[] = [];
  const first = tasks.define("first", async (ms: number) => {
    await wait(ms);
    ends.push(`first ${ms}`);
    return ms;
  });
  const second = tasks.define("second", async (ms: number) => {
    ends.push(`second ${ms}`);
    return ms + 1;
  });
  const result = await engine.run(
    map(
      map([1, 150], (ms) => first(ms)),
      (ms) => second(ms),
    ),
  );
  expect(result).toEqual([2, 151]);
  expect(ends.indexOf("second 1")).toBeLessThan(ends.indexOf("first 150"));
});

test("groupBy hands on a group of known size while others still wait", async () => {
  const ends: string[] = [];
  const read = tasks.define("read", async (item: { sample: string; ms: number }) => {
    await wait(item.ms);
    ends.push(`read ${item.sample}`);
    return item;
  });
  const merge = tasks.define("merge", (sample: string, items: { ms: number }[]) => {
    ends.push(`merge ${sample}`);
    return `${sample}:${items.map((item) => item.ms).join("+")}`;
  });
  const items = [
    { sample: "slow", ms: 150 },
    { sample: "fast", ms: 5 },
    { sample: "slow", ms: 1 },
    { sample: "fast", ms: 1 },
  ];
  const groups = groupBy(
    map(items, (item) => read(item)),
    (item) => item.sample,
    { size: 2 },
  );
  const result = await engine.run(map(groups, (group) => merge(group.key, group.items)));
  // In the order in which the keys appear, and items in theirs, whatever ended first.
  expect(result).toEqual(["slow:150+1", "fast:5+1"]);
  expect(ends.indexOf("merge fast")).toBeLessThan(ends.lastIndexOf("read slow"));
});

test("a group that outgrows its size is an error, since it was handed on", async () => {
  const read = tasks.define("read", (n: number) => ({ key: "a", n }));
  const groups = groupBy(
    map([1, 2, 3], (n) => read(n)),
    (item) => item.key,
    { size: 2 },
  );
  await expect(engine.run(groups)).rejects.toThrow(/more items than its size, 2/);
});

test("flatten, zip, reduce, all", async () => {
  const range = tasks.define("range", (n: number) => Array.from({ length: n }, (_, i) => i));
  const add = tasks.define("add", (a: number, b: number) => a + b);
  expect(await engine.run(flatten(map([1, 3, 2], (n) => range(n))))).toEqual([0, 0, 1, 2, 0, 1]);
  expect(await engine.run(zip(range(3), ["a", "b", "c"]))).toEqual([
    [0, "a"],
    [1, "b"],
    [2, "c"],
  ]);
  await expect(engine.run(zip(range(3), ["a"]))).rejects.toThrow(/3 and 1 items/);
  expect(await engine.run(reduce(range(5), (sum: Expr<number>, n) => add(sum, n), 10))).toBe(20);
  expect(await engine.run(reduce(range(5), (sum, n) => add(sum, n)))).toBe(10);
  expect(await engine.run(all([range(1), add(1, 2)]))).toEqual([[0], 3]);
});

test("cond evaluates one branch; seq stops at a failure", async () => {
  const note = tasks.define("note", (name: string) => name);
  const bad = tasks.define("bad", (): string => {
    throw new RangeError("bad");
  });
  expect(
    await engine.run(
      cond(
        true,
        () => note("yes"),
        () => note("no"),
      ),
    ),
  ).toBe("yes");
  expect(tasks.calls).toEqual(["note"]);
  await expect(engine.run(seq([note("one"), bad(), note("never")]))).rejects.toThrow("bad");
  expect(tasks.calls.filter((name) => name === "note")).toHaveLength(2);
});

test("attempt recovers with the error, and lets what is well alone", async () => {
  const bad = tasks.define("bad", (n: number): number => {
    throw new RangeError(`bad ${n}`);
  });
  const say = tasks.define("say", (error: Error) => `${error.name}: ${error.message}`);
  const good = tasks.define("good", () => "good");
  expect(await engine.run(attempt(bad(1), (error) => say(error)))).toBe("RangeError: bad 1");
  expect(await engine.run(attempt(good(), (error) => say(error)))).toBe("good");
  await expect(engine.run(fail("no reads"))).rejects.toThrow("no reads");
});

test("a call that waits for itself is an error that names the circle", async () => {
  const calls: { f?: (n: number) => unknown } = {};
  const f = tasks.define("f", (n: number): unknown => calls.f!(n));
  calls.f = f;
  await expect(engine.run(f(1))).rejects.toThrow(/f\(1\) waits for itself/);
});

test("a body that makes a call and drops it is warned of", async () => {
  const used = tasks.define("used", (n: number) => n);
  const main = tasks.define("main", () => {
    used(2);
    return used(1);
  });
  await engine.run(main());
  expect(engine.warnings).toEqual([expect.stringMatching(/main calls used\(…\).*workflow\.ts:1/)]);
});

test("chains and recursion of any depth run in bounded stack", async () => {
  const inc = tasks.define("inc", (n: number) => n + 1);
  const chain = tasks.define("chain", (length: number) => {
    let value: number | Expr<number> = 0;
    for (let i = 0; i < length; i++) value = inc(value);
    return value;
  });
  const count: (n: number) => Expr<number> = tasks.define("count", (n: number): unknown =>
    n === 0 ? 0 : count(n - 1),
  ) as never;
  expect(await engine.run(chain(20_000))).toBe(20_000);
  expect(await engine.run(count(20_000))).toBe(0);
});

test("limits hold: ten calls of a task never run two at once", async () => {
  let now = 0;
  let most = 0;
  const fetch = tasks.define(
    "fetch",
    async (n: number) => {
      most = Math.max(most, ++now);
      await wait(2);
      now--;
      return n;
    },
    { limits: ["ncbi"] },
  );
  await engine.run(map([1, 2, 3, 4, 5, 6, 7, 8, 9, 10], (n) => fetch(n)));
  expect(most).toBe(1);
});
