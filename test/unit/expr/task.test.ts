import { describe, expect, test } from "vitest";
import * as z from "zod";
import {
  callOptions,
  type CallNode,
  DefinitionHandle,
  local,
  type Task,
  task,
  type TaskDefinition,
  taskImpl,
  type TaskImpl,
  withEvaluator,
  withOptions,
} from "../../../src/expr/index.ts";
import { errorOf, node } from "./helpers.ts";

const untyped = task as unknown as (...args: unknown[]) => Task<unknown[], unknown>;

function definition(name: string): TaskDefinition {
  return {
    name,
    closureHash: "0".repeat(40),
    closure: {},
    file: "workflow.ts",
    line: 1,
    code: "",
    doc: "",
    exported: true,
    parameters: [],
    scripted: false,
  };
}

describe("task", () => {
  test("makes a call of what it is given", () => {
    const add = task({ name: "add" }, (a: number, b: number) => a + b);
    const call = node(add(1, 2), "call");
    expect(call).toMatchObject({ args: [1, 2], options: undefined });
    expect(call.task).toBe(taskImpl(add));
    expect(taskImpl(add)).toMatchObject({
      name: "add",
      lifted: false,
      definition: undefined,
      options: { name: "add" },
    });
    expect(add.name).toBe("add");
  });

  test("takes its name from the definition, its options or its function", () => {
    const registered: TaskImpl[] = [];
    const handle = new DefinitionHandle(definition("lib/align"), (impl) => registered.push(impl));
    const fn = (x: number): number => x;
    expect(taskImpl(untyped(handle, fn))?.name).toBe("lib/align");
    expect(taskImpl(untyped(handle, { cpu: 1 }, fn))).toMatchObject({ name: "lib/align", options: { cpu: 1 } });
    expect(taskImpl(untyped(handle, { name: "mine" }, fn))?.name).toBe("mine");
    expect(taskImpl(untyped({ name: "mine" }, fn))?.name).toBe("mine");
    expect(taskImpl(untyped(fn))?.name).toBe("fn");
    expect(registered.map(({ name }) => name)).toEqual(["lib/align", "lib/align", "mine"]);
    expect(registered[0]?.definition).toBe(handle.definition);
  });

  test("without a name can be defined and run locally, but not called", () => {
    const anonymous = task((x: number) => x + 1);
    expect(local(anonymous)(1)).toBe(2);
    const error = errorOf(() => anonymous(1));
    expect(error.code).toBe("LIGASE_E_UNREGISTERED");
    expect(error.mend).toContain("node --import ligase/register");
  });

  test("tells the body that is running of each call", () => {
    const add = task({ name: "add" }, (a: number) => a);
    const made: CallNode[] = [];
    const evaluator = { evaluate: () => Promise.resolve(), called: (call: CallNode) => void made.push(call) };
    const calls = withEvaluator(evaluator, () => [add(1), add(2)]);
    add(3);
    expect(made).toEqual(calls.map((call) => node(call, "call")));
  });

  test("is told from any other value", () => {
    for (const other of [null, undefined, 1, {}, () => 1, Map]) expect(taskImpl(other)).toBeUndefined();
  });

  test("refuses what is no function", () => {
    expect(errorOf(() => untyped({ cpu: 1 })).message).toBe(
      "task() takes a function as its last argument, and got object",
    );
    expect(errorOf(() => untyped()).message).toBe("task() takes a function as its last argument, and got nothing");
    expect(errorOf(() => untyped({}, {}, () => 1)).message).toContain("got 3 arguments");
    expect(errorOf(() => task({ name: "script" }, () => 1)).message).toContain("a task cannot be called script");
    const add = task({ name: "add" }, (a: number) => a);
    expect(errorOf(() => untyped(add))).toMatchObject({
      code: "LIGASE_E_TASK",
      message: "task() was given a task, add, where it takes a function",
      mend: "change the options of a task with withOptions(task, options)",
    });
  });
});

