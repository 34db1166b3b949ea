import { existsSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Deployed, deployed, removeDeployed, startWorker } from "./worker-process.ts";

const APP = `
import { readFileSync } from "node:fs";
import { endpoint, File, jobContext, progress, task } from "ligase";

export const add = task((a: number, b: number) => a + b);
/** Counts. */
export const typed = task(async (reads: File, when: Date, big: bigint, k = 31) => ({
  text: await reads.text(), year: when.getUTCFullYear(), big: big + 1n, k,
}));
export const plain = endpoint((n: number, k = 7) => ({ n, k, none: undefined, when: new Date(0) }));
export const whole = endpoint(async (input: unknown) => [input, process.env["LIGASE_ENDPOINT_WORKER"]]);
export const shaped = endpoint(async (reads: File[], at: { when: Date | null; kind: "a" } | { kind: "b"; big: bigint }, name = "x") => ({
  texts: await Promise.all(reads.map((file) => file.text())),
  at: at.kind === "a" ? at.when?.getTime() : at.big + 1n,
  name,
}));
const positive = {
  "~standard": {
    version: 1,
    vendor: "test",
    validate: (value: unknown) => (Number(value) > 0 ? { value: Number(value) } : { issues: [{ message: "not above 0" }] }),
  },
} as const;
export const checked = endpoint(task({ input: [positive] }, (n: number) => n * 2));
export const tasked = endpoint(typed);
export const cached = endpoint(add, { cache: true });
export const awaits = endpoint(async (a: number) => (await add(a, 1)) as number * 10);
export const lazy = endpoint((a: number) => ({ sum: add(a, 2) }));
export const local = endpoint(async () => ({ read: add((await File.write("x.txt", "made")) as never, 1) }));
export const words = endpoint(function* (text: string) { yield* text.split(" "); });
export const later = endpoint(async function* (n: number) {
  for (let i = 0; i < n; i++) yield jobContext()?.attempt;
});
export const files = endpoint(async (size: number) => {
  const file = await File.write("big.bin", new Uint8Array(size));
  return { file, path: file.path, bytes: new Uint8Array([1, 2, 3]) };
});
export const results = endpoint((kind: string): unknown => ({
  nan: { deep: [1, NaN] }, map: new Map(), fn: () => 1, symbol: Symbol("s"),
  cycle: (() => { const a: Record<string, unknown> = {}; a["a"] = a; return a; })(),
  none: undefined, big: 2n ** 70n, error: { error: "told so" }, both: { error: 0.5, value: 1 },
})[kind]);
export const fails = endpoint((what: string) => {
  if (what === "text") throw "only text";
  const inner = () => { throw new RangeError("bad " + what, { cause: new Error("the cause") }); };
  inner();
});
export const steps = endpoint(async (n: number) => {
  for (let i = 0; i < n; i++) { progress({ i }); if (i % 10 === 0) await new Promise((r) => setTimeout(r, 1)); }
  return "end";
});
export const patient = endpoint(async (how: string) => {
  const { signal } = jobContext()!;
  if (how === "call") return await add(1, 1);
  await new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
});
export const endless = endpoint(async function* () { for (let i = 0; ; i++) yield i; });
export const blocking = endpoint((until: string) => {
  console.log("begun");
  const memory = new Int32Array(new SharedArrayBuffer(4));
  for (;;) {
    try { return readFileSync(until, "utf8"); } catch { Atomics.wait(memory, 0, 0, 5); }
  }
});
let open = 0;
let most = 0;
export const many = endpoint(async (of: number) => {
  most = Math.max(most, ++open);
  while (most < of) await new Promise((r) => setTimeout(r, 1));
  open--;
  return jobContext()?.job;
});
export const crashes = endpoint(() => new Promise(() => { setTimeout(() => { throw new TypeError("nobody caught it"); }); }));
export const begins = endpoint(() => globalThis.ready, { onStart: async () => { globalThis.ready = true; } });
export const never = endpoint(() => 1, { onStart: () => { throw new Error("no model\\nsecond line"); } });
declare global { var ready: boolean | undefined; }
`;

let app: Deployed;
beforeAll(async () => {
  app = await deployed({ "app.ts": APP, "broken.ts": "", "data/in.fa": ">a\nACGT\n" });
});
afterAll(() => removeDeployed(app));

/** The error of a job, out of its text. */
function errorOf(body: Record<string, unknown>): Record<string, string> {
  expect(Object.keys(body)).toEqual(["error"]);
  return JSON.parse(String(body["error"])) as Record<string, string>;
}

