import { connect, type Socket } from "node:net";
import { get, request } from "node:http";
import { afterEach, describe, expect, it, vi } from "vitest";
import { KEY, type Serving, type ServingOptions, serveStore } from "../support/serving.ts";
import { tempDir } from "../unit/files/temp-dir.ts";

const open: Serving[] = [];
afterEach(async () => {
  for (const each of open.splice(0)) await each.close();
});

async function serve(options?: ServingOptions): Promise<Serving> {
  const serving = await serveStore(tempDir(), options);
  open.push(serving);
  return serving;
}

async function refusal(answer: Response | Promise<Response>): Promise<readonly [number, string]> {
  const response = await answer;
  const { error } = (await response.json()) as { readonly error: string };
  return [response.status, error];
}

describe("what clients send", () => {
  it.each([
    ["nothing", "", "the body is not JSON: it is empty (line 1, column 1)"],
    ["too little", "{", "the body is not JSON: it ends too early (line 1, column 2)"],
    ["no object", "null", 'the body is not JSON: unexpected "n": an object is asked for (line 1, column 1)'],
    ["a wrong word", '{\n  "input": {"a": tru}\n}', 'the body is not JSON: unexpected "}" (line 2, column 21)'],
    [
      "too much",
      '{"input":1}}',
      'the body is not JSON: unexpected "}": something stands behind its end (line 1, column 12)',
    ],
    [
      "too deep",
      `{"input":${"[".repeat(5000)}${"]".repeat(5000)}}`,
      "the body is not JSON: it is nested over 500 levels",
    ],
    ["no input", '{"other":1}', 'the body has no "input"'],
  ])("malformed: %s", async (_name, body, says) => {
    const serving = await serve();
    const [status, error] = await refusal(serving.ask("echo/run", { method: "POST", body }));
    expect([status, error]).toEqual([400, expect.stringContaining(says)]);
  });

  it("malformed: bytes that are no UTF-8", async () => {
    const serving = await serve();
    const body = new Uint8Array([...Buffer.from('{"input":"'), 0xff, 0xfe, ...Buffer.from('"}')]);
    expect(await refusal(serving.ask("echo/runsync", { method: "POST", body }))).toEqual([
      400,
      "the body is not JSON: it is not UTF-8",
    ]);
  });

  it("a body over the limit, whether it says so or not", async () => {
    const serving = await serve();
    const post = (path: string, body: string | ReadableStream) =>
      serving.ask(path, {
        method: "POST",
        body,
        ...(body instanceof ReadableStream && { duplex: "half" }),
      });
    const large = `{"input":"${"x".repeat(10_000_000)}"}`;
    expect(await refusal(post("echo/run", large))).toEqual([413, expect.stringContaining("over the limit of")]);
    const pieces = new ReadableStream<Uint8Array>({
      pull(controller) {
        controller.enqueue(new Uint8Array(1_000_000).fill(0x20));
      },
    });
    expect(await refusal(post("echo/run", pieces)).catch(() => [413])).toContain(413);
    expect((await post("echo/runsync?wait=1000", large)).status).toBe(200);
    expect((await refusal(post("echo/runsync", `{"input":"${"x".repeat(20_000_000)}"}`)))[0]).toBe(413);
    expect((await refusal(post("echo/cancel/x", "x".repeat(100_000))))[0]).toBe(413);
  });

  it("an endpoint, a job or a path that is not there", async () => {
    const serving = await serve({ endpoints: { echo: {}, other: {}, site: { kind: "web" } } });
    const { id } = await serving.json("echo/run", { input: 1 });
    expect(await refusal(serving.ask("none/run", { json: { input: 1 } }))).toEqual([404, "there is no endpoint none"]);
    expect(await refusal(serving.ask("site/run", { json: { input: 1 } }))).toEqual([404, "there is no endpoint site"]);
    expect(await refusal(serving.ask("none/health"))).toEqual([404, "there is no endpoint none"]);
    for (const path of ["status", "status-sync", "stream"]) {
      expect(await refusal(serving.ask(`echo/${path}/nothing`))).toEqual([404, "there is no job nothing of echo"]);
      expect(await refusal(serving.ask(`other/${path}/${id}`))).toEqual([404, `there is no job ${id} of other`]);
    }
    for (const path of ["cancel", "retry"]) {
      expect((await refusal(serving.ask(`other/${path}/${id}`, { json: {} })))[0]).toBe(404);
    }
    expect(await refusal(serving.ask("echo/nothing"))).toEqual([404, "there is no GET /v2/echo/nothing"]);
    expect((await serving.json(`echo/status/${id}`)).status).toBe("IN_QUEUE");
  });

  it("jobs for an endpoint that is stopped: what is there is still told", async () => {
    const serving = await serve();
    const { id } = await serving.json("echo/run", { input: 1 });
    serving.change("echo", { stopped: true });
    expect(await refusal(serving.ask("echo/run", { json: { input: 1 } }))).toEqual([
      503,
      "the endpoint echo is stopped",
    ]);
    expect(await serving.json(`echo/status/${id}`)).toMatchObject({ status: "IN_QUEUE" });
    expect(await serving.json(`echo/cancel/${id}`, {})).toMatchObject({ status: "CANCELLED" });
  });

  it("more jobs than the queue holds: 429 that says when to come again", async () => {
    const serving = await serve({ endpoints: { echo: { maxQueue: 3 } } });
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => serving.ask("echo/run", { json: { input: 1 } })),
    );
    const refused = answers.filter(({ status }) => status === 429);
    expect([answers.filter(({ status }) => status === 200).length, refused.length]).toEqual([3, 7]);
    for (const answer of refused) expect(Number(answer.headers.get("retry-after"))).toBeGreaterThanOrEqual(1);
    expect(await serving.json("echo/health")).toMatchObject({ jobs: { inQueue: 3 } });
  });

  it("half a body, and nothing more", async () => {
    const serving = await serve();
    const { port } = new URL(serving.url);
    await new Promise<void>((resolve) => {
      const socket = connect(Number(port), "127.0.0.1", () => {
        socket.write(
          `POST /v2/echo/run HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: ${KEY}\r\nContent-Length: 100\r\n\r\n{"input":`,
          () => socket.destroy(),
        );
      });
      socket.on("close", () => resolve());
    });
    expect(await serving.json("echo/health")).toMatchObject({ jobs: { inQueue: 0 } });
  });

  it("clients that hang up while they wait", async () => {
    const serving = await serve();
    const gone = Array.from({ length: 20 }, () => {
      const control = new AbortController();
      const answer = serving.ask("echo/runsync", { json: { input: 1 }, signal: control.signal }).catch(() => "gone");
      return { control, answer };
    });
    await vi.waitFor(async () => {
      expect(await serving.json("echo/health")).toMatchObject({ jobs: { inQueue: 20 } });
    });
    for (const { control } of gone) control.abort();
    expect(await Promise.all(gone.map(({ answer }) => answer))).toEqual(Array.from({ length: 20 }, () => "gone"));
    // Their jobs are accepted, and run all the same.
    const worker = serving.worker("echo");
    for (let i = 0; i < 20; i++) await worker.done((await worker.take()).id, { output: i });
    expect(await serving.json("echo/health")).toMatchObject({ jobs: { completed: 20, inQueue: 0 } });
    expect(serving.warnings).toEqual([]);
  });
});