describe("options", () => {
  const make = (options: unknown) => () => untyped(options, function align() {});

  test("of every kind are kept", () => {
    const options = {
      name: "a",
      version: "2",
      cache: false,
      check: "shallow",
      cpu: 0.5,
      memory: "4 GiB",
      gpu: 0,
      disk: 1e9,
      image: { identity: "x" },
      executor: "batch",
      timeout: ({ attempt }: { attempt: number }) => attempt * 60,
      retries: { times: 3, delay: 0, factor: 1, maxDelay: "1 min" },
      limits: ["ncbi"],
      priority: -1,
      tags: { project: "x" },
      env: { A: "" },
      input: z.object({ a: z.string() }),
    };
    expect(taskImpl(make(options)())?.options).toEqual(options);
    expect(taskImpl(make({ limits: { ncbi: 2 }, retries: 2, input: [z.string()] })())?.options).toMatchObject({
      retries: 2,
    });
    expect(taskImpl(make({ cpu: undefined })())?.options).toEqual({});
  });

  test("that are unknown name the nearest", () => {
    expect(errorOf(make({ memroy: "1 GiB" }))).toMatchObject({
      code: "LIGASE_E_OPTION",
      message: 'the options of align have no "memroy"',
      mend: "did you mean memory?",
      facts: { task: "align", option: "memroy" },
    });
    expect(errorOf(make({ colour: "red" })).mend).toMatch(/^options are: name, version, /);
    expect(errorOf(make({ toString: 1 })).message).toBe('the options of align have no "toString"');
  });

  test.each([
    [{ cpu: 0 }, "cpu of align should be a number above 0, or a function of the attempt: ({ attempt }) => …; it is 0"],
    [
      { cpu: "4" },
      'cpu of align should be a number above 0, or a function of the attempt: ({ attempt }) => …; it is "4"',
    ],
    [{ memory: "4 GiBs" }, 'memory of align should be an amount: bytes, or text such as "4 GiB", or a function'],
    [{ memory: -1 }, "memory of align should be an amount"],
    [{ disk: true }, "disk of align should be an amount"],
    [{ gpu: 0.5 }, "gpu of align should be how many GPUs (2), which kind"],
    [{ timeout: "soon" }, 'timeout of align should be a duration: seconds, or text such as "2h"'],
    [{ retries: -1 }, "retries of align should be a whole number, or { times"],
    [{ retries: { delay: 1 } }, "retries of align should be a whole number, or { times"],
    [{ retries: { times: 1, wait: 1 } }, "retries of align should be a whole number, or { times"],
    [{ retries: { times: 1, factor: 0.5 } }, "retries of align should be a whole number, or { times"],
    [{ check: "deep" }, 'check of align should be "full" or "shallow"; it is "deep"'],
    [{ cache: "no" }, 'cache of align should be true or false; it is "no"'],
    [{ version: 2 }, "version of align should be text; it is 2"],
    [{ limits: "ncbi" }, 'limits of align should be names of limits: ["ncbi"], or { ncbi: 2 }; it is "ncbi"'],
    [{ limits: { ncbi: 0 } }, "limits of align should be names of limits"],
    [{ priority: "high" }, "priority of align should be a number"],
    [{ tags: { n: 1 } }, "tags of align should be a record of texts"],
    [{ env: ["A=1"] }, "env of align should be a record of texts"],
    [{ image: "bwa:0.7" }, "image of align should be an image"],
    [{ input: {} }, "input of align should be a Standard Schema"],
    [{ executor: "" }, "executor of align should be text"],
  ])("%o are refused", (options, message) => {
    const error = errorOf(make(options));
    expect(error.code).toBe("LIGASE_E_OPTION");
    expect(error.message).toContain(`the option ${message}`);
  });

  test("that are no object", () => {
    expect(errorOf(make("4 GiB")).message).toBe('the options of align should be an object, not "4 GiB"');
    expect(errorOf(make(null)).message).toBe("the options of align should be an object, not null");
  });
});

describe("withOptions", () => {
  const align = task({ name: "align", memory: "1 GiB", cpu: 1 }, (x: string) => x);

  test("puts options on the calls and leaves the task as it is", () => {
    const bigger = withOptions(align, { memory: "8 GiB" });
    expect(taskImpl(bigger)).toBe(taskImpl(align));
    expect(node(bigger("x"), "call").options).toEqual({ memory: "8 GiB" });
    expect(node(align("x"), "call").options).toBeUndefined();
    const both = withOptions(bigger, { retries: 2, version: "3" });
    expect(callOptions(both)).toEqual({ memory: "8 GiB", retries: 2, version: "3" });
  });

  test("refuses what cannot change at a call", () => {
    expect(errorOf(() => withOptions(align, { name: "x" })).message).toBe(
      "withOptions(align) cannot change the option name",
    );
    expect(errorOf(() => withOptions(align, { input: z.string() })).message).toContain("the option input");
    expect(errorOf(() => withOptions(align, { memroy: 1 } as object)).mend).toBe("did you mean memory?");
    expect(errorOf(() => withOptions(((x: number) => x) as never, {})).message).toContain("withOptions() takes a task");
  });
});

describe("local", () => {
  test("is the body itself", async () => {
    const body = async (x: number): Promise<number> => x + 1;
    expect(local(task({ name: "t" }, body))).toBe(body);
    expect(await local(task(body))(1)).toBe(2);
    expect(errorOf(() => local(body as never)).message).toBe("local() takes a task, and got the function body");
  });
});