describe("a handler", () => {
  test("is called with the fields of the input by the names of its parameters, with its defaults", async () => {
    const { server } = await startWorker(app, "plain", { parameters: ["n", "k"] });
    server.submit({ id: "j1", input: { n: 1 } }, { id: "j2", input: { k: 2, n: null } }, { id: "j3", input: {} });
    expect((await server.done("j1")).body).toEqual({ output: { n: 1, k: 7, when: "1970-01-01T00:00:00.000Z" } });
    expect((await server.done("j2")).body).toEqual({ output: { n: null, k: 2, when: "1970-01-01T00:00:00.000Z" } });
    expect((await server.done("j3")).body).toEqual({ output: { k: 7, when: "1970-01-01T00:00:00.000Z" } });
    // One request a job: the next comes with the answer to the last.
    expect(server.takes).toBe(4);
  });

  test("is given the whole input where its parameters have no names, and no token", async () => {
    const { server } = await startWorker(app, "whole");
    server.submit({ id: "j1", input: { a: [1, "ü"] } });
    expect((await server.done("j1")).body).toEqual({ output: [{ a: [1, "ü"] }, null] });
  });

  test("that is a task is given values of its types", async () => {
    const { server } = await startWorker(app, "tasked");
    const input = { when: "2024-05-06", big: "9007199254740993" };
    server.submit({ id: "j1", input: { ...input, reads: "data/in.fa" } });
    expect((await server.done("j1")).body).toEqual({
      output: { text: ">a\nACGT\n", year: 2024, big: "9007199254740994", k: 31 },
    });
    server.submit({ id: "j2", input: { ...input, k: 5, reads: "data:text/plain;name=a.fa;base64,QUJD" } });
    expect((await server.done("j2")).body).toMatchObject({ output: { text: "ABC", k: 5 } });
    server.submit({ id: "j3", input: { ...input, when: "soon", reads: "data:,x" } });
    const error = errorOf((await server.done("j3")).body);
    expect(error).toMatchObject({ error_type: "LigaseError", error_code: "LIGASE_E_INPUT" });
    expect(error["error_message"]).toContain("when must be");
  });

  test("that is a task with a schema is given what that makes of it", async () => {
    const { server } = await startWorker(app, "checked");
    server.submit({ id: "j1", input: { n: 4 } }, { id: "j2", input: { n: -1 } });
    expect((await server.done("j1")).body).toEqual({ output: 8 });
    expect(errorOf((await server.done("j2")).body)["error_message"]).toContain("n is not valid: not above 0");
  });

  test("that is a function is given values of its types, as its schema names them", async () => {
    const path = { type: "string", format: "path" };
    const when = { anyOf: [{ type: "string", format: "date-time" }, { type: "null" }] };
    const big = { type: ["integer", "string"], pattern: "^[+-]?\\d+n?$" };
    const [a, b] = [{ enum: ["a"] }, { enum: ["b"] }].map((kind) => ({ type: "string", ...kind }));
    const at = {
      anyOf: [
        { type: "object", properties: { when, kind: a }, required: ["when", "kind"] },
        { type: "object", properties: { big, kind: b }, required: ["kind", "big"] },
      ],
    };
    const input = {
      type: "object",
      properties: { reads: { type: "array", items: path }, at, name: { type: "string" } },
    };
    const { server } = await startWorker(app, "shaped", { parameters: ["reads", "at", "name"], input });
    const reads = ["data/in.fa", "data:,TT"];
    server.submit(
      { id: "j1", input: { reads, at: { kind: "a", when: "1970-01-01T00:00:01Z" } } },
      { id: "j2", input: { reads: [], at: { kind: "a", when: null }, name: "2024-05-06" } },
      { id: "j3", input: { reads: [], at: { kind: "b", big: "9007199254740993" } } },
      { id: "j4", input: { reads: ["/etc/passwd"], at: { kind: "b", big: 1 } } },
    );
    expect((await server.done("j1")).body).toEqual({ output: { texts: [">a\nACGT\n", "TT"], at: 1000, name: "x" } });
    expect((await server.done("j2")).body).toEqual({ output: { texts: [], name: "2024-05-06" } });
    expect((await server.done("j3")).body).toEqual({ output: { texts: [], at: "9007199254740994", name: "x" } });
    expect(errorOf((await server.done("j4")).body)).toMatchObject({ error_code: "LIGASE_E_INPUT_PATH" });
  });

  test("reads no path of the machine that its owner did not name", async () => {
    const input = { when: "2024-05-06", big: "1" };
    symlinkSync("/etc", join(app.codeDir, "etc"));
    const { server } = await startWorker(app, "tasked");
    for (const [i, reads] of ["/etc/hostname", "etc/hostname", "../x", "file:///etc/passwd"].entries()) {
      server.submit({ id: `j${i}`, input: { ...input, reads } });
      const error = errorOf((await server.done(`j${i}`)).body);
      expect(error["error_message"]).toContain("in no folder that jobs may name");
    }
    const allowed = await startWorker(app, "tasked", {}, { LIGASE_INPUT_FOLDERS: "/nowhere:/etc" });
    allowed.server.submit({ id: "j", input: { ...input, reads: "/etc/passwd" } });
    expect((await allowed.server.done("j")).body["output"]).toMatchObject({ year: 2024 });
  });

  test("streams what a generator gives", async () => {
    const { server } = await startWorker(app, "words", { parameters: ["text"] });
    server.submit({ id: "j1", input: { text: "to be or" } });
    const done = await server.done("j1");
    expect([done.body, done.isStream]).toEqual([{ output: [] }, true]);
    const chunks = server.told.filter(({ call }) => call === "job-stream").map(({ body }) => body["output"]);
    expect(chunks).toEqual(["to", "be", "or"]);
    const async = await startWorker(app, "later", { parameters: ["n"] });
    async.server.submit({ id: "j1", input: { n: 2 }, attempt: 3 });
    expect((await async.server.done("j1")).body).toEqual({ output: [] });
    expect(async.server.told.slice(0, 2).map(({ body }) => body)).toEqual([{ output: 3 }, { output: 3 }]);
  });

  test("says how far it is, and never after its end", async () => {
    const { server } = await startWorker(app, "steps", { parameters: ["n"] });
    server.submit({ id: "j1", input: { n: 200 } }, { id: "j2", input: { n: 0 } });
    await server.done("j2");
    const told = server.told.filter(({ job }) => job === "j1").map(({ body }) => body);
    const numbers = told.flatMap(({ output }) => (typeof output === "object" ? [(output as { i: number }).i] : []));
    // Those that came while the last was on its way were left out, but for the latest.
    expect(numbers.length).toBeGreaterThan(1);
    expect(numbers.length).toBeLessThan(200);
    expect(numbers).toEqual(numbers.toSorted((a, b) => a - b));
    expect(told.at(-1)).toEqual({ output: "end" });
  });

  test("has jobs at once, as many as the worker may have", async () => {
    const { server } = await startWorker(app, "many", { parameters: ["of"], concurrency: 3 });
    server.submit(...["a", "b", "c"].map((id) => ({ id, input: { of: 3 } })));
    const outputs = await Promise.all(["a", "b", "c"].map(async (id) => (await server.done(id)).body["output"]));
    expect(outputs).toEqual(["a", "b", "c"]);
    // One of them waits for what comes: what another worker has room for is left to it.
    await server.until(() => (server.takes >= 6 ? true : undefined));
    expect(server.waiting).toBe(1);
  });
});

