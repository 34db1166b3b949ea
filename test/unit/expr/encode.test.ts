import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  all,
  attempt,
  attemptAll,
  callOptions,
  decodeExpression,
  encodeExpression,
  groupBy,
  isEncodedExpression,
  Lambda,
  map,
  nodeOf,
  reduce,
  task,
  taskAtom,
  taskImpl,
  type TaskImpl,
  withOptions,
} from "../../../src/expr/index.ts";
import { type AtomCodec, Codec } from "../../../src/kernel/index.ts";
import { errorOf, node } from "./helpers.ts";

const f = task({ name: "f" }, (x: unknown) => x as number);
const g = task({ name: "g" }, (x: unknown, y: unknown) => [x, y] as [number, number]);
const tasks = new Map<string, TaskImpl>([f, g].map((each) => [taskImpl(each)!.name, taskImpl(each)!]));
const lookup = (name: string): TaskImpl | undefined => tasks.get(name);

/** Stands for a file: it counts by its content, wherever it lies. */
class Doc {
  readonly path: string;
  readonly content: string | undefined;
  constructor(path: string, content?: string) {
    this.path = path;
    this.content = content;
  }
}
const docs: AtomCodec<Doc> = {
  tag: "doc",
  is: (value) => value instanceof Doc,
  identity: ({ content }) => content,
  encode: ({ path, content }) => [path, content ?? null],
  decode: (json) => new Doc(...(json as [string, string])),
};
const codec = new Codec([docs, taskAtom(lookup)]);
const encode = (value: unknown): ReturnType<typeof encodeExpression> => encodeExpression(value, codec);
const decode = (text: string): unknown => decodeExpression(text, codec, lookup);

describe("a value without lazy parts", () => {
  test.each([
    [[1, "a", null, { b: new Date(3) }]],
    [new Map([[1, new Set(["a"])]])],
    [{ $: "expr", nodes: [], value: 1 }],
    ['{"$":"expr","nodes":['],
    [undefined],
  ])("%o is written as the codec writes it", (value) => {
    const { calls, ...encoded } = encode(value);
    expect(encoded).toEqual(codec.encode(value));
    expect(calls).toEqual([]);
    expect(isEncodedExpression(encoded.text)).toBe(false);
    expect(decode(encoded.text)).toEqual(value);
  });
});

describe("the wire format", () => {
  test("is as documented", () => {
    const { text, identity, calls } = encode({ b: f(1), a: [g(f(1), 2)[0]], m: map([1], (item) => f(item)) });
    const call = '["call","f",[1]],["call","g",[{"$":"ref","v":0},2]],["get",1,0]';
    const mapped =
      '["call","f",[{"$":"ref","v":3}]],["op","map",[[1],{"$":"lambda","v":{"params":[3],"body":{"$":"ref","v":4}}}]]';
    const value = '"value":{"a":[{"$":"ref","v":2}],"b":{"$":"ref","v":0},"m":{"$":"ref","v":5}}}';
    expect(text).toBe(`{"$":"expr","nodes":[${call},["param","item"],${mapped}],${value}`);
    expect(identity).toBe(`{"$":"expr","nodes":[${call},["param"],${mapped}],${value}`);
    expect(isEncodedExpression(text)).toBe(true);
    expect(calls.map(({ args }) => args.length)).toEqual([1, 2, 1, 1]);
  });

  test("holds what is plain between the lazy parts", () => {
    const value = { $: f(1), date: new Date(5), ["__proto__"]: 1, n: -0, u: [undefined], m: new Map([["a", 1]]) };
    const back = decode(encode(value).text) as typeof value;
    expect(nodeOf(back.$)).toEqual(nodeOf(value.$));
    expect({ ...back, $: 0 }).toEqual({ ...value, $: 0 });
    expect(Object.hasOwn(back, "__proto__")).toBe(true);
  });

  test("keeps recorded callbacks", () => {
    const numbers = map([1, 2], (x, i) => g(x, i)[0]);
    const value = attemptAll([reduce(numbers, (a, b) => g(a, b)[0])], (results) => f(results));
    const back = decode(encode(value).text);
    expect(encode(back)).toMatchObject({ text: encode(value).text, identity: encode(value).identity });
    const nested = node(
      map([[1]], (row) => map([row], (x) => g(x, row))),
      "op",
    );
    const each = node(decode(encode(map([[1]], (row) => map([row], (x) => g(x, row)))).text), "op").args[1] as Lambda;
    expect(each).toBeInstanceOf(Lambda);
    expect(each.params).toEqual((nested.args[1] as Lambda).params);
    const inner = node(each.body, "op").args[1] as Lambda;
    expect(node(inner.body, "call").args.map(nodeOf)).toEqual([inner.params[0], each.params[0]]);
    expect(nodeOf(node(inner.body, "call").args[1])).toBe(each.params[0]);
  });
});

