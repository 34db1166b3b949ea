import { inspect } from "node:util";
import { describe, expect, test } from "vitest";
import { type Evaluator, isExpr, makeExpr, nodeOf, task, withEvaluator } from "../../../src/expr/index.ts";
import { errorOf, node } from "./helpers.ts";

const align = task({ name: "align" }, (sample: string) => ({ bam: sample, pair: ["a", 1] as [string, number], n: 1 }));

/** An evaluator that answers with what it is asked. */
function answering(answer: unknown, asked: unknown[] = []): Evaluator {
  return {
    evaluate: (value) => {
      asked.push(value);
      return Promise.resolve(answer);
    },
    called: () => undefined,
  };
}

describe("nodeOf", () => {
  test("finds the node of a lazy value, and of nothing else", () => {
    const call = align("s1");
    expect(nodeOf(call)).toMatchObject({ kind: "call", args: ["s1"] });
    expect(isExpr(call)).toBe(true);
    const others = [
      null,
      undefined,
      1,
      "x",
      Symbol("x"),
      {},
      [],
      Object.create(null),
      () => 1,
      align,
      new Map(),
      [call],
    ];
    for (const other of others) {
      expect(nodeOf(other)).toBeUndefined();
      expect(isExpr(other)).toBe(false);
    }
  });

  test("is the node that makeExpr was given", () => {
    const given = { kind: "param", name: "x" } as const;
    expect(nodeOf(makeExpr(given))).toBe(given);
  });
});

describe("projection", () => {
  test("of fields and items", () => {
    const call = align("s1");
    expect(node(call.bam, "get")).toEqual({ kind: "get", of: nodeOf(call), key: "bam" });
    expect(node(call.pair[1], "get").key).toBe(1);
    expect(node((call as never as Record<string, unknown>)["01"], "get").key).toBe("01");
    expect(node((call as never as Record<string, unknown>)["r 1"], "get").key).toBe("r 1");
  });

  test("destructures records and tuples", () => {
    const { bam, pair } = align("s1");
    expect(node(bam, "get").key).toBe("bam");
    const [first, second] = pair;
    expect([node(first, "get").key, node(second, "get").key]).toEqual([0, 1]);
    expect(node(second, "get").of).toEqual(nodeOf(pair));
  });
});

describe("what a lazy value cannot be used for says so", () => {
  const lazy = align("s1").bam as never as Record<string, unknown> & Iterable<unknown> & number;
  const AWAIT = "pass it to a task or to lift(), or await it in an async body";
  const CHANGE = "make the value you want in a task or in lift()";
  const cases: [what: string, doing: () => unknown, message: string, mend: string][] = [
    ["text", () => `${lazy}`, "it cannot be used as text or as a number", AWAIT],
    ["String()", () => String(lazy), "it cannot be used as text or as a number", AWAIT],
    ["concatenation", () => "x" + lazy, "it cannot be used as text or as a number", AWAIT],
    ["arithmetic", () => lazy * 2, "it cannot be used as text or as a number", AWAIT],
    ["comparison", () => lazy < 2, "it cannot be used as text or as a number", AWAIT],
    ["toString()", () => lazy.toString(), "it cannot be used as text or as a number", AWAIT],
    ["JSON", () => JSON.stringify({ lazy }), "it cannot be written as JSON", AWAIT],
    ["keys", () => Object.keys(lazy), "its keys are not known yet, so that it cannot be spread or listed", AWAIT],
    ["for in", () => Object.entries(lazy), "its keys are not known yet, so that it cannot be spread or listed", AWAIT],
    [
      "spreading into an object",
      () => ({ ...(lazy as object) }),
      "its keys are not known yet, so that it cannot be spread or listed",
      AWAIT,
    ],
    ["in", () => "x" in lazy, 'whether it has "x" is not known yet', AWAIT],
    ["hasOwn", () => Object.hasOwn(lazy, "x"), 'whether it has "x" is not known yet', AWAIT],
    [
      "spreading into a list",
      () => [...lazy],
      "it cannot be iterated, because its length is not known yet",
      "use map(list, each) to work on each item, or await the list in an async body",
    ],
    [
      "for of",
      () => {
        for (const each of lazy) void each;
      },
      "it cannot be iterated, because its length is not known yet",
      "use map(list, each) to work on each item, or await the list in an async body",
    ],
    [
      "assignment",
      () => {
        (lazy as Record<string, unknown>)["x"] = 1;
      },
      "its field x cannot be set",
      CHANGE,
    ],
    ["defineProperty", () => Object.defineProperty(lazy, "x", { value: 1 }), "its field x cannot be set", CHANGE],
    ["delete", () => delete (lazy as Record<string, unknown>)["x"], "its field x cannot be deleted", CHANGE],
    ["setPrototypeOf", () => Object.setPrototypeOf(lazy, null) as unknown, "it cannot be changed", CHANGE],
    ["freezing", () => Object.freeze(lazy), "it cannot be frozen", "it cannot be changed anyway: leave it as it is"],
  ];
  test.each(cases)("%s", (_, doing, message, mend) => {
    const error = errorOf(doing);
    expect(error.code).toBe("LIGASE_E_LAZY");
    expect(error.message).toBe(`align(…).bam is a lazy value: ${message}`);
    expect(error.mend).toBe(mend);
    expect(error.facts).toEqual({ expression: "align(…).bam" });
  });

  test("for await", async () => {
    const iterate = async (): Promise<void> => {
      for await (const each of lazy as never as AsyncIterable<unknown>) void each;
    };
    await expect(iterate()).rejects.toThrow("align(…).bam is a lazy value: it cannot be iterated");
  });

  test("a tuple destructures up to 16 items", () => {
    const items = lazy[Symbol.iterator]();
    for (let i = 0; i < 16; i++) expect(node(items.next().value, "get").key).toBe(i);
    expect(errorOf(() => items.next()).code).toBe("LIGASE_E_LAZY");
  });
});

