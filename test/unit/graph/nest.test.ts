import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Call, nest } from "../../../src/graph/nest.ts";

const calls = (...pairs: readonly (readonly [string | null, string])[]): Call[] =>
  pairs.map(([parent, task]) => ({ parent, task }));

describe("nest", () => {
  it("puts a task into the only one that calls it", () => {
    const { group, loops, others } = nest(calls([null, "main"], ["main", "align"], ["align", "sort"]));
    expect(Object.fromEntries(group)).toEqual({ main: null, align: "main", sort: "align" });
    expect([loops.size, others]).toEqual([0, []]);
  });

  it("puts a task that several call where all of them stand, and keeps these calls", () => {
    const { group, others } = nest(
      calls([null, "main"], ["main", "a"], ["main", "b"], ["a", "publish"], ["b", "publish"]),
    );
    expect(group.get("publish")).toBe("main");
    expect(others).toEqual(calls(["a", "publish"], ["b", "publish"]));
  });

  it("knows who calls itself, and whom it stands in", () => {
    const { group, loops, others } = nest(
      calls([null, "main"], ["main", "fib"], ["fib", "fib"], ["main", "even"], ["even", "odd"], ["odd", "even"]),
    );
    expect(Object.fromEntries(group)).toEqual({ main: null, fib: "main", even: "main", odd: "even" });
    expect(Object.fromEntries(loops)).toEqual({ fib: ["fib"], odd: ["even"] });
    expect(others).toEqual([]);
  });

  it("takes several roots, and a root that is called again", () => {
    const { group, loops, others } = nest(calls([null, "a"], [null, "b"], ["a", "b"], ["b", "b"]));
    expect(Object.fromEntries(group)).toEqual({ a: null, b: null });
    expect(Object.fromEntries(loops)).toEqual({ b: ["b"] });
    expect(others).toEqual(calls(["a", "b"]));
  });

  it("puts each task into one without which it is not reached (any call graph)", () => {
    const pair = fc.tuple(fc.nat(9), fc.nat(9));
    fc.assert(
      fc.property(fc.array(pair, { maxLength: 30 }), (pairs) => {
        const all = [[null, "t0"] as const, ...pairs.map(([a, b]) => [`t${a}`, `t${b}`] as const)];
        const reached = reach(all, undefined);
        const graph = calls(...all.filter(([parent]) => parent === null || reached.has(parent)));
        const { group } = nest(graph);
        for (const task of reached) {
          const outer = group.get(task);
          if (outer) expect(reach(all, outer).has(task)).toBe(false);
          // The innermost such: whatever else it is not reached without is around that one.
          for (const other of reached) {
            if (other === task || other === outer || reach(all, other).has(task)) continue;
            expect(outer && reach(all, other).has(outer)).toBe(false);
          }
        }
      }),
    );
  });
});

/** What is reached from outside, if one task is not there. */
function reach(pairs: readonly (readonly [string | null, string])[], without: string | undefined): Set<string> {
  const found = new Set<string>();
  for (let before = -1; before !== found.size;) {
    before = found.size;
    for (const [parent, task] of pairs) {
      if (task !== without && (parent === null || found.has(parent))) found.add(task);
    }
  }
  return found;
}