describe("a call in a handler", () => {
  test("that is awaited is evaluated by the server", async () => {
    const { server } = await startWorker(app, "awaits", { parameters: ["a"] });
    server.evaluate = (expression) => {
      const { nodes } = JSON.parse(expression) as { nodes: [string, string, number[]][] };
      const [, , args] = nodes[0] ?? ["", "", []];
      return args[0] === 0
        ? { error: { name: "RangeError", message: "no zero" } }
        : { value: String((args[0] ?? 0) + 1) };
    };
    server.submit({ id: "j1", input: { a: 4 } }, { id: "j2", input: { a: 0 } });
    expect((await server.done("j1")).body).toEqual({ output: 50 });
    expect(server.expressions[0]).toBe('{"$":"expr","nodes":[["call","add",[4,1]]],"value":{"$":"ref","v":0}}');
    expect(errorOf((await server.done("j2")).body)).toMatchObject({
      error_type: "RangeError",
      error_message: "no zero",
    });
  });

  test("that is returned goes to the server as it is", async () => {
    const { server } = await startWorker(app, "lazy", { parameters: ["a"] });
    server.submit({ id: "j1", input: { a: 1 } });
    const expression = '{"$":"expr","nodes":[["call","add",[1,2]]],"value":{"sum":{"$":"ref","v":0}}}';
    expect((await server.done("j1")).body).toEqual({ expression });
    const cached = await startWorker(app, "cached");
    cached.server.submit({ id: "j1", input: { a: 1, b: 5 } });
    expect((await cached.server.done("j1")).body["expression"]).toContain('["call","add",[1,5]]');
  });

  test("with a file of the job is evaluated while the job's folder is there", async () => {
    const { server } = await startWorker(app, "local");
    let there: boolean | undefined;
    server.evaluate = (expression) => {
      there = existsSync(/"path":"([^"]+)"/.exec(expression)?.[1] ?? "");
      return { value: '{"read":12}' };
    };
    server.submit({ id: "j1", input: {} });
    expect((await server.done("j1")).body).toEqual({ output: { read: 12 } });
    expect(there).toBe(true);
  });
});

