import { describe, expect, test } from "vitest";
import {
  all,
  attempt,
  attemptAll,
  cond,
  DefinitionHandle,
  fail,
  flatten,
  get,
  groupBy,
  Lambda,
  lift,
  map,
  nodeOf,
  reduce,
  seq,
  task,
  taskImpl,
  type TaskImpl,
  zip,
} from "../../../src/expr/index.ts";
import { errorOf, node } from "./helpers.ts";

const f = task({ name: "f" }, (x: number) => x);
const g = task({ name: "g" }, (x: number, y: number) => x + y);
const list = task({ name: "list" }, (n: number): number[] => [n]);

function lambda(value: unknown): Lambda {
  expect(value).toBeInstanceOf(Lambda);
  return value as Lambda;
}

describe("map", () => {
  test("records the callback, which is called once with a placeholder", () => {
    const seen: unknown[] = [];
    const op = node(
      map([1, f(2), 3], (sample) => {
        seen.push(sample);
        return { id: sample, out: f(sample) };
      }),
      "op",
    );
    expect(op.op).toBe("map");
    expect(seen).toHaveLength(1);
    const [items, each] = op.args;
    expect(items).toHaveLength(3);
    const { params, body } = lambda(each);
    expect(params).toEqual([{ kind: "param", name: "sample" }]);
    expect(nodeOf(seen[0])).toBe(params[0]);
    expect(nodeOf((body as { id: unknown }).id)).toBe(params[0]);
    expect(node(node((body as { out: unknown }).out, "call").args[0], "param")).toBe(params[0]);
  });

  test("gives the index to a callback that asks for it", () => {
    const asks = lambda(
      node(
        map([1], (x, i) => [x, i]),
        "op",
      ).args[1],
    );
    expect(asks.params.map(({ name }) => name)).toEqual(["x", "i"]);
    expect(
      lambda(
        node(
          map([1], () => 1),
          "op",
        ).args[1],
      ).params,
    ).toHaveLength(1);
    const pattern = ({ length }: string): unknown => length;
    expect(lambda(node(map(["a"], pattern as never), "op").args[1]).params[0]?.name).toBe("item");
  });

  test("calls a task with the item alone", () => {
    const { params, body } = lambda(node(map(list(1), g as never), "op").args[1]);
    expect(params).toEqual([{ kind: "param", name: "item" }]);
    expect(node(body, "call").args).toHaveLength(1);
    expect(node(body, "call").task).toBe(taskImpl(g));
  });
});

describe("a callback", () => {
  test.each([
    ["that is async", async (x: unknown) => await x, "is async"],
    ["that returns a promise", (x: unknown) => Promise.resolve(x), "returned a promise"],
    ["that leaves a promise", () => ({ a: [Promise.resolve(1)] }), "left a promise at .a[0]"],
    ["that leaves a function", () => [{ run: () => 1 }], "left the function run at [0].run"],
    ["that returns a function", () => () => 1, "left a function in what it returned"],
  ])("%s is refused", (_, given, problem) => {
    const callback = given as () => unknown;
    const combinators: [string, () => unknown][] = [
      ["map", () => map([1], callback)],
      ["groupBy", () => groupBy([1], callback)],
      ["reduce", () => reduce([1], callback as never)],
      ["attempt", () => attempt(f(1), callback)],
    ];
    for (const [name, build] of combinators) {
      const error = errorOf(build);
      expect(error.code).toBe("LIGASE_E_CALLBACK");
      expect(error.message).toContain(`the callback of ${name}() ${problem}`);
      expect(error.mend).toBeTruthy();
    }
  });

  test("that returns nothing is refused, except where nothing is an answer", () => {
    for (const build of [() => map([1], (x) => void f(x)), () => groupBy([1], () => undefined)]) {
      expect(errorOf(build).message).toMatch(
        /^the callback of \w+\(\) returned nothing, so that what it built would be lost$/,
      );
    }
    expect(
      lambda(
        node(
          attempt(f(1), () => undefined),
          "op",
        ).args[1],
      ).body,
    ).toBeUndefined();
    expect(
      node(
        cond(true, () => undefined, 1),
        "op",
      ).args[1],
    ).toBeUndefined();
  });

  test("may leave tasks", () => {
    expect(
      lambda(
        node(
          map([1], () => ({ step: f })),
          "op",
        ).args[1],
      ).body,
    ).toEqual({ step: f });
  });

  test("that is none is refused", () => {
    expect(errorOf(() => map([1], 3 as never)).message).toBe("map() takes a function or a task, and got number");
    expect(errorOf(() => map([1], f(1) as never)).message).toBe(
      "map() takes a function or a task, and got a lazy value",
    );
    expect(errorOf(() => map([1], null as never)).message).toBe("map() takes a function or a task, and got null");
  });

  test("that computes with a placeholder is told why it cannot", () => {
    const error = errorOf(() => map(["a"], (name) => `${name as unknown as string}.bam`));
    expect(error.message).toBe(
      "in the callback of map(): name is a lazy value: it cannot be used as text or as a number",
    );
    expect(error.mend).toBe("the callback is called once, with placeholders: compute with them in a task or in lift()");
  });

  test("that throws, throws", () => {
    expect(() =>
      map([1], () => {
        throw new RangeError("mine");
      }),
    ).toThrow(RangeError);
  });
});