describe("5,000 clients at once", () => {
  it("all get their results", { timeout: 180_000 }, async () => {
    const count = 5000;
    const serving = await serve();
    const { port } = new URL(serving.url);
    const sockets = await Promise.all(
      Array.from({ length: count }, () => {
        return new Promise<Socket>((resolve, reject) => {
          const socket = connect(Number(port), "127.0.0.1", () => resolve(socket.off("error", reject)));
          socket.once("error", reject);
        });
      }),
    );
    const ask = (socket: Socket, i: number) =>
      new Promise<{ readonly status: string; readonly output: unknown }>((resolve, reject) => {
        const body = JSON.stringify({ input: i });
        const asking = request(
          {
            createConnection: () => socket,
            path: "/v2/echo/runsync?wait=300000",
            method: "POST",
            headers: { Host: "127.0.0.1", Authorization: KEY, "Content-Length": body.length, Connection: "close" },
          },
          (response) => {
            let text = "";
            response.setEncoding("utf8").on("data", (piece: string) => (text += piece));
            response.on("end", () => resolve(JSON.parse(text) as Awaited<ReturnType<typeof ask>>));
          },
        );
        asking.on("error", reject).end(body);
      });
    const answers = Promise.all(sockets.map(ask));
    const worker = serving.worker("echo");
    // All wait at the same time before the first is answered.
    await vi.waitFor(
      async () => expect(await serving.json("echo/health")).toMatchObject({ jobs: { inQueue: count } }),
      { timeout: 60_000, interval: 200 },
    );
    for (let done = 0; done < count;) {
      const taken = await worker.ask(`job-take-batch/${worker.id}?gpu=cpu&batch_size=500`);
      const jobs = (await taken.json()) as readonly { readonly id: string; readonly input: number }[];
      done += jobs.length;
      await Promise.all(jobs.map(({ id, input }) => worker.done(id, { output: input * 2 })));
    }
    const got = await answers;
    expect(got.every(({ status }, i) => status === "COMPLETED" && got[i]?.output === i * 2)).toBe(true);
  });
});