describe("a result", () => {
  test("holds files and bytes in base64, up to a size", async () => {
    const { server } = await startWorker(app, "files", { parameters: ["size"] });
    server.submit({ id: "j1", input: { size: 3 } }, { id: "j2", input: { size: 16 * 1024 * 1024 + 1 } });
    const output = (await server.done("j1")).body["output"] as Record<string, unknown>;
    expect(output).toMatchObject({ file: { name: "big.bin", size: 3, data: "AAAA" }, bytes: "AQID" });
    // The job's folder is gone when the job is.
    expect(existsSync(String(output["path"]))).toBe(false);
    expect(errorOf((await server.done("j2")).body)["error_message"]).toContain("file in the result cannot be written");
  });

  test("that would be lost is refused", async () => {
    const { server } = await startWorker(app, "results", { parameters: ["kind"] });
    const says = {
      nan: "deep[1] in the result cannot be written as JSON: it is NaN",
      map: "it is a Map",
      fn: "it is a function",
      symbol: "it is a symbol",
      cycle: "holds itself",
      error: "told so",
    };
    server.submit(...Object.keys(says).map((kind) => ({ id: kind, input: { kind } })));
    for (const [kind, text] of Object.entries(says)) {
      expect(errorOf((await server.done(kind)).body)["error_message"]).toContain(text);
    }
  });

  test("may be nothing, a big number, and have a field named error", async () => {
    const { server } = await startWorker(app, "results", { parameters: ["kind"] });
    server.submit(...["none", "big", "both"].map((kind) => ({ id: kind, input: { kind } })));
    expect((await server.done("none")).body).toEqual({ output: null });
    expect((await server.done("big")).body).toEqual({ output: "1180591620717411303424" });
    expect((await server.done("both")).body).toEqual({ output: { error: 0.5, value: 1 } });
  });

  test("that the server does not take fails the job, and not the worker", async () => {
    const { server } = await startWorker(app, "whole");
    let refusals = 0;
    server.refuse = (path) => (path.includes("job-done") && refusals++ === 0 ? 413 : undefined);
    server.submit({ id: "j1", input: 1 }, { id: "j2", input: 2 });
    expect(errorOf((await server.done("j1")).body)["error_message"]).toContain("refused with 413");
    expect((await server.done("j2")).body).toEqual({ output: [2, null] });
  });
});

describe("a failure", () => {
  test("is told in RunPod's form, with the user's own lines", async () => {
    const { server } = await startWorker(app, "fails", { parameters: ["what"] });
    server.submit({ id: "j1", input: { what: "day" } }, { id: "j2", input: { what: "text" } });
    const error = errorOf((await server.done("j1")).body);
    expect(error).toMatchObject({ error_type: "RangeError", error_message: "bad day", worker_id: "w1" });
    expect(error["error_traceback"]).toMatch(/^RangeError: bad day\n +at inner \(app\.ts:\d+:\d+\)/);
    expect(error["error_traceback"]).not.toContain("worker/endpoint");
    expect(error["error_traceback"]).toContain("Caused by: Error: the cause");
    expect(errorOf((await server.done("j2")).body)).toMatchObject({ error_message: "only text" });
  });

  test("that nobody caught is told of the job, and ends the process", async () => {
    const { server, ended, stderr } = await startWorker(app, "crashes");
    server.submit({ id: "j1", input: {} });
    expect(errorOf((await server.done("j1")).body)["error_message"]).toBe("nobody caught it");
    expect(await ended).toBe(1);
    expect(stderr()).toContain("TypeError: nobody caught it");
  });
});