describe("cond", () => {
  test("takes values, lazy values, functions and tasks, called here and now", () => {
    const op = node(
      cond(f(1), () => f(2), { a: f(3) }),
      "op",
    );
    expect(op).toMatchObject({ op: "cond" });
    expect(nodeOf(op.args[0])).toMatchObject({ kind: "call", args: [1] });
    expect(nodeOf(op.args[1])).toMatchObject({ kind: "call", args: [2] });
    expect(op.args[2]).toHaveProperty("a");
    const start = task({ name: "start" }, () => 1);
    expect(node(node(cond(true, start, 0), "op").args[1], "call").task).toBe(taskImpl(start));
    expect(errorOf(() => cond(true, async () => 1, 2)).message).toContain("the callback of cond() is async");
  });
});

describe("seq, all, zip, flatten, fail, get", () => {
  test("build the operators as documented", () => {
    const items = [f(1), f(2)];
    expect(node(seq(items), "op").op).toBe("seq");
    expect(node(seq(items), "op").args[0]).toBe(items);
    const record = { a: f(1) };
    expect(node(all(record), "op").op).toBe("value");
    expect(node(all(record), "op").args[0]).toBe(record);
    const lists = node(zip([1], list(2)), "op");
    expect([lists.op, nodeOf((lists.args[0] as unknown[])[1])?.kind]).toEqual(["zip", "call"]);
    const nested = node(flatten([[1], list(2)]), "op");
    expect([nested.op, nodeOf((nested.args[0] as unknown[])[1])?.kind]).toEqual(["flatten", "call"]);
    expect(node(fail("x"), "op")).toEqual({ kind: "op", op: "fail", args: ["x"] });
    const error = new TypeError("x");
    expect(node(fail(error), "op").args).toEqual([error]);
    expect(node(get(list(1), 0), "get")).toMatchObject({ key: 0, of: { kind: "call" } });
    expect(node(get(list(1), "then" as never), "get").key).toBe("then");
    expect(node(get({ a: f(1) }, "a"), "get").of).toMatchObject({ kind: "op", op: "value" });
    expect(errorOf(() => get(list(1), Symbol("x") as never)).message).toContain("got Symbol(x)");
    expect(errorOf(() => seq([() => 1])).message).toContain("left a function at [0]");
  });
});

