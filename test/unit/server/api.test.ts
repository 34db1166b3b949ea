import { appendFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import { afterEach, describe, expect, it } from "vitest";
import { jsonLines, type JobView, type LogLineView } from "../../../src/remote/index.ts";
import { ROUTES, SCHEMAS, type SchemaName } from "../../../src/server/api/index.ts";
import type { ServerContext } from "../../../src/server/context.ts";
import { type Asking, type Managed, manage } from "../../support/managed.ts";
import { tempDir } from "../files/temp-dir.ts";

const open: Managed[] = [];
afterEach(async () => {
  for (const each of open.splice(0)) await each.close();
});

async function serve(settings: Partial<ServerContext> = {}): Promise<Managed> {
  const server = await manage(tempDir(), settings);
  open.push(server);
  return server;
}

interface Refused {
  readonly error: { readonly code: string; readonly message: string; readonly mend?: string };
}

async function refusal(answer: Promise<Response>): Promise<readonly [number, string, string, string | undefined]> {
  const response = await answer;
  const { error } = (await response.json()) as Refused;
  return [response.status, error.code, error.message, error.mend];
}

async function json<T>(answer: Promise<Response>): Promise<T> {
  const response = await answer;
  const text = await response.text();
  if (response.status !== 200) throw new Error(`${response.status} ${text}`);
  return JSON.parse(text) as T;
}

const SHA = "ab".repeat(32);
const MANIFEST = { format: 1, app: "lab", code: [], endpoints: [{ name: "fold" }] };

describe("every route", () => {
  it("answers in the form that it says, and is asked for in this test", async () => {
    const server = await serve();
    const { queue } = server.services;
    server.tell({ id: "w1", state: "ready", readyAt: 1_800_000_000_500, memory: 7, gpus: [1] });
    const waiting = await queue.submit({ endpoint: "fold", sync: false, input: '{"n":1}' });
    const failed = await queue.submit({ endpoint: "fold", sync: false, input: "2", policy: { ttl: 1e6 } });
    const [first] = await queue.take("fold", "w1", { max: 1, waitMs: 0 });
    await queue.done("w1", first!.id, { state: "FAILED", error: "no memory" });
    const [gone, left] = first!.id === failed.id ? [failed, waiting] : [waiting, failed];
    const { id: key } = await server.services.keys.create({ name: "x", verbs: ["read"], endpoints: ["fold"] });

    const asked = new Map<string, Asking & { readonly path?: string }>([
      ["GET /server", {}],
      ["GET /endpoints", {}],
      ["GET /endpoints/{endpoint}", { path: "/endpoints/fold" }],
      ["POST /endpoints/{endpoint}/scale", { path: "/endpoints/fold/scale", json: { minWorkers: 1 } }],
      ["GET /endpoints/{endpoint}/logs", { path: "/endpoints/fold/logs" }],
      ["GET /jobs", {}],
      ["GET /jobs/{id}", { path: `/jobs/${gone.id}` }],
      ["POST /jobs/{id}/retry", { path: `/jobs/${gone.id}/retry`, json: {} }],
      ["POST /jobs/{id}/cancel", { path: `/jobs/${left.id}/cancel`, json: {} }],
      ["POST /endpoints/{endpoint}/purge", { path: "/endpoints/fold/purge", json: {} }],
      ["GET /workers", {}],
      ["GET /workers/{id}", { path: "/workers/w1" }],
      ["GET /workers/{id}/logs", { path: "/workers/w1/logs" }],
      ["GET /workers/{id}/shell", { path: "/workers/w1/shell" }],
      ["DELETE /workers/{id}", { path: "/workers/w1" }],
      ["POST /code/missing", { json: { hashes: [SHA, SHA] } }],
      ["PUT /code/{sha256}", { path: `/code/${SHA}`, body: "bytes" }],
      ["POST /deployments/plan", { json: MANIFEST }],
      ["POST /deployments", { json: MANIFEST }],
      ["GET /deployments", {}],
      ["GET /deployments/{id}", { path: "/deployments/dep1" }],
      ["POST /deployments/{id}/settled", { path: "/deployments/dep1/settled", json: {} }],
      ["POST /deployments/{id}/activate", { path: "/deployments/dep1/activate", json: {} }],
      ["POST /apps/{app}/stop", { path: "/apps/lab/stop", json: {} }],
      ["POST /apps/{app}/start", { path: "/apps/lab/start", json: {} }],
      ["DELETE /apps/{app}", { path: "/apps/lab" }],
      ["POST /runs", { json: { code: [], entry: "a.ts", expression: "{}" } }],
      ["GET /runs/{id}", { path: "/runs/r1?wait=5" }],
      ["GET /runs/{id}/logs", { path: "/runs/r1/logs" }],
      ["POST /runs/{id}/cancel", { path: "/runs/r1/cancel", json: {} }],
      ["GET /keys", {}],
      ["POST /keys", { json: { name: "y", verbs: ["deploy"], expiresIn: 1000 } }],
      ["DELETE /keys/{id}", { path: `/keys/${key}` }],
    ]);
    expect([...asked.keys()].toSorted()).toEqual(ROUTES.map(({ method, path }) => `${method} ${path}`).toSorted());

    const ajv = new Ajv2020({ strict: false });
    const check = (name: SchemaName, value: unknown, of: string): void => {
      const good = ajv.compile(SCHEMAS[name]);
      good(value);
      expect([of, good.errors ?? []]).toEqual([of, []]);
    };
    for (const [name, { path, ...asking }] of asked) {
      const [method = "", template = ""] = name.split(" ");
      const answer = await server.ask(`/api/v1${path ?? template}`, { method, ...asking });
      const { answer: form } = ROUTES.find((route) => `${route.method} ${route.path}` === name)!;
      const text = await answer.text();
      expect([name, answer.status, form === "nothing" ? text : ""]).toEqual([name, form === "nothing" ? 204 : 200, ""]);
      expect(answer.headers.get("cache-control")).toBe(
        form === "nothing" ? answer.headers.get("cache-control") : "no-store",
      );
      if (form === "nothing") continue;
      if (typeof form === "string") check(form, JSON.parse(text), name);
      else if ("lines" in form)
        for (const line of text.split("\n").filter(Boolean)) check(form.lines, JSON.parse(line), name);
      else {
        const list = JSON.parse(text) as unknown[];
        expect([name, list.length]).not.toEqual([name, 0]);
        for (const each of list) check(form[0], each, name);
      }
    }
    expect(server.warnings).toEqual([]);
  });

  it("refuses what has no key, in the same words", async () => {
    const server = await serve();
    for (const { method, path } of ROUTES.slice(0, 20)) {
      const answer = await server.ask(`/api/v1${path.replaceAll(/[{}]/g, "")}`, { method, key: null });
      expect([method, path, answer.status]).toEqual([method, path, 401]);
    }
  });
});

describe("names that are not there", () => {
  it.each([
    ["/endpoints/fodl", 404, "LIGASE_E_NO_ENDPOINT", "there is no endpoint fodl", "did you mean fold?"],
    ["/endpoints/fodl/logs", 404, "LIGASE_E_NO_ENDPOINT", "there is no endpoint fodl", "did you mean fold?"],
    ["/endpoints/zzzzzz", 404, "LIGASE_E_NO_ENDPOINT", "there is no endpoint zzzzzz", undefined],
    ["/workers/w2", 404, "LIGASE_E_ID", "there is no worker w2", "did you mean w1?"],
    ["/jobs/nothing", 404, "LIGASE_E_ID", "there is no job nothing", undefined],
    ["/deployments/nothing", 404, "LIGASE_E_NO_DEPLOYMENT", "there is no deployment nothing", undefined],
    ["/runs/nothing", 404, "LIGASE_E_ID", "there is no run nothing", undefined],
    ["/runs/nothing/logs", 404, "LIGASE_E_ID", "there is no run nothing", undefined],
    ["/nothing", 404, "LIGASE_E_NO_ROUTE", "the server has nothing at GET /api/v1/nothing", expect.any(String)],
  ])("%s", async (path, ...says) => {
    const server = await serve();
    server.tell({ id: "w1" });
    expect(await refusal(server.ask(`/api/v1${path}`))).toEqual(says);
  });

  it("are told of apps too", async () => {
    const server = await serve();
    const [status, code, , mend] = await refusal(server.ask("/api/v1/apps/lba/stop", { json: {} }));
    expect([status, code, mend]).toEqual([404, "LIGASE_E_NO_DEPLOYMENT", "did you mean lab?"]);
    expect(server.done).toEqual([]);
  });
});

describe("what is sent", () => {
  it.each([
    ["/keys", "{", "this is no JSON"],
    ["/keys", "[]", "the body must be object"],
    ["/keys", "", "name is missing"],
    ["/keys", '{"name":"x","verbs":["read"],"endpoint":["a"]}', "endpoint is not known"],
    ["/endpoints/fold/scale", '{"minWorkers":1.5}', "minWorkers must be integer"],
    ["/endpoints/fold/scale", '{"minWorkers":-1}', "minWorkers must be >= 0"],
    ["/endpoints/fold/scale", "{}", "minWorkers or maxWorkers is missing"],
    ["/endpoints/fold/scale", '{"minWorkers":9}', "minWorkers (9) is above maxWorkers (3)"],
    ["/code/missing", '{"hashes":["../../etc"]}', "hashes.0 must match"],
    ["/deployments", '{"app":"lab"}', "format is missing"],
    ["/runs", '{"code":[],"entry":"a.ts"}', "command or expression is missing"],
    ["/runs", '{"code":[{"path":"a"}],"entry":"a.ts"}', "code.0.hash is missing"],
  ])("to %s as %s is refused: %s", async (path, body, says) => {
    const server = await serve();
    const [status, code, message] = await refusal(server.ask(`/api/v1${path}`, { method: "POST", body }));
    expect([status, code, message]).toEqual([400, "LIGASE_E_REQUEST", expect.stringContaining(says)]);
    expect(server.done).toEqual([]);
  });

  it.each([
    ["limit=x", "limit must be an integer"],
    ["limit=0", "limit must be at least 1"],
    ["limit=1001", "limit must be at most 1000"],
    ["state=fialed", "there is no state fialed"],
  ])("in the query as %s is refused: %s", async (query, says) => {
    const server = await serve();
    expect((await refusal(server.ask(`/api/v1/jobs?${query}`))).slice(0, 3)).toEqual([400, "LIGASE_E_REQUEST", says]);
  });

  it("may be a megabyte, said or not", async () => {
    const server = await serve();
    const body = JSON.stringify({ name: "x".repeat(2 ** 20), verbs: ["read"] });
    const stream = (): ReadableStream<Uint8Array> => new Blob([body]).stream();
    for (const sent of [body, stream()]) {
      const [status, code] = await refusal(server.ask("/api/v1/keys", { body: sent }));
      expect([status, code]).toEqual([413, "LIGASE_E_TOO_LARGE"]);
    }
    const said = { "content-length": String(2 ** 30) };
    expect((await refusal(server.ask("/api/v1/keys", { body: "{}", headers: said })))[0]).toBe(413);
  });

  it("as code is passed on as it comes, under a hash that is one", async () => {
    const server = await serve();
    const pieces = 3;
    let sent = 0;
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        if (sent++ === pieces) controller.close();
        else controller.enqueue(new Uint8Array(1000));
      },
    });
    expect((await server.ask(`/api/v1/code/${SHA}`, { method: "PUT", body })).status).toBe(204);
    expect(server.done).toEqual(["code abab: 3000"]);
    for (const hash of ["AB".repeat(32), "ab", "..%2f..%2fetc%2fpasswd"]) {
      expect((await refusal(server.ask(`/api/v1/code/${hash}`, { method: "PUT", body: "x" }))).slice(0, 2)).toEqual([
        400,
        "LIGASE_E_REQUEST",
      ]);
    }
    const huge = { "content-length": String(2 ** 40) };
    const answer = server.ask(`/api/v1/code/${SHA}`, { method: "PUT", body: "x", headers: huge });
    expect((await refusal(answer))[0]).toBe(413);
  });

  it("that breaks something here is told of to the log alone", async () => {
    const server = await serve();
    server.services.deployments.missing = () => Promise.reject(new Error("secret path /home/ada"));
    const [status, code, message] = await refusal(server.ask("/api/v1/code/missing", { json: { hashes: [] } }));
    expect([status, code, message]).toEqual([500, "LIGASE_E_SERVER", "Something went wrong here."]);
    expect(server.warnings).toEqual(["POST /api/v1/code/missing failed: secret path /home/ada"]);
  });
});