describe("a job that is stopped", () => {
  test("ends by its signal, and the server hears that it did", async () => {
    const { server } = await startWorker(app, "patient", { parameters: ["how"] });
    server.submit({ id: "j1", input: { how: "signal" } });
    await server.until(() => (server.takes > 0 ? true : undefined));
    await new Promise((resolve) => setImmediate(resolve));
    const again = setInterval(() => server.stop("j1"), 5);
    const error = errorOf((await server.done("j1")).body);
    clearInterval(again);
    expect(error).toMatchObject({ error_code: "LIGASE_E_CANCELLED" });
  });

  test("hangs up on what it awaits", async () => {
    const { server } = await startWorker(app, "patient", { parameters: ["how"] });
    server.evaluate = () => undefined;
    server.submit({ id: "j1", input: { how: "call" } });
    await server.until(() => server.expressions[0]);
    server.stop("j1");
    expect(errorOf((await server.done("j1")).body)).toMatchObject({ error_code: "LIGASE_E_CANCELLED" });
    await server.until(() => (server.hungUp > 0 ? true : undefined));
  });

  test("gives no further values, and the worker takes the next one", async () => {
    const { server } = await startWorker(app, "endless");
    server.submit({ id: "j1", input: {} });
    await server.until(() => (server.told.length > 3 ? true : undefined));
    server.stop("j1");
    expect(errorOf((await server.done("j1")).body)).toMatchObject({ error_code: "LIGASE_E_CANCELLED" });
    server.submit({ id: "j2", input: {} });
    expect(await server.until(() => server.told.find(({ job }) => job === "j2"))).toMatchObject({
      body: { output: 0 },
    });
  });
});

describe("a worker", () => {
  test("pings with the jobs that it has, also while a handler blocks", async () => {
    const until = join(app.codeDir, "go");
    const { server, stdout } = await startWorker(app, "blocking", { parameters: ["until"], pingMs: 20 });
    server.submit({ id: "j1", input: { until } });
    await server.until(() => (server.pings.filter(([id]) => id === "j1").length > 3 ? true : undefined));
    writeFileSync(until, "went");
    expect((await server.done("j1")).body).toEqual({ output: "went" });
    const before = server.pings.length;
    await server.until(() => (server.pings.slice(before + 1).some((ids) => ids.length === 0) ? true : undefined));
    expect(stdout()).toBe("begun\n");
  });

  test("is ready when onStart is over, and says in its last line why it never is", async () => {
    const begins = await startWorker(app, "begins");
    begins.server.submit({ id: "j1", input: {} });
    expect((await begins.server.done("j1")).body).toEqual({ output: true });
    const never = await startWorker(app, "never");
    expect(await never.ended).toBe(1);
    expect(never.stderr().trimEnd().split("\n").at(-1)).toBe("ligase-worker: at onStart: Error: no model");
    expect(never.stderr()).toContain("app.ts:");
    expect(never.server.takes).toBe(0);
    const none = await startWorker(app, "word");
    expect(await none.ended).toBe(1);
    expect(none.stderr().trimEnd().split("\n").at(-1)).toContain(
      "at import: LigaseError: the app exports no endpoint word",
    );
  });

  test("says in its last line why an app cannot be imported", async () => {
    writeFileSync(
      join(app.codeDir, "broken.mjs"),
      'import { x } from "no-such-package";\nexport const tasks = new Map();\n',
    );
    const { stderr, ended } = await startWorker({ codeDir: app.codeDir, bundle: "broken.mjs" }, "plain");
    expect(await ended).toBe(1);
    const last = stderr().trimEnd().split("\n").at(-1);
    expect(last).toMatch(/^ligase-worker: at import: Error: Cannot find package 'no-such-package'/);
  });

  test("ends when the server is gone, or does not want it", async () => {
    const gone = await startWorker(app, "plain");
    await gone.server.until(() => (gone.server.takes > 0 ? true : undefined));
    gone.server.close();
    expect(await gone.ended).toBe(1);
    expect(gone.stderr()).toContain("the server is gone");
    const unwanted = await startWorker(app, "plain", { token: "another" });
    expect(await unwanted.ended).toBe(1);
    expect(unwanted.stderr()).toContain("the server does not want this worker: refused with 401");
  });

  test("asks again when the server is busy", async () => {
    const { server } = await startWorker(app, "whole");
    let refusals = 0;
    server.refuse = (path) => (path.includes("job-take") && refusals++ < 2 ? [429, 503][refusals - 1] : undefined);
    server.submit({ id: "j1", input: 1 });
    expect((await server.done("j1")).body).toEqual({ output: [1, null] });
  });
});