describe("groupBy", () => {
  test("with and without a size", () => {
    expect(
      node(
        groupBy([1], (x) => x),
        "op",
      ).args,
    ).toHaveLength(2);
    expect(
      node(
        groupBy([1], (x) => x, { size: 2 }),
        "op",
      ).args[2],
    ).toBe(2);
    const { params, body } = lambda(
      node(
        groupBy([1], (x) => x, { size: (lane) => lane }),
        "op",
      ).args[2],
    );
    expect(nodeOf(body)).toBe(params[0]);
    expect(node(groupBy([1], f), "op").op).toBe("groupBy");
    const error = errorOf(() => groupBy([1], f, { sise: 2 } as object));
    expect([error.code, error.message]).toEqual(["LIGASE_E_OPTION", 'groupBy() has no option "sise"']);
  });
});

describe("reduce", () => {
  test("with and without an initial value, which may be undefined", () => {
    const { params, body } = lambda(node(reduce([1, 2], g), "op").args[1]);
    expect(params.map(({ name }) => name)).toEqual(["accumulated", "item"]);
    expect(node(body, "call").args.map(nodeOf)).toEqual(params);
    expect(node(reduce([1], g), "op").args).toHaveLength(2);
    expect(node(reduce([1], g, 0), "op").args[2]).toBe(0);
    expect(
      node(
        reduce([1], (_: unknown, x) => x, undefined as never),
        "op",
      ).args,
    ).toHaveLength(3);
  });
});

describe("attempt", () => {
  test("records a callback, a task or a value as the recovery", () => {
    const callback = lambda(
      node(
        attempt(f(1), (e) => e.message),
        "op",
      ).args[1],
    );
    expect(callback.params.map(({ name }) => name)).toEqual(["e"]);
    expect(node(callback.body, "get")).toMatchObject({ key: "message", of: callback.params[0] });
    const recover = task({ name: "recover" }, (error: Error) => error.message);
    expect(node(lambda(node(attempt(f(1), recover), "op").args[1]).body, "call").task).toBe(taskImpl(recover));
    const value = lambda(node(attempt(f(1), 0), "op").args[1]);
    expect([value.params.length, value.body]).toEqual([1, 0]);
  });
});

describe("attemptAll", () => {
  test("is made of map, attempt and cond", () => {
    const results = node(attemptAll([f(1), f(2)]), "op");
    expect(results.op).toBe("map");
    const { params, body } = lambda(results.args[1]);
    const each = node(body, "op");
    expect(each.op).toBe("attempt");
    expect(nodeOf(each.args[0])).toBe(params[0]);
    const recovery = lambda(each.args[1]);
    expect(nodeOf(recovery.body)).toBe(recovery.params[0]);

    const recovered = node(
      attemptAll(list(1), (values) => ({ n: values.length })),
      "op",
    );
    expect(recovered.op).toBe("cond");
    const [test_, yes, no] = recovered.args;
    expect(node(test_, "call").task).toMatchObject({ name: "lift:ligase/any-failed", lifted: true });
    expect(node((yes as { n: unknown }).n, "get").of).toBe(nodeOf(no));
    const anyFailed = (node(test_, "call").task as TaskImpl).fn as (results: unknown[]) => boolean;
    expect(anyFailed([1, new Error("x")])).toBe(true);
    expect(anyFailed([1, 2])).toBe(false);
    expect(node(attemptAll([f(1)], 0), "op").args[1]).toBe(0);
  });
});

describe("lift", () => {
  test("is a task without a name of its own", () => {
    const half = lift(function half(x: number) {
      return x / 2;
    });
    expect(node(half(f(1)), "call").task).toMatchObject({ name: "lift:half", lifted: true });
    const seen: string[] = [];
    const handle = new DefinitionHandle({ name: "lift:abc" } as never, ({ name, lifted }) =>
      seen.push(`${name} ${lifted}`),
    );
    const lifted = (lift as unknown as (...args: unknown[]) => typeof half)(handle, (x: number) => x);
    expect(taskImpl(lifted)?.name).toBe("lift:abc");
    expect(seen).toEqual(["lift:abc true"]);
    expect(errorOf(() => lift(3 as never)).message).toBe(
      "lift() takes a function as its last argument, and got number",
    );
  });
});