describe("identity", () => {
  test("does not depend on the order of creation or of keys", () => {
    const late = f(2);
    const early = f(1);
    const one = { a: early, b: g(early, late) };
    const other = { b: g(f(1), f(2)), a: f(1) };
    expect(encode(one).identity).toBe(encode(other).identity);
    expect(encode(one).text).toBe(encode(other).text);
  });

  test("does not depend on where a file lies, nor on how placeholders are called", () => {
    const here = encode([f(new Doc("/here", "x")), f(new Doc("/there", "x")), f(3)]);
    const there = encode([f(new Doc("/a", "x")), f(new Doc("/a", "x")), f(3)]);
    expect(here.identity).toBe(there.identity);
    expect(here.text).not.toBe(there.text);
    expect(encode(f(new Doc("/a", "x"))).identity).not.toBe(encode(f(new Doc("/a", "y"))).identity);
    const mapped = (path: string): unknown => map([1], (x) => g(x, new Doc(path, "x")));
    expect(encode(mapped("/a")).identity).toBe(encode(mapped("/b")).identity);
    expect(encode(map([1], (x) => f(x))).identity).toBe(encode(map([1], (y) => f(y))).identity);
  });

  test("counts version and image of the options of a call, and no others", () => {
    const plain = encode([f(1), 2]).identity;
    expect(encode([withOptions(f, { memory: "1 GiB", retries: 3 })(1), 2]).identity).toBe(plain);
    expect(encode([withOptions(f, { version: "2" })(1), 2]).identity).not.toBe(plain);
    expect(encode([withOptions(f, { image: { identity: "a" } })(1), 2]).identity).not.toBe(plain);
    // A call with other resources is the same call, but what is stored keeps both.
    const both = [f(1), withOptions(f, { memory: "1 GiB" })(1)];
    expect(encode(both).identity).toBe(encode([f(1), f(1)]).identity);
    const [, second] = decode(encode(both).text) as unknown[];
    expect(node(second, "call").options).toEqual({ memory: "1 GiB" });
  });

  test("tells different expressions apart", () => {
    const values: unknown[] = [
      f(1),
      f(2),
      g(1, 2),
      [f(1)],
      f([1]),
      f("1"),
      g(1, 2)[0],
      g(1, 2)[1],
      all([f(1)]),
      f(f(1)),
      { a: f(1) },
    ];
    values.push(
      map([f(1)], f),
      map([1], f),
      map([1], (x) => [x]),
      groupBy([1], f),
      groupBy([1], f, { size: 1 }),
    );
    values.push(
      attempt(f(1), 0),
      attempt(f(1), 1),
      map([1], (x) => map([2], (y) => g(x, y))),
    );
    values.push(map([1], (x) => map([2], (y) => g(y, x))));
    expect(new Set(values.map((value) => encode(value).identity)).size).toBe(values.length);
  });

  test("is missing while that of a file is", () => {
    const [known, unknown] = [new Doc("/a", "x"), new Doc("/b")];
    for (const value of [
      f([known, unknown]),
      map([1], (x) => g(x, [known, unknown])),
      [f(known), unknown],
      f(f(unknown)),
    ]) {
      const encoded = encode(value);
      expect(encoded.identity).toBe("");
      expect(encoded.unresolved).toEqual([unknown]);
      expect(encoded.atoms).toContain(unknown);
      expect(encode(decode(encoded.text)).text).toBe(encoded.text);
    }
    // Both of two equal files are named, so that one look-up gives all of them their identity.
    const twice = [new Doc("/b"), new Doc("/b")];
    expect(encode(twice.map((doc) => f(doc))).unresolved).toEqual(twice);
  });
});