describe("jobs", () => {
  it("tell why they wait, and their values as they were written", async () => {
    const server = await serve();
    const { queue } = server.services;
    server.reason = "no capacity: needs 2 GPUs, machine has 0";
    const { id } = await queue.submit({ endpoint: "fold", sync: false, input: '{"n":12345678901234567890}' });
    expect(await json<JobView[]>(server.ask("/api/v1/jobs"))).toMatchObject([
      { id, status: "IN_QUEUE", reason: server.reason },
    ]);
    const text = await (await server.ask(`/api/v1/jobs/${id}`)).text();
    expect(text).toContain('"input":{"n":12345678901234567890}');
    await queue.take("fold", "w1", { max: 1, waitMs: 0 });
    await queue.done("w1", id, { state: "COMPLETED", output: '{"x":1.0}' });
    const done = await (await server.ask(`/api/v1/jobs/${id}`)).text();
    expect(done).toContain('"output":{"x":1.0}');
    expect(JSON.parse(done)).toMatchObject({ status: "COMPLETED", reason: null, worker: "w1", attempts: 1 });
  });

  it("give errors as workers sent them: as values, or as a sentence", async () => {
    const server = await serve();
    const { queue } = server.services;
    for (const [error, told] of [
      ['{"error_message":"boom"}', { error_message: "boom" }],
      ["out of memory", "out of memory"],
      ["12", "12"],
    ] as const) {
      const { id } = await queue.submit({ endpoint: "fold", sync: false, input: "1" });
      await queue.take("fold", "w1", { max: 1, waitMs: 0 });
      await queue.done("w1", id, { state: "FAILED", error });
      expect((await json<JobView>(server.ask(`/api/v1/jobs/${id}`))).error).toEqual(told);
    }
  });

  it("are listed by endpoint and state, newest first", async () => {
    const server = await serve();
    server.deploy("dock");
    const { queue } = server.services;
    const ids: string[] = [];
    for (const endpoint of ["fold", "dock", "fold"]) {
      ids.push((await queue.submit({ endpoint, sync: false, input: "1" })).id);
    }
    await queue.cancel(ids[0]!);
    const listed = async (query: string) =>
      (await json<JobView[]>(server.ask(`/api/v1/jobs?${query}`))).map(({ id }) => id);
    expect(new Set(await listed("endpoint=fold"))).toEqual(new Set([ids[0], ids[2]]));
    expect(await listed("state=cancelled,failed")).toEqual([ids[0]]);
    expect(await listed("limit=1")).toHaveLength(1);
    expect((await refusal(server.ask(`/api/v1/jobs/${ids[1]}/retry`, { json: {} }))).slice(0, 2)).toEqual([
      409,
      "LIGASE_E_JOB_STATE",
    ]);
  });
});

