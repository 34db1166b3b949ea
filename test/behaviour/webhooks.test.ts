import { createHmac } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { join } from "node:path";
import { afterEach, describe, expect, it, vi } from "vitest";
import { signatureOf, WEBHOOK_KEY } from "../../src/endpoints/webhooks/index.ts";
import { type Serving, type ServingOptions, serveStore } from "../support/serving.ts";
import { tempDir } from "../unit/files/temp-dir.ts";

const open: { close(): Promise<unknown> }[] = [];
afterEach(async () => {
  for (const each of open.splice(0).toReversed()) await each.close();
});

async function serve(options: ServingOptions = {}, folder = tempDir()): Promise<Serving> {
  const serving = await serveStore(folder, {
    ...options,
    webhooks: { reach: "any", retryMs: 20, ...options.webhooks },
  });
  open.push(serving);
  return serving;
}

interface Got {
  readonly headers: IncomingMessage["headers"];
  readonly path: string;
  readonly body: string;
}

/** Someone who hears webhooks; what it answers is said for each in turn, then 200. */
async function receiver(...answers: readonly ((response: ServerResponse) => void)[]) {
  const got: Got[] = [];
  const server: Server = createServer((request, response) => {
    let body = "";
    request.on("data", (piece: Buffer) => (body += piece.toString()));
    request.on("end", () => {
      const say = answers[got.length] ?? ((to) => void to.end());
      got.push({ headers: request.headers, path: request.url ?? "", body });
      say(response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  open.push({
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    },
  });
  return { got, port, url: `http://127.0.0.1:${port}/hook?job=1` };
}

const status = (code: number) => (response: ServerResponse) => void response.writeHead(code).end("what it says");

/** A job with a webhook, to its end. */
async function run(serving: Serving, webhook: string, output: unknown = 1): Promise<string> {
  const worker = serving.worker("echo");
  const { id } = await serving.json("echo/run", { input: 1, webhook });
  await worker.take();
  await worker.done(id, { output });
  return id;
}

const stateOf = async ({ store }: Serving, id: string) => {
  const { webhookState, webhookTries } = (await store.getQueueJob(id)) ?? {};
  return [webhookState, webhookTries];
};

describe("webhooks", () => {
  it("bring the status of a job that ended, signed with the key of the store", async () => {
    const { got, url } = await receiver();
    const serving = await serve();
    const id = await run(serving, url, { ü: 12345678901234567890n.toString() });
    await vi.waitFor(async () => expect(await stateOf(serving, id)).toEqual(["delivered", 1]));
    const [{ headers, path, body } = { headers: {}, path: "", body: "" }] = got;
    expect(path).toBe("/hook?job=1");
    expect(JSON.parse(body)).toEqual(await serving.json(`echo/status/${id}`));
    expect(headers).toMatchObject({ "content-type": "application/json", "x-ligase-job": id, "x-ligase-attempt": "1" });
    const secret = readFileSync(join(serving.storeDir, WEBHOOK_KEY), "utf8").trim();
    const timestamp = String(headers["x-ligase-timestamp"]);
    const mac = createHmac("sha256", secret).update(`${timestamp}.${body}`).digest("hex");
    expect(headers["x-ligase-signature"]).toBe(`sha256=${mac}`);
    expect(headers["x-ligase-signature"]).not.toBe(signatureOf(`${body} `, timestamp, secret));
    expect(Math.abs(Date.now() / 1000 - Number(timestamp))).toBeLessThan(60);
  });

  it("tell of failures and of cancelled jobs too", async () => {
    const { got, url } = await receiver();
    const serving = await serve();
    const { id } = await serving.json("echo/run", { input: 1, webhook: url });
    await serving.json(`echo/cancel/${id}`, {});
    await vi.waitFor(() => expect(got).toHaveLength(1));
    expect(JSON.parse(got[0]?.body ?? "")).toMatchObject({ id, status: "CANCELLED" });
  });

  it("are tried twice more", async () => {
    const { got, url } = await receiver(status(500), status(404));
    const serving = await serve();
    const id = await run(serving, url);
    await vi.waitFor(async () => expect(await stateOf(serving, id)).toEqual(["delivered", 3]));
    expect(got.map(({ headers }) => headers["x-ligase-attempt"])).toEqual(["1", "2", "3"]);
    expect(new Set(got.map(({ body }) => body)).size).toBe(1);
  });

  it("are given up on after three tries; redirects are not followed", async () => {
    const other = await receiver();
    const redirect = (response: ServerResponse) => void response.writeHead(302, { Location: other.url }).end();
    const { got, url } = await receiver(redirect, redirect, redirect);
    const serving = await serve();
    const id = await run(serving, url);
    await vi.waitFor(async () => expect(await stateOf(serving, id)).toEqual(["failed", 3]));
    expect([got.length, other.got.length]).toEqual([3, 0]);
    expect(serving.warnings).toEqual([expect.stringContaining("it answered 302")]);
  });

  it("to somebody who hangs end in time, and hold up no other", async () => {
    const hangs = await receiver(...Array.from({ length: 100 }, () => () => {}));
    const { got, url } = await receiver();
    const serving = await serve({ webhooks: { timeoutMs: 300 } });
    const ids: string[] = [];
    for (let i = 0; i < 12; i++) ids.push(await run(serving, hangs.url));
    await run(serving, url);
    await vi.waitFor(() => expect(got).toHaveLength(1));
    for (const id of ids) expect((await stateOf(serving, id))[0]).toBe("waiting");
    await vi.waitFor(async () => expect((await stateOf(serving, ids[0] ?? ""))[0]).toBe("failed"), 20_000);
    expect(serving.warnings[0]).toContain("no answer within 0.3 s");
  });

  it("of a server that ended are delivered by the next one", async () => {
    const { got, url } = await receiver(status(503));
    const folder = tempDir();
    const first = await serve({ webhooks: { retryMs: 600_000 } }, folder);
    const id = await run(first, url);
    await vi.waitFor(async () => expect(await stateOf(first, id)).toEqual(["waiting", 1]));
    const at = (await first.store.getQueueJob(id))?.webhookAt ?? 0;
    await open.pop()?.close();
    const second = await serve({ webhooks: { now: () => at } }, folder);
    await vi.waitFor(async () => expect(await stateOf(second, id)).toEqual(["delivered", 2]));
    expect(got.map(({ headers }) => headers["x-ligase-attempt"])).toEqual(["1", "2"]);
  });

  it("do not reach private addresses by a name that leads there", async () => {
    const { got, port } = await receiver();
    const folder = tempDir();
    const serving = await serve({}, folder);
    // Taken in when that was allowed.
    const { id } = await serving.json("echo/run", { input: 1, webhook: `http://127.0.0.1:${port}/` });
    const named = await serving.json("echo/run", { input: 1, webhook: `http://localhost:${port}/` });
    await open.pop()?.close();
    const strict = await serve({ webhooks: { reach: "public" } }, folder);
    await strict.json(`echo/cancel/${id}`, {});
    await strict.json(`echo/cancel/${named.id}`, {});
    await vi.waitFor(async () => expect(await stateOf(strict, id)).toEqual(["failed", 3]));
    await vi.waitFor(async () => expect(await stateOf(strict, named.id)).toEqual(["failed", 3]));
    expect(got).toEqual([]);
    expect(strict.warnings.join()).toContain("no public address");
  });

  it("of a large output bring a link", async () => {
    const { got, url } = await receiver();
    const serving = await serve();
    const id = await run(serving, url, "x".repeat(21_000_000));
    await vi.waitFor(() => expect(got).toHaveLength(1));
    expect(JSON.parse(got[0]?.body ?? "")).toMatchObject({
      id,
      output: null,
      outputSize: 21_000_002,
      outputUrl: expect.stringContaining(`/v2/echo/output/${id}?expires=`),
      status: "COMPLETED",
    });
  });
});