describe("tasks as values", () => {
  test("are written by name, with the options of their calls", () => {
    expect(encode([f, f(g)]).text).toContain('"value":[{"$":"task","v":"f"},');
    const [first, second] = decode(encode([f, f(g)]).text) as unknown[];
    expect(taskImpl(first)).toBe(taskImpl(f));
    expect(taskImpl(node(second, "call").args[0])).toBe(taskImpl(g));
    const bigger = decode(encode([withOptions(f, { cpu: 2 })]).text) as unknown[];
    expect([taskImpl(bigger[0]), callOptions(bigger[0])]).toEqual([taskImpl(f), { cpu: 2 }]);
    expect(encode([withOptions(f, { cpu: 2 })]).identity).toBe(encode([f]).identity);
  });

  test("that are gone are an error", () => {
    const gone = task({ name: "gone" }, () => 1);
    expect(errorOf(() => decode(encode([gone]).text))).toMatchObject({
      code: "LIGASE_E_NO_TASK",
      message: "a stored value is the task gone, and there is no such task here",
    });
    expect(errorOf(() => decode(encode(gone()).text))).toMatchObject({
      code: "LIGASE_E_NO_TASK",
      message: "a stored expression calls gone, and there is no such task here",
    });
    expect(node(decodeExpression(encode(gone()).text, codec), "call").task).toBe("gone");
  });

  test("with options that are no data are refused", () => {
    const perAttempt = withOptions(f, { memory: ({ attempt }) => attempt * 1e9 });
    expect(errorOf(() => encode([perAttempt]))).toMatchObject({
      code: "LIGASE_E_UNSERIALISABLE",
      message: "the option memory that withOptions() gave f cannot go with it as a value",
    });
    expect(errorOf(() => encode(perAttempt(1)))).toMatchObject({
      code: "LIGASE_E_UNSERIALISABLE",
      message: "the option memory of the call f(…) is a function, and a call is data",
      mend: "give memory where f is made, and not with withOptions()",
    });
  });
});

describe("what cannot be written names the call and the place", () => {
  test("in the arguments", () => {
    expect(errorOf(() => encode({ a: g(1, { cb: [() => 1] }) }))).toMatchObject({
      code: "LIGASE_E_UNSERIALISABLE",
      message:
        "in the arguments of g(…): the value at [1].cb[0] cannot be stored: it is a function, which cannot leave the process",
      facts: { path: "[1].cb[0]", expression: "g(…)" },
    });
  });

  test("a lazy value in a Map", () => {
    for (const value of [new Map([["a", f(1)]]), [f(2), new Set([f(1)])], f(new Map([["a", f(1)]]))]) {
      expect(errorOf(() => encode(value)).message).toContain(
        "f(…) is a lazy value inside a Map, a Set or an instance of a class",
      );
    }
  });

  test("a value that contains itself", () => {
    const cycle: Record<string, unknown> = { call: f(1) };
    cycle["self"] = cycle;
    cycle["again"] = [cycle];
    expect(errorOf(() => encode(cycle)).message).toContain("it contains itself");
    expect(errorOf(() => encode(f(cycle))).message).toContain("it contains itself");
  });

  test("text of a newer version", () => {
    expect(errorOf(() => decode('{"$":"expr","nodes":[["loop",1]],"value":1}')).code).toBe("LIGASE_E_UNKNOWN_TAG");
    expect(errorOf(() => decode('{"$":"expr","nodes":[["op","loop",[]]],"value":1}')).message).toContain(
      "the operator loop",
    );
  });
});