describe("a shell in a worker", () => {
  it("is for the user of the server on its machine", async () => {
    const server = await serve();
    server.tell({ id: "w1", state: "ready" });
    expect(await json(server.ask("/api/v1/workers/w1/shell"))).toMatchObject({
      command: ["sh"],
      env: { INSIDE: "w1" },
    });
    const { key } = await server.services.keys.create({ name: "root", verbs: ["admin"] });
    expect((await refusal(server.ask("/api/v1/workers/w1/shell", { key })))[0]).toBe(403);
    const headers = { "x-forwarded-for": "10.0.0.1" };
    expect((await refusal(server.ask("/api/v1/workers/w1/shell", { headers })))[0]).toBe(403);
    server.tell({ id: "w1", state: "ended", endedAt: 2 });
    expect((await refusal(server.ask("/api/v1/workers/w1/shell")))[2]).toContain("is ended");
  });
});

describe("logs", () => {
  const lines = (answer: Response): AsyncGenerator<LogLineView> => jsonLines<LogLineView>(answer);
  const next = async (from: AsyncGenerator<LogLineView>): Promise<string | undefined> => {
    const { value, done } = await from.next();
    return done ? undefined : `${value.from} ${value.stream} ${value.text}`;
  };

  it("of a worker are followed as they are written, until it has ended", async () => {
    const server = await serve();
    const [stdout, stderr] = [join(server.storeDir, "out"), join(server.storeDir, "err")];
    writeFileSync(stdout, "one\ntw");
    server.tell({ id: "w1", state: "ready", stdout, stderr });
    const followed = lines(await server.ask("/api/v1/workers/w1/logs?follow=true"));
    expect(await next(followed)).toBe("w1 stdout one");
    const waiting = next(followed);
    appendFileSync(stdout, "o\n");
    expect(await waiting).toBe("w1 stdout two");
    const later = next(followed);
    // A file that was not there when it began.
    writeFileSync(stderr, "oh\n");
    expect(await later).toBe("w1 stderr oh");
    appendFileSync(stdout, "last words");
    server.tell({ id: "w1", state: "ended", endedAt: 5 });
    expect(await next(followed)).toBe("w1 stdout last words");
    expect(await next(followed)).toBeUndefined();
  });

  it("without following are what there is", async () => {
    const server = await serve();
    const stdout = join(server.storeDir, "out");
    writeFileSync(stdout, Array.from({ length: 20_000 }, (_, i) => `line ${i} é`).join("\n"));
    server.tell({ id: "w1", state: "ready", stdout });
    const text = await (await server.ask("/api/v1/workers/w1/logs")).text();
    const read = text
      .split("\n")
      .filter(Boolean)
      .map((line) => (JSON.parse(line) as LogLineView).text);
    expect(read).toEqual(Array.from({ length: 20_000 }, (_, i) => `line ${i} é`));
  });

  it("of an endpoint are those of all its workers, also of such as come later", async () => {
    const server = await serve();
    const file = (name: string, text: string): string => {
      const path = join(server.storeDir, name);
      writeFileSync(path, text);
      return path;
    };
    server.tell({ id: "w0", state: "ended", endedAt: 1, stdout: file("w0", "old\n") });
    server.tell({ id: "w1", state: "ready", stdout: file("w1", "a\n") });
    const followed = lines(await server.ask("/api/v1/endpoints/fold/logs?follow=1"));
    expect(await next(followed)).toBe("w1 stdout a");
    const waiting = next(followed);
    server.tell({ id: "x1", endpoint: "dock", state: "ready", stdout: file("x1", "other\n") });
    server.tell({ id: "w2", state: "starting", stdout: file("w2", "b\n") });
    expect(await waiting).toBe("w2 stdout b");
    await followed.return(undefined);
    const all = await (await server.ask("/api/v1/endpoints/fold/logs")).text();
    expect(all.split("\n").filter(Boolean)).toHaveLength(3);
  });

  it.each(["at once", "later"])("end when the reader leaves %s, and leave nobody listening", async (moment) => {
    const server = await serve();
    const { pools } = server.services;
    let listening = 0;
    const { onChange } = pools;
    pools.onChange = (listener) => {
      listening++;
      const stop = onChange(listener);
      return () => {
        listening--;
        stop();
      };
    };
    const stdout = join(server.storeDir, "out");
    writeFileSync(stdout, "one\n");
    server.tell({ id: "w1", state: "ready", stdout });
    const answer = await server.ask("/api/v1/workers/w1/logs?follow=1");
    const reader = answer.body!.getReader();
    await reader.read();
    const waiting = reader.read();
    expect(listening).toBe(1);
    if (moment === "later") await new Promise((resolve) => setImmediate(resolve));
    await reader.cancel();
    await waiting;
    expect(listening).toBe(0);
  });
});