describe("names in messages", () => {
  const named = (value: unknown): unknown => errorOf(() => String(value)).facts["expression"];
  const any = (value: unknown): Record<string, Record<string, unknown>> => value as never;

  test("read like code", () => {
    expect(named(align("x"))).toBe("align(…)");
    expect(named(any(align("x"))["r 1"])).toBe('align(…)["r 1"]');
    expect(named(align("x").pair[1])).toBe("align(…).pair[1]");
    expect(named(makeExpr({ kind: "param", name: "sample" }))).toBe("sample");
    expect(named(makeExpr({ kind: "op", op: "map", args: [] }))).toBe("map(…)");
    expect(named(makeExpr({ kind: "op", op: "value", args: [] }))).toBe("all(…)");
    expect(named(makeExpr({ kind: "call", task: "gone", args: [], options: undefined }))).toBe("gone(…)");
  });

  test("are cut when they are long, without recursion", () => {
    let deep: unknown = align("x");
    for (let i = 0; i < 100_000; i++) deep = any(deep)["f"];
    expect(named(deep)).toBe("….f.f.f.f.f.f.f.f");
  });

  test("are what is printed", () => {
    expect(inspect(align("x").bam)).toBe("Expr { align(…).bam }");
    expect(inspect({ a: [align("x")] })).toBe("{ a: [ Expr { align(…) } ] }");
  });
});

describe("await", () => {
  test("asks the evaluator of the body that awaits", async () => {
    const call = align("s1");
    const asked: unknown[] = [];
    const got = await withEvaluator(answering(42, asked), async () => {
      await Promise.resolve();
      return await call;
    });
    expect(got).toBe(42);
    expect(asked.map(nodeOf)).toEqual([nodeOf(call)]);
  });

  test("works through Promise.all, then and catch-like rejection", async () => {
    const failing: Evaluator = { evaluate: () => Promise.reject(new TypeError("boom")), called: () => undefined };
    await withEvaluator(answering(7), async () => {
      expect(await Promise.all([align("a"), align("b").bam])).toEqual([7, 7]);
      expect(await align("a").then((value) => [value])).toEqual([7]);
    });
    await withEvaluator(failing, async () => {
      await expect(align("a").then(undefined, (error) => (error as TypeError).message)).resolves.toBe("boom");
      await expect((async () => await align("a"))()).rejects.toThrow(TypeError);
    });
  });

  test("asks the evaluator of each of two bodies that run at once", async () => {
    const body = async (): Promise<unknown> => {
      await new Promise((resolve) => setImmediate(resolve));
      return await align("x");
    };
    const both = [withEvaluator(answering("one"), body), withEvaluator(answering("two"), body)];
    expect(await Promise.all(both)).toEqual(["one", "two"]);
  });

  test("outside of a task is an error that names the mend", async () => {
    await expect((async () => await align("x").bam)()).rejects.toMatchObject({
      code: "LIGASE_E_AWAIT_OUTSIDE",
      message: "align(…).bam was awaited outside of a task",
      mend: "evaluate it with: await run(align(…).bam)",
    });
  });
});