describe("large graphs", () => {
  test("a chain and a tree of 100,000 calls need no stack", () => {
    let chain: unknown = f(0);
    for (let i = 0; i < 100_000; i++) chain = f(chain);
    let level: unknown[] = Array.from({ length: 65_536 }, (_, i) => f(i));
    while (level.length > 1)
      level = Array.from({ length: level.length / 2 }, (_, i) => g(level[2 * i], level[2 * i + 1]));
    for (const [value, calls] of [
      [chain, 100_001],
      [level[0], 131_071],
    ] as const) {
      const encoded = encode(value);
      expect(encoded.calls).toHaveLength(calls);
      const back = encode(decode(encoded.text));
      expect(back.text === encoded.text && back.identity === encoded.identity).toBe(true);
    }
  });

  test("a ladder of shared calls stays a ladder", () => {
    let shared: unknown = f(0);
    for (let i = 0; i < 200; i++) shared = g(shared, shared);
    const { text, calls } = encode(shared);
    expect(calls).toHaveLength(201);
    expect(encode(decode(text)).calls).toHaveLength(201);
  });
});

describe("random expressions", () => {
  /** A recipe: each step makes a value of those before it. */
  const step = fc.record({
    kind: fc.nat(9),
    a: fc.nat(),
    b: fc.nat(),
    leaf: fc.jsonValue({ maxDepth: 2 }),
    doc: fc.string(),
  });
  const recipe = fc.array(step, { minLength: 1, maxLength: 25 });
  type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

  /** Builds it; with `share` false, whatever a step uses is built anew. */
  function build(steps: readonly Step[], share: boolean, reverse = false): unknown {
    const made = new Map<number, unknown>();
    const at = (index: number): unknown => {
      if (index < 0) return 0;
      if (share && made.has(index)) return made.get(index);
      const value = make(index);
      made.set(index, value);
      return value;
    };
    const make = (index: number): unknown => {
      const { kind, a, b, leaf, doc } = steps[index]!;
      // Unshared, the size doubles with each step: only the nearest are used twice.
      const near = (n: number): unknown => at(index - 1 - (n % 3));
      switch (kind) {
        case 0:
          return f(leaf);
        case 1:
          return f(near(a));
        case 2:
          return reverse ? ((right) => g(near(a), right))(near(b)) : g(near(a), near(b));
        case 3:
          return g(near(a), { leaf, list: [near(b), new Doc(share ? "/a" : "/b", doc)] })[0];
        case 4:
          return reverse ? { y: near(b), x: near(a) } : { x: near(a), y: near(b) };
        case 5:
          return map([near(a)] as unknown[], (item) => [f(item), near(b)]);
        case 6:
          return attempt(near(a), (error) => g(error.message, near(b)));
        case 7:
          return all([near(a), leaf]);
        case 8:
          return withOptions(f, { priority: a % 2 })(near(b));
        default:
          return map([1, 2], (x) => map([x], (y) => g(x, g(y, near(a)))));
      }
    };
    return at(steps.length - 1);
  }

  test("come back as they were, shared calls still shared", () => {
    fc.assert(
      fc.property(recipe, (steps) => {
        const value = build(steps, true);
        const encoded = encode(value);
        const back = encode(decode(encoded.text));
        expect(back.identity).toBe(encoded.identity);
        expect(back.text).toBe(encoded.text);
        expect(back.calls.length).toBeLessThanOrEqual(encoded.calls.length);
      }),
    );
  });

  test("have one identity, in whatever order and however shared they were made", () => {
    const withoutCallbacks = fc.array(
      step.map((each) => ({ ...each, kind: [0, 1, 2, 3, 4, 7, 8][each.kind % 7]! })),
      { minLength: 1, maxLength: 8 },
    );
    fc.assert(
      fc.property(withoutCallbacks, (steps) => {
        const identity = encode(build(steps, true)).identity;
        expect(encode(build(steps, false)).identity).toBe(identity);
        expect(encode(build(steps, false, true)).identity).toBe(identity);
        expect(encode(build(steps, true, true)).identity).toBe(identity);
      }),
    );
  });
});