describe("what workers send", () => {
  /** A job that a worker has. */
  async function taken(options?: ServingOptions) {
    const serving = await serve(options);
    const worker = serving.worker("echo");
    const { id } = await serving.json("echo/run", { input: 1 });
    await worker.take();
    const status = () => serving.json(`echo/status/${id}`);
    return { serving, worker, id, status };
  }

  it.each([
    ["<html>502</html>", 'unexpected "<": an object is asked for (line 1, column 1)'],
    ["", "it is empty"],
    ['{"output": NaN}', "JSON has no NaN and no Infinity (line 1, column 12)"],
    ['{"output": 1', "it ends too early"],
  ])("garbage: %j", async (body, says) => {
    const { worker, id, status } = await taken();
    expect(await refusal(worker.done(id, body))).toEqual([400, expect.stringContaining(says)]);
    expect(await status()).toMatchObject({
      status: "FAILED",
      error: expect.stringContaining(`the worker answered what the server cannot read: the body is not JSON: `),
    });
    expect((await worker.done(id, { output: 1 })).status).toBe(200);
    expect(await status()).toMatchObject({ status: "FAILED" });
  });

  it("garbage for a job that it does not have changes nothing", async () => {
    const { serving, worker, status, id } = await taken();
    const other = serving.worker("echo");
    expect((await other.done(id, "garbage")).status).toBe(400);
    expect((await other.done(id, { output: "stolen" })).status).toBe(200);
    expect((await other.done(id, { status: "IN_PROGRESS", output: "stolen" })).status).toBe(200);
    expect((await other.ask(`job-stream/${other.id}/${id}?x`, '{"output":"stolen"}')).status).toBe(200);
    expect(await status()).toMatchObject({ status: "IN_PROGRESS", workerId: worker.id });
    expect(await status()).not.toHaveProperty("output");
    await worker.done(id, { output: "own" });
    expect(await status()).toMatchObject({ output: "own" });
  });

  it("a result twice: the first counts", async () => {
    const { serving, worker, id, status } = await taken();
    const answers = await Promise.all([1, 2, 3].map((output) => worker.done(id, { output })));
    expect(answers.map((each) => each.status)).toEqual([200, 200, 200]);
    const first = await status();
    expect(first.status).toBe("COMPLETED");
    await worker.done(id, { output: 4 });
    await worker.done(id, { error: "no" });
    expect(await status()).toEqual(first);
    expect(await serving.json("echo/health")).toMatchObject({ jobs: { completed: 1, failed: 0 } });
  });

  it("a result for a job that is not there", async () => {
    const { worker } = await taken();
    expect((await worker.done("nothing", { output: 1 })).status).toBe(404);
  });

  it("results and requests with a token of another worker, or none", async () => {
    const { serving, worker, id, status } = await taken({ endpoints: { echo: {}, other: {} } });
    const others = serving.worker("other");
    const ask = (path: string, token: string) =>
      fetch(`${serving.url}/v2/${path}`, { method: "POST", body: '{"output":1}', headers: { Authorization: token } });
    expect((await refusal(ask(`echo/job-done/${worker.id}/${id}`, "")))[0]).toBe(401);
    expect((await refusal(ask(`echo/job-done/${worker.id}/${id}`, KEY)))[0]).toBe(401);
    expect((await refusal(ask(`echo/job-done/${worker.id}/${id}`, others.token)))[0]).toBe(403);
    expect((await refusal(ask(`echo/job-done/${others.id}/${id}`, others.token)))[0]).toBe(403);
    expect((await refusal(serving.ask(`echo/job-take/${worker.id}`)))[0]).toBe(401);
    // Nor is a worker a client.
    expect((await refusal(serving.ask("echo/run", { json: { input: 1 }, key: worker.token })))[0]).toBe(401);
    expect(await status()).toMatchObject({ status: "IN_PROGRESS" });
  });

  it("a result of 200 MB: it is kept whole, and the server goes on", { timeout: 180_000 }, async () => {
    const { serving, worker, id, status } = await taken();
    const { hostname, port } = new URL(serving.url);
    const sent = new Promise<number>((resolve, reject) => {
      const path = `/v2/echo/job-done/${worker.id}/${id}?gpu=cpu&isStream=false`;
      const headers = { Authorization: worker.token, "Content-Length": 200_000_000 + 13 };
      const sending = request({ hostname, port, path, method: "POST", agent: false, headers }, (response) => {
        response.resume().on("end", () => resolve(response.statusCode ?? 0));
      });
      sending.on("error", reject).write('{"output":"');
      sending.write(Buffer.alloc(200_000_000, "ACGT"));
      sending.end('"}');
    });
    // Meanwhile it answers others.
    expect(await status()).toMatchObject({ status: "IN_PROGRESS" });
    expect(await sent).toBe(200);
    const { outputUrl, output, outputSize } = await status();
    expect([output, outputSize]).toEqual([null, 200_000_002]);
    const size = await new Promise<number>((resolve, reject) => {
      const link = String(outputUrl).replace("http://ligase.test", serving.url);
      get(link, { agent: false }, (response) => {
        let bytes = 0;
        response.on("data", (piece: Buffer) => (bytes += piece.length)).on("end", () => resolve(bytes));
      }).on("error", reject);
    });
    expect(size).toBe(200_000_002);
  });

  it("refresh_worker: the worker is ended once it has finished", async () => {
    const { serving, worker, id, status } = await taken();
    await worker.done(id, { output: 1, stopPod: true });
    await vi.waitFor(() => expect(serving.stopped.map((each) => each.worker)).toEqual([worker.id]));
    expect(await status()).toMatchObject({ status: "COMPLETED", output: 1 });
  });

  it("a worker that hangs up while it waits is given nothing", async () => {
    const serving = await serve();
    const worker = serving.worker("echo");
    const control = new AbortController();
    const waiting = worker.ask(`job-take/${worker.id}?gpu=cpu`, undefined, control.signal).catch(() => "gone");
    await serving.json("echo/health");
    control.abort();
    expect(await waiting).toBe("gone");
    await vi.waitFor(() => serving.json("echo/health"));
    const { id } = await serving.json("echo/run", { input: 1 });
    const other = serving.worker("echo");
    expect((await other.take()).id).toBe(id);
  });

  it("a result together with a request for the next job", async () => {
    const { serving, worker, id } = await taken();
    const next = await serving.json("echo/run", { input: 2 });
    const answer = await worker.done(id, { output: 1 }, "isStream=false&take=2");
    expect(await answer.json()).toEqual([expect.objectContaining({ id: next.id, input: 2 })]);
    const none = await worker.done(next.id, { output: 1 }, "isStream=false&take=1&wait=1");
    expect(none.status).toBe(204);
  });

  it("a worker that answers, asks for the next job, and is gone: another gets it", async () => {
    const { serving, worker, id } = await taken();
    const { port } = new URL(serving.url);
    const recorded = Promise.withResolvers<void>();
    const commit = vi.spyOn(serving.store, "commitQueue").mockImplementationOnce(async (batch) => {
      // It goes while its answer is being recorded.
      socket.destroy();
      await vi.waitFor(() => expect(closed).toBe(true));
      commit.mockRestore();
      await serving.store.commitQueue(batch);
      recorded.resolve();
    });
    let closed = false;
    const body = '{"output":1}';
    const head = `POST /v2/echo/job-done/${worker.id}/${id}?take=1 HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: ${worker.token}`;
    const socket = connect(Number(port), "127.0.0.1", () => {
      socket.write(`${head}\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
    });
    socket.on("close", () => (closed = true));
    await recorded.promise;
    const next = await serving.json("echo/run", { input: 2 });
    expect(await serving.worker("echo").take()).toMatchObject({ id: next.id, attempt: 1 });
    expect(await serving.json(`echo/status/${id}`)).toMatchObject({ status: "COMPLETED", output: 1 });
  });

  it("calls of tasks are evaluated while the job lasts, and given up when it is cancelled", async () => {
    const { serving, worker, id } = await taken();
    const call = (expression: string) => worker.ask(`job-call/${worker.id}/${id}`, JSON.stringify({ expression }));
    serving.evaluate = async (job, expression) => ({ value: JSON.stringify([job.id, job.input, expression]) });
    expect(await (await call("x")).json()).toEqual({ value: JSON.stringify([id, "1", "x"]) });
    const aborted = Promise.withResolvers<void>();
    serving.evaluate = (_job, _expression, signal) =>
      new Promise((resolve) => {
        signal.addEventListener("abort", () => {
          aborted.resolve();
          resolve({ error: { name: "LigaseError", message: "cancelled" } });
        });
      });
    const waiting = call("y");
    await serving.json("echo/health");
    await serving.json(`echo/cancel/${id}`, {});
    await aborted.promise;
    expect(await (await waiting).json()).toEqual({ error: { name: "LigaseError", message: "cancelled" } });
    expect((await refusal(call("z")))[0]).toBe(409);
  });

  it("an expression in place of a result is reduced, and the job is done then", async () => {
    const { serving, worker, id } = await taken();
    const reduced = Promise.withResolvers<{ readonly value: string }>();
    serving.evaluate = () => reduced.promise;
    expect((await worker.done(id, { expression: "lazy" })).status).toBe(200);
    const ended = serving.json(`echo/status-sync/${id}`);
    expect(await serving.json(`echo/status/${id}`)).toMatchObject({ status: "IN_PROGRESS" });
    reduced.resolve({ value: '{"n":1}' });
    expect(await ended).toMatchObject({ status: "COMPLETED", output: { n: 1 } });
  });

  it("an expression that fails fails its job", async () => {
    const { serving, worker, id } = await taken();
    serving.evaluate = async () => ({ error: { name: "TypeError", message: "no", stack: "TypeError: no" } });
    await worker.done(id, { expression: "lazy" });
    const ended = await serving.json(`echo/status-sync/${id}`);
    expect(ended.status).toBe("FAILED");
    expect(JSON.parse(String(ended["error"]))).toEqual({
      error_type: "TypeError",
      error_message: "no",
      error_traceback: "TypeError: no",
    });
  });
});
